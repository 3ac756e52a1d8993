//! ID tokens (OpenID Connect Core §2): who signed in, how and when, for the application that asked.

use super::keys::KeySet;
use super::{Issuer, Issuers, environment};
use crate::base::Timestamp;
use crate::base::id::{SessionId, UserId};
use crate::crypto::digest::{sha256, sha512};
use crate::crypto::jwt::{Expect, SigningAlg, VerifyError};
use crate::crypto::token::TokenDigest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The type in the header. An access token has another one, so neither passes as the other.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// The claims as they are written.
#[derive(Debug, Serialize)]
pub(super) struct IdTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: UserId,
    pub aud: &'a str,
    pub exp: i64,
    pub iat: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    pub acr: &'a str,
    pub amr: crate::access::Amr,
    pub at_hash: String,
    pub sid: SessionId,
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

/// `at_hash`: the left half of the access token's hash, by the hash of the signature's algorithm (OpenID Connect Core
/// §3.1.3.6; SHA-512 for Ed25519).
pub(super) fn at_hash(alg: SigningAlg, access_token: &str) -> String {
    let token = access_token.as_bytes();
    match alg {
        SigningAlg::EdDsa => URL_SAFE_NO_PAD.encode(&sha512(token)[..32]),
        SigningAlg::Rs256 | SigningAlg::Es256 => URL_SAFE_NO_PAD.encode(&sha256(token)[..16]),
    }
}

/// What an `id_token_hint` tells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    /// The issuer, one of ours.
    pub iss: String,
    /// Who signed in.
    pub sub: UserId,
    /// The client that it was issued to.
    #[serde(deserialize_with = "environment::one_audience")]
    pub aud: String,
    /// In which session.
    pub sid: SessionId,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
}

/// `c_hash`: the same of the code, whose SHA-256 is `digest` (OpenID Connect Core §3.3.2.11).
pub(super) fn c_hash(digest: &TokenDigest) -> String {
    URL_SAFE_NO_PAD.encode(&digest.0[..16])
}

/// Checks an ID token of ours that comes back as a hint (`id_token_hint`): signed by a key that is still shown, of the right
/// type, from one of our issuers. It may have expired (OpenID Connect RP-Initiated Logout §2).
///
/// # Errors
/// [`VerifyError`].
pub fn verify_hint(keys: &KeySet, issuers: &Issuers, token: &str, now: Timestamp) -> Result<IdTokenHint, VerifyError> {
    let foreign = VerifyError::Invalid("another issuer");
    let peeked = super::access_token::peek_issuer(token).ok_or(VerifyError::Invalid("no issuer"))?;
    let _: Issuer = issuers.parse(&peeked).ok_or(foreign)?;
    let expected = [peeked.as_str()];
    let expect = Expect { typ: Some(ID_TOKEN_TYPE), allow_expired: true, ..Expect::new(&expected, now) };
    let hint: IdTokenHint = keys.verifier().verify(token, &expect)?;
    if hint.iss == peeked { Ok(hint) } else { Err(VerifyError::Invalid("another issuer")) }
}
