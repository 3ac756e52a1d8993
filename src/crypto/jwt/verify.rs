//! Checking tokens: ours, and those of the identity providers of customers.

use super::SigningAlg;
use super::key::{Parts, PublicKey};
use crate::base::Timestamp;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

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

/// A set of public keys, parsed once, that checks tokens. Cheap to clone. Build a new one when the keys change.
#[derive(Clone, Default)]
pub struct Verifier {
    /// A handful: the names are compared one by one.
    keys: Arc<[Key]>,
}

struct Key {
    kid: String,
    alg: SigningAlg,
    /// None: the numbers are no key of this algorithm, so nothing is signed with it.
    parsed: Option<ParsedPublicKey>,
}

impl Verifier {
    /// From public keys. Of two keys with the same id, the first is taken.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k PublicKey>) -> Self {
        let mut known: Vec<Key> = Vec::new();
        for key in keys {
            if !known.iter().any(|other| other.kid == key.kid()) {
                known.push(Key { kid: key.kid().to_owned(), alg: key.alg(), parsed: parse(&key.parts) });
            }
        }
        Self { keys: known.into() }
    }

    /// From a JWK set (RFC 7517 §5), leaving out the keys that we cannot use, as that section asks.
    pub fn from_jwks(jwks: &serde_json::Value) -> Self {
        let listed = jwks.get("keys").and_then(serde_json::Value::as_array);
        let keys: Vec<_> = listed.into_iter().flatten().filter_map(|jwk| PublicKey::from_jwk(jwk).ok()).collect();
        Self::new(&keys)
    }

    /// Whether there is a key of this id, so that a fetched key set can be renewed when there is none.
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid == kid)
    }

    /// Checks a compact JWS and gives its claims: what [`Verifier::payload`] checks, then `iss`, `exp` (required), `nbf`, and
    /// what else `expect` asks for. The claims are not looked at before the signature holds.
    ///
    /// # Errors
    /// [`VerifyError`]. A token longer than [`MAX_TOKEN_LEN`] is refused unread.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, expect: &Expect<'_>) -> Result<T, VerifyError> {
        use VerifyError::{Expired, Invalid};
        let payload = self.payload(token, expect.typ)?;
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

    /// Checks the form, the header and the signature of a compact JWS: by the key that it names, with that key's own algorithm. Gives the
    /// claims as JSON text, of which the caller has everything left to check. `typ` as [`Expect::typ`].
    ///
    /// # Errors
    /// [`VerifyError`], never [`VerifyError::Expired`].
    pub fn payload(&self, token: &str, typ: Option<&str>) -> Result<Vec<u8>, VerifyError> {
        use VerifyError::Invalid;
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
        if typ.is_some_and(|typ| !same_type(header.typ.as_deref().unwrap_or_default(), typ)) {
            return Err(Invalid("another type of token"));
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Invalid("signature not base64url"))?;
        if key.parsed.as_ref().is_none_or(|parsed| parsed.verify_sig(message.as_bytes(), &signature).is_err()) {
            return Err(Invalid("signature"));
        }
        decode(payload).ok_or(Invalid("claims not a JSON object in base64url"))
    }

    /// The key that the header names, or the only one there is if it names none (OIDC Core §10.1).
    fn key_for(&self, header: &Header<'_>) -> Result<&Key, VerifyError> {
        match &header.kid {
            Some(kid) => self.keys.iter().find(|key| key.kid == kid.as_ref()),
            None if self.keys.len() == 1 => self.keys.first(),
            None => None,
        }
        .ok_or(VerifyError::UnknownKey)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.iter().map(|key| &key.kid)).finish()
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

enum Audience<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

/// By hand, because serde would read an untagged choice into memory first.
impl<'de: 'a, 'a> Deserialize<'de> for Audience<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Audience<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Audience::One(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Audience::One(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = list.next_element::<Cow<'de, str>>()? {
                    many.push(one);
                }
                Ok(Audience::Many(many))
            }
        }
        from.deserialize_any(Reader)
    }
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

/// Parses a key once: parsing takes as long as checking a signature.
fn parse(parts: &Parts) -> Option<ParsedPublicKey> {
    match parts {
        Parts::Rsa { n, e } => RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok(),
        Parts::P256 { x, y } => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], x.as_slice(), y.as_slice()].concat()).ok()
        }
        Parts::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x).ok(),
    }
}
