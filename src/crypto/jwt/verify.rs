//! Checking tokens: ours, and those of the identity providers of customers.

use super::SigningAlg;
use super::key::{Parts, PublicKey};
use crate::base::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;

/// Why a token is refused. Tell a client no more than "expired" or "invalid"; the rest is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Signed by us, issued by who is expected, and past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Its header names a key that is not in the set, or none where there are several.
    #[error("the token names a key that is not known")]
    UnknownKey,
    /// Anything else: what, in words for the log.
    #[error("the token is invalid: {0}")]
    Invalid(&'static str),
}

/// What a token must say to be taken. Begin with [`Expect::new`].
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// `iss` must be one of these, letter for letter.
    pub issuers: &'a [&'a str],
    /// If set, `aud` must be or hold it. Without it the caller checks `aud` itself (RFC 8725 §3.9).
    pub audience: Option<&'a str>,
    /// If set, the header's `typ` must be it, in any case, with or without `application/` (RFC 7515 §4.1.9).
    pub typ: Option<&'a str>,
    /// The time by which `exp` and `nbf` are judged.
    pub now: Timestamp,
    /// How far the issuer's clock may differ, in seconds: 0 for our own tokens.
    pub leeway_secs: u32,
    /// Takes an expired token, for a hint that only names a session (`id_token_hint`, OIDC RP-Initiated Logout §2).
    pub allow_expired: bool,
}

impl<'a> Expect<'a> {
    /// Any audience and type, no leeway, not expired.
    pub const fn new(issuers: &'a [&'a str], now: Timestamp) -> Self {
        Self { issuers, audience: None, typ: None, now, leeway_secs: 0, allow_expired: false }
    }
}

/// A set of public keys, parsed once, that checks tokens. Build a new one when the keys change.
#[derive(Clone, Default)]
pub struct Verifier {
    keys: HashMap<String, Key>,
}

#[derive(Clone)]
struct Key {
    alg: SigningAlg,
    decoding: DecodingKey,
}

impl Verifier {
    /// From public keys. Of two keys with the same id, the first is taken.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k PublicKey>) -> Self {
        let mut map = HashMap::new();
        for key in keys {
            map.entry(key.kid().to_owned())
                .or_insert_with(|| Key { alg: key.alg(), decoding: decoding_key(&key.parts) });
        }
        Self { keys: map }
    }

    /// From a JWK set (RFC 7517 §5), leaving out the keys that we cannot use, as that section asks.
    pub fn from_jwks(jwks: &serde_json::Value) -> Self {
        let listed = jwks.get("keys").and_then(serde_json::Value::as_array);
        let keys: Vec<_> = listed.into_iter().flatten().filter_map(|jwk| PublicKey::from_jwk(jwk).ok()).collect();
        Self::new(&keys)
    }

    /// Whether there is a key of this id, so that a fetched key set can be renewed when there is none.
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.contains_key(kid)
    }

    /// Checks a compact JWS and gives its claims: the signature by the named key with that key's own algorithm, then
    /// `iss`, `exp` (required), `nbf`, and what else `expect` asks for. The claims are not looked at before the signature holds.
    ///
    /// # Errors
    /// [`VerifyError`]. A token longer than [`MAX_TOKEN_LEN`] is refused unread.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, expect: &Expect<'_>) -> Result<T, VerifyError> {
        use VerifyError::{Expired, Invalid};
        if token.len() > MAX_TOKEN_LEN {
            return Err(Invalid("too long"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Invalid("not three parts"))?;
        let (header, payload) = message.split_once('.').ok_or(Invalid("not three parts"))?;
        if payload.contains('.') {
            return Err(Invalid("not three parts"));
        }
        let header = decode(header).ok_or(Invalid("header not a JSON object in base64url"))?;
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Invalid("header not as expected"))?;
        let key = self.key_for(&header)?;
        if header.alg != key.alg.as_str() {
            return Err(Invalid("not the algorithm of the key"));
        }
        if header.crit.is_some() {
            return Err(Invalid("critical header that we do not know"));
        }
        if expect.typ.is_some_and(|typ| !same_type(header.typ.as_deref().unwrap_or_default(), typ)) {
            return Err(Invalid("another type of token"));
        }
        match crypto::verify(signature, message.as_bytes(), &key.decoding, algorithm(key.alg)) {
            Ok(true) => {}
            Ok(false) => return Err(Invalid("signature")),
            Err(_) => return Err(Invalid("signature not base64url")),
        }
        let payload = decode(payload).ok_or(Invalid("claims not a JSON object in base64url"))?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).map_err(|_| Invalid("claims not as expected"))?;
        if !expect.issuers.contains(&claims.iss.as_ref()) {
            return Err(Invalid("another issuer"));
        }
        if expect.audience.is_some_and(|wanted| !claims.aud.is_some_and(|aud| aud.holds(wanted))) {
            return Err(Invalid("another audience"));
        }
        let (now, leeway) = (expect.now.millis() as f64 / 1000.0, f64::from(expect.leeway_secs));
        if claims.nbf.is_some_and(|nbf| now + leeway < nbf) {
            return Err(Invalid("not yet valid"));
        }
        if now - leeway >= claims.exp && !expect.allow_expired {
            return Err(Expired);
        }
        serde_json::from_slice(&payload).map_err(|_| Invalid("claims not of the wanted form"))
    }

    /// The key that the header names, or the only one there is if it names none (OIDC Core §10.1).
    fn key_for(&self, header: &Header<'_>) -> Result<&Key, VerifyError> {
        match &header.kid {
            Some(kid) => self.keys.get(kid.as_ref()),
            None if self.keys.len() == 1 => self.keys.values().next(),
            None => None,
        }
        .ok_or(VerifyError::UnknownKey)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    typ: Option<Cow<'a, str>>,
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// The claims that are checked here. A name that stands twice is refused (RFC 7519 §4).
#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    /// Seconds since 1970, perhaps with a fraction (RFC 7519 §2, NumericDate).
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(borrow, default)]
    aud: Option<Audience<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(Vec<String>),
}

impl Audience<'_> {
    fn holds(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// The JSON object that a part holds (RFC 7519 §3: not an array, which serde would take for a struct as well).
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok().filter(|json| json.trim_ascii_start().starts_with(b"{"))
}

fn same_type(found: &str, wanted: &str) -> bool {
    let prefix = "application/";
    let bare = match found.get(..prefix.len()) {
        Some(front) if front.eq_ignore_ascii_case(prefix) => found.get(prefix.len()..).unwrap_or_default(),
        _ => found,
    };
    bare.eq_ignore_ascii_case(wanted)
}

fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Rs256 => Algorithm::RS256,
        SigningAlg::Es256 => Algorithm::ES256,
        SigningAlg::EdDsa => Algorithm::EdDSA,
    }
}

fn decoding_key(parts: &Parts) -> DecodingKey {
    match parts {
        Parts::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
        Parts::P256 { x, y } => DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()),
        Parts::Ed25519 { x } => DecodingKey::from_ed_der(x),
    }
}
