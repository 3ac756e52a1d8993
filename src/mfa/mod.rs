//! Second factors: codes of an authenticator app (RFC 6238), and recovery codes for the day when the phone is lost.
//!
//! A user's factors are one row. The app's secret is sealed by the keyring; of recovery codes only a keyed hash is kept.
//! What was shown is checked outside of a transaction ([`check`]) and spent inside one ([`spend`]), which refuses a step or a
//! code that was spent before. Who signs in by a password and has a factor is always asked for it: a tenant's policy says who
//! *must* have one and who *may*, and cannot switch anybody's protection off. Another provider's word stands for whatever it
//! asked for, except where the policy wants a factor that it does not name.

mod code;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use code::{CheckedCode, RecoveryCodes, Setup, check, is_code, new_recovery_codes, seal_secret, setup_of};
pub use service::{begin, confirm, disable, regenerate, reset, spend};
pub(crate) use service::{clear, no_code, wrong_code};
pub use table::check_rows;
pub use table::factors;

use crate::access::{Origin, Place};
use crate::audit::{ActorStamp, Event};
use crate::base::id::UserId;
use crate::base::{Email, Timestamp};
use crate::catalogue::Action;
use serde::{Deserialize, Serialize};

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;
/// How long a new secret waits for its first code, in seconds.
pub const SETUP_SECS: i64 = 1800;

/// An app that gives codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// The secret, sealed for its user.
    pub(crate) sealed: Vec<u8>,
    /// Since when it counts.
    pub confirmed_at: Timestamp,
    /// The step whose code was used last; none up to it is taken again.
    pub(crate) last_step: u64,
}

/// A secret that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub(crate) sealed: Vec<u8>,
    /// Until when the first code is taken.
    pub until: Timestamp,
}

/// A code for one use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCode {
    pub(crate) mac: [u8; 32],
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// All second factors of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// The user whose factors these are.
    pub user: UserId,
    /// The authenticator app, once its first code was right.
    pub totp: Option<Totp>,
    /// An app that is being set up.
    pub pending: Option<Pending>,
    /// The codes for the day when the phone is lost.
    pub recovery: Vec<RecoveryCode>,
    /// When the recovery codes were made.
    pub recovery_made_at: Option<Timestamp>,
    /// For which attempt the app is being set up: no other one is shown its secret, nor finishes it.
    pub pending_for: Option<Setting>,
}

/// An attempt to set an app up, named by a digest of the session or of the sign-in that it is made in.
pub type Setting = [u8; 32];

impl Factors {
    /// Those of a user who has set none up.
    pub fn none(user: UserId) -> Self {
        Self { user, totp: None, pending: None, recovery: Vec::new(), recovery_made_at: None, pending_for: None }
    }

    /// Whether a second factor is asked for at a sign-in.
    pub fn is_enrolled(&self) -> bool {
        self.totp.is_some()
    }

    /// How many recovery codes are left.
    pub fn recovery_left(&self) -> usize {
        self.recovery.iter().filter(|code| code.used_at.is_none()).count()
    }
}

/// Who changes the own factors, signed in or about to be, and in which request.
#[derive(Clone, Debug)]
pub struct Who {
    /// The user whose factors change.
    pub user: UserId,
    /// The name in the audit row.
    pub email: Email,
    /// The home of the account.
    pub home: Place,
    /// The request in which they are changed.
    pub origin: Origin,
}

impl Who {
    fn event(&self, action: Action, now: Timestamp) -> Event {
        Event::of(ActorStamp::user(self.user, &self.email), &self.origin, now, self.home, action).on("user", self.user)
    }
}
