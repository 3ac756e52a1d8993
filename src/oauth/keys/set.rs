//! The key set: parsed once, shared by all requests.

use super::{KeyState, SigningKeyRow};
use crate::base::{Problem, Timestamp};
use crate::crypto::jwt::{Known, PublicKey, Signer, SigningAlg, Verifier};
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::seal::aad;
use crate::oauth::claims::Claims;
use crate::store::{Entity, Read};
use arc_swap::ArcSwap;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

/// The keys of one moment: those that sign, those that check, and the JWK set (RFC 7517 §5) as it is sent.
pub struct KeySet {
    signers: Vec<Signer>,
    verifier: Verifier,
    access_tokens: Known<Claims<'static>>,
    jwks: Value,
    jwks_bytes: Bytes,
    rsa_bytes: Bytes,
}

impl KeySet {
    /// Reads, opens and parses the stored keys. Call it at the start and after each change of a key, not for a request.
    ///
    /// # Errors
    /// [`Problem`]: the file cannot be read; a key does not open with this keyring.
    pub fn load(tx: &impl Read, keyring: &Keyring, now: Timestamp) -> Result<Self, Problem> {
        let mut rows = tx.list(&SigningKeyRow::TABLE, &(), usize::MAX)?;
        rows.retain(|(_, row)| row.state.is_shown(now));
        // The default algorithm first, for clients that take the first key; then the key that signs, then the newest.
        let rank = |row: &SigningKeyRow| {
            let alg = SigningAlg::ALL.iter().position(|alg| *alg == row.alg);
            (alg, !matches!(row.state, KeyState::Active { .. }), std::cmp::Reverse(row.id))
        };
        rows.sort_by_key(|(_, row)| rank(row));
        let (mut signers, mut public) = (Vec::new(), Vec::<PublicKey>::new());
        for (_, row) in rows {
            let signer = open(keyring, &row)?;
            public.push(signer.public_key().clone());
            if matches!(row.state, KeyState::Active { .. }) {
                signers.push(signer);
            }
        }
        let jwks = json!({ "keys": public.iter().map(PublicKey::to_jwk).collect::<Vec<_>>() });
        let rsa = public.iter().filter(|key| key.alg() == SigningAlg::Rs256).map(PublicKey::to_jwk);
        let rsa = json!({ "keys": rsa.collect::<Vec<_>>() });
        Ok(Self {
            signers,
            verifier: Verifier::new(&public),
            access_tokens: Known::default(),
            jwks_bytes: Bytes::from(jwks.to_string()),
            rsa_bytes: Bytes::from(rsa.to_string()),
            jwks,
        })
    }

    /// The key that signs with this algorithm. None until one was made: see [`super::missing`].
    pub fn signer(&self, alg: SigningAlg) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.alg() == alg)
    }

    /// The access tokens that were found good under these keys.
    pub fn access_tokens(&self) -> &Known<Claims<'static>> {
        &self.access_tokens
    }

    /// What checks our own tokens.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The public keys.
    pub fn jwks(&self) -> &Value {
        &self.jwks
    }

    /// The public keys of RS256 alone, as JSON text: there are SDKs that try to read every key of a set, and know RSA only.
    pub fn rsa_jwks_bytes(&self) -> Bytes {
        self.rsa_bytes.clone()
    }

    /// The public keys as JSON text.
    pub fn jwks_bytes(&self) -> Bytes {
        self.jwks_bytes.clone()
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("signers", &self.signers).field("verifier", &self.verifier).finish()
    }
}

/// Opens the private key of a row.
fn open(keyring: &Keyring, row: &SigningKeyRow) -> Result<Signer, Problem> {
    let damaged = |error: &dyn std::fmt::Display| Problem::internal(format!("signing key {}: {error}", row.id));
    let der = keyring.seal_key(Purpose::SigningKey).open(&place(&row.kid), &row.sealed).map_err(|e| damaged(&e))?;
    let signer = Signer::from_pkcs8(row.alg, &der).map_err(|error| damaged(&error))?;
    if signer.kid() == row.kid { Ok(signer) } else { Err(damaged(&"another key's id")) }
}

/// The associated data of a sealed key.
pub(super) fn place(kid: &str) -> Vec<u8> {
    aad(&[b"signing key", kid.as_bytes()])
}

/// The key set that requests share, and that a rotation replaces.
#[derive(Debug)]
pub struct Keys(ArcSwap<KeySet>);

impl Keys {
    /// Starts with a loaded set.
    pub fn new(set: KeySet) -> Self {
        Self(ArcSwap::from_pointee(set))
    }

    /// The set of now. Keep it for one request.
    pub fn current(&self) -> Arc<KeySet> {
        self.0.load_full()
    }

    /// Puts another set in its place.
    pub fn replace(&self, set: KeySet) {
        self.0.store(Arc::new(set));
    }
}
