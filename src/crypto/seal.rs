//! Sealing: authenticated encryption of single values with XAES-256-GCM (C2SP XAES-256-GCM).
//!
//! A sealed value is `nonce (24) ‖ ciphertext ‖ tag (16)`. The nonce is random: 192 bits make a repeat impossible in
//! practice, so there is no counter to keep, and a restored backup cannot bring one back.

use super::random;
use std::fmt;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use xaes_256_gcm::{Key, Nonce, Tag, Xaes256Gcm};
use zeroize::Zeroizing;

/// Length of a sealing key in bytes.
pub const KEY_LEN: usize = 32;
/// Length of the nonce in front of a sealed value, in bytes.
pub const NONCE_LEN: usize = 24;
/// Length of the tag at the end of a sealed value, in bytes.
pub const TAG_LEN: usize = 16;
/// What sealing adds to the length of a value, in bytes.
pub const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// A sealed value did not open: another key, other associated data, or changed bytes. Which of them, no one can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this key and in this place")]
pub struct OpenFailed;

/// A key that seals values. Its key schedule is made once; wiped on drop, never printed.
pub struct SealKey {
    cipher: Xaes256Gcm,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

impl SealKey {
    /// Takes over key material: uniformly random, or derived from something that is.
    pub fn new(bytes: Zeroizing<[u8; KEY_LEN]>) -> Self {
        let cipher = Xaes256Gcm::new(<&Key>::from(&*bytes));
        Self { cipher, bytes }
    }

    /// A new random key.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        random::fill(bytes.as_mut());
        Self::new(bytes)
    }

    /// The key itself, for sealing it under another key. It goes nowhere else.
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }

    /// Seals `plaintext` for the place that `aad` names (see [`aad`]): `nonce ‖ ciphertext ‖ tag`, [`OVERHEAD`] bytes
    /// longer than the plaintext. Two calls never give the same bytes.
    pub fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        self.seal_with_nonce(random::bytes(), aad, plaintext)
    }

    /// As [`SealKey::seal`], with a nonce that the caller has drawn from [`random`]: for a place where bytes must depend on
    /// the arguments alone, such as a transaction that may run again. Of all that is sealed with one nonce, only one value
    /// may ever be stored or shown.
    pub fn seal_with_nonce(&self, nonce: [u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let body = sealed.get_mut(NONCE_LEN..).unwrap_or_default();
        match self.cipher.encrypt_inout_detached(&Nonce::from(nonce), aad, body.into()) {
            Ok(tag) => sealed.extend_from_slice(&tag),
            Err(_) => {
                // Only a value beyond 64 GiB gets here; there is no answer that would not be plaintext.
                tracing::error!("a value of {} bytes is too long to seal; the process ends", plaintext.len());
                std::process::abort();
            }
        }
        sealed
    }

    /// Opens what [`SealKey::seal`] made with the same key and the same `aad`.
    ///
    /// # Errors
    /// [`OpenFailed`] if a single bit of the sealed value or of `aad` differs, or the key does.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(OpenFailed)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(OpenFailed)?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        self.cipher
            .decrypt_inout_detached(&Nonce::from(*nonce), aad, plain.as_mut_slice().into(), &Tag::from(*tag))
            .map_err(|_| OpenFailed)?;
        Ok(plain)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey([secret])")
    }
}

/// Joins fields into associated data (or the input of a message code) so that different fields never give the same
/// bytes: each field stands behind its length in eight big-endian bytes.
///
/// Begin with a label that names the use, such as `b"vault value"`.
pub fn aad(fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.iter().map(|field| field.len() + 8).sum());
    for field in fields {
        out.extend_from_slice(&(field.len() as u64).to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> SealKey {
        SealKey::new(Zeroizing::new([byte; KEY_LEN]))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The two vectors of the C2SP page on XAES-256-GCM.
    #[test]
    fn vectors_of_c2sp() {
        let nonce = *b"ABCDEFGHIJKLMNOPQRSTUVWX";
        let sealed = key(0x01).seal_with_nonce(nonce, b"", b"XAES-256-GCM");
        assert_eq!(hex(&sealed[NONCE_LEN..]), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        let sealed = key(0x03).seal_with_nonce(nonce, b"c2sp.org/XAES-256-GCM", b"XAES-256-GCM");
        assert_eq!(hex(&sealed[NONCE_LEN..]), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    #[test]
    fn opens_only_with_the_same_key_and_place() {
        let sealed = key(1).seal(b"here", b"value");
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(key(1).open(b"here", &sealed).unwrap().as_slice(), b"value");
        assert_eq!(key(1).open(b"there", &sealed).unwrap_err(), OpenFailed);
        assert_eq!(key(2).open(b"here", &sealed).unwrap_err(), OpenFailed);
    }

    #[test]
    fn every_changed_or_missing_byte_is_seen() {
        let sealed = key(1).seal(b"here", b"value");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(b"here", &changed).is_err(), "byte {at}");
            assert!(key(1).open(b"here", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let key = SealKey::generate();
        assert_ne!(key.seal(b"", b"same"), key.seal(b"", b"same"));
        assert_ne!(key.expose(), SealKey::generate().expose());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", key(0x41)), "SealKey([secret])");
    }

    #[test]
    fn fields_are_not_confused() {
        assert_ne!(aad(&[b"ab", b"c"]), aad(&[b"a", b"bc"]));
        assert_ne!(aad(&[b"ab"]), aad(&[b"ab", b""]));
        assert_ne!(aad(&[]), aad(&[b""]));
    }

    proptest! {
        #[test]
        fn round_trip(place: Vec<u8>, value: Vec<u8>) {
            let key = key(9);
            let opened = key.open(&place, &key.seal(&place, &value)).unwrap();
            prop_assert_eq!(opened.as_slice(), value.as_slice());
        }

        #[test]
        fn garbage_never_opens(place: Vec<u8>, sealed: Vec<u8>) {
            prop_assert!(key(9).open(&place, &sealed).is_err());
        }

        #[test]
        fn joined_fields_tell_apart(a: Vec<Vec<u8>>, b: Vec<Vec<u8>>) {
            let join = |fields: &Vec<Vec<u8>>| aad(&fields.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(a == b, join(&a) == join(&b));
        }
    }
}
