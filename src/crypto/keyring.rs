//! The keyring: every long-lived key of the instance, derived from the root key by HKDF (RFC 5869) when the file is opened.
//!
//! Nothing here is stored. Each key has its own label, so that what is sealed for one purpose never opens for another and
//! the loss of one key tells nothing about the others. A label is part of the file format: it never changes.

use super::digest::{MacKey, hkdf_sha256};
use super::seal::{KEY_LEN, OpenFailed, SealKey, aad};
use std::fmt;
use zeroize::Zeroizing;

const SALT: &[u8] = b"scaistack keyring v1";

/// What a sealed value is for. Each purpose has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Wrapping the data key of a tenant, under which its vault values are sealed.
    TenantKey,
    /// Private keys that sign tokens.
    SigningKey,
    /// Secrets of second factors (TOTP seeds).
    Factor,
    /// Client secrets and private keys for identity providers of customers.
    Connection,
    /// Signing secrets of webhooks, which we must be able to read to sign with them.
    Webhook,
    /// Payloads of waiting jobs, such as a mail with a link that signs in.
    Job,
    /// Keys of model providers behind the gateway.
    Provider,
    /// Any other column that is sealed.
    Column,
}

impl Purpose {
    const ALL: [Self; 8] = [
        Self::TenantKey,
        Self::SigningKey,
        Self::Factor,
        Self::Connection,
        Self::Webhook,
        Self::Job,
        Self::Provider,
        Self::Column,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::TenantKey => "seal tenant-key",
            Self::SigningKey => "seal signing-key",
            Self::Factor => "seal factor",
            Self::Connection => "seal connection",
            Self::Webhook => "seal webhook",
            Self::Job => "seal job",
            Self::Provider => "seal provider",
            Self::Column => "seal column",
        }
    }
}

/// The derived keys. Made once when the file is opened, shared behind an `Arc`, wiped on drop, never printed.
pub struct Keyring {
    seal: [SealKey; Purpose::ALL.len()],
    audit: MacKey,
    pepper: MacKey,
    tokens: MacKey,
}

impl Keyring {
    /// Derives all keys from the root key. The same root key always gives the same keyring.
    pub fn new(root: &[u8; 32]) -> Self {
        Self {
            seal: Purpose::ALL.map(|purpose| SealKey::new(derive(root, purpose.label()))),
            audit: MacKey::new(derive(root, "mac audit").as_slice()),
            pepper: MacKey::new(derive(root, "mac pepper").as_slice()),
            tokens: MacKey::new(derive(root, "mac tokens").as_slice()),
        }
    }

    /// The key that seals values for a purpose.
    pub fn seal_key(&self, purpose: Purpose) -> &SealKey {
        let [tenant_key, signing_key, factor, connection, webhook, job, provider, column] = &self.seal;
        match purpose {
            Purpose::TenantKey => tenant_key,
            Purpose::SigningKey => signing_key,
            Purpose::Factor => factor,
            Purpose::Connection => connection,
            Purpose::Webhook => webhook,
            Purpose::Job => job,
            Purpose::Provider => provider,
            Purpose::Column => column,
        }
    }

    /// The key of the audit chain.
    pub fn audit(&self) -> &MacKey {
        &self.audit
    }

    /// The key for what the server hands out and takes back unread: cookies, CSRF tokens, cursors. The first part of the
    /// input names the use, and parts of varying length are joined by [`aad`].
    pub fn pepper(&self) -> &MacKey {
        &self.pepper
    }

    /// The key under which the store keeps the digests of tokens: [`super::token::TokenDigest::kept_under`].
    pub fn tokens(&self) -> &MacKey {
        &self.tokens
    }

    /// A new random data key for a tenant (its decimal id), and the same key wrapped, for the tenant's row.
    ///
    /// Whoever deletes the wrapped key has shredded all that is sealed under it.
    pub fn new_tenant_key(&self, tenant: u64) -> (SealKey, Vec<u8>) {
        let key = SealKey::generate();
        let wrapped = self.seal_key(Purpose::TenantKey).seal(&tenant_place(tenant), key.expose());
        (key, wrapped)
    }

    /// Unwraps the data key of a tenant.
    ///
    /// # Errors
    /// [`OpenFailed`] if it was wrapped for another tenant or by another keyring, or is damaged.
    pub fn open_tenant_key(&self, tenant: u64, wrapped: &[u8]) -> Result<SealKey, OpenFailed> {
        let opened = self.seal_key(Purpose::TenantKey).open(&tenant_place(tenant), wrapped)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if opened.len() != KEY_LEN {
            return Err(OpenFailed);
        }
        key.copy_from_slice(&opened);
        Ok(SealKey::new(key))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring([secret])")
    }
}

