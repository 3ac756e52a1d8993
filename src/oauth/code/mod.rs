//! Authorization codes (RFC 6749 §4.1.2): one use, 60 seconds, bound to client, redirect URI and PKCE challenge. Only a
//! keyed hash is kept. A used code stays as used until its tokens are gone, so that a second use is seen.

mod older;
mod service;
mod table;

pub use service::{Exchange, Grant, Redeemed, create, redeem};
pub use table::sweep;
pub use table::{check_rows, keep_tokens};

use super::pkce::Challenge;
use crate::access::{Evidence, Origin};
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId, UserId};
use crate::base::{Email, ScopeSet, Timestamp};
use crate::crypto::token::{KeptToken, TokenDigest};
use serde::{Deserialize, Serialize};

/// How long a code holds, in seconds. RFC 6749 §4.1.2 wants it short.
pub const LIFE_SECS: i64 = 60;

/// A code to make, after the person has signed in and consented. The code itself was made outside of the transaction:
/// [`crate::crypto::token::make`] with [`crate::crypto::token::TokenKind::GrantCode`].
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The digest of the code.
    pub digest: TokenDigest,
    /// For which client.
    pub application: ApplicationId,
    /// Who signed in.
    pub user: UserId,
    /// The e-mail, for the audit row.
    pub email: Email,
    /// The session that it happened in; `sid` in the tokens.
    pub session: SessionId,
    /// The tenant that the session is in.
    pub tenant: TenantId,
    /// Where the code is sent.
    pub redirect_uri: String,
    /// Whether the request named that address: then the token request has to name it too (RFC 6749 §4.1.3).
    pub redirect_uri_given: bool,
    /// What was granted.
    pub scope: ScopeSet,
    /// For the ID token, as it came.
    pub nonce: Option<String>,
    /// The PKCE challenge.
    pub challenge: Option<Challenge>,
    /// How the person signed in.
    pub evidence: Evidence,
    /// Whether the request came to Scalekit's endpoint: the code is redeemed there then.
    pub environment: bool,
    /// The request in which the code is made.
    pub origin: Origin,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// Nobody has used it.
    Fresh,
    /// It was exchanged for the tokens of this family.
    Used(FamilyId),
    /// It was presented with something wrong, and is worth nothing since.
    Dead,
}

/// A code as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Code {
    digest: KeptToken,
    application: ApplicationId,
    user: UserId,
    session: SessionId,
    tenant: TenantId,
    redirect_uri: String,
    redirect_uri_given: bool,
    scope: ScopeSet,
    nonce: Option<String>,
    challenge: Option<Challenge>,
    evidence: Evidence,
    created_at: Timestamp,
    state: State,
    /// When the row may go.
    keep_until: Timestamp,
    environment: bool,
}
