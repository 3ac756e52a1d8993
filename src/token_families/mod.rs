//! Token families: what one sign-in of a person gave to one application. All its access tokens and refresh tokens name the
//! family, so one row ends them together.
//!
//! Refresh tokens are numbered. Token *n* is answered with token *n + 1*; as long as that one was not used, *n* gets the same
//! answer again (a lost response, two tabs of a browser). Once it was used, *n* has been copied, and the family ends
//! (RFC 9700 §4.14.2, without a clock window).
//!
//! A token carries its number, a secret of the family of which only a keyed hash is kept, and a code over both under a key
//! of the instance. So nothing is kept per token, a made-up token is refused without a look into the store, and a token
//! that a restored backup has never heard of is still told from a forged one.

mod older;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use service::{
    Presented, Turn, create, end, end_everywhere, end_of_client_in, end_of_member, end_of_session, end_of_tenant,
    end_of_user, forbid_token, get, judge, of_session, of_user, turn,
};
pub use table::sweep;
pub use table::{check_rows, keep_tokens};
pub use text::{NewRefresh, RefreshText};

use crate::access::Evidence;
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId, UserId};
use crate::base::{ScopeSet, Timestamp};
use crate::crypto::token::KeptToken;
use serde::{Deserialize, Serialize};

/// Why a family ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// A refresh token was presented whose successor had been used.
    RefreshReplayed,
    /// Its authorization code was presented again.
    CodeReplayed,
    /// The client revoked it (RFC 7009).
    Revoked,
    /// The session was ended.
    SessionEnded,
    /// The user was deleted or switched off.
    UserDisabled,
    /// The password was changed.
    PasswordChanged,
    /// The user left the tenant.
    MembershipRemoved,
    /// The user took the consent back.
    ConsentRevoked,
}

impl EndReason {
    /// The name in audit rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RefreshReplayed => "refresh_replayed",
            Self::CodeReplayed => "code_replayed",
            Self::Revoked => "revoked",
            Self::SessionEnded => "session_ended",
            Self::UserDisabled => "user_disabled",
            Self::PasswordChanged => "password_changed",
            Self::MembershipRemoved => "membership_removed",
            Self::ConsentRevoked => "consent_revoked",
        }
    }
}

/// One family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Which; `family` in access tokens.
    pub id: FamilyId,
    /// To whom it was issued.
    pub application: ApplicationId,
    /// The person that the tokens are for.
    pub user: UserId,
    /// In which session; `sid` in tokens.
    pub session: SessionId,
    /// The tenant that the session is in.
    pub tenant: TenantId,
    /// What was granted.
    pub scope: ScopeSet,
    /// How the person signed in.
    pub evidence: Evidence,
    /// Whether it outlives the session's own end (`offline_access`). A sign-out ends it all the same.
    pub offline: bool,
    /// Its refresh tokens; none when the application gets none.
    pub refresh: Option<Refresh>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends at the latest: no refresh and no access token of it holds after that.
    pub expires_at: Timestamp,
    /// When and why it was ended.
    pub ended: Option<(Timestamp, EndReason)>,
    /// Access tokens of it that were revoked one by one, and when each would have expired.
    pub forbidden: Vec<(String, Timestamp)>,
    /// Whether it began at Scalekit's endpoints: its tokens are of the environment's issuer then, and in its form.
    pub environment: bool,
}

/// The refresh tokens of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// What is kept of the family's secret.
    pub secret: KeptToken,
    /// The number of the newest token, which has not been used.
    pub newest: u32,
    /// When one was last used, or the first one made.
    pub used_at: Timestamp,
    /// How long it may lie unused, in seconds.
    pub idle_secs: i64,
}

impl Family {
    /// Whether its tokens hold, as far as the family can tell.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }

    /// Whether this access token of it was revoked by itself.
    pub fn forbids(&self, jti: &str) -> bool {
        self.forbidden.iter().any(|(forbidden, _)| forbidden == jti)
    }
}
