//! A session: the row, and one to make.

use crate::access::{Evidence, Methods, Origin};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Email, Timestamp};
use crate::crypto::token::{KeptToken, TokenDigest};
use serde::{Deserialize, Serialize};

/// A session ends 12 hours after the sign-in, whatever happens, unless its tenant has a policy of its own.
pub const MAX_LIFE_SECS: i64 = 12 * 3600;
/// How old the noted last use gets before it is noted again, at most.
pub const TOUCH_EVERY_SECS: i64 = 60;
/// How long an ended session stays in the lists.
pub const KEEP_ENDED_SECS: i64 = 7 * 86_400;

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which; `sid` in tokens.
    pub id: SessionId,
    /// What is kept of the cookie.
    pub digest: KeptToken,
    /// The user who is signed in.
    pub user: UserId,
    /// The tenant that they signed in to.
    pub tenant: TenantId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to about a minute.
    pub last_seen_at: Timestamp,
    /// When something was last shown, of the [`Session::evidence`].
    pub(super) authenticated_at: Timestamp,
    /// When a second factor was last given, of the same.
    pub(super) mfa_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// What its forms must bring back.
    pub csrf_secret: CsrfSecret,
    /// The address that they signed in from.
    pub ip: Option<String>,
    /// What their browser says it is.
    pub user_agent: Option<String>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Whether its own user ended it by signing out; what else ends one revokes it. Of no meaning while it lives.
    pub signed_out: bool,
    /// What was shown, of the same.
    pub(super) methods: Methods,
    /// The tenant in which the administrators' pages work, where one was chosen. It stands last, so that rows from before it can
    /// be read.
    pub working_in: Option<TenantId>,
}

/// What has become of a session, as a list of a user's sessions shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It holds: somebody is signed in by it.
    Active,
    /// Its time has passed, or it lay unused for too long.
    Expired,
    /// It was ended by somebody or something else than a sign-out.
    Revoked,
    /// Its user signed out.
    Logout,
}

impl SessionState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Expired, Self::Revoked, Self::Logout];

    /// The name in answers and filters: `active`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Logout => "logout",
        }
    }

    /// Reads a name in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name().eq_ignore_ascii_case(text))
    }
}

impl Session {
    /// How its user proved themselves in it, from the sign-in on.
    pub fn evidence(&self) -> Evidence {
        Evidence::from_row(self.methods, self.authenticated_at, self.mfa_at)
    }

    pub(super) fn set_evidence(&mut self, evidence: Evidence) {
        self.methods = evidence.methods();
        self.authenticated_at = evidence.at();
        self.mfa_at = evidence.second_factor_at();
    }
}

/// 32 random bytes that a session's forms prove to know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CsrfSecret(pub [u8; 32]);

impl std::fmt::Debug for CsrfSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// A session to make: everything random comes from outside.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The id that the session gets.
    pub id: SessionId,
    /// The digest of the cookie, [`crate::crypto::token::TokenKind::SessionId`].
    pub digest: TokenDigest,
    /// The user who signs in.
    pub user: UserId,
    /// The tenant that they sign in to.
    pub tenant: TenantId,
    /// 32 random bytes.
    pub csrf_secret: CsrfSecret,
    /// Its life in seconds if the tenant leaves that open; none or more than [`MAX_LIFE_SECS`]: that.
    pub life_secs: Option<i64>,
    /// The user's e-mail, for the audit row.
    pub email: Email,
    /// How they showed who it is.
    pub evidence: Evidence,
    /// The request in which they sign in.
    pub origin: Origin,
}
