//! Creating and opening: the parts put together, and the handle that stays beside the open database.

use super::Options;
use super::error::{OpenError, SlotError};
use super::keys::Keys;
use super::preamble::{FORMAT, Preamble};
use super::raw::{self, OsFile, RawFile, Watched};
use super::sealed::{Backend, Sealed, Walk};
use crate::base::Timestamp;
use crate::crypto::slot::{DataKey, KeyId, NewSlot, RootKey, SlotInfo, Unseal};
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open data file: the database, the key for what is sealed inside it, and the handle on the file.
#[derive(Debug)]
pub struct Opened {
    /// The database. Dropping it closes the file and lets go of the lock.
    ///
    /// Every write transaction must call `set_two_phase_commit(true)`.
    pub db: redb::Database,
    /// The key to derive all others from. The same for a file and its backups.
    pub key: DataKey,
    /// Slots, facts, copies.
    pub file: DataFile,
}

/// What is known of an open data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Where it is.
    pub path: PathBuf,
    /// The id of this file, 32 hexadecimal digits.
    pub file_id: String,
    /// Version of the format.
    pub format: u32,
    /// How many times the slots have been written.
    pub generation: u64,
    /// When the file was made.
    pub created_at: Timestamp,
    /// Length in bytes.
    pub len: u64,
    /// Who may open it.
    pub slots: Vec<SlotInfo>,
    /// When it was opened, one copy of the preamble was not as the other and has been written anew: a rewrite of the
    /// keys was cut off, or a block has decayed or was altered.
    pub preamble_repaired: bool,
    /// When it was opened, one copy of the header did not authenticate. Expected after a power cut; after a clean close
    /// a block has decayed or was altered.
    pub header_copy_lost: bool,
}

/// A handle on the open file, beside the database. Cheap to clone. After the database is closed it can change nothing.
#[derive(Clone)]
pub struct DataFile(Arc<Inner>);

struct Inner {
    path: PathBuf,
    raw: Arc<Watched>,
    keys: Keys,
    sealed: Arc<Sealed>,
    preamble_repaired: bool,
    header_copy_lost: bool,
}

impl DataFile {
    /// What is known of the file.
    ///
    /// # Errors
    /// [`OpenError::Io`] if its length cannot be read.
    pub fn info(&self) -> Result<FileInfo, OpenError> {
        let preamble = self.0.keys.preamble();
        Ok(FileInfo {
            path: self.0.path.clone(),
            file_id: preamble.file_id.iter().map(|byte| format!("{byte:02x}")).collect(),
            format: FORMAT,
            generation: preamble.generation,
            created_at: preamble.created_at,
            len: self.0.raw.len().map_err(OpenError::io("read", &self.0.path))?,
            slots: preamble.slots(),
            preamble_repaired: self.0.preamble_repaired,
            header_copy_lost: self.0.header_copy_lost,
        })
    }

    /// Who may open the file.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.0.keys.preamble().slots()
    }

    /// Lets another key file or passphrase open the file. On the disk when this returns. A passphrase takes a while.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn add_slot(&self, new: &NewSlot, now: Timestamp) -> Result<SlotInfo, SlotError> {
        self.0.keys.add(new, now)
    }

    /// Takes a key away. On the disk when this returns. Copies of the file made before still open with it.
    ///
    /// # Errors
    /// [`SlotError`]; the last slot stays.
    pub fn remove_slot(&self, key_id: KeyId) -> Result<(), SlotError> {
        self.0.keys.remove(key_id)
    }

    /// Makes an empty data file at `path` that the same keys open and whose [`DataKey`] is the same, for a backup. No
    /// passphrase is needed; the pages have keys of their own.
    ///
    /// # Errors
    /// As [`super::create`].
    pub fn create_copy(&self, path: &Path, now: Timestamp, options: &Options) -> Result<Opened, OpenError> {
        create(path, self.0.keys.root().clone(), self.0.keys.preamble().for_copy(now), options)
    }

    /// Opens every page. Meant for a database that nobody writes to at the moment.
    ///
    /// # Errors
    /// [`OpenError::Io`].
    pub(super) fn walk(&self) -> Result<Walk, OpenError> {
        self.0.sealed.walk().map_err(OpenError::io("read", &self.0.path))
    }
}

impl fmt::Debug for DataFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataFile({})", self.0.path.display())
    }
}

/// Makes the file under a temporary name and gives it its own when it is complete.
pub(super) fn create(path: &Path, root: RootKey, preamble: Preamble, options: &Options) -> Result<Opened, OpenError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(OpenError::AlreadyExists(path.to_owned()));
    }
    let temporary = raw::temporary_name(path);
    let file = Arc::new(OsFile::create(&temporary)?);
    let unfinished = Unfinished(&temporary);
    let opened = create_in(file, path, root, preamble, options)?;
    opened.file.0.raw.sync().map_err(OpenError::io("sync", path))?;
    raw::publish(&temporary, path)?;
    std::mem::forget(unfinished);
    Ok(opened)
}

/// Removes the temporary file if the creation stops.
struct Unfinished<'a>(&'a Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0);
    }
}

/// Makes the file inside `raw`, which is empty.
pub(super) fn create_in(
    raw: Arc<dyn RawFile>,
    path: &Path,
    root: RootKey,
    preamble: Preamble,
    options: &Options,
) -> Result<Opened, OpenError> {
    let raw = Arc::new(Watched::new(raw, options.on_io_error.clone()));
    let file_id = preamble.file_id;
    let keys = Keys::create(raw.clone(), root, preamble).map_err(OpenError::io("write", path))?;
    let sealed = Sealed::create(raw.clone(), keys.root(), file_id).map_err(OpenError::io("write", path))?;
    start(
        Inner {
            path: path.to_owned(),
            raw,
            keys,
            sealed: Arc::new(sealed),
            preamble_repaired: false,
            header_copy_lost: false,
        },
        options,
    )
}

/// Opens the file in `raw`.
pub(super) fn open(
    raw: Arc<dyn RawFile>,
    path: &Path,
    unseal: &Unseal,
    options: &Options,
) -> Result<Opened, OpenError> {
    let raw = Arc::new(Watched::new(raw, options.on_io_error.clone()));
    let (keys, preamble_repaired) = Keys::open(raw.clone(), path, unseal)?;
    let (sealed, header_copy_lost) =
        Sealed::open(raw.clone(), keys.root(), keys.preamble().file_id).map_err(OpenError::io("read", path))?;
    if preamble_repaired || header_copy_lost {
        tracing::warn!(
            preamble_repaired,
            header_copy_lost,
            "a block of the data file has been made good from its copy"
        );
    }
    start(
        Inner { path: path.to_owned(), raw, keys, sealed: Arc::new(sealed), preamble_repaired, header_copy_lost },
        options,
    )
}

/// Starts redb on the sealed file. On a file altered in the right place redb may panic; that is an error here.
fn start(inner: Inner, options: &Options) -> Result<Opened, OpenError> {
    let backend = Backend(inner.sealed.clone());
    let opened = catch_unwind(AssertUnwindSafe(|| {
        redb::Builder::new()
            .set_cache_size(options.cache_bytes)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)
    }));
    let db = opened
        .map_err(|_| OpenError::Damaged("the database in it is not consistent".to_owned()))?
        .map_err(|error| OpenError::engine(&inner.path, error))?;
    inner.raw.arm();
    let key = inner.keys.root().data_key(&inner.keys.preamble().root_id);
    Ok(Opened { db, key, file: DataFile(Arc::new(inner)) })
}
