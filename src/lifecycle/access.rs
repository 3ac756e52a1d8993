//! Keys, personal tokens, second factors and mailed links: what somebody gets in with.

use super::Part;
use crate::endings::{Cause, Effects, Ending, Kind};
use crate::keys::{self, api_keys};
use crate::mfa;
use crate::store::{StoreError, WriteTx};

/// What a user's keys and tokens have in common.
fn says_of_keys(kind: Kind) -> &'static str {
    match kind {
        Kind::UserDeleted | Kind::AccountTakenOver => "all are revoked",
        Kind::MemberLeft => "those of that tenant are revoked",
        Kind::UserSuspended => "refused until the user is active again",
        Kind::TenantSuspended => "refused until the tenant is active again",
        Kind::TenantDeleted => "refused; they work again when the tenant is restored",
        Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::InvitationWithdrawn
        | Kind::TenantMoved
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    }
}

/// `sgk_…`.
pub(super) const API_KEYS: Part = Part {
    name: "API keys",
    tables: &["API keys"],
    says: says_of_keys,
    does: Some(|tx, ending, cause| {
        let keys = match ending {
            Ending::UserDeleted { user } | Ending::AccountTakenOver { user } => {
                api_keys::revoke_all_of(tx, *user, None, ending, cause)?
            }
            Ending::MemberLeft { tenant, user } => api_keys::revoke_all_of(tx, *user, Some(*tenant), ending, cause)?,
            _ => nothing_else(ending),
        };
        Ok(Effects { keys, ..Effects::default() })
    }),
};

/// `skt_…`.
pub(super) const PERSONAL_TOKENS: Part = Part {
    name: "Personal tokens",
    tables: &["personal tokens"],
    says: says_of_keys,
    does: Some(|tx, ending, cause| {
        let keys = match ending {
            Ending::UserDeleted { user } | Ending::AccountTakenOver { user } => {
                keys::revoke_all_of(tx, *user, None, ending, cause)?
            }
            Ending::MemberLeft { tenant, user } => keys::revoke_all_of(tx, *user, Some(*tenant), ending, cause)?,
            _ => nothing_else(ending),
        };
        Ok(Effects { keys, ..Effects::default() })
    }),
};

/// The kinds at which nothing of a user's keys is written: named, so that a new kind is thought about.
fn nothing_else(ending: &Ending) -> u64 {
    match ending {
        Ending::UserSuspended { .. }
        | Ending::TenantSuspended { .. }
        | Ending::TenantDeleted { .. }
        | Ending::PasswordChanged { .. }
        | Ending::FactorsReset { .. }
        | Ending::InvitationWithdrawn { .. }
        | Ending::TenantMoved { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. }
        | Ending::UserDeleted { .. }
        | Ending::AccountTakenOver { .. }
        | Ending::MemberLeft { .. } => 0,
    }
}

/// Authenticator apps and recovery codes.
pub(super) const FACTORS: Part = Part {
    name: "Second factors",
    tables: &["second factors"],
    says: |kind| match kind {
        Kind::UserDeleted | Kind::AccountTakenOver | Kind::FactorsReset => "all are gone",
        Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::MemberLeft
        | Kind::InvitationWithdrawn
        | Kind::TenantSuspended
        | Kind::TenantMoved
        | Kind::TenantDeleted
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(clear_factors),
};

fn clear_factors(tx: &mut WriteTx<'_>, ending: &Ending, _: &Cause) -> Result<Effects, StoreError> {
    match ending {
        Ending::UserDeleted { user } | Ending::AccountTakenOver { user } => {
            mfa::clear(tx, *user)?;
        }
        // Who resets them has taken them away.
        Ending::FactorsReset { .. } => {}
        Ending::UserSuspended { .. }
        | Ending::PasswordChanged { .. }
        | Ending::MemberLeft { .. }
        | Ending::InvitationWithdrawn { .. }
        | Ending::TenantSuspended { .. }
        | Ending::TenantMoved { .. }
        | Ending::TenantDeleted { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => {}
    }
    Ok(Effects::default())
}

/// A new password, a confirmed address, an invitation: a link holds what was true when it was made, and each use compares.
pub(super) const MAIL_LINKS: Part = Part {
    name: "Mailed links",
    tables: &["links", "mail"],
    says: |kind| match kind {
        Kind::UserDeleted => "all are dead",
        Kind::UserSuspended => "dead, for a new password and for an address",
        Kind::PasswordChanged | Kind::AccountTakenOver => "those for a new password are dead",
        Kind::MemberLeft | Kind::InvitationWithdrawn => "the invitation to that tenant is dead",
        Kind::TenantSuspended => "refused until the tenant is active again",
        Kind::TenantDeleted => "invitations to the tenant are dead",
        Kind::FactorsReset
        | Kind::TenantMoved
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: None,
};
