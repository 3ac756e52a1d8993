//! `[sessions]`: how long somebody stays signed in.

use super::Checks;
use serde::{Deserialize, Serialize};

/// The longest life of a session in seconds: 12 hours, as `sessions` has it.
const MAX_LIFE_SECS: u32 = 12 * 3600;

/// How long somebody stays signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// How long a session lasts without a request, in seconds.
    pub idle_secs: u32,
    /// How long a session lasts at most, in seconds.
    pub absolute_secs: u32,
    /// For how long after a sign-in the password is not asked for again where that is due: before secrets are shown, and
    /// credentials and administrators made. In seconds.
    pub step_up_secs: u32,
}

impl Default for Sessions {
    /// 2 hours, 12 hours and 15 minutes.
    fn default() -> Self {
        Self { idle_secs: 2 * 3600, absolute_secs: 12 * 3600, step_up_secs: 900 }
    }
}

impl Sessions {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("sessions.idle_secs", self.idle_secs, 60..=MAX_LIFE_SECS);
        checks.range("sessions.absolute_secs", self.absolute_secs, 60..=MAX_LIFE_SECS);
        checks.range("sessions.step_up_secs", self.step_up_secs, 1..=MAX_LIFE_SECS);
    }
}
