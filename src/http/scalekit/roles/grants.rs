//! What roles permit.

use super::super::operation::Call;
use super::super::proto::roles::{
    AddPermissionsToRoleRequest, AddPermissionsToRoleResponse, ListEffectiveRolePermissionsRequest,
    ListEffectiveRolePermissionsResponse, ListRolePermissionsRequest, ListRolePermissionsResponse, Permission,
    RemovePermissionFromRoleRequest,
};
use super::places::everywhere;
use super::role::one;
use super::{read, render};
use crate::access::permit;
use crate::base::Problem;
use crate::roles::{CustomRole, named};

/// The most permissions that are named at once.
const MAX_NAMES: usize = 100;

fn listed(call: &Call, role: &CustomRole, all: bool) -> Result<Vec<Permission>, Problem> {
    let found = named::permissions_of(&call.stack.store.read(), role, all)?;
    Ok(found.iter().map(|(permission, _)| render::permission(permission)).collect())
}

/// `ListRolePermissions`: those that the role has itself.
pub async fn permissions_of(
    call: Call,
    request: ListRolePermissionsRequest,
) -> Result<ListRolePermissionsResponse, Problem> {
    let role = one(&call, &everywhere(&call)?, &request.role_name)?;
    Ok(ListRolePermissionsResponse { permissions: listed(&call, &role, false)? })
}

/// `ListEffectiveRolePermissions`: those of the roles that it extends too.
pub async fn effective_permissions(
    call: Call,
    request: ListEffectiveRolePermissionsRequest,
) -> Result<ListEffectiveRolePermissionsResponse, Problem> {
    let role = one(&call, &everywhere(&call)?, &request.role_name)?;
    Ok(ListEffectiveRolePermissionsResponse { permissions: listed(&call, &role, true)? })
}

/// `AddPermissionsToRole`.
pub async fn add_permissions(
    call: Call,
    request: AddPermissionsToRoleRequest,
) -> Result<AddPermissionsToRoleResponse, Problem> {
    let granted = everywhere::<permit::WriteRoles>(&call)?;
    let name = read::role_name("role_name", &request.role_name)?;
    if request.permission_names.is_empty() || request.permission_names.len() > MAX_NAMES {
        return Err(Problem::invalid("permission_names", "must be 1 to 100 names"));
    }
    let names = read::permission_names("permission_names", &request.permission_names)?;
    let now = call.stack.now();
    let write = move |tx: &mut crate::store::WriteTx<'_>| named::add_permissions(tx, &granted, &name, &names, now);
    let role = call.stack.store.write(write).await?;
    Ok(AddPermissionsToRoleResponse { permissions: listed(&call, &role, false)? })
}

/// `RemovePermissionFromRole`.
pub async fn remove_permission(call: Call, request: RemovePermissionFromRoleRequest) -> Result<(), Problem> {
    let granted = everywhere::<permit::WriteRoles>(&call)?;
    let name = read::role_name("role_name", &request.role_name)?;
    let permission = read::permission_name("permission_name", &request.permission_name)?;
    let now = call.stack.now();
    let write =
        move |tx: &mut crate::store::WriteTx<'_>| named::remove_permission(tx, &granted, &name, &permission, now);
    call.stack.store.write(write).await?;
    Ok(())
}
