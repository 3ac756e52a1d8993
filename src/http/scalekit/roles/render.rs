//! Roles and permissions as the messages of RolesService.

use super::super::operation::Call;
use super::super::proto::roles::{Permission, Role, RolePermission};
use super::super::rules::ORGANIZATION;
use super::places::{everywhere, there};
use super::read::Include;
use crate::access::{Granted, permit};
use crate::base::{Id, Problem};
use crate::roles::defaults::{self, DefaultRoles};
use crate::roles::{AppPermission, CustomRole, RoleName, named};
use crate::store::Read;

/// A role, as it is where the witness is for.
pub(super) fn role(
    tx: &impl Read,
    granted: &Granted<permit::ReadRoles>,
    role: &CustomRole,
    include: Include,
) -> Result<Role, Problem> {
    beside(&defaults::of(tx, granted.place().tenant())?, tx, granted, role, include)
}

/// A role beside the default ones there.
fn beside(
    defaults: &DefaultRoles,
    tx: &impl Read,
    granted: &Granted<permit::ReadRoles>,
    role: &CustomRole,
    include: Include,
) -> Result<Role, Problem> {
    let permissions = match include {
        Include::Nothing => Vec::new(),
        Include::Own => named::permissions_of(tx, role, false)?,
        Include::All => named::permissions_of(tx, role, true)?,
    };
    let dependents = named::dependents(tx, granted, role)?.len();
    Ok(Role {
        id: role.id.to_string(),
        name: role.key.to_string(),
        display_name: role.name.to_string(),
        description: role.description.clone().unwrap_or_default(),
        default_creator: defaults.creator.id == role.id,
        default_member: defaults.member.id == role.id,
        extends: named::base_of(tx, role)?.map(|base| base.key.to_string()),
        permissions: permissions.iter().map(|(permission, by)| of_role(permission, by)).collect(),
        dependent_roles_count: i32::try_from(dependents).unwrap_or(i32::MAX),
        is_org_role: role.tenant.is_some(),
    })
}

/// A role that was made or changed, with its own permissions.
pub(super) fn with_permissions(call: &Call, changed: &CustomRole) -> Result<Role, Problem> {
    // Who changes a role may see it: the line for reading takes every scope of the line for writing.
    let granted = match changed.tenant {
        None => everywhere(call)?,
        Some(tenant) => there(call, &tenant.display_as(ORGANIZATION))?,
    };
    role(&call.stack.store.read(), &granted, changed, Include::Own)
}

/// The roles that can be held where the witness is for.
pub(super) fn list(call: &Call, granted: &Granted<permit::ReadRoles>, include: Include) -> Result<Vec<Role>, Problem> {
    let snapshot = call.stack.store.read();
    let defaults = defaults::of(&snapshot, granted.place().tenant())?;
    let roles = named::list(&snapshot, granted)?;
    roles.iter().map(|role| beside(&defaults, &snapshot, granted, role, include)).collect()
}

fn of_role(permission: &AppPermission, by: &RoleName) -> RolePermission {
    RolePermission {
        id: permission.id.to_string(),
        name: permission.name.to_string(),
        description: permission.description.clone(),
        create_time: Some(permission.created_at.into()),
        update_time: Some(permission.updated_at.into()),
        role_name: by.to_string(),
    }
}

/// An application's permission as Scalekit's message `Permission`.
pub(super) fn permission(permission: &AppPermission) -> Permission {
    Permission {
        id: permission.id.to_string(),
        name: permission.name.to_string(),
        description: permission.description.clone(),
        create_time: Some(permission.created_at.into()),
        update_time: Some(permission.updated_at.into()),
        is_scalekit_permission: false,
    }
}
