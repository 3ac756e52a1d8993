//! What roles a user has at a moment, and what an actor may hand out.

use super::{AdminRole, Status, User, table};
use crate::access::{Actor, Assignment, Permission, Place, Principal, Role, permit};
use crate::base::id::TenantId;
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use crate::{roles, tenancy};

/// The scope that a narrowed credential needs to make admins.
const ADMIN_SCOPE: &str = "admin:write";

/// All roles that a user has now: by their memberships and by assignments that have not ended, each only where tenant and
/// partner are in good standing. About three look-ups a membership.
///
/// # Errors
/// When the file cannot be read.
pub fn assignments(tx: &impl Read, user: &User, now: Timestamp) -> Result<Vec<Assignment>, StoreError> {
    let mut held = admin_assignments(tx, user, None, now)?;
    for tenant in table::tenants_of(tx, user.id)? {
        if let Some(place) = tenancy::live_place(tx, tenant)?
            && let Some(membership) = table::membership(tx, tenant, user.id)?
        {
            held.push(Assignment { role: membership.role, place });
            add_mapped(tx, &mut held, user, place)?;
        }
    }
    Ok(held)
}

/// The tenants that a user can sign in to, the oldest first: those that they are a member of and, last, their home where a
/// role of the partner or the platform reaches it. Each only where tenant and partner are in good standing.
///
/// # Errors
/// When the file cannot be read.
pub fn tenants_open_to(tx: &impl Read, user: &User, now: Timestamp) -> Result<Vec<TenantId>, StoreError> {
    let known = table::tenants_of(tx, user.id)?;
    let mut open = Vec::with_capacity(known.len());
    for tenant in known {
        if tenancy::is_active(tx, tenant)? {
            open.push(tenant);
        }
    }
    if !open.contains(&user.home_tenant)
        && let Some(home) = tenancy::live_place(tx, user.home_tenant)?
        && admin_assignments(tx, user, Some(home), now)?.iter().any(|held| is_above(held.place, home))
    {
        open.push(user.home_tenant);
    }
    Ok(open)
}

/// The tenant that a user signs in to when they name none: their home, else the oldest that is open to them.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_to_enter(tx: &impl Read, user: &User, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
    let open = tenants_open_to(tx, user, now)?;
    Ok(if open.contains(&user.home_tenant) { Some(user.home_tenant) } else { open.first().copied() })
}

/// Whether a place is not the tenant itself and reaches it: its partner, or the platform.
fn is_above(place: Place, tenant: Place) -> bool {
    place.tenant().is_none() && place.covers(tenant)
}

/// Whether somebody with these roles, from [`assignments`] or [`assignments_in`], may work in a tenant: an accepted membership
/// gives a role there, and so does one that they were given there or above it. Nothing else lets anybody in; the home tenant
/// is where credentials are kept, and a sign-in asks for more: [`tenants_open_to`].
pub fn may_enter(held: &[Assignment], place: Place) -> bool {
    held.iter().any(|held| held.place.covers(place))
}

/// Whether any role of the tenant itself counts for a credential. Where a tenant asks for a second factor that was not shown
/// ([`hold_to_second_factor`]) none does, and what else was given there does not count either.
pub fn works_in(held: &[Assignment], tenant: TenantId) -> bool {
    held.iter().any(|held| held.place.tenant() == Some(tenant))
}

/// What a credential says about second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// One was given at the sign-in.
    Given,
    /// None was given at the sign-in.
    Missing,
    /// A key or a token of this tenant: who made it was asked there.
    AskedBy(TenantId),
}

/// Leaves out the roles at tenants that want a second factor of everybody who works there, when the credential has shown
/// none: whether it is a membership or an assignment, and whichever door the credential came by. Roles of the platform and
/// of partners are no tenant's to bind. One remembered look-up for each tenant.
///
/// # Errors
/// When the file cannot be read.
pub fn hold_to_second_factor(
    tx: &impl Read,
    held: &mut Vec<Assignment>,
    shown: SecondFactor,
) -> Result<(), StoreError> {
    if shown == SecondFactor::Given {
        return Ok(());
    }
    let mut failed = None;
    held.retain(|held| match held.place.tenant() {
        Some(tenant) if shown != SecondFactor::AskedBy(tenant) => !tenancy::wants_second_factor(tx, tenant)
            .unwrap_or_else(|error| {
                failed = Some(error);
                true
            }),
        _ => true,
    });
    failed.map_or(Ok(()), Err)
}

