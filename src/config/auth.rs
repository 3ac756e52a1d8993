//! `[auth]`: limits against guessing.

use super::Checks;
use serde::{Deserialize, Serialize};

/// Limits against guessing passwords and codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Failed attempts on one account from one network (IPv4 address, IPv6 /64), or from one browser that has signed in to it
    /// before, within the window before they have to wait.
    pub attempts_per_account: u32,
    /// Failed attempts on one account from everywhere within the window before strangers have to wait.
    pub attempts_per_account_overall: u32,
    /// Failed attempts from one network on all accounts within the window before it has to wait.
    pub attempts_per_network: u32,
    /// The window in seconds.
    pub window_secs: u32,
    /// How long to wait, in seconds.
    pub wait_secs: u32,
    /// Whether identify (`POST /v1/auth/identify`, `/api/v1/auth/identify`) names the tenants that somebody can enter before the
    /// password was given: programs that ask for a tenant need it, and anybody can learn them then. With one tenant nothing
    /// is told in any case.
    pub identify_shows_tenants: bool,
}

impl Default for Auth {
    /// 10 per account and network, 100 per account (the most that NIST SP 800-63B §5.2.2 allows) and 50 per network in 15
    /// minutes, then a wait of 15 minutes; identify names tenants.
    fn default() -> Self {
        Self {
            attempts_per_account: 10,
            attempts_per_account_overall: 100,
            attempts_per_network: 50,
            window_secs: 900,
            wait_secs: 900,
            identify_shows_tenants: true,
        }
    }
}

impl Auth {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("auth.attempts_per_account", self.attempts_per_account, 1..=10_000);
        checks.range("auth.attempts_per_account_overall", self.attempts_per_account_overall, 1..=1_000_000);
        checks.range("auth.attempts_per_network", self.attempts_per_network, 1..=1_000_000);
        checks.range("auth.window_secs", self.window_secs, 1..=86_400);
        checks.range("auth.wait_secs", self.wait_secs, 1..=86_400);
    }
}
