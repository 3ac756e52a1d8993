//! Roles by assignment: `/api/v1/admin/admin-roles`.

use super::super::access::check_hand_out;
use super::super::{AdminRole, User, table};
use super::{check_accepted, keep_one_super_admin, user_within};
use crate::access::{Actor, Granted, Place, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{TenantId, UserId};
use crate::base::{Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// The most assignments of one user: they stand in their row.
const MAX_ROLES: usize = 100;

/// The same place, wherever a tenant's partner has gone since.
fn same_place(a: Place, b: Place) -> bool {
    match (a.tenant(), b.tenant()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Where an assignment reaches today: tenants move. None when the tenant is gone.
fn place_now(tx: &impl Read, place: Place) -> Result<Option<Place>, StoreError> {
    match place.tenant() {
        Some(tenant) => tenancy::place_of(tx, tenant),
        None => Ok(Some(place)),
    }
}

/// The place is there and within the grant.
fn place_within(tx: &impl Read, granted: Place, place: Place) -> Result<Place, Problem> {
    let missing = match place {
        Place::Tenant { .. } => tenancy::no_tenant(),
        Place::Partner(_) => Problem::not_found("partner_not_found", "There is no such partner"),
        Place::Platform => {
            Problem::forbidden("cannot_grant", "Only a super_admin gives and takes roles of the platform")
        }
    };
    let there = place_now(tx, place)?.filter(|there| granted.covers(*there));
    let exists = match place {
        Place::Partner(partner) => tenancy::partner(tx, partner)?.is_some(),
        _ => true,
    };
    there.filter(|_| exists).ok_or(missing)
}

/// Gives a user a role somewhere, until `expires_at` or for good. A role that they have there already gets the new end.
///
/// # Errors
/// `user_not_found`, `partner_not_found`, `tenant_not_found`, `cannot_grant`, `validation_error`; `invitation_pending` for
/// somebody who was only invited.
pub fn grant_role(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    id: UserId,
    role: Role,
    place: Place,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<User, Problem> {
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid("expires_at", "must be in the future"));
    }
    let place = place_within(tx, granted.place(), place)?;
    let mut user = user_within(tx, granted.place(), id)?;
    check_accepted(tx, granted.place(), &user)?;
    check_hand_out(granted.actor(), role, place)?;
    if role == Role::SuperAdmin && expires_at.is_some() {
        // The last super_admin must not end unnoticed while nobody looks.
        let mut others = user.clone();
        others.admin_roles.retain(|held| held.role == Role::SuperAdmin);
        keep_one_super_admin(tx, &others, now)?;
    }
    user.admin_roles.retain(|held| held.is_live(now) && !(held.role == role && same_place(held.place, place)));
    if user.admin_roles.len() >= MAX_ROLES {
        return Err(Problem::conflict("quota_exceeded", "The user holds as many roles as a user can")
            .with("quota", "admin_roles")
            .with("limit", MAX_ROLES));
    }
    user.admin_roles.push(AdminRole { role, place, expires_at, granted_at: now });
    user.updated_at = now;
    table::save_quietly(tx, &user)?;
    let mut event = Event::by(granted.actor(), now, place, Action::RoleGrant).on("user", id);
    event = event.with("email", &user.email).with("role", role.name());
    if let Some(end) = expires_at {
        event = event.with("expires_at", end);
    }
    audit::append(tx, event);
    Ok(user)
}

/// Takes a role from a user.
///
/// # Errors
/// `role_not_found`, also where the user or the place is out of reach: which of the two it is would tell what others have;
/// `cannot_grant`, `last_super_admin`.
pub fn revoke_role(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    id: UserId,
    role: Role,
    place: Place,
    now: Timestamp,
) -> Result<User, Problem> {
    let none = || Problem::not_found("role_not_found", "The user does not hold this role there");
    let hidden = |problem: Problem| if problem.kind == Kind::NotFound { none() } else { problem };
    let place = place_within(tx, granted.place(), place).map_err(hidden)?;
    let mut user = user_within(tx, granted.place(), id).map_err(hidden)?;
    check_hand_out(granted.actor(), role, place)?;
    let is_it = |held: &AdminRole| held.role == role && same_place(held.place, place);
    if !user.admin_roles.iter().any(is_it) {
        return Err(none());
    }
    if role == Role::SuperAdmin {
        keep_one_super_admin(tx, &user, now)?;
    }
    user.admin_roles.retain(|held| !is_it(held));
    user.updated_at = now;
    table::save_quietly(tx, &user)?;
    let event = Event::by(granted.actor(), now, place, Action::RoleRevoke).on("user", id);
    audit::append(tx, event.with("email", &user.email).with("role", role.name()));
    Ok(user)
}

/// Refuses to take from somebody, with their membership, a role that was given to them in the tenant and that the actor could
/// not take by itself.
///
/// # Errors
/// `cannot_grant`.
pub(super) fn check_assigned(
    tx: &impl Read,
    actor: &Actor,
    id: UserId,
    place: Place,
    now: Timestamp,
) -> Result<(), Problem> {
    let Some(user) = table::user(tx, id)? else { return Ok(()) };
    let mut here = user.admin_roles.iter().filter(|held| held.place.tenant().is_some() && held.is_live(now));
    here.try_for_each(
        |held| if same_place(held.place, place) { check_hand_out(actor, held.role, place) } else { Ok(()) },
    )
}

/// Takes from a user the roles that were given to them in a tenant: they have left it.
///
/// # Errors
/// When the file cannot be read or written.
pub fn forget_assigned(tx: &mut WriteTx<'_>, tenant: TenantId, id: UserId) -> Result<(), StoreError> {
    let Some(mut user) = table::user(tx, id)? else { return Ok(()) };
    let before = user.admin_roles.len();
    user.admin_roles.retain(|held| held.place.tenant() != Some(tenant));
    if user.admin_roles.len() == before { Ok(()) } else { table::save_quietly(tx, &user) }
}

/// Who holds which role by assignment within the grant, ended ones too; `role` narrows it.
///
/// # Errors
/// When the file cannot be read.
pub fn list_role_holders(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    role: Option<Role>,
) -> Result<Vec<(User, AdminRole)>, Problem> {
    let mut found = Vec::new();
    for role in Role::ALL.into_iter().filter(|each| role.is_none_or(|role| role == *each)) {
        for id in table::holders(tx, role)? {
            let Some(user) = table::user(tx, id)? else { continue };
            for held in user.admin_roles.iter().filter(|held| held.role == role) {
                if place_now(tx, held.place)?.is_some_and(|there| granted.place().covers(there)) {
                    found.push((user.clone(), held.clone()));
                }
            }
        }
    }
    Ok(found)
}
