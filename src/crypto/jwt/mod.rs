//! JSON Web Tokens (RFC 7519): signing with keys parsed once, and checking them with the algorithm tied to the key.
//!
//! Signing goes straight to the parsed key, because the price of a token is its signature and nothing should be paid
//! beside it. Checking takes keys that were parsed once too, and follows RFC 8725: the header never chooses the algorithm.
//! `jsonwebtoken` reads the keys of other issuers, and the tests hold signing and checking against it.

mod key;
mod known;
mod sign;
mod verify;

#[cfg(test)]
mod tests;

pub use key::{KeyError, PublicKey, generate};
pub use known::Known;
pub use sign::{SignError, Signer};
pub use verify::{Expect, MAX_TOKEN_LEN, Verifier, VerifyError};

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a token is signed (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum SigningAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 bits: what every client knows.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlg {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// The name in a header, a JWK and discovery: `RS256`, `ES256`, `EdDSA`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads a name as [`SigningAlg::as_str`] writes it. Any other, `none` and `HS256` among them, is none of ours.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }
}

impl fmt::Display for SigningAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
