//! Deleting a role by name, and what those get who held it.

use super::super::app::by_name;
use super::super::built_in::is_built_in;
use super::super::defaults;
use super::super::{CustomRole, Held, RoleName, service, table};
use super::{event, owner, to_change};
use crate::access::{Granted, permit};
use crate::audit;
use crate::base::id::{TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, NewMembership, UserRef};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// Who holds a role by an assignment, and where.
fn holders(tx: &impl Read, role: &CustomRole) -> Result<Vec<(TenantId, UserId)>, StoreError> {
    match role.tenant {
        None => table::instance_holders(tx, role.id),
        Some(tenant) => {
            let mut users = Vec::new();
            table::each_holder(tx, tenant, role.id, |user| users.push((tenant, user)))?;
            Ok(users)
        }
    }
}

/// Deletes a role. Whoever holds it gets `instead`; without that a role that somebody holds is kept, so that nobody loses
/// their rights by accident.
///
/// # Errors
/// `role_not_found`; `role_built_in`, `role_is_default`, `role_has_dependents`, `role_in_use`: conflicts that say what stands
/// in the way; invalid, with `reassign_role_name`; `cannot_grant` for a role that is not the actor's to give or to take.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &RoleName,
    instead: Option<&RoleName>,
    now: Timestamp,
) -> Result<(), Problem> {
    let tenant = owner(granted)?;
    let role = to_change(tx, granted, name)?;
    if is_built_in(role.id).is_some() {
        return Err(Problem::conflict("role_built_in", "This role is built in: it cannot be deleted"));
    }
    defaults::check_unneeded(tx, &role)?;
    let instead = match instead {
        None => None,
        Some(other) => {
            let wrong = |message: &str| Problem::invalid("reassign_role_name", message);
            let found = by_name(tx, tenant, other)?.ok_or_else(|| wrong("names a role that is not there"))?;
            Some(Some(found).filter(|found| found.id != role.id).ok_or_else(|| wrong("must be another role"))?)
        }
    };
    let holders = holders(tx, &role)?;
    let Some(instead) = instead.as_ref().or_else(|| holders.is_empty().then_some(&role)) else {
        let message = "Users hold this role: name the role that they are to have instead";
        return Err(Problem::conflict("role_in_use", message).with("users", holders.len()).at("reassign_role_name"));
    };
    for (tenant, user) in &holders {
        reassign(tx, granted, (*tenant, *user), (&role, instead), now)?;
    }
    if let Some(tenant) = tenant {
        service::forget_mappings(tx, tenant, role.id)?;
    }
    let event = event(tx, granted, now, Action::CustomRoleDelete, &role)?.with("reassigned", holders.len());
    tx.remove::<CustomRole>(&crate::store::Entity::key(&role))?;
    audit::append(tx, event);
    Ok(())
}

/// Gives one who holds a role the other one in its place.
fn reassign(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    (tenant, user): (TenantId, UserId),
    (role, instead): (&CustomRole, &CustomRole),
    now: Timestamp,
) -> Result<(), Problem> {
    if let Some(place) = tenancy::place_of(tx, tenant)? {
        // It is taken, and another one given: neither is more than the actor may give there.
        service::check_given(tx, granted.actor(), place, role)?;
        if is_built_in(instead.id).is_none() {
            service::check_given(tx, granted.actor(), place, instead)?;
        }
    }
    let mut held = table::held(tx, tenant, user)?.unwrap_or_else(|| Held::nothing(tenant, user));
    held.custom.retain(|held| *held != role.id);
    held.instance.retain(|held| *held != role.id);
    let built_in = is_built_in(instead.id);
    match (built_in, instead.tenant) {
        (Some(_), _) => {}
        (None, None) if !held.instance.contains(&instead.id) => held.instance.push(instead.id),
        (None, Some(_)) if !held.custom.contains(&instead.id) => held.custom.push(instead.id),
        (None, _) => {}
    }
    table::save_held(tx, &held)?;
    let Some(wider) = built_in else { return Ok(()) };
    // A built-in role opens something here: it is given as any other, and never takes a wider one away.
    let Some(place) = tenancy::place_of(tx, tenant)? else {
        // The tenant is gone: there is nothing to be in it.
        return Ok(());
    };
    let rank = |role| crate::access::Role::ALL.iter().position(|known| *known == role);
    let granted = granted.actor().grant::<permit::WriteUsers>(place)?;
    match people::belonging(tx, tenant, user)? {
        Some(member) if rank(member.role) <= rank(wider) => {}
        Some(_) => drop(people::set_membership_role(tx, &granted, user, tenant, wider, now)?),
        None => {
            people::add_membership(tx, &granted, &UserRef::Id(user), tenant, &NewMembership::at_once(wider), now)?;
        }
    }
    Ok(())
}
