//! `[vault]`: limits of the secret vault.

use super::Checks;
use super::check::MAX_DAYS;
use serde::{Deserialize, Serialize};

/// Limits of the secret vault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vault {
    /// How many versions of a secret are kept, unless the secret says otherwise.
    pub max_versions: u32,
    /// The largest value in bytes of JSON. `server.body_limit_bytes` holds as well.
    pub value_limit_bytes: u64,
    /// For how many days a deleted secret can be restored.
    pub soft_delete_days: u32,
}

impl Default for Vault {
    fn default() -> Self {
        Self { max_versions: 50, value_limit_bytes: 1024 * 1024, soft_delete_days: 30 }
    }
}

impl Vault {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("vault.max_versions", self.max_versions, 1..=1000);
        checks.range("vault.value_limit_bytes", self.value_limit_bytes, 256..=64 * 1024 * 1024);
        checks.range("vault.soft_delete_days", self.soft_delete_days, 0..=MAX_DAYS);
    }
}