/// The roles that mappings of groups give a member of a tenant.
fn add_mapped(tx: &impl Read, held: &mut Vec<Assignment>, user: &User, place: Place) -> Result<(), StoreError> {
    if let Some(tenant) = place.tenant() {
        let mapped = roles::roles_by_groups(tx, tenant, user.id)?;
        held.extend(mapped.into_iter().map(|role| Assignment { role, place }));
    }
    Ok(())
}

/// The roles that count for a credential that works in one tenant: that membership, and the admin roles. One look-up, and
/// two more for each admin role of another tenant or partner.
///
/// `place` is the tenant's, from [`tenancy::live_place`].
///
/// # Errors
/// When the file cannot be read.
pub fn assignments_in(
    tx: &impl Read,
    user: &User,
    place: Place,
    now: Timestamp,
) -> Result<Vec<Assignment>, StoreError> {
    let mut held = admin_assignments(tx, user, Some(place), now)?;
    if let Some(tenant) = place.tenant()
        && let Some(membership) = table::membership(tx, tenant, user.id)?
    {
        held.push(Assignment { role: membership.role, place });
        add_mapped(tx, &mut held, user, place)?;
    }
    Ok(held)
}

fn admin_assignments(
    tx: &impl Read,
    user: &User,
    known: Option<Place>,
    now: Timestamp,
) -> Result<Vec<Assignment>, StoreError> {
    let mut held = Vec::with_capacity(user.admin_roles.len() + 1);
    for role in user.admin_roles.iter().filter(|role| role.is_live(now)) {
        if let Some(place) = live_place_of(tx, role, known)? {
            held.push(Assignment { role: role.role, place });
        }
    }
    Ok(held)
}

/// Where an assignment reaches now; none when that partner or tenant is gone or suspended. What lies around `known` is known
/// to be in good standing.
fn live_place_of(tx: &impl Read, held: &AdminRole, known: Option<Place>) -> Result<Option<Place>, StoreError> {
    match held.place {
        Place::Platform => Ok(Some(Place::Platform)),
        Place::Partner(partner) => {
            let active = known.and_then(Place::partner) == Some(partner) || tenancy::is_partner_active(tx, partner)?;
            Ok(active.then_some(held.place))
        }
        Place::Tenant { tenant, .. } => match known {
            Some(place) if place.tenant() == Some(tenant) => Ok(Some(place)),
            _ => tenancy::live_place(tx, tenant),
        },
    }
}

/// Whether a user's credentials work at all: the account is there and active. Where they work is for [`may_enter`] and for the
/// standing of that tenant; that of the home tenant says nothing about the others.
pub fn may_use(user: &User) -> bool {
    user.deleted_at.is_none() && user.status == Status::Active
}

/// Whether an actor may give a role away, or change somebody who holds it: nobody gives what they lack.
///
/// A super_admin gives everything; a partner_admin what lies within their partner; a tenant_admin the roles of their tenant. A
/// narrowed credential makes plain users only, unless it has `admin:write`: otherwise `users:write` would be enough to make
/// an admin and sign in as them.
pub fn may_hand_out(actor: &Actor, role: Role, place: Place) -> bool {
    if actor.scopes.as_ref().is_some_and(|scopes| !scopes.has(ADMIN_SCOPE)) && !role.is_plain() {
        return false;
    }
    if actor.principal == Principal::Operator {
        return true;
    }
    let givers: &[Role] = match role {
        Role::SuperAdmin => &[Role::SuperAdmin],
        Role::PartnerAdmin | Role::PartnerViewer => &[Role::SuperAdmin, Role::PartnerAdmin],
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => {
            &[Role::SuperAdmin, Role::PartnerAdmin, Role::TenantAdmin]
        }
    };
    givers.iter().any(|giver| actor.has_role(*giver, place))
}

/// As [`may_hand_out`], and besides: who manages users by a custom role gives the plain roles that they have themselves.
fn may_give(actor: &Actor, role: Role, place: Place) -> bool {
    let has = |role| actor.has_role(role, place);
    let own = match role {
        Role::TenantUser => has(Role::TenantUser),
        Role::TenantViewer => has(Role::TenantUser) || has(Role::TenantViewer),
        Role::SuperAdmin | Role::PartnerAdmin | Role::PartnerViewer | Role::TenantAdmin => false,
    };
    may_hand_out(actor, role, place)
        || (own && actor.custom.has(permit::ManageUsers::RULE.name) && actor.home().covers(place))
}

