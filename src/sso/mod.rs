//! Other people's OpenID providers: what they say about themselves, their keys, and codes of theirs redeemed for ID tokens that
//! are checked.
//!
//! A provider is named by the settings, but its answers come from outside: it is asked by the guarded client of
//! [`crate::outbound`].

mod provider;

pub use provider::{Discovered, IdClaims, Providers};

use crate::base::Secret;
use crate::outbound::Client;

/// A provider, and what we are called there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its issuer, letter for letter.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there, if we have one.
    pub client_secret: Option<Secret<String>>,
    /// The HTTP client that speaks to the provider.
    pub client: Client,
}
