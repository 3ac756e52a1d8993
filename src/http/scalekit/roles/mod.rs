//! RolesService: roles of the environment and of single organisations, and what they permit in applications.
//! A role of an organisation is the tenant's custom role.

mod defaults;
mod grants;
mod organization;
pub mod permissions;
mod read;
mod render;

pub use defaults::{update_defaults, update_organization_defaults};
pub use grants::{add_permissions, effective_permissions, permissions_of, remove_permission};
pub use organization::{
    create_in_organization, delete_base_in_organization, delete_in_organization, get_in_organization,
    list_in_organization, update_in_organization, users_count_in_organization,
};

use super::operation::Call;
use super::proto::roles::{
    CreateRoleRequest, CreateRoleResponse, DeleteRoleBaseRequest, DeleteRoleRequest, GetRoleRequest, GetRoleResponse,
    GetRoleUsersCountRequest, GetRoleUsersCountResponse, ListDependentRolesRequest, ListDependentRolesResponse,
    ListRolesRequest, ListRolesResponse, Role, UpdateRoleRequest, UpdateRoleResponse,
};
use super::rules;
use crate::access::{Granted, Permission, Place, permit};
use crate::base::Problem;
use crate::roles::named::{self, NewRole, RolePatch};
use crate::roles::{CustomRole, RoleName};
use crate::store::WriteTx;
use read::Include;

/// The permission over the roles of the whole instance.
fn everywhere<P: Permission>(call: &Call) -> Result<Granted<P>, Problem> {
    Ok(call.actor.grant::<P>(Place::Platform)?)
}

/// Makes a role, where the witness is for.
async fn make(call: &Call, granted: Granted<permit::WriteRoles>, new: NewRole) -> Result<Role, Problem> {
    let (id, now) = (call.stack.new_id(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| named::create(tx, &granted, &new, id, now);
    let role = call.stack.store.write(write).await.map_err(|problem| problem.within("role"))?;
    call.shows(&role);
    render::with_permissions(call, &role)
}

/// Changes a role, where the witness is for.
async fn change(
    call: &Call,
    granted: Granted<permit::WriteRoles>,
    name: RoleName,
    patch: RolePatch,
) -> Result<Role, Problem> {
    // Who changes a role may see it: the line for reading takes every scope of the line for writing.
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&named::get(tx, &look, &name)?))?;
        named::update(tx, &granted, &name, &patch, now)
    };
    let role = call.stack.store.write(write).await.map_err(|problem| problem.within("role"))?;
    call.shows(&role);
    render::with_permissions(call, &role)
}

/// One role by name.
fn one(call: &Call, granted: &Granted<permit::ReadRoles>, name: &str) -> Result<CustomRole, Problem> {
    named::get(&call.stack.store.read(), granted, &read::role_name("role_name", name)?)
}

/// One role by name, as what the answer shows.
fn shown(call: &Call, granted: &Granted<permit::ReadRoles>, name: &str, include: Include) -> Result<Role, Problem> {
    let role = one(call, granted, name)?;
    call.shows(&role);
    render::role(&call.stack.store.read(), granted, &role, include)
}

/// `CreateRole`.
pub async fn create(call: Call, request: CreateRoleRequest) -> Result<CreateRoleResponse, Problem> {
    let granted = everywhere(&call)?;
    let new = read::create(rules::required("role", request.role)?)?;
    Ok(CreateRoleResponse { role: Some(make(&call, granted, new).await?) })
}

/// `UpdateRole`: what is absent or empty stays.
pub async fn update(call: Call, request: UpdateRoleRequest) -> Result<UpdateRoleResponse, Problem> {
    let granted = everywhere(&call)?;
    let name = read::role_name("role_name", &request.role_name)?;
    let patch = read::update(rules::required("role", request.role)?)?;
    Ok(UpdateRoleResponse { role: Some(change(&call, granted, name, patch).await?) })
}

/// `GetRole`.
pub async fn get(call: Call, request: GetRoleRequest) -> Result<GetRoleResponse, Problem> {
    let granted = everywhere(&call)?;
    let include = Include::read(request.include.as_deref())?;
    Ok(GetRoleResponse { role: Some(shown(&call, &granted, &request.role_name, include)?) })
}

/// `ListRoles`: the built-in ones, then the oldest first.
pub async fn list(call: Call, request: ListRolesRequest) -> Result<ListRolesResponse, Problem> {
    let granted = everywhere(&call)?;
    let include = Include::read(request.include.as_deref())?;
    Ok(ListRolesResponse { roles: render::list(&call, &granted, include)? })
}

/// `DeleteRole`.
pub async fn delete(call: Call, request: DeleteRoleRequest) -> Result<(), Problem> {
    let granted = everywhere(&call)?;
    #[allow(deprecated, reason = "older clients send it")]
    let instead = request.reassign_role_name.or(request.reassign_role_id);
    remove(&call, granted, &request.role_name, instead.as_deref()).await
}

/// Deletes a role, where the witness is for.
async fn remove(
    call: &Call,
    granted: Granted<permit::WriteRoles>,
    name: &str,
    instead: Option<&str>,
) -> Result<(), Problem> {
    let name = read::role_name("role_name", name)?;
    let instead = instead.filter(|text| !text.is_empty());
    let instead = instead.map(|text| read::role_name("reassign_role_name", text)).transpose()?;
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&named::get(tx, &look, &name)?))?;
        named::delete(tx, &granted, &name, instead.as_ref(), now)
    };
    call.stack.store.write(write).await
}

/// `GetRoleUsersCount`.
pub async fn users_count(call: Call, request: GetRoleUsersCountRequest) -> Result<GetRoleUsersCountResponse, Problem> {
    let granted = everywhere(&call)?;
    Ok(GetRoleUsersCountResponse { count: count(&call, &granted, &request.role_name)? })
}

fn count(call: &Call, granted: &Granted<permit::ReadRoles>, name: &str) -> Result<i64, Problem> {
    let role = one(call, granted, name)?;
    let count = named::users_count(&call.stack.store.read(), granted, &role)?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `ListDependentRoles`: the roles that extend a role, of organisations too.
pub async fn list_dependents(
    call: Call,
    request: ListDependentRolesRequest,
) -> Result<ListDependentRolesResponse, Problem> {
    let granted = everywhere(&call)?;
    let role = one(&call, &granted, &request.role_name)?;
    let snapshot = call.stack.store.read();
    let roles = named::dependents(&snapshot, &granted, &role)?;
    let roles =
        roles.iter().map(|role| render::role(&snapshot, &granted, role, Include::Nothing)).collect::<Result<_, _>>()?;
    Ok(ListDependentRolesResponse { roles })
}

/// `DeleteRoleBase`.
pub async fn delete_base(call: Call, request: DeleteRoleBaseRequest) -> Result<(), Problem> {
    let granted = everywhere(&call)?;
    part_from_base(&call, granted, &request.role_name).await
}

async fn part_from_base(call: &Call, granted: Granted<permit::WriteRoles>, name: &str) -> Result<(), Problem> {
    let (name, now) = (read::role_name("role_name", name)?, call.stack.now());
    call.stack.store.write(move |tx| named::remove_base(tx, &granted, &name, now)).await?;
    Ok(())
}
