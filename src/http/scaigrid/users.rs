//! `/v1/users`: the users of the caller's tenant.

use super::Services;
use super::envelope::{self, Paging, Rows, Seen, cut, tagged};
use super::parts::{here, user_id, user_to_show};
use crate::access::{Place, Role, permit};
use crate::base::id::{CustomRoleId, PartnerId, TenantId, UserId};
use crate::base::{Email, Id, Problem, Timestamp};
use crate::http::extract::{Caller, IfMatch, Json, Query};
use crate::http::reply::{Moment, NoContent};
use crate::people::{self, Status};
use crate::roles::{self, ModuleSet, Wanted};
use crate::store::{Read, Whole, WriteTx};
use actix_web::web;
use serde::{Deserialize, Serialize};

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    #[serde(flatten)]
    paging: Paging,
    /// Only users of this status.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<UserStatus>>"))]
    status: Option<String>,
}

/// A person with an account. `roles` and `custom_role_ids` are what was given to the user; what mappings of groups give is not
/// among them, and stands in what `GET /v1/me` says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct User {
    id: UserId,
    email: Email,
    display_name: String,
    tenant_id: TenantId,
    partner_id: Option<PartnerId>,
    /// The built-in roles in this tenant.
    roles: Vec<Role>,
    custom_role_ids: Vec<CustomRoleId>,
    status: UserStatus,
    created_at: Moment,
    /// Null: they have never signed in.
    last_login_at: Option<Moment>,
}

/// Whether a user may come in.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// They can sign in, and their credentials hold.
    Active,
    /// They have not yet accepted.
    Invited,
    /// An admin or a directory switched them off.
    Disabled,
    /// Stopped for a while.
    Suspended,
}

impl From<Status> for UserStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Invited => Self::Invited,
            Status::Disabled => Self::Disabled,
            Status::Suspended => Self::Suspended,
        }
    }
}

/// A user with the roles in a tenant.
fn shown(tx: &impl Read, user: &people::User, place: Place, now: Timestamp) -> Result<User, Problem> {
    let held = roles::assigned(tx, user, place, now)?;
    Ok(User {
        id: user.id,
        email: user.email.clone(),
        display_name: user.called(),
        tenant_id: place.tenant().unwrap_or(user.home_tenant),
        partner_id: place.partner(),
        roles: held.roles,
        custom_role_ids: held.custom,
        status: user.status.into(),
        created_at: Moment(user.created_at),
        last_login_at: user.last_login_at.map(Moment),
    })
}

/// `GET /v1/users`: the users of the caller's tenant, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Rows<User>, Problem> {
    here::<permit::ManageUsers>(&actor)?;
    let granted = here::<permit::ReadUsers>(&actor)?;
    let (limit, after) = (query.paging.limit()?, query.paging.after::<UserId>()?);
    let status =
        match query.status.as_deref() {
            None | Some("") => None,
            Some(text) => Some(Status::parse(text).ok_or_else(|| {
                Problem::invalid_at("query", "status", "must be active, invited, disabled or suspended")
            })?),
        };
    let (snapshot, now) = (stack.store.read(), stack.now());
    let users = people::list_behind(&snapshot, &granted, status, after, limit + 1)?;
    let (users, next) = cut(users, limit, |user| user.id);
    let rows: Result<Vec<User>, Problem> = users.iter().map(|user| shown(&snapshot, user, actor.home(), now)).collect();
    Ok(envelope::page(rows?, next))
}

/// `GET /v1/users/{id}`: one user. Everybody may look at themselves; at others with `users:manage`.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Seen<User>, Problem> {
    let (id, snapshot) = (user_to_show(&actor, &id)?, stack.store.read());
    let (user, now) = (people::within(&snapshot, actor.home(), id)?, stack.now());
    let given = given(&snapshot, &user, actor.home(), now)?;
    Ok(tagged(shown(&snapshot, &user, actor.home(), now)?, &given))
}

/// The roles that a user is to have.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    /// The built-in roles in this tenant.
    #[cfg_attr(test, schemars(with = "Vec<Role>"))]
    roles: Vec<String>,
    /// The custom roles; if not said, they stay as they are.
    #[cfg_attr(test, schemars(with = "Option<Vec<CustomRoleId>>"))]
    custom_role_ids: Option<Vec<String>>,
}

