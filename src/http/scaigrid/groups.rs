//! `/v1/groups`: ScaiKey's groups, to look at.

use super::Services;
use super::envelope::{Rows, Success, ok, page_at};
use super::parts::{group_id, here};
use crate::base::id::{GroupId, TenantId, UserId};
use crate::base::{DisplayName, Email, Problem};
use crate::http::extract::{Caller, Query};
use crate::http::reply::Moment;
use crate::people::groups::{self, GroupFilter, GroupType, MemberFilter, Members};
use crate::store::{Listed, Paging};
use actix_web::web;
use serde::{Deserialize, Serialize};

/// How many rows a page has when nothing is said.
const PAGE: u32 = 100;

/// Which page. The cursor is the place of the last row of the page before, so that what comes and goes shifts nothing.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PageQuery {
    /// How many rows a page has: 100 if not said.
    #[cfg_attr(test, schemars(with = "Option<u32>", range(min = 1, max = 200)))]
    limit: Option<String>,
    /// Where the page begins: the `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    fn read(&self) -> Result<Paging, Problem> {
        let limit = match &self.limit {
            None => PAGE,
            Some(text) => {
                let read = text.parse().ok().filter(|limit| (1..=Paging::MAX).contains(limit));
                read.ok_or_else(|| Problem::invalid_at("query", "limit", "must be 1 to 200"))?
            }
        };
        let first = Paging::new(1, limit)?;
        let Some(text) = &self.cursor else { return Ok(first) };
        let place = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let wrong = || Problem::invalid_at("query", "cursor", "must be the next_cursor of the page before");
        place.map(|place| first.behind(place)).ok_or_else(wrong)
    }
}

fn next<T>(listed: &Listed<T>) -> Option<String> {
    listed.next.map(|place| place.to_string())
}

/// A group of users and groups.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Group {
    id: GroupId,
    tenant_id: TenantId,
    name: DisplayName,
    /// What it is for.
    description: Option<DisplayName>,
    r#type: GroupType,
    /// How many members it has directly.
    member_count: u64,
    created_at: Moment,
    updated_at: Moment,
}

/// A group with a page of its direct members.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GroupWithMembers {
    #[serde(flatten)]
    group: Group,
    members: Vec<GroupMember>,
    /// What to send as `cursor` for the members behind these; null: there are none.
    members_next_cursor: Option<String>,
}

/// A user or a group that is in a group.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GroupMember {
    r#type: MemberType,
    id: MemberId,
    /// A user's; null for a group.
    email: Option<Email>,
    display_name: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum MemberType {
    User,
    Group,
}

/// As its type says.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(untagged)]
enum MemberId {
    User(UserId),
    Group(GroupId),
}

impl From<&groups::Group> for Group {
    fn from(group: &groups::Group) -> Self {
        Self {
            id: group.id,
            tenant_id: group.tenant,
            name: group.name.clone(),
            description: group.description.clone(),
            r#type: group.group_type,
            member_count: group.members,
            created_at: Moment(group.created_at),
            updated_at: Moment(group.updated_at),
        }
    }
}

impl From<&Members> for GroupMember {
    fn from(member: &Members) -> Self {
        let (r#type, id, email, display_name) = match member {
            Members::User(user, ..) => {
                (MemberType::User, MemberId::User(user.id), Some(user.email.clone()), user.called())
            }
            Members::Group(group, _) => (MemberType::Group, MemberId::Group(group.id), None, group.name.to_string()),
        };
        Self { r#type, id, email, display_name }
    }
}

/// `GET /v1/groups`: the groups of the caller's tenant, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
) -> Result<Rows<Group>, Problem> {
    let (granted, paging) = (here(&actor)?, query.read()?);
    let listed = groups::list(&stack.store.read(), &granted, &GroupFilter::default(), paging)?;
    Ok(page_at(listed.items.iter().map(Group::from).collect(), next(&listed)))
}

/// `GET /v1/groups/{id}`: one group, with a page of its direct members.
pub async fn show(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Success<GroupWithMembers>, Problem> {
    let (granted, paging) = (here(&actor)?, query.read()?);
    let (snapshot, id) = (stack.store.read(), group_id(&id)?);
    let group = groups::get(&snapshot, &granted, id)?;
    let listed = groups::list_members(&snapshot, &granted, id, MemberFilter::Direct, paging)?;
    Ok(ok(GroupWithMembers {
        group: Group::from(&group),
        members: listed.items.iter().map(GroupMember::from).collect(),
        members_next_cursor: next(&listed),
    }))
}
