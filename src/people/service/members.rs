//! Memberships: which user belongs to which tenant, and as what.

use super::super::access::check_hand_out;
use super::super::{Membership, MembershipPatch, NewMembership, User, table};
use super::home::settle_home;
use super::roles::check_assigned;
use super::{check_accepted, no_user, room_for_user, user_within};
use crate::access::{Granted, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::{Read, WriteTx};
use crate::{roles, tenancy};

/// How an admin names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By id: somebody whom the admin can see.
    Id(UserId),
    /// By the exact e-mail: anybody on the instance, for who knows an address may invite it.
    Email(Email),
}

impl From<UserId> for UserRef {
    fn from(id: UserId) -> Self {
        Self::Id(id)
    }
}

pub(super) fn no_membership() -> Problem {
    Problem::not_found("membership_not_found", "The user is not a member of this tenant")
}

/// The user whom an admin names.
///
/// # Errors
/// `user_not_found`.
pub fn named(tx: &impl Read, granted: &Granted<permit::WriteUsers>, who: &UserRef) -> Result<User, Problem> {
    match who {
        UserRef::Id(id) => user_within(tx, granted.place(), *id),
        UserRef::Email(email) => table::by_email(tx, email)?.ok_or_else(no_user),
    }
}

/// Makes a user a member of a tenant, or notes that they are invited: the mail is for the caller to put into the same
/// transaction.
///
/// # Errors
/// `tenant_not_found`, `user_not_found`, `already_member`, `quota_exceeded`, `cannot_grant`; `invitation_pending` for somebody
/// who is to be in at once and has only been invited within the grant.
pub fn add_membership(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    who: &UserRef,
    tenant: TenantId,
    new: &NewMembership,
    now: Timestamp,
) -> Result<Membership, Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    check_hand_out(granted.actor(), new.role, place)?;
    let user = named(tx, granted, who)?;
    if table::belonging(tx, tenant, user.id)?.is_some() {
        return Err(Problem::conflict("already_member", "The user is already a member of this tenant"));
    }
    if new.invited_until.is_none() && matches!(who, UserRef::Id(_)) {
        check_accepted(tx, granted.place(), &user)?;
    }
    room_for_user(tx, place)?;
    let membership = new.of(tenant, user.id, now);
    table::save_membership(tx, &membership)?;
    if !membership.is_pending() {
        settle_home(tx, user.id, &Cause::by(granted.actor(), now))?;
    }
    let event = Event::by(granted.actor(), now, place, Action::MembershipCreate).on("user", user.id);
    let event = event.with("email", &user.email).with("role", new.role.name());
    audit::append(tx, if membership.is_pending() { event.with("invited", true) } else { event });
    Ok(membership)
}

/// Gives a member another role.
///
/// # Errors
/// `tenant_not_found`, `membership_not_found`, `cannot_grant` for the role that they have or the one they are to get.
pub fn set_membership_role(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    tenant: TenantId,
    role: Role,
    now: Timestamp,
) -> Result<Membership, Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    let old = table::belonging(tx, tenant, user)?.ok_or_else(no_membership)?;
    check_hand_out(granted.actor(), role, place)?;
    check_hand_out(granted.actor(), old.role, place)?;
    let former = old.role;
    let membership = Membership { role, ..old };
    table::save_membership(tx, &membership)?;
    let event = Event::by(granted.actor(), now, place, Action::MembershipUpdate).on("user", user);
    audit::append(tx, event.with("role", role.name()).with("former_role", former.name()));
    Ok(membership)
}

/// Changes what is kept about a membership.
///
/// # Errors
/// `tenant_not_found`, `membership_not_found`.
pub fn update_membership(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    tenant: TenantId,
    patch: &MembershipPatch,
    now: Timestamp,
) -> Result<Membership, Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    let old = table::belonging(tx, tenant, user)?.ok_or_else(no_membership)?;
    let Some(metadata) = patch.metadata.clone().filter(|metadata| *metadata != old.metadata) else { return Ok(old) };
    let membership = Membership { metadata, ..old };
    table::save_membership(tx, &membership)?;
    let event = Event::by(granted.actor(), now, place, Action::MembershipUpdate).on("user", user);
    audit::append(tx, event.with("metadata_keys", membership.metadata.pairs().len()));
    Ok(membership)
}

/// Ends a membership, or withdraws an invitation. The account stays; when the tenant was its home, the home moves to the
/// oldest other membership.
///
/// # Errors
/// `tenant_not_found`, `membership_not_found`, `cannot_grant` when the member's role, or what custom roles and
/// groups give them, is above the actor's.
pub fn remove_membership(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteUsers>,
    user: UserId,
    tenant: TenantId,
    now: Timestamp,
) -> Result<(), Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    let old = table::belonging(tx, tenant, user)?.ok_or_else(no_membership)?;
    check_hand_out(granted.actor(), old.role, place)?;
    roles::check_held(tx, granted.actor(), user, place)?;
    check_assigned(tx, granted.actor(), user, place, now)?;
    table::remove_membership(tx, tenant, user)?;
    let ending = if old.is_pending() {
        Ending::InvitationWithdrawn { tenant, user }
    } else {
        Ending::MemberLeft { tenant, user }
    };
    let effects = endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, place, Action::MembershipDelete).on("user", user);
    audit::append(tx, effects.told(event.with("former_role", old.role.name())));
    Ok(())
}

/// A user's memberships of the tenants that the grant reaches, the oldest tenant first, with invitations that wait.
///
/// # Errors
/// `user_not_found`.
pub fn memberships_of(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    user: UserId,
) -> Result<Vec<Membership>, Problem> {
    user_within(tx, granted.place(), user)?;
    let mut found = Vec::new();
    for tenant in table::all_tenants_of(tx, user)? {
        if tenancy::place_within(tx, granted.place(), tenant).is_ok() {
            found.extend(table::belonging(tx, tenant, user)?);
        }
    }
    Ok(found)
}
