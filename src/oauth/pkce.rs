//! Proof Key for Code Exchange (RFC 7636), with S256 only: `plain` proves nothing (RFC 9700 §2.1.1).

use super::OAuthError;
use crate::crypto::digest::{constant_time_eq, sha256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The methods, as discovery names them.
pub const METHODS: [&str; 1] = ["S256"];

/// A `code_challenge`: the SHA-256 of a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// `invalid_request`: another method than S256 (none means `plain`, RFC 7636 §4.3), or a challenge that is not 32 bytes
    /// in base64url.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, OAuthError> {
        if method != Some("S256") {
            return Err(OAuthError::invalid_request("The code_challenge_method must be S256"));
        }
        let malformed = || {
            OAuthError::invalid_request(
                "The code_challenge must be the SHA-256 of a verifier in base64url: 43 characters",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| malformed())?;
        bytes.try_into().map(Self).map_err(|_| malformed())
    }

    /// Of a verifier: what a client does.
    pub fn of(verifier: &str) -> Self {
        Self(sha256(verifier.as_bytes()))
    }

    /// As a request writes it.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Whether it was made of this verifier, compared in constant time.
    pub fn matches(&self, verifier: &str) -> bool {
        constant_time_eq(&self.0, &sha256(verifier.as_bytes()))
    }
}

/// Whether a text can be a `code_verifier` at all (RFC 7636 §4.1): 43 to 128 unreserved characters.
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        let challenge = Challenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert_eq!(challenge, Challenge::of(VERIFIER));
        assert_eq!(challenge.text(), CHALLENGE);
        assert!(challenge.matches(VERIFIER) && is_verifier(VERIFIER));
        assert!(!challenge.matches(&VERIFIER.replace('d', "e")) && !challenge.matches(""));
    }

    #[test]
    fn plain_is_refused() {
        for method in [None, Some("plain"), Some("s256"), Some("")] {
            assert!(Challenge::parse(CHALLENGE, method).is_err(), "{method:?}");
        }
    }

    #[test]
    fn a_malformed_challenge_is_refused() {
        for bad in
            ["", "short", &CHALLENGE[1..], &format!("{CHALLENGE}A"), &CHALLENGE.replace('-', "+"), VERIFIER_PADDED]
        {
            assert!(Challenge::parse(bad, Some("S256")).is_err(), "{bad}");
        }
        for bad in ["", &VERIFIER[1..], &"a".repeat(129), &format!("{VERIFIER}é"), &format!("{VERIFIER} ")] {
            assert!(!is_verifier(bad), "{bad}");
        }
    }

    const VERIFIER_PADDED: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=";
}
