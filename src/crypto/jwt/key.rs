//! Keys: making private ones, and public ones as JWKs (RFC 7517) with their thumbprints (RFC 7638).

use super::SigningAlg;
use crate::crypto::digest::sha256;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A key could not be made or is not of the kind that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The library made no key.
    #[error("no key could be made")]
    Generate,
    /// Not a PKCS#8 private key of this algorithm, or one too weak.
    #[error("not a private key for this algorithm")]
    Private,
    /// Not a public JWK of an algorithm we know, or one too weak.
    #[error("not a public key of RSA (2048 to 8192 bits), P-256 or Ed25519 in JWK form")]
    Public,
}

/// Makes a private key and gives it as PKCS#8 DER (RFC 5958), to be sealed. An RSA key takes about 100 ms, now and then
/// several times that: call it on the blocking pool.
///
/// # Errors
/// [`KeyError::Generate`].
pub fn generate(alg: SigningAlg) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let failed = |_| KeyError::Generate;
    let copy = |der: &[u8]| Zeroizing::new(der.to_vec());
    Ok(match alg {
        SigningAlg::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            copy(der.as_ref())
        }
        SigningAlg::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
            copy(pair.to_pkcs8v1().map_err(failed)?.as_ref())
        }
        SigningAlg::EdDsa => {
            copy(Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8()).map_err(failed)?.as_ref())
        }
    })
}

/// A public key that checks signatures, with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    pub(super) parts: Parts,
}

/// The numbers of a public key, big-endian, without leading zeros where RFC 7518 §6.3.1 wants none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256 { x: [u8; 32], y: [u8; 32] },
    Ed25519 { x: [u8; 32] },
}

impl PublicKey {
    /// With its own thumbprint as the id.
    pub(super) fn new(parts: Parts) -> Self {
        Self { kid: thumbprint(&parts), parts }
    }

    /// Reads a public JWK (RFC 7517), ours or another issuer's. Without a `kid`, its thumbprint becomes the id.
    /// Private members are not looked at.
    ///
    /// # Errors
    /// [`KeyError::Public`] for another kind of key, a key not for signatures (`use`), an `alg` that does not fit the
    /// key, and RSA keys below 2048 or above 8192 bits.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let Jwk { common, algorithm } = Jwk::deserialize(jwk).map_err(|_| KeyError::Public)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Public);
        let coordinate = |text: &str| <[u8; 32]>::try_from(bytes(text)?).map_err(|_| KeyError::Public);
        let (parts, alg) = match &algorithm {
            AlgorithmParameters::RSA(rsa) => (Parts::Rsa { n: bytes(&rsa.n)?, e: bytes(&rsa.e)? }, KeyAlgorithm::RS256),
            AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
                (Parts::P256 { x: coordinate(&ec.x)?, y: coordinate(&ec.y)? }, KeyAlgorithm::ES256)
            }
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                (Parts::Ed25519 { x: coordinate(&pair.x)? }, KeyAlgorithm::EdDSA)
            }
            _ => return Err(KeyError::Public),
        };
        let signs = common.public_key_use.is_none_or(|purpose| purpose == PublicKeyUse::Signature);
        if !signs || !parts.is_strong() || common.key_algorithm.is_some_and(|wanted| wanted != alg) {
            return Err(KeyError::Public);
        }
        let key = Self::new(parts);
        Ok(match common.key_id {
            Some(kid) => Self { kid, ..key },
            None => key,
        })
    }

    /// The id that names this key in a token's header. Of our own keys, the RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that this key checks.
    pub fn alg(&self) -> SigningAlg {
        self.parts.alg()
    }

    /// As a JWK for a key set: the public members, and `use`, `alg`, `kid`.
    pub fn to_jwk(&self) -> Value {
        let mut jwk = self.parts.members();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.alg().as_str().into();
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }
}

impl Parts {
    fn alg(&self) -> SigningAlg {
        match self {
            Self::Rsa { .. } => SigningAlg::Rs256,
            Self::P256 { .. } => SigningAlg::Es256,
            Self::Ed25519 { .. } => SigningAlg::EdDsa,
        }
    }

    fn is_strong(&self) -> bool {
        match self {
            Self::Rsa { n, e } => {
                let no_zero_in_front = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
                let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
                let bits = n.first().map_or(0, |top| n.len() * 8 - top.leading_zeros() as usize);
                (2048..=8192).contains(&bits)
                    && (1..=8).contains(&e.len())
                    && no_zero_in_front(n)
                    && no_zero_in_front(e)
                    && odd(n)
                    && odd(e)
                    && e.as_slice() != [1]
            }
            // Whether the point lies on the curve is seen when a signature is checked.
            Self::P256 { .. } | Self::Ed25519 { .. } => true,
        }
    }

    /// The required members, which are also what a thumbprint is made of.
    fn members(&self) -> Value {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa { n, e } => json!({ "kty": "RSA", "n": b64(n), "e": b64(e) }),
            Self::P256 { x, y } => json!({ "kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y) }),
            Self::Ed25519 { x } => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(x) }),
        }
    }
}

/// RFC 7638 §3: SHA-256 over the required members in the order of their names, without white space.
fn thumbprint(parts: &Parts) -> String {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let text = match parts {
        Parts::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64(e), b64(n)),
        Parts::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, b64(x), b64(y)),
        Parts::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, b64(x)),
    };
    b64(&sha256(text.as_bytes()))
}
