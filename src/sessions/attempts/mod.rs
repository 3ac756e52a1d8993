//! Limits against guessing passwords and codes, and against asking for mails: so many tries within a window, then a wait.
//!
//! A try is counted **before** the password is compared and given back when it was right ([`Try::succeeded`]), so that tries
//! in parallel are bounded to exactly the limit: counted afterwards, all that have begun meanwhile would slip through
//! (CVE-2024-4629). Who knows the password is never slowed down by it, and a success clears their own counters and nothing
//! else.
//!
//! What a stranger does is counted for the account from their network, for the account from everywhere, and for their network
//! on all accounts. A browser that has signed in to the account before, and a session that is asked for the password again,
//! are counted by themselves only: tries of strangers do not lock an account's owner out (OWASP, "Slow Down Online Guessing
//! Attacks with Device Cookies"). A /64 of IPv6 is one network; wider ones, of which one customer may have as many /64 as they
//! like, are counted beside it with higher limits.
//!
//! Counters outlive the server: once a minute, and when it stops, [`kept`] writes down what has changed.
//!
//! Time comes from the server's clock, so a test can drive it.

mod counter;
mod kept;
mod row;
#[cfg(test)]
mod tests;
mod tries;

pub use counter::{Network, Whom};
pub use kept::check_rows;
pub use row::{OF_MAILS, OF_SIGN_INS};
pub use tries::{Attempts, Held, Limits, Lockout, Through, Try};
