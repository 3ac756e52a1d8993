//! The first start: the default partner and tenant, and the one-time link by which whoever sees the console becomes the
//! first administrator. No default password exists.

mod service;
mod table;
#[cfg(test)]
mod tests;

pub use service::{Made, NewAdmin, bootstrap, claim, link, needed, new_link};
pub use table::{check_rows, keep_tokens};

use crate::base::Timestamp;
use crate::crypto::token::KeptToken;
use serde::{Deserialize, Serialize};

/// How long a link to recover the administration works: seven days. The link of the first start has no end.
pub const RECOVERY_SECS: i64 = 7 * 86_400;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The first administrator. Dead as soon as there is any super_admin.
    First,
    /// `scaistack recover-admin`: whoever has the machine can always come back in.
    Recover,
}

/// The one link that there is at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is kept of the token in it.
    pub digest: KeptToken,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}
