//! The roles of an organisation: its own, and the environment's, which can be held there too.

use super::super::operation::Call;
use super::super::proto::roles::{
    CreateOrganizationRoleRequest, CreateOrganizationRoleResponse, CreateRole, DeleteOrganizationRoleBaseRequest,
    DeleteOrganizationRoleRequest, GetOrganizationRoleRequest, GetOrganizationRoleResponse,
    GetOrganizationRoleUsersCountRequest, GetOrganizationRoleUsersCountResponse, ListOrganizationRolesRequest,
    ListOrganizationRolesResponse, UpdateOrganizationRoleRequest, UpdateOrganizationRoleResponse,
};
use super::super::rules;
use super::places::there;
use super::read::{self, Include};
use super::render;
use super::role::{change, count, make, part_from_base, remove, shown};
use crate::base::Problem;

/// `CreateOrganizationRole`.
pub async fn create_in_organization(
    call: Call,
    request: CreateOrganizationRoleRequest,
) -> Result<CreateOrganizationRoleResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    let given = rules::required("role", request.role)?;
    let new = read::create(CreateRole {
        name: given.name,
        display_name: given.display_name,
        description: given.description,
        extends: given.extends,
        permissions: given.permissions,
    })?;
    Ok(CreateOrganizationRoleResponse { role: Some(make(&call, granted, new).await?) })
}

/// `UpdateOrganizationRole`: what is absent or empty stays.
pub async fn update_in_organization(
    call: Call,
    request: UpdateOrganizationRoleRequest,
) -> Result<UpdateOrganizationRoleResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    let name = read::role_name("role_name", &request.role_name)?;
    let patch = read::update(rules::required("role", request.role)?)?;
    Ok(UpdateOrganizationRoleResponse { role: Some(change(&call, granted, name, patch).await?) })
}

/// `GetOrganizationRole`.
pub async fn get_in_organization(
    call: Call,
    request: GetOrganizationRoleRequest,
) -> Result<GetOrganizationRoleResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    let include = Include::read(request.include.as_deref())?;
    Ok(GetOrganizationRoleResponse { role: Some(shown(&call, &granted, &request.role_name, include)?) })
}

/// `ListOrganizationRoles`: the environment's, then the organisation's own, the oldest first.
pub async fn list_in_organization(
    call: Call,
    request: ListOrganizationRolesRequest,
) -> Result<ListOrganizationRolesResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    let include = Include::read(request.include.as_deref())?;
    Ok(ListOrganizationRolesResponse { roles: render::list(&call, &granted, include)? })
}

/// `DeleteOrganizationRole`.
pub async fn delete_in_organization(call: Call, request: DeleteOrganizationRoleRequest) -> Result<(), Problem> {
    let granted = there(&call, &request.org_id)?;
    remove(&call, granted, &request.role_name, request.reassign_role_name.as_deref()).await
}

/// `GetOrganizationRoleUsersCount`.
pub async fn users_count_in_organization(
    call: Call,
    request: GetOrganizationRoleUsersCountRequest,
) -> Result<GetOrganizationRoleUsersCountResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    Ok(GetOrganizationRoleUsersCountResponse { count: count(&call, &granted, &request.role_name)? })
}

/// `DeleteOrganizationRoleBase`.
pub async fn delete_base_in_organization(
    call: Call,
    request: DeleteOrganizationRoleBaseRequest,
) -> Result<(), Problem> {
    let granted = there(&call, &request.org_id)?;
    part_from_base(&call, granted, &request.role_name).await
}
