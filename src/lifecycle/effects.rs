//! The deeds of the table: what each kind of ending does, domain by domain.

use crate::access::Place;
use crate::base::id::{PartnerId, SessionId, TenantId, UserId};
use crate::endings::{Cause, Effects, Ending};
use crate::keys::{self, api_keys};
use crate::mfa;
use crate::oauth::consent;
use crate::people::{self, groups};
use crate::portal_links;
use crate::roles;
use crate::sessions;
use crate::store::{StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::{self, EndReason};
use crate::vault;

/// Does what goes with an ending, and says how much that was.
pub(super) fn of(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let now = cause.at();
    let families = match ending {
        Ending::UserDeleted { user } => return deleted(tx, *user, ending, cause),
        Ending::AccountTakenOver { user } => return taken_over(tx, *user, ending, cause),
        Ending::MemberLeft { tenant, user } => return left(tx, *tenant, *user, ending, cause),
        Ending::StateRestored { sessions, keys } => return restored(tx, *sessions, *keys, ending, cause),
        Ending::TenantDeleted { tenant, partner } => return tenant_deleted(tx, *tenant, *partner, cause),
        Ending::UserSuspended { user } => return signed_out(tx, *user, None, EndReason::UserDisabled, cause),
        Ending::FactorsReset { user } => return signed_out(tx, *user, None, EndReason::SessionEnded, cause),
        Ending::PasswordChanged { user, spare } => {
            return signed_out(tx, *user, *spare, EndReason::PasswordChanged, cause);
        }
        Ending::InvitationWithdrawn { tenant, user } => {
            roles::forget(tx, *tenant, *user)?;
            people::forget_assigned(tx, *tenant, *user)?;
            return Ok(Effects { groups: groups::forget(tx, *user, Some(*tenant))?, ..Effects::default() });
        }
        Ending::TenantMoved { tenant, from, to } => {
            sessions::relocate(tx, *tenant, *from, Some(*to))?;
            relisted(tx, *tenant, *from)?;
            0
        }
        Ending::TenantReleased { tenant } => {
            vault::keys::shred(tx, *tenant)?;
            0
        }
        // Who ended the sessions is `sessions` itself, and who withdrew a consent has taken its row away.
        Ending::SessionEnded { session } => token_families::end_of_session(tx, *session, now)?,
        Ending::TenantSignedOut { tenant } => token_families::end_of_tenant(tx, *tenant, now)?,
        Ending::SignedOutElsewhere { user, spare } => {
            families_of(tx, *user, cause, |_, family| Ok(Some(family.session) != *spare))?
        }
        Ending::SignedOutByAdmin { user, within } => {
            families_of(tx, *user, cause, |tx, family| lies_within(tx, family.tenant, *within))?
        }
        Ending::ConsentWithdrawn { user, application, tenant } => {
            token_families::end_of_client_in(tx, *application, *user, *tenant, now)?
        }
        // What `becomes` says of these holds because each use asks.
        Ending::TenantSuspended { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved {} => 0,
    };
    Ok(Effects { families, ..Effects::default() })
}

fn deleted(tx: &mut WriteTx<'_>, user: UserId, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let out = signed_out(tx, user, None, EndReason::UserDisabled, cause)?;
    let given = without_credentials(tx, user, ending, cause)?;
    for tenant in people::all_tenants_of(tx, user)? {
        roles::forget(tx, tenant, user)?;
    }
    Ok(out.and(given).and(Effects { groups: groups::forget(tx, user, None)?, ..Effects::default() }))
}

fn taken_over(tx: &mut WriteTx<'_>, user: UserId, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let out = signed_out(tx, user, None, EndReason::PasswordChanged, cause)?;
    Ok(out.and(without_credentials(tx, user, ending, cause)?))
}

fn left(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    user: UserId,
    ending: &Ending,
    cause: &Cause,
) -> Result<Effects, StoreError> {
    roles::forget(tx, tenant, user)?;
    people::forget_assigned(tx, tenant, user)?;
    Ok(Effects {
        // First, so that they end for this reason and not with their sessions.
        families: token_families::end_of_member(tx, tenant, user, EndReason::MembershipRemoved, cause.at())?,
        sessions: sessions::end_of_member(tx, tenant, user, cause)?,
        consents: consent::forget(tx, user, Some(tenant))?,
        keys: keys_revoked(tx, user, Some(tenant), ending, cause)?,
        groups: groups::forget(tx, user, Some(tenant))?,
        homes: u64::from(people::settle_home(tx, user, cause)?),
        links: 0,
    })
}

fn tenant_deleted(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    partner: PartnerId,
    cause: &Cause,
) -> Result<Effects, StoreError> {
    let families = token_families::end_of_tenant(tx, tenant, cause.at())?;
    let sessions = sessions::end_of_tenant(tx, tenant, cause)?;
    sessions::relocate(tx, tenant, Some(partner), None)?;
    relisted(tx, tenant, Some(partner))?;
    Ok(Effects { families, sessions, homes: people::leave_home(tx, tenant, cause)?, ..Effects::default() })
}

fn restored(
    tx: &mut WriteTx<'_>,
    signed_in: bool,
    credentials: bool,
    ending: &Ending,
    cause: &Cause,
) -> Result<Effects, StoreError> {
    let mut effects = Effects::default();
    if signed_in {
        effects.families = token_families::end_everywhere(tx, cause.at())?;
        effects.sessions = sessions::end_everywhere(tx, cause)?;
        effects.links = portal_links::end_all(tx)?;
    }
    if credentials {
        effects.keys = keys::revoke_everywhere(tx, ending, cause)? + api_keys::revoke_everywhere(tx, ending, cause)?;
    }
    Ok(effects)
}

/// Ends what somebody is signed in to, all or all but one session, and what applications hold by it.
fn signed_out(
    tx: &mut WriteTx<'_>,
    user: UserId,
    spare: Option<SessionId>,
    why: EndReason,
    cause: &Cause,
) -> Result<Effects, StoreError> {
    // First, so that they end for this reason and not with their sessions.
    let families = token_families::end_of_user(tx, user, spare, why, cause.at())?;
    Ok(Effects { families, sessions: sessions::end_others(tx, user, spare, cause)?, ..Effects::default() })
}

/// Takes away what else somebody gets in with: consents, keys, tokens and second factors.
fn without_credentials(
    tx: &mut WriteTx<'_>,
    user: UserId,
    ending: &Ending,
    cause: &Cause,
) -> Result<Effects, StoreError> {
    mfa::clear(tx, user)?;
    Ok(Effects {
        consents: consent::forget(tx, user, None)?,
        keys: keys_revoked(tx, user, None, ending, cause)?,
        ..Effects::default()
    })
}

fn keys_revoked(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: Option<TenantId>,
    ending: &Ending,
    cause: &Cause,
) -> Result<u64, StoreError> {
    let api_keys = api_keys::revoke_all_of(tx, user, tenant, ending, cause)?;
    Ok(api_keys + keys::revoke_all_of(tx, user, tenant, ending, cause)?)
}

/// Brings the lists up to date of what belongs to a tenant that has gone from a partner, or has come back.
fn relisted(tx: &mut WriteTx<'_>, tenant: TenantId, from: Option<PartnerId>) -> Result<(), StoreError> {
    groups::relocated(tx, tenant, from)?;
    people::relocated(tx, tenant, from)
}

/// Ends those token families of a user that `takes` takes. Gives how many.
fn families_of(
    tx: &mut WriteTx<'_>,
    user: UserId,
    cause: &Cause,
    takes: impl Fn(&WriteTx<'_>, &token_families::Family) -> Result<bool, StoreError>,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for family in token_families::of_user(tx, user)? {
        if takes(tx, &family)? {
            count += u64::from(token_families::end(tx, &family, EndReason::SessionEnded, cause.at())?);
        }
    }
    Ok(count)
}

fn lies_within(tx: &WriteTx<'_>, tenant: TenantId, within: Place) -> Result<bool, StoreError> {
    Ok(tenancy::place_of(tx, tenant)?.is_some_and(|there| within.covers(there)))
}
