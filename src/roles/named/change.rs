//! Making and changing roles by name.

use super::super::built_in::is_built_in;
use super::super::service::author;
use super::super::{
    CustomRole, MAX_DESCRIPTION_OF_PERMISSION as MAX_DESCRIPTION, MAX_ROLES, ModuleSet, PermissionName, RoleName, table,
};
use super::{NewRole, RolePatch, app, event, owner, slug_from, to_change};
use crate::access::{CoreSet, Granted, permit};
use crate::audit;
use crate::base::id::{CustomRoleId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::roles::permissions;
use crate::store::{Read, WriteTx};

/// No role's name: `/roles/default` is where the default roles are chosen.
const RESERVED: &str = "default";
/// The longest way from a role to the last one that it extends.
const MAX_CHAIN: usize = 10;

fn check_description(description: Option<&String>) -> Result<(), Problem> {
    if description.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Problem::invalid("description", "must be at most 2000 characters"));
    }
    Ok(())
}

/// The role to build on, if it leads neither back to `role` nor too far.
fn base(
    tx: &impl Read,
    tenant: Option<TenantId>,
    role: CustomRoleId,
    name: &RoleName,
) -> Result<CustomRoleId, Problem> {
    let base = app::by_name(tx, tenant, name)?;
    let base = base.ok_or_else(|| Problem::invalid("extends", "names a role that is not there"))?;
    let chain = app::chain(tx, &base)?;
    if chain.iter().any(|known| known.id == role) {
        return Err(Problem::invalid("extends", "must not lead back to the role itself"));
    }
    if chain.len() >= MAX_CHAIN {
        return Err(Problem::invalid("extends", "leads through too many roles: 10 at most"));
    }
    Ok(base.id)
}

/// Makes a role, of the instance or of the tenant.
///
/// # Errors
/// `role_exists` for a name that is taken there; `validation_error`, `quota_exceeded`.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    new: &NewRole,
    id: CustomRoleId,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let tenant = owner(granted)?;
    check_description(new.description.as_ref())?;
    if new.name.as_str() == RESERVED {
        return Err(Problem::invalid("name", "is the address of the default roles: choose another one"));
    }
    if app::by_name(tx, tenant, &new.name)?.is_some() {
        return Err(Problem::conflict("role_exists", "There is already a role with this name").at("name"));
    }
    // The built-in ones take their slugs, whether they have a row or not, and no place.
    let others = match tenant {
        Some(_) => table::roles(tx, tenant)?,
        None => app::of_instance(tx)?,
    };
    if others.iter().filter(|role| is_built_in(role.id).is_none()).count() >= MAX_ROLES {
        return Err(Problem::conflict("quota_exceeded", "There are as many roles as there may be")
            .with("quota", "custom_roles")
            .with("limit", MAX_ROLES));
    }
    let role = CustomRole {
        id,
        tenant,
        name: new.display_name.clone(),
        slug: slug_from(&new.name, id, &others)?,
        description: new.description.clone(),
        core: CoreSet::default(),
        modules: ModuleSet::default(),
        created_by: author(granted.actor()),
        created_at: now,
        updated_at: now,
        key: new.name.clone(),
        permissions: permissions::named(tx, "permissions", &new.permissions)?,
        extends: new.extends.as_ref().map(|name| base(tx, tenant, id, name)).transpose()?,
    };
    tx.save(&role)?;
    let event = event(tx, granted, now, Action::CustomRoleCreate, &role)?;
    audit::append(tx, event);
    Ok(role)
}

fn save(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    role: CustomRole,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let role = CustomRole { updated_at: now, ..role };
    tx.save(&role)?;
    let event = event(tx, granted, now, Action::CustomRoleUpdate, &role)?;
    audit::append(tx, event);
    Ok(role)
}

/// Changes a role, for all who hold it. The built-in ones too: what they permit in applications is theirs to say; what
/// they open here is not changed by it.
///
/// # Errors
/// `role_not_found`, `validation_error`; `access_denied` for a role of the instance by a tenant.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &RoleName,
    patch: &RolePatch,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    check_description(patch.description.as_ref())?;
    let old = to_change(tx, granted, name)?;
    let RolePatch { display_name, description, extends, permissions } = patch;
    let extends = extends.as_ref().map(|name| base(tx, old.tenant, old.id, name)).transpose()?;
    let permissions = permissions.as_ref().map(|names| permissions::named(tx, "permissions", names)).transpose()?;
    let role = CustomRole {
        name: display_name.clone().unwrap_or_else(|| old.name.clone()),
        description: description.clone().or_else(|| old.description.clone()),
        extends: extends.or(old.extends),
        permissions: permissions.unwrap_or_else(|| old.permissions.clone()),
        ..old
    };
    save(tx, granted, role, now)
}

/// Lets a role stand by itself.
///
/// # Errors
/// `role_not_found`, also for a role that extends none; `access_denied` as [`update`].
pub fn remove_base(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &RoleName,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let role = to_change(tx, granted, name)?;
    if role.extends.is_none() {
        return Err(Problem::not_found("role_base_not_found", "This role extends no other"));
    }
    save(tx, granted, CustomRole { extends: None, ..role }, now)
}

/// Gives a role more permissions.
///
/// # Errors
/// `role_not_found`; invalid, with `permission_names[n]`; `access_denied` as [`update`].
pub fn add_permissions(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &RoleName,
    names: &[PermissionName],
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let mut role = to_change(tx, granted, name)?;
    role.permissions.append(&mut permissions::named(tx, "permission_names", names)?);
    save(tx, granted, role, now)
}

/// Takes a permission from a role.
///
/// # Errors
/// `role_not_found`; `permission_not_found`, also for one that the role does not have; `access_denied` as [`update`].
pub fn remove_permission(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &RoleName,
    permission: &PermissionName,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let mut role = to_change(tx, granted, name)?;
    let known = table::permission_named(tx, permission.as_str())?.ok_or_else(permissions::missing)?;
    if !role.permissions.remove(&known.id) {
        return Err(permissions::missing());
    }
    save(tx, granted, role, now)
}
