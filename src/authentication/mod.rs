//! Signing in, whatever page or program asks: who it is, a password, a second factor, a session.
//!
//! ```text
//! identify ──► flow token ─┐
//!                          ▼
//!            check_password ──► Next::Done(Proven) ─────────────────► start_session
//!                          ├──► Next::SecondFactor ─► second_factor ─► Proven ─┘
//!                          └──► Next::Enrol ─► enrolment, confirm_enrolment ─► Proven ─┘
//! ```
//!
//! A [`Proven`] is a witness: only this module makes one, so a session starts for nobody who has not shown who it is.
//! Whatever was wrong, the answer is the same and so is the work; guesses are counted per account and per network.
//! What lies between two steps travels as a sealed token that dies when it is used.
//!
//! What was proven with a password names that password ([`PasswordMark`]), and whatever rests on it asks in its transaction
//! whether it still is the password: hashes wait for their turn, and a reset meanwhile must count.
//!
//! Works on the assembled services, for it hashes passwords outside of transactions; names nothing of HTTP.

mod device;
mod factor;
#[cfg(test)]
mod guess_tests;
mod lockouts;
#[cfg(test)]
mod lockouts_tests;
mod own;
mod password;
mod recent;
mod refusal;
mod session;
mod table;
#[cfg(test)]
mod tests;
mod token;

pub use device::{DEVICE_SECS, KnownDevice};
pub use factor::{check_challenge, confirm_enrolment, enrolment, second_factor, wants_second_factor};
pub use lockouts::{Tried, close_tries, held_networks, lift_lockouts, lift_networks, lockouts, save_tries, whom};
pub use own::{begin_totp, confirm_totp, disable_totp, mfa_policy, regenerate_recovery_codes};
pub(crate) use password::claim;
pub use password::{
    Attempt, Identified, TenantChoice, check_password, confirm_password, identify, new_password, open_flow, use_flow,
};
pub use recent::reauthenticate;
pub use session::{Started, renew_session, start_session};
pub use table::check_rows;
pub use table::sweep;

use crate::access::{Evidence, Method};
use crate::base::Timestamp;
use crate::base::id::{TenantId, UserId};
use crate::people::{PasswordMark, User};

/// How long a flow token can be used, in seconds.
pub const FLOW_SECS: i64 = 900;
/// How long somebody may take for the code after the password, in seconds.
pub const CODE_SECS: i64 = 600;
/// How long somebody may take to set a second factor up after the password, in seconds.
pub const ENROL_SECS: i64 = 1800;

/// What a stranger is told whatever was wrong: nobody learns here who has an account.
pub const WRONG: &str = "E-mail or password is wrong, or the account cannot sign in";

/// Somebody who has shown all that is asked for: what [`start_session`] wants to see.
#[derive(Clone, Debug)]
pub struct Proven {
    user: User,
    tenant: TenantId,
    evidence: Evidence,
    /// The password that it rests on; none: it rests on something else.
    mark: Option<PasswordMark>,
}

impl Proven {
    /// The administrator whom the one-time link of the first start, or of `recover-admin`, has just made: whoever has that
    /// link has the machine. `tenant` is one that is open to them. For `setup` only.
    pub fn by_setup(user: User, tenant: TenantId, now: Timestamp) -> Self {
        let mark = Some(user.password_mark());
        Self { tenant, user, evidence: Evidence::of(&[Method::Setup], now), mark }
    }

    /// Somebody for whom the OpenID provider of the settings vouches, by an e-mail that it has verified, at a tenant that
    /// they belong to; `mfa`: it says that it asked for more than one factor. For `login` only.
    pub fn by_provider(user: User, tenant: TenantId, mfa: bool, now: Timestamp) -> Self {
        let shown: &[_] = if mfa { &[Method::Provider, Method::ProviderFactors] } else { &[Method::Provider] };
        Self { tenant, user, evidence: Evidence::of(shown, now), mark: None }
    }

    /// The user who was proven to be there.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The tenant to sign in to.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// What is left to do before a session can start.
#[derive(Debug)]
pub enum Next {
    /// Nothing is left: a session can start.
    Done(Box<Proven>),
    /// A code of a second factor.
    SecondFactor(Challenge),
    /// A second factor has to be set up first: a tenant asks for one, and there is none.
    Enrol(Challenge),
}

/// What the next step is given.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// For the next step: sealed, works once, and only for a while.
    pub mfa_token: String,
    /// The user who takes the next step.
    pub user: UserId,
    /// In how many seconds the token ends.
    pub expires_in: i64,
}