/// Names of built-in roles, and custom ones.
type Given = (Vec<&'static str>, Vec<CustomRoleId>);

/// The roles that a user has, as a state that another change can be meant for.
fn given(tx: &impl Read, user: &people::User, place: Place, now: Timestamp) -> Result<Whole<Given>, Problem> {
    let has = roles::assigned(tx, user, place, now)?;
    Ok(Whole((has.roles.iter().map(|role| role.name()).collect(), has.custom)))
}

impl SetRoles {
    fn read(&self, before: Wanted) -> Result<Wanted, Problem> {
        let mut wanted = Wanted { roles: Vec::new(), custom: before.custom, instance: None };
        for (at, name) in self.roles.iter().enumerate() {
            let role = Role::ALL.into_iter().find(|role| role.name() == name.as_str());
            let unknown = || Problem::invalid(format!("roles.{at}"), "is not a built-in role");
            wanted.roles.push(role.ok_or_else(unknown)?);
        }
        // Left out, they stay as they are.
        if let Some(ids) = &self.custom_role_ids {
            let unknown = || Problem::invalid("custom_role_ids", "names a custom role that is not there");
            let read = ids.iter().map(|id| CustomRoleId::parse(id).ok_or_else(unknown));
            wanted.custom = read.collect::<Result<_, _>>()?;
        }
        Ok(wanted)
    }
}

/// `PUT /v1/users/{id}/roles`: gives a user these roles, and no others.
pub async fn set_roles(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<SetRoles>,
) -> Result<Seen<User>, Problem> {
    let (granted, id, now) = (here(&actor)?, user_id(&id)?, stack.now());
    let home = actor.home();
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        let user = people::within(tx, home, id)?;
        seen.check(Some(&given(tx, &user, home, now)?))?;
        // What the request leaves out stays as it is now, not as it was before this transaction.
        let wanted = body.read(roles::assigned(tx, &user, home, now)?)?;
        roles::assign(tx, &granted, id, &wanted, now).map(drop)
    };
    stack.store.write(write).await?;
    let snapshot = stack.store.read();
    let user = people::within(&snapshot, home, id)?;
    let given = given(&snapshot, &user, home, now)?;
    Ok(tagged(shown(&snapshot, &user, home, now)?, &given))
}

/// The module permissions that were given to one user, beside those of their roles.
#[derive(Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModulePermissions {
    /// Such as `module:action`.
    permissions: Vec<String>,
}

impl From<&ModuleSet> for ModulePermissions {
    fn from(set: &ModuleSet) -> Self {
        Self { permissions: set.iter().map(str::to_owned).collect() }
    }
}

/// Reads a list of module permissions that stands in the field `field`.
pub fn module_set(field: &str, texts: &[String]) -> Result<ModuleSet, Problem> {
    ModuleSet::parse(texts.iter().map(String::as_str))
        .map_err(|(at, rule)| Problem::invalid(format!("{field}.{at}"), rule))
}

/// `GET /v1/users/{id}/module-permissions`: the module permissions that were given to this user alone. Everybody may look at
/// their own; at those of others with `users:manage`.
pub async fn module_permissions(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Seen<ModulePermissions>, Problem> {
    let id = user_to_show(&actor, &id)?;
    let set = roles::module_permissions(&stack.store.read(), actor.home(), id)?;
    Ok(tagged(ModulePermissions::from(&set), &Whole(&set)))
}

/// `PUT /v1/users/{id}/module-permissions`: gives a user these module permissions, and no others.
pub async fn set_module_permissions(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<ModulePermissions>,
) -> Result<Seen<ModulePermissions>, Problem> {
    let (granted, id, now) = (here(&actor)?, user_id(&id)?, stack.now());
    let set = module_set("permissions", &body.permissions)?;
    let home = actor.home();
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(roles::module_permissions(tx, home, id)?)))?;
        roles::set_module_permissions(tx, &granted, id, &set, now)
    };
    let set = stack.store.write(write).await?;
    Ok(tagged(ModulePermissions::from(&set), &Whole(&set)))
}

/// `DELETE /v1/users/{id}`: deletes a user. Sessions and keys end with the account.
pub async fn delete(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let (granted, id, now) = (here(&actor)?, user_id(&id)?, stack.now());
    stack.store.write(move |tx| roles::delete_user(tx, &granted, id, now)).await?;
    Ok(NoContent)
}
