//! `/api/v1/admin/users`.

use super::Services;
use super::list::{Deleted, Page, PageQuery, pagination};
use super::noun::Noun;
use super::wire::user::{CreateUser, IdentityMismatch, ResetPassword, User, UserChange, UserQuery};
use super::wire::{id_in_path, tenant_filter, tenant_named};
use crate::access::{Actor, Granted, Permission, Place, Role, permit};
use crate::access::{over, widest};
use crate::authentication;
use crate::base::id::{TenantId, UserId};
use crate::base::{Problem, Slug, Timestamp};
use crate::http::extract::{Caller, Json, Query, flag};
use crate::http::reply::{Created, NoContent, Reply};
use crate::mailed_links;
use crate::mfa;
use crate::people::{self, IdentitySource, NewUser, Profile, ProfileChange, Status, UserFilter, UserPatch};
use crate::stack::Stack;
use crate::store::{Listed, Read, Snapshot, WriteTx};
use crate::tenancy::{self, narrowed};
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The user that a path names, and the permission for where their home is.
pub fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(UserId, Granted<P>), Problem> {
    widest::<P>(actor)?;
    let id = id_in_path(text, "user_not_found")?;
    Ok((id, narrowed(tx, actor, people::user(tx, id)?.map(|user| user.home_tenant))?))
}

/// `GET`, `PATCH` and `DELETE /users/{id}`.
pub struct Users;

impl Noun for Users {
    type Id = UserId;
    type Row = people::User;
    type Body = UserChange;
    type View = User;
    type Patch = UserPatch;
    type Read = permit::ReadUsers;
    type Write = permit::WriteUsers;
    type Delete = permit::DeleteUsers;

    fn reach<P: Permission>(tx: &Snapshot, actor: &Arc<Actor>, text: &str) -> Result<(UserId, Granted<P>), Problem> {
        reach(tx, actor, text)
    }

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: UserId) -> Result<people::User, Problem> {
        people::get(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: UserId) -> Result<people::User, Problem> {
        people::within(tx, place, id)
    }

    fn read(_: &Snapshot, body: UserChange) -> Result<UserPatch, Problem> {
        Ok(UserPatch::from(body))
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: UserId,
        patch: &UserPatch,
        now: Timestamp,
    ) -> Result<people::User, Problem> {
        people::update(tx, granted, id, patch, now)
    }

    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: UserId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        people::delete(tx, granted, id, now)
    }

    fn render<P: Permission>(granted: &Granted<P>, row: &people::User) -> User {
        let _ = granted;
        User::of(row)
    }
}

/// A user in a list, with what stands in other rows: where they are at home, and as what.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListedUser {
    #[serde(flatten)]
    user: User,
    /// The short name of the home tenant; null: it is gone.
    tenant_slug: Option<Slug>,
    /// The role in the home tenant; null: they are no member of it.
    role: Option<Role>,
    /// The roles beyond memberships that have not run out.
    admin_roles: Vec<Role>,
}

impl ListedUser {
    fn of(tx: &impl Read, row: &people::User, now: Timestamp) -> Result<Self, Problem> {
        Ok(Self {
            user: User::of(row),
            tenant_slug: tenancy::tenant(tx, row.home_tenant)?.map(|tenant| tenant.slug),
            role: people::membership(tx, row.home_tenant, row.id)?.map(|membership| membership.role),
            admin_roles: row.admin_roles.iter().filter(|held| held.is_live(now)).map(|held| held.role).collect(),
        })
    }

    /// The rows of a page.
    fn page(
        tx: &impl Read,
        listed: &Listed<people::User>,
        now: Timestamp,
        request: &HttpRequest,
    ) -> Result<Reply<Page<Self>>, Problem> {
        let rows = listed.items.iter().map(|row| Self::of(tx, row, now)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(rows, pagination(listed.paging, Some(listed.total), listed.next), request))
    }
}

/// `GET /users`: the users whose home tenant the caller reaches, as far as they fit the filters.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<UserQuery>,
    Query(which): Query<Deleted>,
    request: HttpRequest,
) -> Result<Reply<Page<ListedUser>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    let widest = widest::<permit::ReadUsers>(&actor)?;
    if which.deleted {
        if !filter.is_empty() {
            return Err(Problem::invalid_at("query", "deleted", "lists all of them: leave the other filters out"));
        }
        let listed = people::deleted(&snapshot, &widest, &UserFilter::default(), paging)?;
        return ListedUser::page(&snapshot, &listed, stack.now(), &request);
    }
    let listed = match filter.read(&snapshot)? {
        Some(filter) => {
            let granted = narrowed(&snapshot, &actor, filter.tenant)?;
            people::list(&snapshot, &granted, &filter, paging)?
        }
        None => Listed::empty(paging),
    };
    ListedUser::page(&snapshot, &listed, stack.now(), &request)
}

