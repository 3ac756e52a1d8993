//! From claims to a signed token: which key, in whose words, and what the token endpoint answers.

use super::claims::{self, Claims, Environment, Platform};
use super::issuer::{Issuer, Issuers};
use super::keys::KeySet;
use crate::apps::Application;
use crate::base::Problem;
use crate::crypto::digest::MacKey;
use crate::crypto::jwt::{Signer, SigningAlg};
use crate::crypto::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

/// What a set of tokens is signed with.
#[derive(Clone, Copy, Debug)]
pub struct Mint<'a> {
    /// The signing keys of this instance.
    pub keys: &'a KeySet,
    /// The issuers of this instance, for `iss`.
    pub issuers: &'a Issuers,
    /// The key of the codes in refresh tokens, [`crate::crypto::keyring::Keyring::pepper`].
    pub pepper: &'a MacKey,
    /// Whether one of Scalekit's SDKs asked for them.
    pub for_sdk: bool,
}

/// What signs the tokens of an issuer for an application: by the algorithm that it asks for, but in the environment always by
/// RS256 for one of Scalekit's SDKs, which reads no other.
///
/// # Errors
/// When there is no key for that algorithm.
pub(super) fn signer<'k>(
    keys: &'k KeySet,
    issuer: Issuer,
    application: &Application,
    for_sdk: bool,
) -> Result<&'k Signer, Problem> {
    let alg = if for_sdk && issuer == Issuer::Environment { claims::SDK_ALG } else { application.signing_alg };
    keys.signer(alg).ok_or_else(|| no_key(alg))
}

fn no_key(alg: SigningAlg) -> Problem {
    Problem::internal(format!("there is no signing key for {alg}"))
}

/// Signs claims in the words of their issuer. One signature (RS256: 0.4 ms of a core).
///
/// # Errors
/// When the key gives no signature.
pub(super) fn sign(signer: &Signer, issuer: Issuer, claims: &Claims<'_>) -> Result<String, Problem> {
    let typ = claims.kind.typ();
    let signed = match issuer {
        Issuer::Platform | Issuer::Tenant(_) => signer.sign(typ, &Platform(claims)),
        Issuer::Environment => signer.sign(typ, &Environment(claims)),
    };
    signed.map_err(Problem::internal)
}

/// The answer of the token endpoint (RFC 6749 §5.1), its fields in the order of ScaiKey's quickstart.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TokenResponse {
    /// The token. A secret: do not log it.
    pub access_token: String,
    /// `Bearer`
    pub token_type: &'static str,
    /// How long it holds, in seconds.
    pub expires_in: u32,
    /// What was granted, with blanks between.
    pub scope: String,
    /// What to get the next tokens with. A secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub refresh_token: Option<String>,
    /// Who signed in, for the scope `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub id_token: Option<String>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenResponse({:?}, {} s, [secret])", self.scope, self.expires_in)
    }
}

/// The id of a token: 128 random bits in base64url, or, in the environment, as `tkn_` with digits.
pub fn new_jti(issuer: Issuer) -> String {
    match issuer {
        Issuer::Platform | Issuer::Tenant(_) => URL_SAFE_NO_PAD.encode(random::bytes::<16>()),
        Issuer::Environment => claims::new_jti(),
    }
}