/// The role and the place belong together, and the actor may give the role there.
///
/// # Errors
/// `validation_error`, `cannot_grant`; `step_up_required` for all but the plain roles.
pub fn check_hand_out(actor: &Actor, role: Role, place: Place) -> Result<(), Problem> {
    let fits = match role {
        Role::SuperAdmin => place == Place::Platform,
        Role::PartnerAdmin | Role::PartnerViewer => matches!(place, Place::Partner(_)),
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => place.tenant().is_some(),
    };
    if !fits {
        return Err(Problem::invalid(
            "role",
            "cannot be held there: super_admin is for the platform, partner roles are for a partner, tenant roles for a tenant",
        ));
    }
    if !may_give(actor, role, place) {
        return Err(Problem::forbidden("cannot_grant", "You cannot give or take a role that you do not hold yourself"));
    }
    check_step_up(actor, role, place)
}

/// What giving and taking a role asks for beyond having it to give: nothing for the plain ones, a recent sign-in for the others.
///
/// # Errors
/// `step_up_required`.
pub fn check_step_up(actor: &Actor, role: Role, place: Place) -> Result<(), Problem> {
    if role.is_plain() { Ok(()) } else { Ok(actor.check::<permit::AssignRoles>(place)?) }
}

/// Whether an actor, not narrowed, is this user.
pub(super) fn is_oneself(actor: &Actor, user: &User) -> bool {
    matches!(&actor.principal, Principal::User { id, .. } if *id == user.id) && actor.scopes.is_none()
}

fn outranked() -> Problem {
    Problem::forbidden("outranked", "This user holds a role that you do not hold yourself")
}

/// Refuses to change somebody who stands above the actor anywhere: their password would be a way up. What they hold by custom
/// roles and by groups counts; that they are a plain member elsewhere does not, for there is nothing above in that.
pub(super) fn check_outranks(tx: &impl Read, actor: &Actor, user: &User, now: Timestamp) -> Result<(), Problem> {
    if is_oneself(actor, user) {
        return Ok(());
    }
    for held in user.admin_roles.iter().filter(|held| held.is_live(now)) {
        let place = match held.place.tenant() {
            Some(tenant) => tenancy::place_of(tx, tenant)?,
            None => Some(held.place),
        };
        if place.is_some_and(|place| !may_give(actor, held.role, place)) {
            return Err(outranked());
        }
    }
    for tenant in table::tenants_of(tx, user.id)? {
        let (Some(place), Some(membership)) = (tenancy::place_of(tx, tenant)?, table::membership(tx, tenant, user.id)?)
        else {
            continue;
        };
        let mut roles_here = roles::roles_by_groups(tx, tenant, user.id)?;
        roles_here.push(membership.role);
        let counts = |role: &Role| tenant == user.home_tenant || !role.is_plain();
        let above = roles_here.into_iter().filter(counts).any(|role| !may_give(actor, role, place));
        if above || !roles::could_give_held(tx, actor, user.id, place)? {
            return Err(outranked());
        }
    }
    Ok(())
}

/// As [`check_outranks`], for what acts as somebody in one tenant only: a key. `place` is the tenant's.
///
/// # Errors
/// `outranked`.
pub fn check_outranks_in(
    tx: &impl Read,
    actor: &Actor,
    user: &User,
    place: Place,
    now: Timestamp,
) -> Result<(), Problem> {
    let held = assignments_in(tx, user, place, now)?;
    if held.iter().all(|held| may_give(actor, held.role, held.place))
        && roles::could_give_held(tx, actor, user.id, place)?
    {
        return Ok(());
    }
    Err(outranked())
}

/// Refuses a credential that acts as somebody who cannot act themselves: they were only invited, or are switched off.
///
/// # Errors
/// `user_inactive`.
pub fn check_active(tx: &impl Read, user: &User, tenant: TenantId) -> Result<(), Problem> {
    let waits = table::belonging(tx, tenant, user.id)?.is_some_and(|membership| membership.is_pending());
    let message = match user.status {
        Status::Active if !waits => return Ok(()),
        Status::Disabled | Status::Suspended if !waits => "The user's account is switched off",
        // Of somebody who was only invited nobody learns more.
        _ => "The user has not accepted the invitation yet",
    };
    Err(Problem::conflict("user_inactive", message))
}
