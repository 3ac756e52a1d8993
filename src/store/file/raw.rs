//! The physical file: positioned reads and writes, a lock, and what happens when the disk fails.

use super::error::OpenError;
use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A file as the layers above need it. The tests put a simulated disk here.
pub trait RawFile: Debug + Send + Sync {
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Sets the length in bytes; new bytes are zero.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Fills `out` from offset `at`, or fails.
    fn read_at(&self, at: u64, out: &mut [u8]) -> io::Result<()>;
    /// Writes all of `data` at offset `at`.
    fn write_at(&self, at: u64, data: &[u8]) -> io::Result<()>;
    /// Returns when everything written before is on the disk.
    fn sync(&self) -> io::Result<()>;
    /// Lets go of the lock. Nothing is written afterwards.
    fn unlock(&self) -> io::Result<()>;
}

/// A file of the operating system under an exclusive lock.
#[derive(Debug)]
pub struct OsFile(File);

impl OsFile {
    /// Opens and locks the file at `path`.
    ///
    /// # Errors
    /// [`OpenError::NotFound`], [`OpenError::InUse`], [`OpenError::NotADataFile`] for what is no plain file, or
    /// [`OpenError::Io`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::lock(path, OpenOptions::new().read(true).write(true))
    }

    /// Opens (makes, if it is not there) and locks the file at `path`, mode 0600, and empties it.
    ///
    /// # Errors
    /// As [`OsFile::open`].
    pub fn create(path: &Path) -> Result<Self, OpenError> {
        let file =
            Self::lock(path, OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600))?;
        file.0.set_len(0).map_err(OpenError::io("empty", path))?;
        file.0.set_permissions(fs::Permissions::from_mode(0o600)).map_err(OpenError::io("protect", path))?;
        Ok(file)
    }

    /// The lock belongs to what was opened; if another file took over the name meanwhile, it is that one we want.
    fn lock(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        for _ in 0..100 {
            let file = options.open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => OpenError::NotFound(path.to_owned()),
                _ => OpenError::io("open", path)(error),
            })?;
            let opened = file.metadata().map_err(OpenError::io("look at", path))?;
            if !opened.is_file() {
                return Err(OpenError::NotADataFile(path.to_owned()));
            }
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_owned())),
                Err(TryLockError::Error(error)) => return Err(OpenError::io("lock", path)(error)),
            }
            let named = fs::metadata(path);
            if named.is_ok_and(|named| (named.dev(), named.ino()) == (opened.dev(), opened.ino())) {
                return Ok(Self(file));
            }
        }
        Err(OpenError::InUse(path.to_owned()))
    }
}

impl RawFile for OsFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn read_at(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, at)
    }

    fn write_at(&self, at: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_all_at(data, at)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn unlock(&self) -> io::Result<()> {
        self.0.unlock()
    }
}

/// What is called with the first error of an open file. In production it does not return.
pub type OnIoError = Arc<dyn Fn(&io::Error) + Send + Sync>;

/// Ends the process. After a failed write or sync nobody knows what the disk holds, and nothing may be retried: the
/// next start recovers the last commit.
pub fn abort_on_io_error() -> OnIoError {
    Arc::new(|error| {
        tracing::error!(%error, "the data file cannot be used any more; the process ends");
        std::process::abort();
    })
}

/// A raw file that refuses everything after a failed write, and once armed reports every error to a hook.
pub struct Watched {
    raw: Arc<dyn RawFile>,
    hook: OnIoError,
    armed: AtomicBool,
    failed: AtomicBool,
    /// Held for reading by every change, so that none follows the unlocking.
    closed: RwLock<bool>,
}

impl Watched {
    /// Watches `raw`; not armed yet.
    pub fn new(raw: Arc<dyn RawFile>, hook: OnIoError) -> Self {
        let (armed, failed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { raw, hook, armed, failed, closed: RwLock::new(false) }
    }

    /// From now on errors go to the hook: before that whoever opens the file reports them.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Whether the file was opened completely and every write since has succeeded.
    pub fn is_healthy(&self) -> bool {
        self.armed.load(Ordering::SeqCst) && !self.failed.load(Ordering::SeqCst)
    }

    /// Reports an error that was noticed above the raw file, such as a page that does not authenticate.
    pub fn report(&self, error: io::Error) -> io::Error {
        if self.armed.load(Ordering::SeqCst) {
            (self.hook)(&error);
        }
        error
    }

    fn changing(&self, change: impl FnOnce(&dyn RawFile) -> io::Result<()>) -> io::Result<()> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return Err(io::Error::other("the data file is closed"));
        }
        if self.failed.load(Ordering::SeqCst) {
            return Err(io::Error::other("an earlier write to the data file failed"));
        }
        change(&*self.raw).map_err(|error| {
            self.failed.store(true, Ordering::SeqCst);
            self.report(error)
        })
    }
}

impl Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.raw.fmt(f)
    }
}

impl RawFile for Watched {
    fn len(&self) -> io::Result<u64> {
        self.raw.len().map_err(|error| self.report(error))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.changing(|raw| raw.set_len(len))
    }

    fn read_at(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.raw.read_at(at, out).map_err(|error| self.report(error))
    }

    fn write_at(&self, at: u64, data: &[u8]) -> io::Result<()> {
        self.changing(|raw| raw.write_at(at, data))
    }

    fn sync(&self) -> io::Result<()> {
        self.changing(|raw| raw.sync())
    }

    fn unlock(&self) -> io::Result<()> {
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
        self.raw.unlock()
    }
}

/// The name under which the file at `path` is made before it gets its own.
pub fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Gives the finished file its name, which must be free, and makes that durable.
///
/// # Errors
/// [`OpenError::AlreadyExists`] or [`OpenError::Io`].
pub fn publish(temporary: &Path, path: &Path) -> Result<(), OpenError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(Errno::EXIST) => return Err(OpenError::AlreadyExists(path.to_owned())),
        // A file system without this flag: a link does not replace anything either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(temporary, path).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => OpenError::AlreadyExists(path.to_owned()),
                _ => OpenError::io("name", path)(error),
            })?;
            fs::remove_file(temporary).map_err(OpenError::io("remove", temporary))?;
        }
        Err(error) => return Err(OpenError::io("name", path)(error.into())),
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(OpenError::io("sync the folder of", path))
}
