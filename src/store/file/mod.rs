//! The encrypted data file: redb on pages sealed with XAES-256-GCM.
//!
//! | file | what it knows |
//! | --- | --- |
//! | [`layout`] | where things are |
//! | [`raw`] | the file of the operating system, its lock, and what a failing disk means |
//! | [`preamble`], [`keys`] | who may open the file: slots that wrap the root key, in two copies |
//! | [`header`], [`sealed`] | redb's header in two copies, its pages and their trailers |
//!
//! Two rules for whoever writes: **`set_two_phase_commit(true)` on every transaction** (a commit in one phase makes redb
//! read torn pages after a power cut, and these do not authenticate), and after an error of the disk nothing is retried.
//!
//! What is not noticed here: a whole older copy of the file put in its place.

mod data_file;
pub mod error;
mod header;
mod keys;
mod layout;
mod options;
mod preamble;
mod raw;
mod sealed;
#[cfg(test)]
mod tests;

pub use crate::crypto::slot::{DataKey, KeyId, NewSlot, PassphraseCost, SlotInfo, SlotKind, Unseal};
pub use data_file::{DataFile, FileInfo, Opened};
pub use error::{OpenError, SlotError, WrongKey};
pub use options::Options;
pub use preamble::MAX_SLOTS;
pub use raw::{OnIoError, abort_on_io_error};
pub use sealed::Walk;

use crate::base::Timestamp;
use crate::crypto::slot::RootKey;
use keys::Keys;
use preamble::{Copies, Preamble};
use raw::{OsFile, RawFile, Watched};
use std::path::Path;
use std::sync::Arc;

/// Makes a new data file with a new root key, which each of `slots` opens from then on, and leaves it open.
///
/// The file appears at `path` only when it is complete and on the disk.
///
/// # Errors
/// [`OpenError::AlreadyExists`], [`OpenError::Slot`], or what the disk says.
pub fn create(path: &Path, slots: &[NewSlot], now: Timestamp, options: &Options) -> Result<Opened, OpenError> {
    let root = RootKey::random();
    let preamble = Preamble::new(&root, slots, now)?;
    data_file::create(path, root, preamble, options)
}

/// Opens a data file, recovers it if it was not closed, and checks every page in use.
///
/// # Errors
/// [`OpenError::WrongKey`] (the file has not been touched then), [`OpenError::InUse`], [`OpenError::Damaged`], and the
/// other variants.
pub fn open(path: &Path, unseal: &Unseal, options: &Options) -> Result<Opened, OpenError> {
    data_file::open(Arc::new(OsFile::open(path)?), path, unseal, options)
}

/// The slots of a closed data file. Needs no key, so nothing of the answer has been authenticated.
///
/// # Errors
/// [`OpenError`] if the file is in use or is none of ours.
pub fn slots(path: &Path) -> Result<Vec<SlotInfo>, OpenError> {
    Ok(Copies::read(&OsFile::open(path)?, path)?.slots())
}

/// Adds a slot to a closed data file. For an open one there is [`DataFile::add_slot`].
///
/// # Errors
/// [`OpenError`] as from [`open`], with [`OpenError::Slot`] for what is wrong with the new slot.
pub fn add_slot(path: &Path, unseal: &Unseal, new: &NewSlot, now: Timestamp) -> Result<SlotInfo, OpenError> {
    Ok(keys_of(path, unseal)?.add(new, now)?)
}

/// Removes a slot from a closed data file. For an open one there is [`DataFile::remove_slot`].
///
/// # Errors
/// [`OpenError`] as from [`open`]; [`OpenError::Slot`] if the slot is unknown or the last one.
pub fn remove_slot(path: &Path, unseal: &Unseal, key_id: KeyId) -> Result<(), OpenError> {
    Ok(keys_of(path, unseal)?.remove(key_id)?)
}

fn keys_of(path: &Path, unseal: &Unseal) -> Result<Keys, OpenError> {
    let raw: Arc<dyn RawFile> = Arc::new(OsFile::open(path)?);
    Ok(Keys::open(Arc::new(Watched::new(raw, abort_on_io_error())), path, unseal)?.0)
}

/// What [`verify`] has found in a sound file.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What is known of the file.
    pub info: FileInfo,
    /// All of its pages, counted by what became of them.
    pub pages: Walk,
}

/// Opens a closed data file, checks redb's checksum tree, and opens every page, whether in use or not.
///
/// # Errors
/// [`OpenError`] as from [`open`]; [`OpenError::Damaged`] if anything in use is not as it was written.
pub fn verify(path: &Path, unseal: &Unseal) -> Result<Verified, OpenError> {
    let mut opened = open(path, unseal, &Options::default())?;
    let sound = opened.db.check_integrity().map_err(|error| OpenError::engine(path, error))?;
    if !sound {
        return Err(OpenError::Damaged("its checksums do not hold".to_owned()));
    }
    Ok(Verified { info: opened.file.info()?, pages: opened.file.walk()? })
}

/// A database in memory, for tests of what stands above the file. [`DataKey::random`] goes with it.
///
/// # Errors
/// [`OpenError::Engine`] if redb refuses.
#[cfg(test)]
pub fn in_memory() -> Result<redb::Database, OpenError> {
    redb::Builder::new().create_with_backend(redb::backends::InMemoryBackend::new()).map_err(OpenError::Engine)
}
