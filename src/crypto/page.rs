//! The page cipher: seals a block of the data file in place and gives back a trailer that lives elsewhere.

use crate::base::Secret;
use crate::crypto::random;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};

/// Bytes of a trailer: a nonce of 24 and a tag of 16.
pub const TRAILER_LEN: usize = 40;
const NONCE_LEN: usize = 24;

/// What [`PageCipher::seal`] gives back and [`PageCipher::open`] needs: nonce ‖ tag.
pub type Trailer = [u8; TRAILER_LEN];

/// Where a block belongs. It is authenticated, so a block opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The file's id.
    pub file_id: [u8; 16],
    /// The page's number; for a header copy its sequence number.
    pub number: u64,
    /// What kind of block this is; each kind has its own numbers.
    pub kind: u64,
}

impl Place {
    /// The associated data: file id ‖ number ‖ kind, the numbers little-endian.
    fn bytes(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..16].copy_from_slice(&self.file_id);
        out[16..24].copy_from_slice(&self.number.to_le_bytes());
        out[24..].copy_from_slice(&self.kind.to_le_bytes());
        out
    }
}

/// A cipher for blocks that keep their length.
pub trait PageCipher: Send + Sync {
    /// Seals `block` in place under a fresh nonce and returns its trailer.
    fn seal(&self, place: &Place, block: &mut [u8]) -> Trailer;

    /// Opens `block` in place. `false` if the block, its trailer or its place is not what was sealed; the block then
    /// holds no plaintext.
    fn open(&self, place: &Place, block: &mut [u8], trailer: &Trailer) -> bool;
}

/// XAES-256-GCM with a random 192-bit nonce: no counter has to survive a crash, and a file restored from a backup
/// cannot repeat one.
pub struct Xaes(Xaes256Gcm);

impl Xaes {
    /// A cipher under `key`.
    pub fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(Xaes256Gcm::new(key.expose().into()))
    }
}

impl PageCipher for Xaes {
    fn seal(&self, place: &Place, block: &mut [u8]) -> Trailer {
        let (nonce, tag) = seal(&self.0, &place.bytes(), block);
        let mut trailer = [0; TRAILER_LEN];
        trailer[..NONCE_LEN].copy_from_slice(&nonce);
        trailer[NONCE_LEN..].copy_from_slice(&tag);
        trailer
    }

    fn open(&self, place: &Place, block: &mut [u8], trailer: &Trailer) -> bool {
        let (mut nonce, mut tag) = ([0; NONCE_LEN], [0; 16]);
        nonce.copy_from_slice(&trailer[..NONCE_LEN]);
        tag.copy_from_slice(&trailer[NONCE_LEN..]);
        self.0.decrypt_inout_detached(&nonce.into(), &place.bytes(), block.into(), &tag.into()).is_ok()
    }
}

/// Seals with XAES-256-GCM under a random nonce. The cipher fails only beyond 64 GiB, which no caller has: a block that
/// could not be sealed must never be written, so that ends the process.
fn seal(cipher: &Xaes256Gcm, associated: &[u8], block: &mut [u8]) -> ([u8; NONCE_LEN], [u8; 16]) {
    let nonce = random::bytes::<NONCE_LEN>();
    match cipher.encrypt_inout_detached(&nonce.into(), associated, block.into()) {
        Ok(tag) => (nonce, tag.into()),
        Err(_) => std::process::abort(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { file_id: [1; 16], number: 7, kind: 0 };

    #[test]
    fn a_block_opens_only_in_its_place_and_unchanged() {
        let cipher = Xaes::new(&Secret::new([9; 32]));
        let mut block = vec![0x5a; 4096];
        let trailer = cipher.seal(&PLACE, &mut block);
        let sealed = block.clone();
        assert!(!sealed.windows(4).any(|w| w == [0x5a; 4]));
        assert!(cipher.open(&PLACE, &mut block, &trailer));
        assert_eq!(block, vec![0x5a; 4096]);

        for other in [Place { number: 8, ..PLACE }, Place { kind: 1, ..PLACE }, Place { file_id: [2; 16], ..PLACE }] {
            let mut block = sealed.clone();
            assert!(!cipher.open(&other, &mut block, &trailer), "{other:?}");
            assert!(!block.windows(4).any(|w| w == [0x5a; 4]), "plaintext after a refusal");
        }
        for at in [0, 2048, 4095] {
            let mut block = sealed.clone();
            block[at] ^= 1;
            assert!(!cipher.open(&PLACE, &mut block, &trailer));
        }
        for at in 0..TRAILER_LEN {
            let mut trailer = trailer;
            trailer[at] ^= 1;
            assert!(!cipher.open(&PLACE, &mut sealed.clone(), &trailer));
        }
        assert!(!Xaes::new(&Secret::new([8; 32])).open(&PLACE, &mut sealed.clone(), &trailer));
    }

    #[test]
    fn the_same_block_never_looks_the_same() {
        let cipher = Xaes::new(&Secret::new([9; 32]));
        let (mut one, mut two) = (vec![0; 4096], vec![0; 4096]);
        assert_ne!(cipher.seal(&PLACE, &mut one), cipher.seal(&PLACE, &mut two));
        assert_ne!(one, two);
    }
}
