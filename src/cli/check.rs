//! Checking a data file that no server has open: every page, and the audit chain.

use super::Failure;
use crate::audit;
use crate::config::{ConfigSources, Storage, UnsealWith};
use crate::crypto::keyring::Keyring;
use crate::stack;
use crate::store::Store;
use crate::store::file::{self, OpenError, Options, Unseal};
use std::path::Path;

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Pages that were read and authenticated.
    pub pages: u64,
    /// Rows of the audit chain.
    pub audit_rows: u64,
    /// The number of the chain's last row.
    pub audit_head: u64,
}

/// What opens a file: the key file that was named, or what the settings say.
///
/// # Errors
/// A key file or passphrase file that cannot be read.
pub fn unseal(storage: &Storage, sources: &ConfigSources, key_file: Option<&Path>) -> Result<Unseal, Failure> {
    let with = match key_file {
        Some(path) => UnsealWith::KeyFile(path.to_owned()),
        None => storage.unseal_with(sources)?,
    };
    Ok(match with {
        UnsealWith::KeyFile(path) => Unseal::KeyFile(stack::read_key(&path)?),
        UnsealWith::Passphrase(passphrase) => Unseal::Passphrase(passphrase),
    })
}

/// Checks a file.
///
/// # Errors
/// It is in use, does not open, or is damaged; or its audit chain is broken, with the first bad row.
pub fn check(path: &Path, unseal: &Unseal) -> Result<Checked, Failure> {
    let verified = file::verify(path, unseal)?;
    let opened = file::open(path, unseal, &Options::default())?;
    let keyring = Keyring::new(opened.key.derive("keyring").expose());
    let failed = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
    let store = Store::start(opened.db, None).map_err(|error| failed(&error))?;
    let chain = audit::verify(&store.read(), keyring.audit(), None).map_err(|error| failed(&error))?;
    store.close();
    let chain = chain.map_err(|broken| {
        Failure::failed(format!("the audit log is broken at row {}: {}", broken.number, broken.reason))
    })?;
    Ok(Checked { pages: verified.pages.sealed, audit_rows: chain.rows, audit_head: chain.head.number })
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::WrongKey(wrong) => Self::WrongKey(wrong.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<stack::OpenStackError> for Failure {
    fn from(error: stack::OpenStackError) -> Self {
        if error.is_wrong_key() { Self::WrongKey(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}
