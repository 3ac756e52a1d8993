//! What can go wrong with the data file, in words for whoever runs it.

use crate::crypto::slot::{KeyId, SlotInfo, SlotProblem};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a data file cannot be created or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file of that name.
    #[error("there is no data file at {}", .0.display())]
    NotFound(PathBuf),
    /// There is one already, and it is left alone.
    #[error("{} exists already", .0.display())]
    AlreadyExists(PathBuf),
    /// Another process (or another handle in this one) has it open.
    #[error("the data file {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// It does not begin as our files do.
    #[error("{} is not a scaistack data file", .0.display())]
    NotADataFile(PathBuf),
    /// It was written by another version of the program.
    #[error("the data file has format {found}; this program reads format {supported}")]
    UnsupportedFormat {
        /// The format of the file.
        found: u32,
        /// The one format this program knows.
        supported: u32,
    },
    /// No slot opens with what was given. The file has not been touched.
    #[error("{0}")]
    WrongKey(WrongKey),
    /// The file is not as it was written: decayed, cut off or altered. What is wrong.
    #[error("the data file is damaged or was altered: {0}")]
    Damaged(String),
    /// A slot for a new file cannot be made.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// redb refuses for another reason.
    #[error("the data file cannot be opened: {0}")]
    Engine(redb::DatabaseError),
    /// The operating system refuses.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

impl OpenError {
    /// Wraps an answer of the operating system.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::InvalidData => Self::Damaged(source.to_string()),
            io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            _ => Self::Io { action, path, source },
        }
    }

    /// Sorts out what redb says.
    pub(super) fn engine(path: &Path, error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::Storage(redb::StorageError::Io(error)) => Self::io("open", path)(error),
            redb::DatabaseError::Storage(redb::StorageError::Corrupted(what)) => Self::Damaged(what),
            other => Self::Engine(other),
        }
    }
}

/// What was given and what the file would accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongKey {
    /// The id of the key file that was given; `None` if a passphrase was given.
    pub key_id: Option<KeyId>,
    /// The slots of the file.
    pub file_slots: Vec<SlotInfo>,
}

impl fmt::Display for WrongKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key_id {
            Some(key_id) => write!(f, "wrong key for this data file (key id {key_id}; the file accepts: ")?,
            None => f.write_str("wrong passphrase for this data file (the file accepts: ")?,
        }
        for (i, slot) in self.file_slots.iter().enumerate() {
            write!(f, "{}{slot}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str(")")
    }
}

/// Why a slot cannot be added or removed.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// The new slot cannot be made.
    #[error(transparent)]
    Problem(#[from] SlotProblem),
    /// All slots are taken.
    #[error("the data file has no room for another key: it holds {0} at most")]
    Full(usize),
    /// A new file needs a slot, for without one nobody could ever open it.
    #[error("a data file needs at least one key")]
    None,
    /// The same key file has a slot already.
    #[error("the data file accepts the key {0} already")]
    Exists(KeyId),
    /// No slot has this id.
    #[error("the data file has no key {0}")]
    Unknown(KeyId),
    /// It is the last one: without it nobody could open the file again.
    #[error("{0} is the only key of the data file, so it cannot be removed")]
    Last(KeyId),
    /// Writing failed; the file accepts its old keys or its new ones.
    #[error("cannot rewrite the keys of the data file: {0}")]
    Io(#[from] io::Error),
}
