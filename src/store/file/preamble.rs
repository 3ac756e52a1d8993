//! The preamble: who may open the file. Two copies, each in a block of its own, rewritten one after the other.
//!
//! ```text
//!    0  magic "SCAISTK1"     8  format, u32     12  slots, u32     16  generation, u64
//!   24  file id (16)        40  root id (16)    56  created at, i64 milliseconds
//!   64  8 slots of 256 bytes
//! 2112  HMAC-SHA-256 of all before it, under a key derived from the root key
//! 2144  SHA-256 of all before it, by which a copy torn by a power cut is told without a key
//! ```
//!
//! Numbers are little-endian. The *file id* is new for each file and keeps its pages apart from those of others; the
//! *root id* goes with the root key, so a backup under the same slots needs no secret to be made.

use super::error::{OpenError, SlotError, WrongKey};
use super::layout::{BLOCK, PREAMBLE_AT};
use super::raw::RawFile;
use crate::base::Timestamp;
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::crypto::slot::{KeyId, NewSlot, RootKey, SLOT_LEN, Slot, SlotInfo, Unseal};
use std::path::Path;

/// The most slots a file can have.
pub const MAX_SLOTS: usize = 8;
/// The format this program writes and reads.
pub const FORMAT: u32 = 1;
const MAGIC: &[u8; 8] = b"SCAISTK1";
const SLOTS_AT: usize = 64;
const MAC_AT: usize = SLOTS_AT + MAX_SLOTS * SLOT_LEN;
const DIGEST_AT: usize = MAC_AT + 32;
const END: usize = DIGEST_AT + 32;

/// What a preamble says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// This file, and no other.
    pub file_id: [u8; 16],
    /// The root key and everything that is derived for more than this file.
    pub root_id: [u8; 16],
    /// Grows with each rewrite.
    pub generation: u64,
    /// When the file was made.
    pub created_at: Timestamp,
    slots: Vec<Slot>,
}

impl Preamble {
    /// A preamble for a new file with a new root key.
    ///
    /// # Errors
    /// [`SlotError`] if there is no slot, if there are too many, or if one of them cannot be made.
    pub fn new(root: &RootKey, slots: &[NewSlot], now: Timestamp) -> Result<Self, SlotError> {
        if slots.is_empty() {
            return Err(SlotError::None);
        }
        let (file_id, root_id) = (random::bytes(), random::bytes());
        let mut preamble = Self { file_id, root_id, generation: 1, created_at: now, slots: Vec::new() };
        for slot in slots {
            preamble.add(root, slot, now)?;
        }
        Ok(preamble)
    }

    /// A preamble for another file under the same root key, opened by the same keys.
    pub fn for_copy(&self, now: Timestamp) -> Self {
        Self { file_id: random::bytes(), generation: 1, created_at: now, ..self.clone() }
    }

    /// What may be shown of the slots.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.slots.iter().map(|slot| slot.info().clone()).collect()
    }

    /// Adds a slot and returns what may be shown of it.
    ///
    /// # Errors
    /// [`SlotError`] if it cannot be made, is there already, or there is no room.
    pub fn add(&mut self, root: &RootKey, new: &NewSlot, now: Timestamp) -> Result<SlotInfo, SlotError> {
        if self.slots.len() >= MAX_SLOTS {
            return Err(SlotError::Full(MAX_SLOTS));
        }
        let slot = Slot::wrap(root, &self.root_id, new, now)?;
        let info = slot.info().clone();
        if self.slots.iter().any(|other| other.info().key_id == info.key_id) {
            return Err(SlotError::Exists(info.key_id));
        }
        self.slots.push(slot);
        Ok(info)
    }

    /// Removes a slot.
    ///
    /// # Errors
    /// [`SlotError::Unknown`] or [`SlotError::Last`].
    pub fn remove(&mut self, key_id: KeyId) -> Result<(), SlotError> {
        let at = self.slots.iter().position(|slot| slot.info().key_id == key_id).ok_or(SlotError::Unknown(key_id))?;
        if self.slots.len() == 1 {
            return Err(SlotError::Last(key_id));
        }
        self.slots.remove(at);
        Ok(())
    }

    /// The block as it is written.
    pub fn encode(&self, root: &RootKey) -> Vec<u8> {
        let mut out = vec![0; BLOCK];
        out[..8].copy_from_slice(MAGIC);
        out[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        out[12..16].copy_from_slice(&(self.slots.len() as u32).to_le_bytes());
        out[16..24].copy_from_slice(&self.generation.to_le_bytes());
        out[24..40].copy_from_slice(&self.file_id);
        out[40..56].copy_from_slice(&self.root_id);
        out[56..64].copy_from_slice(&self.created_at.millis().to_le_bytes());
        for (slot, place) in self.slots.iter().zip(out[SLOTS_AT..MAC_AT].chunks_mut(SLOT_LEN)) {
            place.copy_from_slice(&slot.encode());
        }
        let mac = root.preamble_key(&self.root_id).mac(&[&out[..MAC_AT]]);
        out[MAC_AT..DIGEST_AT].copy_from_slice(&mac);
        let digest = sha256(&out[..DIGEST_AT]);
        out[DIGEST_AT..END].copy_from_slice(&digest);
        out
    }

    /// Reads a block whose digest holds.
    fn decode(block: &[u8]) -> Option<Self> {
        let count = u32::from_le_bytes(array(block, 12)) as usize;
        let slots = block[SLOTS_AT..MAC_AT]
            .chunks(SLOT_LEN)
            .take(count)
            .map(|slot| Slot::decode(&array(slot, 0)))
            .collect::<Option<Vec<_>>>()?;
        (slots.len() == count && count > 0).then(|| Self {
            file_id: array(block, 24),
            root_id: array(block, 40),
            generation: u64::from_le_bytes(array(block, 16)),
            created_at: Timestamp::from_millis(i64::from_le_bytes(array(block, 56))),
            slots,
        })
    }
}

