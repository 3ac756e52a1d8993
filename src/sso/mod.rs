//! Other people's OpenID providers: what they say about themselves, their keys, and codes of theirs redeemed for ID tokens that
//! are checked.
//!
//! A provider is named by the settings, but its answers come from outside: each is bounded in time and size, no redirect is
//! followed, and unless the settings allow it no private address is asked.

mod fetch;
mod provider;
mod public;

pub use provider::{Discovered, IdClaims, Providers};

use crate::base::Secret;

/// A provider, and what we are called there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its issuer, letter for letter.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there, if we have one.
    pub client_secret: Option<Secret<String>>,
    /// Whether it may be at a loopback or private address, and without TLS.
    pub allow_private: bool,
}
