//! Who may change what of somebody's account.
//!
//! An account is one for all tenants that somebody belongs to. Its profile is kept by the home tenant. What they sign in with
//! (password, factors, address, and whether the account works at all) is a way into every tenant, so whoever changes it
//! administers all of them: otherwise the home of an account that was made before another tenant invited its owner could take
//! the membership over. (The class of CVE-2026-27946, "pre-hijacking".)

use super::super::access::{check_outranks, is_oneself};
use super::super::{User, UserPatch, table};
use super::{home_of, user_within};
use crate::access::{Actor, Place, Principal, Role};
use crate::base::id::UserId;
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use crate::tenancy;

fn not_home() -> Problem {
    Problem::forbidden(
        "not_home_tenant",
        "Only the user's home tenant changes the account; you can end the membership of your tenant",
    )
}

/// A user whose home is within `place` and who does not stand above the actor: one whose profile may be changed.
pub(super) fn owned_within(
    tx: &impl Read,
    actor: &Actor,
    place: Place,
    id: UserId,
    now: Timestamp,
) -> Result<(User, Place), Problem> {
    let user = user_within(tx, place, id)?;
    let home = home_of(tx, &user)?;
    if !place.covers(home) {
        return Err(not_home());
    }
    check_outranks(tx, actor, &user, now)?;
    Ok((user, home))
}

/// Where an account counts: the tenants that somebody has accepted to belong to, or their home if there are none.
fn counts_in(tx: &impl Read, user: &User) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    for tenant in table::tenants_of(tx, user.id)? {
        places.extend(tenancy::place_of(tx, tenant)?);
    }
    if places.is_empty() {
        places.push(home_of(tx, user)?);
    }
    Ok(places)
}

/// A user who belongs to no tenant outside of `place` and does not stand above the actor: one whose way to sign in may be
/// changed. Gives where that is to be noted, too.
pub(super) fn secured_within(
    tx: &impl Read,
    actor: &Actor,
    place: Place,
    id: UserId,
    now: Timestamp,
) -> Result<(User, Place), Problem> {
    let user = user_within(tx, place, id)?;
    let noted = check_secures(tx, actor, place, &user, now)?;
    Ok((user, noted))
}

/// The rule of [`secured_within`], for a user who was found already. Gives where a change is to be noted.
pub(super) fn check_secures(
    tx: &impl Read,
    actor: &Actor,
    place: Place,
    user: &User,
    now: Timestamp,
) -> Result<Place, Problem> {
    let home = home_of(tx, user)?;
    let counts_in = counts_in(tx, user)?;
    let everywhere = counts_in.iter().all(|there| place.covers(*there));
    let own = is_oneself(actor, user) && place.covers(home);
    if !(everywhere || own) {
        return Err(match place.covers(home) {
            true => Problem::forbidden(
                "member_elsewhere",
                "The user belongs to other tenants too, so only somebody who administers all of them changes how they sign \
                 in; you can end the membership of your tenant",
            ),
            false => not_home(),
        });
    }
    check_outranks(tx, actor, user, now)?;
    Ok(if place.covers(home) { home } else { counts_in.first().copied().unwrap_or(home) })
}

/// Whether a change concerns how somebody signs in.
pub(super) fn secures(old: &User, patch: &UserPatch) -> bool {
    let UserPatch { email, status, email_verified, identity_source, .. } = patch;
    email.as_ref().is_some_and(|email| *email != old.email)
        || status.is_some_and(|status| status != old.status)
        || email_verified.is_some_and(|verified| verified != old.email_verified)
        || identity_source.is_some_and(|source| source != old.identity_source)
}

/// That an address is its user's is shown by a link that was mailed there. Only those above the tenant may say it without:
/// the word of a tenant's own administrator is no proof to the other tenants that invite the address.
pub(super) fn check_may_verify(actor: &Actor, tenant: Place) -> Result<(), Problem> {
    let above = |role| actor.has_role(role, tenant);
    if actor.principal == Principal::Operator || above(Role::SuperAdmin) || above(Role::PartnerAdmin) {
        return Ok(());
    }
    let rule = "can be set by administrators of the partner or the platform only: the user confirms the address by a link \
                that is mailed there";
    Err(Problem::invalid("email_verified", rule))
}
