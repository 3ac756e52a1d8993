//! redb's header (the start of its page 0), in two sealed copies.
//!
//! A sealed block changes in every byte when it is written again, so a header written in place could be lost whole by
//! one torn write, and both commit slots of redb with it. Hence two copies, and one rule: **the copy that is written is
//! the one that was not synced last**, and they change places only when a sync has succeeded. redb may write the header
//! several times between two syncs; all of these go to the same copy.

use super::layout::{BLOCK, HEADER_AT};
use super::raw::RawFile;
use crate::crypto::page::{PageCipher, Place, TRAILER_LEN, Trailer};
use std::io;

/// As much of page 0 as is kept. redb uses 320 bytes.
pub const HEADER_LEN: usize = 1024;
const SEQUENCE_AT: usize = HEADER_LEN + TRAILER_LEN;
const RECORD_LEN: usize = SEQUENCE_AT + 8;
/// Kind of the first copy in the associated data; the second has the next number. Pages are kind 0.
const FIRST_KIND: u64 = 1;

/// The header in memory and which of its copies is which.
pub struct Header {
    bytes: Vec<u8>,
    /// Number of the last write, authenticated with it.
    sequence: u64,
    /// The copy that is certainly on the disk.
    synced: usize,
    /// Whether the other copy has been written since.
    dirty: bool,
}

impl Header {
    /// The header of a file that has none yet.
    pub fn blank() -> Self {
        Self { bytes: vec![0; HEADER_LEN], sequence: 0, synced: 0, dirty: false }
    }

    /// Reads the newest copy that authenticates. The second value: whether the other copy was written but does not.
    ///
    /// # Errors
    /// The disk's, or `InvalidData` if no copy authenticates.
    pub fn load(raw: &dyn RawFile, cipher: &dyn PageCipher, file_id: [u8; 16]) -> io::Result<(Self, bool)> {
        let mut best: Option<Self> = None;
        let mut refused = false;
        for (copy, at) in HEADER_AT.into_iter().enumerate() {
            let mut record = vec![0; RECORD_LEN];
            raw.read_at(at, &mut record)?;
            if record.iter().all(|byte| *byte == 0) {
                continue;
            }
            let (block, trailer, sequence) = split(&mut record);
            if !cipher.open(&place(file_id, copy, sequence), block, &trailer) {
                refused = true;
            } else if best.as_ref().is_none_or(|best| sequence > best.sequence) {
                best = Some(Self { bytes: block.to_vec(), sequence, synced: copy, dirty: false });
            }
        }
        let none = || io::Error::new(io::ErrorKind::InvalidData, "no copy of its header authenticates");
        Ok((best.ok_or_else(none)?, refused))
    }

    /// Fills `out` from byte `at` of page 0. What is beyond the kept part reads as zeros.
    pub fn read(&self, at: usize, out: &mut [u8]) {
        let kept = self.bytes.get(at..).unwrap_or_default();
        let len = kept.len().min(out.len());
        out[..len].copy_from_slice(&kept[..len]);
        out[len..].fill(0);
    }

    /// Changes bytes of page 0 and writes the copy that is not the last synced one.
    ///
    /// # Errors
    /// The disk's, or `InvalidInput` beyond the kept part.
    pub fn write(&mut self, at: usize, data: &[u8], to: &Target<'_>) -> io::Result<()> {
        let Some(kept) = self.bytes.get_mut(at..at + data.len()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a write beyond the kept part of the header page"));
        };
        kept.copy_from_slice(data);
        self.write_copy(to)
    }

    /// Notes that a sync has succeeded.
    pub fn synced(&mut self) {
        if self.dirty {
            self.synced ^= 1;
            self.dirty = false;
        }
    }

    /// Writes what was synced last to the other copy too; does nothing if there is something unsynced. True if a sync
    /// has to follow.
    ///
    /// # Errors
    /// The disk's.
    pub fn write_other_copy(&mut self, to: &Target<'_>) -> io::Result<bool> {
        if self.dirty || self.sequence == 0 {
            return Ok(false);
        }
        self.write_copy(to)?;
        Ok(true)
    }

    fn write_copy(&mut self, to: &Target<'_>) -> io::Result<()> {
        let copy = self.synced ^ 1;
        self.sequence += 1;
        self.dirty = true;
        let mut record = self.bytes.clone();
        let trailer = to.cipher.seal(&place(to.file_id, copy, self.sequence), &mut record);
        record.extend_from_slice(&trailer);
        record.extend_from_slice(&self.sequence.to_le_bytes());
        to.raw.write_at(HEADER_AT[copy], &record)
    }
}

/// Where header copies are written and how they are sealed.
pub struct Target<'a> {
    /// The file.
    pub raw: &'a dyn RawFile,
    /// The cipher under the header key.
    pub cipher: &'a dyn PageCipher,
    /// Bound into each copy.
    pub file_id: [u8; 16],
}

fn place(file_id: [u8; 16], copy: usize, sequence: u64) -> Place {
    Place { file_id, number: sequence, kind: FIRST_KIND + copy as u64 }
}

fn split(record: &mut [u8]) -> (&mut [u8], Trailer, u64) {
    let (mut trailer, mut sequence) = ([0; TRAILER_LEN], [0; 8]);
    trailer.copy_from_slice(&record[HEADER_LEN..SEQUENCE_AT]);
    sequence.copy_from_slice(&record[SEQUENCE_AT..]);
    (&mut record[..HEADER_LEN], trailer, u64::from_le_bytes(sequence))
}

const _: () = assert!(RECORD_LEN <= BLOCK, "a copy fits its block");
