//! The files of certificates and keys.

use super::error::TlsError;
use crate::base::Secret;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

/// Reads a text file with a key in it.
pub(super) fn read_secret(path: &Path) -> Result<Secret<String>, TlsError> {
    read(path).map(Secret::new)
}

/// Whether there is something at the path.
pub(super) fn exists(path: &Path) -> Result<bool, TlsError> {
    path.try_exists().map_err(|source| TlsError::File { path: path.to_owned(), source })
}

/// Makes the folder, mode 0700, if it is not there.
pub(super) fn make_folder(folder: &Path) -> Result<(), TlsError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| TlsError::File { path: folder.to_owned(), source })
}

/// Puts a file in place as a whole: written under another name, synced, then renamed. `mode` is its permission bits from the start.
pub(super) fn replace(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let put = || -> io::Result<()> {
        let beside = path.with_extension(format!("new{}", std::process::id()));
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    put().map_err(|source| TlsError::File { path: path.to_owned(), source })
}

/// The machine's own name, if the system tells one.
pub(super) fn machine_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| fs::read_to_string("/etc/hostname")).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
