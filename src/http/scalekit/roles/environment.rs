//! The roles of the environment.

use super::super::operation::Call;
use super::super::proto::roles::{
    CreateRoleRequest, CreateRoleResponse, DeleteRoleBaseRequest, DeleteRoleRequest, GetRoleRequest, GetRoleResponse,
    GetRoleUsersCountRequest, GetRoleUsersCountResponse, ListDependentRolesRequest, ListDependentRolesResponse,
    ListRolesRequest, ListRolesResponse, UpdateRoleRequest, UpdateRoleResponse,
};
use super::super::rules;
use super::places::everywhere;
use super::read::{self, Include};
use super::render;
use super::role::{change, count, make, one, part_from_base, remove, shown};
use crate::base::Problem;
use crate::roles::named;

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

/// `GetRoleUsersCount`.
pub async fn users_count(call: Call, request: GetRoleUsersCountRequest) -> Result<GetRoleUsersCountResponse, Problem> {
    let granted = everywhere(&call)?;
    Ok(GetRoleUsersCountResponse { count: count(&call, &granted, &request.role_name)? })
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
