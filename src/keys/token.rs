//! A personal token: what is kept of it, and one to make.

use crate::base::id::{TenantId, TokenId, UserId};
use crate::base::{DisplayName, ScopeSet, Timestamp};
use crate::crypto::token::{KeptToken, TokenDigest};
use serde::{Deserialize, Serialize};

/// The life of a token when nothing is said: 90 days, as ScaiVault's documentation has it.
pub const DEFAULT_LIFE_SECS: i64 = 90 * 86_400;
/// The longest life when the configuration says nothing else: 366 days.
pub const MAX_LIFE_SECS: i64 = 366 * 86_400;
/// How old a noted last use gets before it is noted again, so that a busy token is not a busy row.
pub const LAST_USE_EVERY_SECS: i64 = 3600;

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// Whoever runs the machine.
    Operator,
    /// A person, with whatever roles they have at the time.
    User(UserId),
}

/// A personal token, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalToken {
    /// The token's id, by which it is administered.
    pub id: TokenId,
    /// What is kept of the token: how it is found.
    pub digest: KeptToken,
    /// Its last characters, to tell tokens apart.
    pub hint: String,
    /// What its owner calls it.
    pub name: DisplayName,
    /// Whom it speaks for.
    pub owner: Owner,
    /// The tenant that it works in.
    pub tenant: TenantId,
    /// What it is narrowed to.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to about an hour.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl PersonalToken {
    /// Whether it is neither revoked nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A token to make. The token itself was made outside: [`crate::crypto::token::make`].
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The digest of the token.
    pub digest: TokenDigest,
    /// [`crate::crypto::token::hint`] of the token.
    pub hint: String,
    /// What to call it.
    pub name: DisplayName,
    /// The tenant that it is to work in.
    pub tenant: TenantId,
    /// What it is narrowed to; not empty, all known.
    pub scopes: ScopeSet,
    /// Its life in seconds; none: [`DEFAULT_LIFE_SECS`], or the longest life if that is shorter.
    pub life_secs: Option<i64>,
}
