//! Roles by name, of the instance and of single tenants: Scalekit's `roles`.
//!
//! A witness for the platform leads to the instance's roles; one for a tenant to the tenant's own, and to the instance's
//! where they are only looked at, for those can be held there too.

mod change;
mod delete;

pub use change::{add_permissions, create, remove_base, remove_permission, update};
pub use delete::delete;

use super::app::{self, by_name, of_instance};
use super::built_in::is_built_in;
use super::{AppPermission, CustomRole, PermissionName, RoleName, table};
use crate::access::{Granted, Place, permit};
use crate::audit::Event;
use crate::base::id::{CustomRoleId, TenantId};
use crate::base::{DisplayName, Id, Problem, Slug, Timestamp};
use crate::catalogue::Action;
use crate::people;
use crate::store::Read;
use std::collections::BTreeSet;

/// A role to make.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// Its name; it never changes.
    pub name: RoleName,
    /// What people call it.
    pub display_name: DisplayName,
    /// What it is for; at most 2000 characters.
    pub description: Option<String>,
    /// The role that it builds on.
    pub extends: Option<RoleName>,
    /// What it permits besides.
    pub permissions: Vec<PermissionName>,
}

/// Changes to a role: what is None stays.
#[derive(Clone, Debug, Default)]
pub struct RolePatch {
    /// What people call it.
    pub display_name: Option<DisplayName>,
    /// What it is for.
    pub description: Option<String>,
    /// The role that it builds on.
    pub extends: Option<RoleName>,
    /// What it permits besides, all of it.
    pub permissions: Option<Vec<PermissionName>>,
}

/// There is no such role.
pub fn missing() -> Problem {
    Problem::not_found("role_not_found", "There is no such role")
}

/// Whose roles a witness is for.
///
/// # Errors
/// `role_not_found` for a partner: it has none.
pub(super) fn owner<P>(granted: &Granted<P>) -> Result<Option<TenantId>, Problem> {
    match granted.place() {
        Place::Platform => Ok(None),
        Place::Tenant { tenant, .. } => Ok(Some(tenant)),
        Place::Partner(_) => Err(missing()),
    }
}

/// A slug for a role that only has a name.
fn slug_from(name: &RoleName, id: CustomRoleId, others: &[CustomRole]) -> Result<Slug, Problem> {
    let text: String = name.as_str().to_lowercase().replace('_', "-");
    let text: String = text.trim_matches('-').chars().take(63).collect();
    let wanted = Slug::parse(text.trim_end_matches('-')).ok();
    match wanted.filter(|slug| others.iter().all(|other| other.slug != *slug)) {
        Some(slug) => Ok(slug),
        None => Slug::parse(&format!("role-{}", id.raw())).map_err(Problem::internal),
    }
}

/// The roles: of the instance; of a tenant, those that can be held there, its own behind the instance's.
///
/// # Errors
/// When the file cannot be read.
pub fn list(tx: &impl Read, granted: &Granted<permit::ReadRoles>) -> Result<Vec<CustomRole>, Problem> {
    let owner = owner(granted)?;
    let mut roles = of_instance(tx)?;
    if owner.is_some() {
        let own = table::roles(tx, owner)?;
        roles.retain(|role| is_built_in(role.id).is_some() || own.iter().all(|own| own.key != role.key));
        roles.extend(own);
    }
    Ok(roles)
}

/// One role, by name.
///
/// # Errors
/// `role_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadRoles>, name: &RoleName) -> Result<CustomRole, Problem> {
    by_name(tx, owner(granted)?, name)?.ok_or_else(missing)
}

/// The permissions of a role, and by which role it has each: its own, or, with `all`, those of the roles that it extends too.
/// Each once, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn permissions_of(tx: &impl Read, role: &CustomRole, all: bool) -> Result<Vec<(AppPermission, RoleName)>, Problem> {
    let chain = if all { app::chain(tx, role)? } else { vec![role.clone()] };
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    for role in chain {
        for permission in app::rows(tx, &role.permissions)? {
            if known.insert(permission.id) {
                found.push((permission, role.key.clone()));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    Ok(found)
}

/// The role that a role extends, if it is there.
///
/// # Errors
/// When the file cannot be read.
pub fn base_of(tx: &impl Read, role: &CustomRole) -> Result<Option<CustomRole>, Problem> {
    Ok(match role.extends {
        Some(base) => app::by_id(tx, role.tenant, base)?,
        None => None,
    })
}

/// The roles that extend a role. Those of other tenants are not named to a tenant.
///
/// # Errors
/// When the file cannot be read.
pub fn dependents(
    tx: &impl Read,
    granted: &Granted<permit::ReadRoles>,
    role: &CustomRole,
) -> Result<Vec<CustomRole>, Problem> {
    let owner = owner(granted)?;
    let mut roles = table::extending(tx, role.id)?;
    roles.retain(|role| owner.is_none() || role.tenant.is_none() || role.tenant == owner);
    Ok(roles)
}

/// How many people hold a role: in the tenant, or, of the instance, in all tenants together. Who has it by a group is not
/// counted.
///
/// # Errors
/// When the file cannot be read.
pub fn users_count(tx: &impl Read, granted: &Granted<permit::ReadRoles>, role: &CustomRole) -> Result<u64, Problem> {
    let owner = owner(granted)?;
    if let Some(built_in) = is_built_in(role.id) {
        return Ok(people::count_members_with(tx, owner, built_in)?);
    }
    let mut count = 0;
    match role.tenant {
        Some(tenant) => table::each_holder(tx, tenant, role.id, |_| count += 1)?,
        None => {
            let holders = table::instance_holders(tx, role.id)?;
            count = holders.iter().filter(|(tenant, _)| owner.is_none_or(|owner| owner == *tenant)).count() as u64;
        }
    }
    Ok(count)
}

/// A role as it is changed: the instance's by a witness of the platform, a tenant's own by one of the tenant.
fn to_change(tx: &impl Read, granted: &Granted<permit::WriteRoles>, name: &RoleName) -> Result<CustomRole, Problem> {
    let owner = owner(granted)?;
    let role = by_name(tx, owner, name)?.ok_or_else(missing)?;
    if role.tenant == owner {
        return Ok(role);
    }
    let message = "This role belongs to the whole instance: it can be held here, not changed";
    Err(Problem::forbidden("access_denied", message))
}

fn event(
    tx: &impl Read,
    granted: &Granted<permit::WriteRoles>,
    now: Timestamp,
    verb: Action,
    role: &CustomRole,
) -> Result<Event, Problem> {
    let permissions = app::rows(tx, &role.permissions)?;
    let names: Vec<_> = permissions.iter().map(|permission| permission.name.as_str()).collect();
    let event = Event::by(granted.actor(), now, granted.place(), verb)
        .on("custom_role", role.id)
        .with("name", &role.name)
        .with("role", &role.key)
        .with("permissions", names.join(" "));
    Ok(match role.extends {
        Some(base) => event.with("extends", base),
        None => event,
    })
}
