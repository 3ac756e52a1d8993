//! `[sessions]`: how long somebody stays signed in.

use super::Checks;
use super::check::MAX_SECS;
use serde::{Deserialize, Serialize};

/// How long somebody stays signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// How long a session lasts without a request, in seconds.
    pub idle_secs: u32,
    /// How long a session lasts at most, in seconds.
    pub absolute_secs: u32,
}

impl Default for Sessions {
    /// 8 hours and 7 days.
    fn default() -> Self {
        Self { idle_secs: 8 * 3600, absolute_secs: 7 * 86_400 }
    }
}

impl Sessions {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("sessions.idle_secs", self.idle_secs, 60..=MAX_SECS);
        checks.range("sessions.absolute_secs", self.absolute_secs, 60..=MAX_SECS);
    }
}
