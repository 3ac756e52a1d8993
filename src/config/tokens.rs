//! `[tokens]`: lifetimes and signatures.

use super::Checks;
use super::check::{MAX_DAYS, MAX_SECS};
use crate::crypto::jwt::SigningAlg;
use serde::{Deserialize, Serialize};

/// Lifetimes and signatures of tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long an access token holds, in seconds, unless its application says otherwise.
    pub access_secs: u32,
    /// How long a personal token holds, in days, unless its owner says otherwise.
    pub personal_days: u32,
    /// How tokens are signed, unless their application says otherwise.
    pub signing_alg: SigningAlg,
    /// How long a refresh token holds that nobody uses, in days.
    pub refresh_idle_days: u32,
    /// How long a sign-in with `offline_access` can be refreshed at most, in days.
    pub refresh_max_days: u32,
    /// After how many days a signing key is replaced by a new one; 0: by hand only.
    pub rotation_days: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            access_secs: 3600,
            personal_days: 90,
            signing_alg: SigningAlg::default(),
            refresh_idle_days: 14,
            refresh_max_days: 90,
            rotation_days: 90,
        }
    }
}

impl Tokens {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("tokens.access_secs", self.access_secs, 30..=MAX_SECS.min(7 * 86_400));
        checks.range("tokens.personal_days", self.personal_days, 1..=MAX_DAYS);
        checks.range("tokens.refresh_idle_days", self.refresh_idle_days, 1..=MAX_DAYS);
        checks.range("tokens.refresh_max_days", self.refresh_max_days, 1..=MAX_DAYS);
        checks.range("tokens.rotation_days", self.rotation_days, 0..=MAX_DAYS);
    }
}
