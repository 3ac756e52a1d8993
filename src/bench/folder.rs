//! A folder for the time of the measurement.

use super::Failure;
use scaistack::crypto::random;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A new folder, mode 0700, that is removed with everything in it when this is dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes it inside `parent`.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn make(parent: &Path) -> Result<Self, Failure> {
        let name = format!("scaistack-bench-{:016x}", u64::from_be_bytes(random::bytes()));
        let path = parent.join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Failure::failed(format!("cannot make {}: {error}", path.display())))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::make(parent.path()).unwrap();
        fs::write(folder.path().join("file"), b"x").unwrap();
        let path = folder.path().to_owned();
        assert!(path.starts_with(parent.path()) && path.exists());
        drop(folder);
        assert!(!path.exists() && parent.path().exists());
        assert!(Folder::make(&path).is_err());
    }
}