/// `POST /users/{id}/restore`: brings back somebody who was deleted.
pub async fn restore(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Reply<User>, Problem> {
    let granted = widest::<permit::DeleteUsers>(&actor)?;
    let (id, now) = (id_in_path(&id, "user_not_found")?, stack.now());
    let user = stack.store.write(move |tx| people::restore(tx, &granted, id, now)).await?;
    Ok(Reply(User::of(&user)))
}

/// `POST /users`: makes a user. Who gets neither a password nor a status is invited by mail.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(mut body): Json<CreateUser>,
) -> Result<Created<User>, Problem> {
    widest::<permit::WriteUsers>(&actor)?;
    let (tenant, granted) = at_home(&stack, &actor, body.tenant_id.as_deref())?;
    let password_hash = match body.password.take() {
        Some(password) => {
            // Who may not set it costs no hash.
            granted.and::<permit::ManageCredentials>()?;
            Some(authentication::new_password(&stack, "password", password, &body.email).await?)
        }
        None => None,
    };
    // Who gets no password and no status is invited by mail.
    let invited = match body.status {
        None => password_hash.is_none(),
        Some(status) => status == Status::Invited,
    };
    let role = body.role.map_or(Role::TenantUser, |role| role.0);
    let new = NewUser {
        first_name: body.first_name,
        last_name: body.last_name,
        display_name: body.display_name,
        password_hash,
        status: body.status.unwrap_or(Status::Active),
        email_verified: body.email_verified,
        custom_attributes: body.custom_attributes,
        profile: ProfileChange::from(body.profile).applied_to(&Profile::default())?,
        external_id: body.external_id,
        metadata: body.metadata,
        ..NewUser::local(body.email, tenant, role)
    };
    if invited {
        return Ok(Reply(User::of(&mailed_links::invite(&stack, granted, new).await?)));
    }
    let (id, now) = (stack.new_id(), stack.now());
    let user = stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await?;
    Ok(Reply(User::of(&user)))
}

/// The tenant in which a user is to be made, the caller's own if not said, and the permission there.
fn at_home(
    stack: &Stack,
    actor: &Arc<Actor>,
    name: Option<&str>,
) -> Result<(TenantId, Granted<permit::WriteUsers>), Problem> {
    let Some(name) = name else { return Ok((actor.tenant, over(actor, Some(actor.home()))?)) };
    let tenant = tenant_named(&stack.store.read(), name)?;
    Ok((tenant.id, over(actor, Some(tenant.place()))?))
}

/// `POST /users/{id}/reset-password`: sets a password, the only way for an administrator to do so, and ends the user's
/// sessions. Without a password it mails the user a link to set one.
pub async fn reset_password(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Json(body): Json<ResetPassword>,
) -> Result<NoContent, Problem> {
    let Some(password) = body.password else {
        let (id, granted) = reach::<permit::SendResetLinks>(&stack.store.read(), &actor, &id)?;
        mailed_links::send_reset(&stack, granted, id).await?;
        return Ok(NoContent);
    };
    let (id, granted) = reach::<permit::ManageCredentials>(&stack.store.read(), &actor, &id)?;
    let email = people::get_to_secure(&stack.store.read(), &granted, id, stack.now())?.0.email;
    let phc = authentication::new_password(&stack, "password", password, &email).await?;
    let now = stack.now();
    stack.store.write(move |tx| people::set_password(tx, &granted, id, &phc, now)).await?;
    Ok(NoContent)
}

/// `POST /users/{id}/reset-mfa`: takes the second factors from somebody who has lost them, and ends their sessions.
pub async fn reset_mfa(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let (id, granted) = reach::<permit::ManageCredentials>(&stack.store.read(), &actor, &id)?;
    let now = stack.now();
    stack.store.write(move |tx| mfa::reset(tx, &granted, id, now)).await?;
    Ok(NoContent)
}

/// What the list of mismatches is asked for.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mismatched {
    /// Those of this home tenant: an id or a slug.
    tenant_id: Option<String>,
    /// Whether those on the page become local.
    #[serde(default, deserialize_with = "flag")]
    fix: bool,
}

/// `GET /users/identity-source/mismatches`: users whose source says a provider that does not stand behind them. With
/// `fix=true` those on the page become local, which takes the permission to change users.
pub async fn mismatches(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Mismatched>,
    request: HttpRequest,
) -> Result<Reply<Page<IdentityMismatch>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    widest::<permit::ReadUsers>(&actor)?;
    let listed = match tenant_filter(&snapshot, &wanted.tenant_id)?.filter() {
        Some(tenant) => {
            let granted = narrowed(&snapshot, &actor, tenant)?;
            people::mismatches(&snapshot, &granted, tenant, paging)?
        }
        None => Listed::empty(paging),
    };
    if wanted.fix {
        let granted = widest::<permit::WriteUsers>(&actor)?;
        let (ids, now): (Vec<UserId>, _) = (listed.items.iter().map(|user| user.id).collect(), stack.now());
        let patch = UserPatch { identity_source: Some(IdentitySource::Local), ..UserPatch::default() };
        let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
            ids.iter().try_for_each(|id| people::update(tx, &granted, *id, &patch, now).map(drop))
        };
        stack.store.write(write).await?;
    }
    Ok(Page::of(&listed, |user| IdentityMismatch::of(user, wanted.fix), &request))
}
