//! Invitations of a tenant: sent again, and accepted.

use super::super::{Invitation, Membership, Status, User, table};
use super::anyone;
use super::home::settle_home;
use super::members::no_membership;
use super::own::event_of;
use super::sight::{self, Sight};
use super::{no_user, user_within};
use crate::access::{Granted, Origin, permit};
use crate::audit::{self, ActorStamp};
use crate::base::id::{TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::Cause;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// Somebody who has not accepted the invitation of a tenant yet, and their membership.
///
/// # Errors
/// `tenant_not_found`, `user_not_found`, `membership_not_found`; `not_invited` for somebody who has accepted or was never
/// asked.
pub fn invited(
    tx: &impl Read,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    tenant: TenantId,
) -> Result<(User, Membership), Problem> {
    tenancy::place_within(tx, granted.place(), tenant)?;
    let user = user_within(tx, granted.place(), user)?;
    let membership = table::belonging(tx, tenant, user.id)?.ok_or_else(no_membership)?;
    let waits = membership.is_pending() || user.status == Status::Invited;
    // That the account of a stranger is switched off is not the inviter's to know.
    let seen = sight::of(tx, granted.place(), &user)?;
    let off = seen == Sight::Whole && !matches!(user.status, Status::Active | Status::Invited);
    if waits && !off {
        return Ok((user, membership));
    }
    Err(Problem::conflict("not_invited", "The user has accepted, or was switched off"))
}

/// Notes that the invitation of a tenant went out again, as part of something that has an audit row of its own. Gives the
/// membership; none when there is none.
///
/// # Errors
/// When the file cannot be read or written.
pub fn renew_invitation(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: TenantId,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<Membership>, Problem> {
    let Some(old) = table::belonging(tx, tenant, user)? else { return Ok(None) };
    // A user who was invited before memberships knew of it.
    let first = old.invitation.clone().unwrap_or_else(|| Invitation::until(until, old.joined_at));
    let membership = Membership { invitation: Some(first.again(until, now)), ..old };
    table::save_membership(tx, &membership)?;
    Ok(Some(membership))
}

/// The invitations that somebody may accept now, the oldest tenant first.
///
/// # Errors
/// When the file cannot be read.
pub fn waiting(tx: &impl Read, user: &User, now: Timestamp) -> Result<Vec<Membership>, StoreError> {
    let mut found = Vec::new();
    for tenant in table::all_tenants_of(tx, user.id)? {
        let Some(membership) = table::belonging(tx, tenant, user.id)? else { continue };
        let waits = match &membership.invitation {
            Some(invitation) if membership.is_pending() => now < invitation.expires_at,
            // They were invited before memberships knew of it, or were put back to invited.
            _ => user.status == Status::Invited,
        };
        if waits && tenancy::is_active(tx, tenant)? {
            found.push(membership);
        }
    }
    Ok(found)
}

/// The invitation of a tenant is accepted, if one waits.
pub(super) fn accept(tx: &mut WriteTx<'_>, tenant: TenantId, user: UserId, cause: &Cause) -> Result<bool, Problem> {
    let Some(mut membership) = table::belonging(tx, tenant, user)?.filter(Membership::is_pending) else {
        return Ok(false);
    };
    if let Some(invitation) = &mut membership.invitation {
        invitation.accepted_at = Some(cause.at());
    }
    membership.joined_at = cause.at();
    table::save_membership(tx, &membership)?;
    settle_home(tx, user, cause)?;
    Ok(true)
}

/// Somebody accepts the invitation of a tenant by a one-time link that was mailed to them. The caller has checked and used up
/// the link in this transaction. Whether one waited.
///
/// # Errors
/// `user_not_found`.
pub fn accept_by_link(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: TenantId,
    origin: &Origin,
    now: Timestamp,
) -> Result<bool, Problem> {
    accept_link(tx, user, tenant, true, (origin, now))
}

/// As [`accept_by_link`], by a link that an administrator passed on: the address is not confirmed by it.
///
/// # Errors
/// `user_not_found`.
pub fn accept_by_handed_link(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: TenantId,
    origin: &Origin,
    now: Timestamp,
) -> Result<bool, Problem> {
    accept_link(tx, user, tenant, false, (origin, now))
}

fn accept_link(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: TenantId,
    is_mailed: bool,
    (origin, now): (&Origin, Timestamp),
) -> Result<bool, Problem> {
    let (user, _) = anyone(tx, user)?;
    let place = tenancy::place_of(tx, tenant)?.ok_or_else(no_user)?;
    let cause = Cause::of(ActorStamp::user(user.id, &user.email), origin, now);
    if !accept(tx, tenant, user.id, &cause)? {
        return Ok(false);
    }
    // The home may have moved.
    let (mut user, _) = anyone(tx, user.id)?;
    if is_mailed && !user.email_verified {
        user.email_verified = true;
        user.updated_at = now;
        table::save_quietly(tx, &user)?;
    }
    audit::append(tx, event_of(&user, origin, place, Action::MembershipAccept, now));
    Ok(true)
}
