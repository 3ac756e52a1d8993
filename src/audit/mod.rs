//! The audit log: every change, tried or done, every secret read, every call of the admin API and every sign-in; what was
//! done in the transaction of the change.
//!
//! Rows form a chain: each carries an HMAC, under a key that lives only inside the encrypted file's keyring, over the code
//! of the row before and its own bytes. A row that was changed, taken out, put in or moved breaks it at that row.

mod chain;
mod event;
mod query;
#[cfg(test)]
mod tests;

pub use chain::{Broken, Head, Packed, Verified, append, before_commit, head, prune, verify};
pub use event::{ActorStamp, Event, Outcome, Row};
pub use query::{Filter, Page, each, list, newest, one, slice};
