//! Links to an organisation's portal, where its own admins set things up: each works once and for a week.
//!
//! A link is a random token of which only the digest is kept. Looking at its page changes nothing, for mail programs and
//! scanners do that by themselves; the button there uses it up. What is in the portal follows what the organisation has
//! switched on at that moment, not what it had when the link was made. It lives no longer than the right of its maker: whether
//! they still may is asked when it is looked at.

mod maker;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use service::{Looked, NewLink, Portal, create, look, use_up};
pub use table::{check_rows, keep_tokens};
pub use table::{end_all, sweep};

use crate::base::Timestamp;
use crate::base::id::{ApplicationId, PortalLinkId, TenantId, UserId};
use crate::crypto::token::KeptToken;
use crate::tenancy::Features;
use serde::{Deserialize, Serialize};

/// How long a link works, in seconds: a week.
pub const LIFE_SECS: i64 = 7 * 86_400;
/// For how long the page of a used or expired link says so, in seconds. After that nobody knows of it.
pub const KEEP_SECS: i64 = 30 * 86_400;

/// Where a link leads, at the server with this address.
pub fn location(public_url: &str, token: &str) -> String {
    format!("{public_url}/magicLink/{token}")
}

/// A link as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalLink {
    /// The link's id.
    pub id: PortalLinkId,
    /// What is kept of its token.
    pub digest: KeptToken,
    /// The tenant whose portal it opens.
    pub tenant: TenantId,
    /// What it was made for; none: for whatever is switched on.
    pub features: Option<Features>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Who made it.
    pub maker: Maker,
}

/// Who made a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Maker {
    /// Nobody has noted it: links of an older version, which have a week at most.
    Unknown,
    /// Somebody with access to the machine.
    Operator,
    /// A person.
    User(UserId),
    /// A program.
    Application(ApplicationId),
}
