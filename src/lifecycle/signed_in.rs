//! Sessions, tokens that applications hold, codes and consents.

use super::Part;
use crate::access::Place;
use crate::base::Timestamp;
use crate::base::id::{SessionId, UserId};
use crate::endings::{Cause, Effects, Ending, Kind};
use crate::families::{self, EndReason};
use crate::oauth::consent;
use crate::sessions;
use crate::store::{StoreError, WriteTx};
use crate::tenancy;

const ALL_END: &str = "all end";

/// The tokens of one sign-in for one application.
pub(super) const FAMILIES: Part = Part {
    name: "Tokens that applications hold for people",
    tables: &["token families"],
    says: |kind| match kind {
        Kind::UserDeleted | Kind::UserSuspended | Kind::FactorsReset | Kind::AccountTakenOver => ALL_END,
        Kind::PasswordChanged => "all end, but those of our own pages in the session that changed it",
        Kind::MemberLeft => "those in that tenant end",
        Kind::TenantDeleted | Kind::TenantSignedOut => "those in the tenant end",
        Kind::TenantSuspended => "refused until the tenant is active again",
        Kind::ConsentWithdrawn => "those of that application in that tenant end",
        Kind::SessionEnded => "those that the session led to end, offline ones too",
        Kind::SignedOutByAdmin => "those within the administrator's reach end",
        Kind::SignedOutElsewhere => "all end, but those of that session",
        Kind::ApplicationStopped => "refused at each use while it is stopped",
        Kind::InvitationWithdrawn | Kind::TenantMoved | Kind::ClientSecretEnded | Kind::KeySlotRemoved => "",
    },
    does: Some(end_families),
};

