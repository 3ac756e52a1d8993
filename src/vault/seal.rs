//! How a value is sealed: under a key of its own, which is wrapped by the tenant's key for exactly one place.
//!
//! ```text
//! tenant key ──wraps, for (tenant, path, version)──> version key ──seals, for (tenant, path)──> JSON text
//! ```
//!
//! The number of a version is known only inside the transaction, where there is no randomness, for a transaction may run
//! again. So the work is split. **Before** it, [`Envelope::seal`] draws the version key and seals the whole value with it:
//! that key is used for this one value, so nothing but the key has to be bound to the version. **Inside** it,
//! [`Envelope::wrap`] seals the 32 bytes of the key for the version with a nonce that was drawn before: a function of its
//! arguments, and short. When the transaction runs again, for another version perhaps, the same nonce wraps the same key
//! for another place; the first wrapping was never committed and nobody has seen it, so the nonce counts as fresh.
//!
//! So a value that was moved to another version, path or tenant has a key that does not unwrap there, and a value beside
//! another version's key does not open. Who removes the wrapped key has destroyed the version for every reader of the
//! store. (The freed page keeps the old bytes, sealed, until the engine writes over it: whoever has the root key *and* the
//! raw file could still dig there.)

use super::bytes;
use crate::base::id::TenantId;
use crate::base::{Id, Secret, SecretPath};
use crate::crypto::random;
use crate::crypto::seal::{KEY_LEN, NONCE_LEN, OpenFailed, SealKey, aad};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A value at rest: what a version's row holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// The version key, sealed under the tenant key.
    #[serde(with = "bytes")]
    pub key: Vec<u8>,
    /// The value, sealed under the version key.
    #[serde(with = "bytes")]
    pub value: Vec<u8>,
}

/// A value sealed under its own key, which waits to be wrapped for a version.
#[derive(Debug)]
pub(super) struct Envelope {
    key: SealKey,
    nonce: [u8; NONCE_LEN],
    value: Vec<u8>,
}

impl Envelope {
    /// Seals a value for a path. Draws a key and a nonce, so never inside a transaction.
    pub fn seal(tenant: TenantId, path: &SecretPath, value: &[u8]) -> Self {
        let key = SealKey::generate();
        let value = key.seal(&value_place(tenant, path), value);
        Self { key, nonce: random::bytes(), value }
    }

    /// Wraps the key for one version. The same arguments give the same bytes.
    pub fn wrap(&self, tenant_key: &SealKey, tenant: TenantId, path: &SecretPath, version: u32) -> Sealed {
        let key = tenant_key.seal_with_nonce(self.nonce, &key_place(tenant, path, version), self.key.expose());
        Sealed { key, value: self.value.clone() }
    }
}

/// Opens a value that was sealed for this tenant, path and version.
///
/// # Errors
/// [`OpenFailed`] when it was sealed for another place or under another tenant key, or has changed.
pub(super) fn open(
    sealed: &Sealed,
    tenant_key: &SealKey,
    tenant: TenantId,
    path: &SecretPath,
    version: u32,
) -> Result<Secret<Vec<u8>>, OpenFailed> {
    let opened = tenant_key.open(&key_place(tenant, path, version), &sealed.key)?;
    let mut key = Zeroizing::new([0; KEY_LEN]);
    if opened.len() != KEY_LEN {
        return Err(OpenFailed);
    }
    key.copy_from_slice(&opened);
    let mut value = SealKey::new(key).open(&value_place(tenant, path), &sealed.value)?;
    // Moves the bytes, so that no second copy is left to wipe.
    Ok(Secret::new(std::mem::take(&mut *value)))
}

fn value_place(tenant: TenantId, path: &SecretPath) -> Vec<u8> {
    aad(&[b"vault value", &tenant.raw().to_be_bytes(), path.as_str().as_bytes()])
}

fn key_place(tenant: TenantId, path: &SecretPath, version: u32) -> Vec<u8> {
    aad(&[b"vault key", &tenant.raw().to_be_bytes(), path.as_str().as_bytes(), &version.to_be_bytes()])
}
