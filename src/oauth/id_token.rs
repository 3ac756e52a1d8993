//! ID tokens (OpenID Connect Core §2): who signed in, how and when, for the application that asked.

use super::claims::{Claims, Kind, read_id_token};
use super::issuer::Issuers;
use super::keys::KeySet;
use crate::crypto::digest::{sha256, sha512};
use crate::crypto::jwt::{SigningAlg, VerifyError};
use crate::crypto::token::TokenDigest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// `at_hash`: the left half of the access token's hash, by the hash of the signature's algorithm (OpenID Connect Core
/// §3.1.3.6; SHA-512 for Ed25519).
pub(super) fn at_hash(alg: SigningAlg, access_token: &str) -> String {
    let token = access_token.as_bytes();
    match alg {
        SigningAlg::EdDsa => URL_SAFE_NO_PAD.encode(&sha512(token)[..32]),
        SigningAlg::Rs256 | SigningAlg::Es256 => URL_SAFE_NO_PAD.encode(&sha256(token)[..16]),
    }
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
pub fn verify_hint(keys: &KeySet, issuers: &Issuers, token: &str) -> Result<Claims<'static>, VerifyError> {
    let payload = keys.verifier().payload(token, Some(Kind::Identity.typ()))?;
    read_id_token(&payload, issuers).ok_or(VerifyError::Invalid("claims not of the wanted form"))
}

/// For which client a hint was made that one of our issuers, `iss`, has signed with a key that is not shown any more, as it says:
/// for a question, never for an answer, for nobody can check the signature. None: it is no such hint.
pub fn of_a_former_key(keys: &KeySet, iss: &str, token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Header {
        kid: String,
        typ: Option<String>,
    }
    #[derive(Deserialize)]
    struct Payload {
        iss: String,
        aud: String,
    }
    const MOST: usize = 8 * 1024;
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || [header, payload, signature].iter().any(|part| part.len() > MOST) {
        return None;
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let payload: Payload = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let is_hint = header.typ.as_deref() == Some(Kind::Identity.typ());
    (is_hint && !keys.verifier().knows(&header.kid) && payload.iss == iss).then_some(payload.aud)
}
