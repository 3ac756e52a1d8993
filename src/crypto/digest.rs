//! Hashes, message authentication, key derivation and comparison in constant time.

use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use std::fmt;

/// SHA-256 of `data` (FIPS 180-4).
pub fn sha256(data: &[u8]) -> [u8; 32] {
    take32(digest::digest(&digest::SHA256, data).as_ref())
}

/// SHA-512 of `data` (FIPS 180-4).
pub fn sha512(data: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(digest::digest(&digest::SHA512, data).as_ref());
    out
}

/// Whether `a` and `b` are the same bytes, in a time that tells nothing about where they differ. Slices of different
/// lengths are different at once: a length is no secret here.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// A key for HMAC-SHA-256, its inner and outer pads hashed once. Cheap to share, never printed, wiped on drop by the
/// library.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// Takes a key of any length; 32 random bytes are what it should be.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The code over the parts, one after the other.
    ///
    /// The parts are joined as they are: `["ab", "c"]` and `["a", "bc"]` get the same code. Where the bounds matter, pass
    /// parts of fixed lengths or [`super::seal::aad`].
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        take32(context.sign().as_ref())
    }

    /// Whether `code` is the code over the parts, compared in constant time. A shorter code never is.
    pub fn verify(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        constant_time_eq(&self.mac(parts), code)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([secret])")
    }
}

/// Fills `out` with key material from `secret` by HKDF-SHA-256 (RFC 5869): extract with `salt`, then expand with `info`.
///
/// `out` holds at most 8160 bytes (255 blocks), which is far beyond every use here; more ends the process, for the
/// caller would go on with a key of zeros.
pub fn hkdf_sha256(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) {
    let info = [info];
    let filled = hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&info, Length(out.len()))
        .and_then(|okm| okm.fill(out));
    if filled.is_err() {
        tracing::error!("key derivation failed for {} bytes; the process ends", out.len());
        std::process::abort();
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn take32(from: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn sha256_of_abc() {
        assert_eq!(sha256(b"abc").to_vec(), unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    #[test]
    fn sha512_of_abc() {
        let want = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(sha512(b"abc").to_vec(), unhex(want));
    }

    /// RFC 4231, cases 1 to 4, 6 and 7.
    #[test]
    fn hmac_vectors_of_rfc_4231() {
        let long_key = [0xaa; 131];
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 6] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (
                &long_key,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &long_key,
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, data, expected) in cases {
            assert_eq!(MacKey::new(key).mac(&[data]).to_vec(), unhex(expected));
            let (front, back) = data.split_at(data.len() / 2);
            assert_eq!(MacKey::new(key).mac(&[front, back]).to_vec(), unhex(expected), "in two parts");
        }
    }

    #[test]
    fn verify_takes_the_whole_code_only() {
        let key = MacKey::new(&[7; 32]);
        let mut code = key.mac(&[b"one", b"two"]);
        assert!(key.verify(&[b"one", b"two"], &code));
        assert!(!key.verify(&[b"one", b"two"], &code[..31]));
        assert!(!key.verify(&[b"one", b"two"], &[]));
        assert!(!key.verify(&[b"one"], &code));
        assert!(!MacKey::new(&[8; 32]).verify(&[b"one", b"two"], &code));
        code[31] ^= 1;
        assert!(!key.verify(&[b"one", b"two"], &code));
        assert_eq!(format!("{key:?}"), "MacKey([secret])");
    }

    #[test]
    fn equality_looks_at_every_byte_and_at_the_length() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"same", b"same"));
        assert!(!constant_time_eq(b"same", b"samf"));
        assert!(!constant_time_eq(b"same", b"sam"));
    }

    /// RFC 5869, appendix A.1 to A.3.
    #[test]
    fn hkdf_vectors_of_rfc_5869() {
        let range = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        let cases = [
            (
                vec![0x0b; 22],
                range(0x00, 0x0c),
                range(0xf0, 0xf9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                range(0x00, 0x4f),
                range(0x60, 0xaf),
                range(0xb0, 0xff),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                 da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                vec![0x0b; 22],
                vec![],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ];
        for (secret, salt, info, expected) in cases {
            let expected = unhex(expected);
            let mut out = vec![0; expected.len()];
            hkdf_sha256(&salt, &secret, &info, &mut out);
            assert_eq!(out, expected);
        }
    }
}
