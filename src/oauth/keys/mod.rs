//! The keys that sign our tokens: their rows, their life, and the parsed set that requests share.
//!
//! A key is published, then signs, then is retired: verifiers learn of it before they meet it, and know it until the last
//! token that it signed has ended. There is one signing key for each algorithm. The private half is sealed under the
//! keyring with its own id as associated data, and is never shown.

mod service;
mod set;

pub use service::{NewSigningKey, When, due, ensure, generate, missing, rotate, rotate_on_schedule, sweep};
pub use set::{KeySet, Keys};

use crate::apps::MAX_TOKEN_LIFETIME;
use crate::base::Timestamp;
use crate::base::id::SigningKeyId;
use crate::crypto::jwt::SigningAlg;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table};
use serde::{Deserialize, Serialize};

/// How long a new key is shown before it signs, in seconds: an hour, for caches of the key set.
pub const PUBLISH_SECS: i64 = 3600;
/// How long the schedule shows a new key before it signs, in seconds: a day, for verifiers that look once a day.
pub const AHEAD_SECS: i64 = 86_400;
/// How long a retired key is shown, in seconds: the longest lifetime of a token, and five minutes for other clocks.
const KEEP_RETIRED_SECS: i64 = MAX_TOKEN_LIFETIME as i64 + 300;

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// Shown, and not yet used.
    Published {
        /// Since when it is in the key set.
        at: Timestamp,
    },
    /// In the key set, and signs new tokens.
    Active {
        /// Since when it signs.
        from: Timestamp,
    },
    /// Shown for the tokens that it signed.
    Retired {
        /// Since when it signs no more.
        at: Timestamp,
        /// When the last of them has ended.
        remove_after: Timestamp,
    },
}

impl KeyState {
    /// The name in audit rows and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::Active { .. } => "active",
            Self::Retired { .. } => "retired",
        }
    }

    /// Whether the key set still shows it.
    fn is_shown(self, now: Timestamp) -> bool {
        match self {
            Self::Published { .. } | Self::Active { .. } => true,
            Self::Retired { remove_after, .. } => now < remove_after,
        }
    }
}

/// A signing key as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningKeyRow {
    /// The id of the row.
    pub id: SigningKeyId,
    /// How it signs.
    pub alg: SigningAlg,
    /// What tokens call it: the RFC 7638 thumbprint.
    pub kid: String,
    /// The PKCS#8 private key, sealed for signing keys with the kid as associated data.
    pub sealed: Vec<u8>,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Row for SigningKeyRow {}

impl Entity for SigningKeyRow {
    type Key = SigningKeyId;
    const TABLE: Table<SigningKeyId, SigningKeyRow> = Table::new(0x0601, "signing keys");

    fn key(&self) -> SigningKeyId {
        self.id
    }

    // There are a handful: they are read all at once.
    fn indexes(&self, _: &mut IndexEntries) {}
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<SigningKeyRow>(tx)
}