fn tenant_place(tenant: u64) -> Vec<u8> {
    aad(&[b"tenant key", &tenant.to_be_bytes()])
}

fn derive(root: &[u8; 32], label: &str) -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    hkdf_sha256(SALT, root, label.as_bytes(), key.as_mut());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_purpose_has_its_own_key() {
        let ring = Keyring::new(&[1; 32]);
        let other = Keyring::new(&[2; 32]);
        let mut keys = HashSet::new();
        for purpose in Purpose::ALL {
            assert_eq!(ring.seal_key(purpose).expose(), &*derive(&[1; 32], purpose.label()), "{purpose:?}");
            assert!(keys.insert(*ring.seal_key(purpose).expose()));
            assert!(keys.insert(*other.seal_key(purpose).expose()));
        }
        assert_ne!(ring.audit().mac(&[b"x"]), ring.pepper().mac(&[b"x"]));
        assert_ne!(ring.tokens().mac(&[b"x"]), ring.pepper().mac(&[b"x"]));
        assert_ne!(ring.audit().mac(&[b"x"]), other.audit().mac(&[b"x"]));
        assert_eq!(format!("{ring:?}"), "Keyring([secret])");
    }

    #[test]
    fn the_same_root_opens_what_it_sealed() {
        let sealed = Keyring::new(&[1; 32]).seal_key(Purpose::Job).seal(b"here", b"value");
        let ring = Keyring::new(&[1; 32]);
        assert_eq!(ring.seal_key(Purpose::Job).open(b"here", &sealed).unwrap().as_slice(), b"value");
        assert!(ring.seal_key(Purpose::Webhook).open(b"here", &sealed).is_err());
    }

    /// The labels and the salt are part of the file format. A file sealed once must open for ever.
    /// The expected keys were computed with Python's hmac module from RFC 5869.
    #[test]
    fn derivation_is_frozen() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let expected = [
            ("seal tenant-key", "453d3ded1726de1f2d9fa21bfe2969f9480cbae217267cdb612a6b58870b07d1"),
            ("seal signing-key", "e98973a90d93e14137bd95a3dbebbb6e39345907dbfcc5b2747f0b5dfd0f18c5"),
            ("seal factor", "c2ee616a8ebe7f1e1654b2fc8293fcd69b66a5e30d1d305d771d8bf2b0b39e11"),
            ("seal connection", "e59f71f07ac7eb7d29e8615cabaad341744fcae3ef06e43beda4dec60af08673"),
            ("seal webhook", "eda0c75cf7b2fa00a1685d85ffa9368177811c602632f571a7578d14f9ff716d"),
            ("seal job", "bd90f54859c20ed0780dd22bad5b12d47cd87ca566716f63fb15696517185468"),
            ("seal provider", "5ca30560f9f5922b153e9a1186de648bd1d2712196365479f1600e604a63bc9c"),
            ("seal column", "405eba76bc5b9cbf32942e286572b864c1acd35ab3c6fcc9a31fe17ff01c50f6"),
            ("mac audit", "d3b05066e6fa072e877db447f780d174ba573b811f912ba786d03fec3b262afd"),
            ("mac pepper", "ba53ddac68dd431e0d8681aa18b3f2a29b465e61ac8d6f2aa7bb7b4bbb4c5aac"),
            ("mac tokens", "32a8c0a765a8a106331221902131b35e03c6bbdcf97a0fd8ab7739ffac51fcce"),
        ];
        for (label, key) in expected {
            assert_eq!(hex(&*derive(&[7; 32], label)), key, "{label}");
        }
        assert_eq!(Purpose::ALL.map(Purpose::label).as_slice(), &expected.map(|(label, _)| label)[..8]);
    }

    #[test]
    fn a_tenant_key_opens_for_its_tenant_only() {
        let ring = Keyring::new(&[1; 32]);
        let (key, wrapped) = ring.new_tenant_key(42);
        assert_eq!(ring.open_tenant_key(42, &wrapped).unwrap().expose(), key.expose());
        assert!(ring.open_tenant_key(43, &wrapped).is_err());
        assert!(Keyring::new(&[2; 32]).open_tenant_key(42, &wrapped).is_err());
        let short = ring.seal_key(Purpose::TenantKey).seal(&tenant_place(42), &[0; 31]);
        assert!(ring.open_tenant_key(42, &short).is_err());
    }
}
