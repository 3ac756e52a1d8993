//! The keys of an open file: its root key and the slots that wrap it. Adding and removing a slot rewrites the preamble
//! and nothing else, with the database open or not.

use super::error::{OpenError, SlotError};
use super::layout::PREAMBLE_AT;
use super::preamble::{Copies, Preamble};
use super::raw::{RawFile, Watched};
use crate::base::Timestamp;
use crate::crypto::slot::{KeyId, NewSlot, RootKey, SlotInfo, Unseal};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The root key and the preamble of an open file.
pub struct Keys {
    raw: Arc<Watched>,
    root: RootKey,
    state: Mutex<State>,
}

struct State {
    preamble: Preamble,
    /// A copy that certainly holds `preamble`; the other one is written first.
    copy: usize,
}

impl Keys {
    /// Writes the preamble of a new file.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(raw: Arc<Watched>, root: RootKey, preamble: Preamble) -> io::Result<Self> {
        let keys = Self { raw, root, state: Mutex::new(State { preamble: preamble.clone(), copy: 1 }) };
        keys.rewrite(&mut keys.state(), preamble)?;
        Ok(keys)
    }

    /// Opens the preamble. The second value: whether a copy had to be written anew. With a wrong key nothing is written.
    ///
    /// # Errors
    /// [`OpenError`] if no slot opens or if the file cannot be read.
    pub fn open(raw: Arc<Watched>, path: &Path, unseal: &Unseal) -> Result<(Self, bool), OpenError> {
        let found = Copies::read(&*raw, path)?.open(unseal)?;
        let state = State { preamble: found.preamble, copy: found.copy };
        let keys = Self { raw, root: found.root, state: Mutex::new(state) };
        if !found.both_agree {
            keys.write_copy(found.copy ^ 1, &keys.preamble()).map_err(OpenError::io("write", path))?;
        }
        Ok((keys, !found.both_agree))
    }

    /// The root key.
    pub fn root(&self) -> &RootKey {
        &self.root
    }

    /// The preamble as it is now.
    pub fn preamble(&self) -> Preamble {
        self.state().preamble.clone()
    }

    /// Adds a slot; when this returns, it is on the disk.
    ///
    /// # Errors
    /// [`SlotError`] if it cannot be made or written.
    pub fn add(&self, new: &NewSlot, now: Timestamp) -> Result<SlotInfo, SlotError> {
        let mut state = self.state();
        let mut preamble = state.preamble.clone();
        let info = preamble.add(&self.root, new, now)?;
        self.next_generation(&mut state, preamble)?;
        Ok(info)
    }

    /// Removes a slot; when this returns, no copy of the preamble has it any more.
    ///
    /// # Errors
    /// [`SlotError`] if it is unknown, the last one, or cannot be written.
    pub fn remove(&self, key_id: KeyId) -> Result<(), SlotError> {
        let mut state = self.state();
        let mut preamble = state.preamble.clone();
        preamble.remove(key_id)?;
        self.next_generation(&mut state, preamble)?;
        Ok(())
    }

    fn next_generation(&self, state: &mut State, mut preamble: Preamble) -> io::Result<()> {
        preamble.generation += 1;
        self.rewrite(state, preamble)
    }

    /// One copy, a sync, then the other: whenever the power is cut, one of them is whole.
    fn rewrite(&self, state: &mut State, preamble: Preamble) -> io::Result<()> {
        let (first, second) = (state.copy ^ 1, state.copy);
        self.write_copy(first, &preamble)?;
        *state = State { preamble, copy: first };
        self.write_copy(second, &state.preamble)
    }

    fn write_copy(&self, copy: usize, preamble: &Preamble) -> io::Result<()> {
        self.raw.write_at(PREAMBLE_AT[copy], &preamble.encode(&self.root))?;
        self.raw.sync()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
