//! Signing: a parsed key, its headers encoded in advance, one pass from the claims to the token.

use super::SigningAlg;
use super::key::{KeyError, Parts, PublicKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use std::fmt;

/// The longest signature: RSA with 8192 bits.
const MAX_SIGNATURE_LEN: usize = 1024;
/// The room first set aside for the claims in bytes; a token of ours has about 400.
const CLAIMS_LEN: usize = 768;

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims have no JSON form: a mistake in the program.
    #[error("the claims have no JSON form")]
    Claims(#[source] serde_json::Error),
    /// The library gave no signature.
    #[error("the key gave no signature")]
    Signature,
}

/// A private key, parsed once, that signs tokens. Share it behind an `Arc`; never printed.
pub struct Signer {
    pair: Pair,
    public: PublicKey,
    /// The encoded headers with their dot, for `JWT` and `at+jwt`.
    jwt_header: String,
    at_jwt_header: String,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Signer {
    /// Parses a private key as [`super::generate`] gives it. Its id is the RFC 7638 thumbprint of the public half.
    ///
    /// # Errors
    /// [`KeyError::Private`] if `der` is no PKCS#8 key of this algorithm.
    pub fn from_pkcs8(alg: SigningAlg, der: &[u8]) -> Result<Self, KeyError> {
        let rejected = |_| KeyError::Private;
        let (pair, parts) = match alg {
            SigningAlg::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(rejected)?;
                let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                (Pair::Rsa(Box::new(pair)), Parts::Rsa { n, e })
            }
            SigningAlg::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(rejected)?;
                let parts = p256_parts(pair.public_key().as_ref()).ok_or(KeyError::Private)?;
                (Pair::P256(Box::new(pair)), parts)
            }
            SigningAlg::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(rejected)?;
                let x = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Private)?;
                (Pair::Ed25519(Box::new(pair)), Parts::Ed25519 { x })
            }
        };
        let public = PublicKey::new(parts);
        let jwt_header = header(&public, "JWT");
        let at_jwt_header = header(&public, "at+jwt");
        Ok(Self { pair, public, jwt_header, at_jwt_header })
    }

    /// The id that goes into every header.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// How this key signs.
    pub fn alg(&self) -> SigningAlg {
        self.public.alg()
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `claims` as a compact JWS (RFC 7515 §3.1). `typ` is the type in the header: `JWT` for ID tokens and where
    /// nothing else is said, `at+jwt` for access tokens (RFC 9068 §2.1), `logout+jwt`, …
    ///
    /// An RS256 signature takes about 0.4 ms of a core.
    ///
    /// # Errors
    /// [`SignError`]; with claims made of structs and strings, never.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let mut json = Vec::with_capacity(CLAIMS_LEN);
        serde_json::to_writer(&mut json, claims).map_err(SignError::Claims)?;
        let other;
        let header = match typ {
            "JWT" => &self.jwt_header,
            "at+jwt" => &self.at_jwt_header,
            _ => {
                other = header(&self.public, typ);
                &other
            }
        };
        let signature_len = match &self.pair {
            Pair::Rsa(pair) => pair.public_modulus_len(),
            Pair::P256(_) | Pair::Ed25519(_) => 64,
        };
        let mut token = String::with_capacity(header.len() + (json.len() + signature_len).div_ceil(3) * 4 + 8);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(&json, &mut token);
        let mut buffer = [0; MAX_SIGNATURE_LEN];
        let signature = self.signature(token.as_bytes(), buffer.get_mut(..signature_len).unwrap_or_default())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Signs `message` into `out`, which is exactly as long as the signature.
    fn signature<'a>(&self, message: &[u8], out: &'a mut [u8]) -> Result<&'a [u8], SignError> {
        let failed = |_| SignError::Signature;
        let copy = |from: &[u8], out: &'a mut [u8]| {
            if from.len() != out.len() {
                return Err(SignError::Signature);
            }
            out.copy_from_slice(from);
            Ok(out as &[u8])
        };
        // The library takes a generator for the sake of its interface and uses its own.
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                if out.len() != pair.public_modulus_len() {
                    return Err(SignError::Signature);
                }
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, out).map_err(failed)?;
                Ok(out)
            }
            Pair::P256(pair) => copy(pair.sign(&rng, message).map_err(failed)?.as_ref(), out),
            Pair::Ed25519(pair) => copy(pair.try_sign(message).map_err(failed)?.as_ref(), out),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} {}, [secret])", self.alg(), self.kid())
    }
}

/// The encoded header with its dot.
fn header(public: &PublicKey, typ: &str) -> String {
    let json = serde_json::json!({ "alg": public.alg().as_str(), "kid": public.kid(), "typ": typ });
    let mut encoded = URL_SAFE_NO_PAD.encode(json.to_string());
    encoded.push('.');
    encoded
}

/// The coordinates of an uncompressed point (SEC 1 §2.3.3).
fn p256_parts(point: &[u8]) -> Option<Parts> {
    let (x, y) = point.strip_prefix(&[4])?.split_first_chunk::<32>()?;
    Some(Parts::P256 { x: *x, y: y.try_into().ok()? })
}