fn end_families(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let now = cause.at();
    let families = match ending {
        Ending::UserDeleted { user } | Ending::UserSuspended { user } => {
            families::end_of_user(tx, *user, None, EndReason::UserDisabled, now)?
        }
        Ending::PasswordChanged { user, spare } => {
            families::end_of_user(tx, *user, *spare, EndReason::PasswordChanged, now)?
        }
        Ending::AccountTakenOver { user } => families::end_of_user(tx, *user, None, EndReason::PasswordChanged, now)?,
        Ending::FactorsReset { user } => families::end_of_user(tx, *user, None, EndReason::SessionEnded, now)?,
        Ending::MemberLeft { tenant, user } => {
            families::end_of_member(tx, *tenant, *user, EndReason::MembershipRemoved, now)?
        }
        Ending::TenantDeleted { tenant, .. } | Ending::TenantSignedOut { tenant } => {
            families::end_of_tenant(tx, *tenant, now)?
        }
        Ending::ConsentWithdrawn { user, application, tenant } => {
            families::end_of_client_in(tx, *application, *user, *tenant, now)?
        }
        Ending::SessionEnded { session } => families::end_of_session(tx, *session, now)?,
        Ending::SignedOutElsewhere { user, spare } => end_other_families(tx, *user, *spare, now)?,
        Ending::SignedOutByAdmin { user, within } => end_families_within(tx, *user, *within, now)?,
        Ending::InvitationWithdrawn { .. }
        | Ending::TenantSuspended { .. }
        | Ending::TenantMoved { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => 0,
    };
    Ok(Effects { families, ..Effects::default() })
}

fn end_other_families(
    tx: &mut WriteTx<'_>,
    user: UserId,
    spare: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for family in families::of_user(tx, user)?.iter().filter(|family| Some(family.session) != spare) {
        count += u64::from(families::end(tx, family, EndReason::SessionEnded, now)?);
    }
    Ok(count)
}

fn end_families_within(tx: &mut WriteTx<'_>, user: UserId, within: Place, now: Timestamp) -> Result<u64, StoreError> {
    let mut count = 0;
    for family in families::of_user(tx, user)? {
        if tenancy::place_of(tx, family.tenant)?.is_some_and(|there| within.covers(there)) {
            count += u64::from(families::end(tx, &family, EndReason::SessionEnded, now)?);
        }
    }
    Ok(count)
}

/// Signed-in browsers.
pub(super) const SESSIONS: Part = Part {
    name: "Sessions",
    tables: &["sessions"],
    says: |kind| match kind {
        Kind::UserDeleted | Kind::UserSuspended | Kind::FactorsReset | Kind::AccountTakenOver => ALL_END,
        Kind::PasswordChanged => "all end, but the one in which its owner changed it",
        Kind::MemberLeft => "those in that tenant end",
        Kind::TenantDeleted | Kind::TenantSignedOut => "those in the tenant end",
        Kind::TenantSuspended => "refused until the tenant is active again",
        Kind::TenantMoved => "listed under the new partner",
        Kind::SessionEnded => "it is kept for a week as ended",
        Kind::SignedOutByAdmin => "those within the administrator's reach end",
        Kind::SignedOutElsewhere => "all end, but those of that session",
        Kind::InvitationWithdrawn
        | Kind::ConsentWithdrawn
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(end_sessions),
};

fn end_sessions(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let sessions = match ending {
        Ending::UserDeleted { user }
        | Ending::UserSuspended { user }
        | Ending::FactorsReset { user }
        | Ending::AccountTakenOver { user } => sessions::end_others(tx, *user, None, cause)?,
        Ending::PasswordChanged { user, spare } => sessions::end_others(tx, *user, *spare, cause)?,
        Ending::MemberLeft { tenant, user } => sessions::end_of_member(tx, *tenant, *user, cause)?,
        Ending::TenantDeleted { tenant, partner } => {
            let ended = sessions::end_of_tenant(tx, *tenant, cause)?;
            sessions::relocate(tx, *tenant, Some(*partner), None)?;
            ended
        }
        Ending::TenantMoved { tenant, from, to } => {
            sessions::relocate(tx, *tenant, *from, Some(*to))?;
            0
        }
        // Who ended these is `sessions` itself.
        Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. } => 0,
        Ending::InvitationWithdrawn { .. }
        | Ending::TenantSuspended { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => 0,
    };
    Ok(Effects { sessions, ..Effects::default() })
}

/// Authorization codes, which live for a minute.
pub(super) const CODES: Part = Part {
    name: "Authorization codes",
    tables: &["authorization codes", "revoked tokens", "used sign-in tokens"],
    says: |kind| match kind {
        Kind::UserDeleted
        | Kind::UserSuspended
        | Kind::FactorsReset
        | Kind::AccountTakenOver
        | Kind::PasswordChanged
        | Kind::MemberLeft
        | Kind::TenantSuspended
        | Kind::TenantDeleted
        | Kind::SessionEnded => "refused when they are redeemed: each asks for its session, user and tenant",
        Kind::ApplicationStopped => "refused while it is stopped",
        Kind::InvitationWithdrawn
        | Kind::TenantMoved
        | Kind::ConsentWithdrawn
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: None,
};

/// What people have agreed to.
pub(super) const CONSENTS: Part = Part {
    name: "Consents",
    tables: &["consents"],
    says: |kind| match kind {
        Kind::UserDeleted | Kind::AccountTakenOver => "all are forgotten",
        Kind::MemberLeft => "those in that tenant are forgotten",
        Kind::ConsentWithdrawn => "it is forgotten",
        Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::InvitationWithdrawn
        | Kind::TenantSuspended
        | Kind::TenantMoved
        | Kind::TenantDeleted
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(forget_consents),
};

fn forget_consents(tx: &mut WriteTx<'_>, ending: &Ending, _: &Cause) -> Result<Effects, StoreError> {
    let consents = match ending {
        Ending::UserDeleted { user } | Ending::AccountTakenOver { user } => consent::forget(tx, *user, None)?,
        Ending::MemberLeft { tenant, user } => consent::forget(tx, *user, Some(*tenant))?,
        // Who withdrew it has taken the row away.
        Ending::ConsentWithdrawn { .. } => 0,
        Ending::UserSuspended { .. }
        | Ending::PasswordChanged { .. }
        | Ending::FactorsReset { .. }
        | Ending::InvitationWithdrawn { .. }
        | Ending::TenantSuspended { .. }
        | Ending::TenantMoved { .. }
        | Ending::TenantDeleted { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => 0,
    };
    Ok(Effects { consents, ..Effects::default() })
}
