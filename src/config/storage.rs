//! `[storage]`: the data folder and its key.

use super::Checks;
use super::check::MAX_DAYS;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The data folder and its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// The folder of the data file, the socket and the local authority.
    pub data: PathBuf,
    /// How much of the data file is kept in memory, in MiB.
    pub cache_mib: u32,
    /// The file that opens the data file. Empty: see [`Storage::key_file`].
    pub key_file: PathBuf,
    /// A file with the passphrase that opens the data file. Empty: none.
    pub passphrase_file: PathBuf,
    /// For how many days deleted users and tenants can be restored.
    pub deleted_days: u32,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data: "./data".into(),
            cache_mib: 32,
            key_file: PathBuf::new(),
            passphrase_file: PathBuf::new(),
            deleted_days: 30,
        }
    }
}

impl Storage {
    /// The data file.
    pub fn data_file(&self) -> PathBuf {
        Self::data_file_in(&self.data)
    }

    /// The data file of a data folder.
    pub fn data_file_in(data: &Path) -> PathBuf {
        data.join("scaistack.db")
    }

    /// The socket for the owner of the data folder.
    pub fn socket(&self) -> PathBuf {
        self.data.join("scaistack.sock")
    }

    /// The folder of the local certificate authority.
    pub fn tls_folder(&self) -> PathBuf {
        self.data.join("tls")
    }

    /// The file that opens the data file: the setting, or `root.key` in the data folder.
    pub fn key_file(&self) -> PathBuf {
        if self.key_file.as_os_str().is_empty() { self.data.join("root.key") } else { self.key_file.clone() }
    }

    /// How much of the data file is kept in memory, in bytes.
    pub fn cache_bytes(&self) -> usize {
        usize::try_from(self.cache_mib).unwrap_or(usize::MAX).saturating_mul(1024 * 1024)
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        if self.data.as_os_str().is_empty() {
            checks.refuse("storage.data", "must name a folder");
        }
        checks.range("storage.cache_mib", self.cache_mib, 1..=1024 * 1024);
        checks.range("storage.deleted_days", self.deleted_days, 0..=MAX_DAYS);
    }
}
