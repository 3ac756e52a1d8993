//! `/api/v1/admin/groups`.

use super::Services;
use super::list::{Page, PageQuery};
use super::noun::Noun;
use super::wire::group::{AddMember, CreateGroup, Group, GroupChange, GroupMember, GroupQuery, MembersQuery};
use super::wire::{id_in_path, missing, tenant_named};
use crate::access::{Actor, Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::base::id::{GroupId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, NoContent, Reply};
use crate::people::groups::{self, GroupPatch, Member, NewGroup};
use crate::store::{Listed, Read, Snapshot, WriteTx};
use crate::tenancy::narrowed;
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// The group that a path names, and the permission for where it is.
fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(GroupId, Granted<P>), Problem> {
    widest::<P>(actor)?;
    let id = id_in_path(text, "group_not_found")?;
    Ok((id, narrowed(tx, actor, groups::group(tx, id)?.map(|group| group.tenant))?))
}

/// `GET`, `PATCH` and `DELETE /groups/{id}`.
pub struct Groups;

impl Noun for Groups {
    type Id = GroupId;
    type Row = groups::Group;
    type Body = GroupChange;
    type View = Group;
    type Patch = GroupPatch;
    type Read = permit::ReadGroups;
    type Write = permit::WriteGroups;
    type Delete = permit::WriteGroups;

    fn reach<P: Permission>(tx: &Snapshot, actor: &Arc<Actor>, text: &str) -> Result<(GroupId, Granted<P>), Problem> {
        reach(tx, actor, text)
    }

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: GroupId) -> Result<groups::Group, Problem> {
        groups::get(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: GroupId) -> Result<groups::Group, Problem> {
        groups::within(tx, place, id)
    }

    fn read(_: &Snapshot, body: GroupChange) -> Result<GroupPatch, Problem> {
        Ok(GroupPatch::from(body))
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: GroupId,
        patch: &GroupPatch,
        now: Timestamp,
    ) -> Result<groups::Group, Problem> {
        groups::update(tx, granted, id, patch, now)
    }

    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: GroupId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        groups::delete(tx, granted, id, now)
    }

    fn render<P: Permission>(granted: &Granted<P>, row: &groups::Group) -> Group {
        let _ = granted;
        Group::of(row)
    }
}

/// `GET /groups`: the groups of the tenants that the caller reaches, as far as they fit the filters.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<GroupQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Group>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    widest::<permit::ReadGroups>(&actor)?;
    let listed = match filter.read(&snapshot)? {
        Some(filter) => {
            let granted = narrowed(&snapshot, &actor, filter.tenant)?;
            groups::list(&snapshot, &granted, &filter, paging)?
        }
        None => Listed::empty(paging),
    };
    Ok(Page::of(&listed, Group::of, &request))
}

/// `POST /groups`: makes a group, with nobody in it.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateGroup>,
) -> Result<Created<Group>, Problem> {
    widest::<permit::WriteGroups>(&actor)?;
    let (tenant, at) = match body.tenant_id.as_deref() {
        Some(name) => tenant_named(&stack.store.read(), name).map(|tenant| (tenant.id, tenant.place()))?,
        None => (actor.tenant, actor.home()),
    };
    let granted = over::<permit::WriteGroups>(&actor, Some(at))?;
    let CreateGroup { name, description, group_type, .. } = body;
    let new = NewGroup { tenant, name, description, group_type: group_type.unwrap_or_default() };
    let (id, now) = (stack.new_id(), stack.now());
    let group = stack.store.write(move |tx| groups::create(tx, &granted, &new, id, now)).await?;
    Ok(Reply(Group::of(&group)))
}

/// `GET /groups/{id}/members`: who is in a group: directly, through groups in it, or either way.
pub async fn members(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Query(page): Query<PageQuery>,
    Query(which): Query<MembersQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<GroupMember>>, Problem> {
    let (paging, filter, snapshot) = (page.paging()?, which.read()?, stack.store.read());
    let (id, granted) = reach::<permit::ReadGroups>(&snapshot, &actor, &id)?;
    let listed = groups::list_members(&snapshot, &granted, id, filter, paging)?;
    Ok(Page::of(&listed, |line| GroupMember::of(id, line), &request))
}

/// `POST /groups/{id}/members`: puts a user or a group into a group. A second time changes nothing.
pub async fn add_member(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Json(body): Json<AddMember>,
) -> Result<Created<GroupMember>, Problem> {
    let (id, granted) = reach::<permit::WriteGroups>(&stack.store.read(), &actor, &id)?;
    let (who, now, place) = (body.member()?, stack.now(), granted.place());
    let row = stack.store.write(move |tx| groups::add_member(tx, &granted, id, who, now)).await?;
    let line = groups::line(&stack.store.read(), place, &row)?.ok_or_else(|| missing("member_not_found"))?;
    Ok(Reply(GroupMember::of(id, &line)))
}

/// `DELETE /groups/{id}/members/{member}`: takes a user or a group out of a group; `member` is its id.
pub async fn remove_member(
    stack: Services,
    Caller(actor): Caller,
    path: web::Path<(String, String)>,
) -> Result<NoContent, Problem> {
    let (id, granted) = reach::<permit::WriteGroups>(&stack.store.read(), &actor, &path.0)?;
    let user = UserId::parse(&path.1).map(Member::User);
    let who = user.or_else(|| GroupId::parse(&path.1).map(Member::Group));
    let (who, now) = (who.ok_or_else(|| missing("member_not_found"))?, stack.now());
    stack.store.write(move |tx| groups::remove_member(tx, &granted, id, who, now)).await?;
    Ok(NoContent)
}
