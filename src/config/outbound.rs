//! `[outbound]`: which servers this one asks.

use super::{Checks, Networks};
use serde::{Deserialize, Serialize};

/// Which servers this one asks, wherever a setting or a user names one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// Networks beyond the public Internet that are meant; there without TLS, too.
    pub allowed_networks: Networks,
}

impl Outbound {
    pub(super) fn check(&self, checks: &mut Checks) {
        if self.allowed_networks.0.iter().any(|network| network.prefix_len() == 0) {
            checks.refuse("outbound.allowed_networks", "must not be every address");
        }
    }
}