/// The preambles of a file, as far as they can be read without a key.
pub struct Copies {
    /// The newest first: which copy, its block, what it says.
    intact: Vec<(usize, Vec<u8>, Preamble)>,
}

/// The preamble that a key has opened.
pub struct Opened {
    /// What it says.
    pub preamble: Preamble,
    /// The key that it held.
    pub root: RootKey,
    /// In which copy it was found.
    pub copy: usize,
    /// Whether the other copy says the same, as it does unless a rewrite was cut off or a block has decayed.
    pub both_agree: bool,
}

impl Copies {
    /// Reads both copies of the file at `path`.
    ///
    /// # Errors
    /// [`OpenError`] if neither copy is intact, or if the file cannot be read.
    pub fn read(raw: &dyn RawFile, path: &Path) -> Result<Self, OpenError> {
        let not_ours = || OpenError::NotADataFile(path.to_owned());
        if raw.len().map_err(OpenError::io("read", path))? < 2 * BLOCK as u64 {
            return Err(not_ours());
        }
        let mut intact = Vec::new();
        let mut seen_ours = false;
        for (copy, at) in PREAMBLE_AT.into_iter().enumerate() {
            let mut block = vec![0; BLOCK];
            raw.read_at(at, &mut block).map_err(OpenError::io("read", path))?;
            if block[..8] != *MAGIC {
                continue;
            }
            seen_ours = true;
            let found = u32::from_le_bytes(array(&block, 8));
            if sha256(&block[..DIGEST_AT]) != array::<32>(&block, DIGEST_AT) {
                continue;
            }
            if found != FORMAT {
                return Err(OpenError::UnsupportedFormat { found, supported: FORMAT });
            }
            if let Some(preamble) = Preamble::decode(&block) {
                intact.push((copy, block, preamble));
            }
        }
        intact.sort_by_key(|(_, _, preamble)| std::cmp::Reverse(preamble.generation));
        match (intact.is_empty(), seen_ours) {
            (false, _) => Ok(Self { intact }),
            (true, true) => Err(OpenError::Damaged("no copy of its preamble is intact".to_owned())),
            (true, false) => Err(not_ours()),
        }
    }

    /// What the newest copy lists. Nothing has been authenticated.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.intact.first().map(|(_, _, preamble)| preamble.slots()).unwrap_or_default()
    }

    /// Opens the newest copy; the older one only if the newest turns out to be altered.
    ///
    /// # Errors
    /// [`OpenError::WrongKey`] if no slot of the newest copy opens, [`OpenError::Damaged`] if no copy authenticates.
    pub fn open(&self, unseal: &Unseal) -> Result<Opened, OpenError> {
        for (copy, block, preamble) in &self.intact {
            let mut slots = preamble.slots.iter();
            let Some(root) = slots.find_map(|slot| slot.unwrap(&preamble.root_id, unseal)) else {
                let key_id = unseal.key_id();
                return Err(match preamble.slots.iter().find(|slot| Some(slot.info().key_id) == key_id) {
                    Some(slot) => OpenError::Damaged(format!("its own key does not open the slot of {}", slot.info())),
                    None => OpenError::WrongKey(WrongKey { key_id, file_slots: self.slots() }),
                });
            };
            let mac = root.preamble_key(&preamble.root_id);
            if mac.verify(&[&block[..MAC_AT]], &block[MAC_AT..DIGEST_AT]) {
                let both_agree = self.intact.len() == 2 && self.intact[0].1 == self.intact[1].1;
                return Ok(Opened { preamble: preamble.clone(), root, copy: *copy, both_agree });
            }
        }
        Err(OpenError::Damaged("its preamble does not authenticate".to_owned()))
    }
}

/// `N` bytes of `bytes` from `at`.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}
