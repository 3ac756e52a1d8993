//! Checking a data file that no server has open: every page, and the audit chain.

use super::Failure;
use crate::audit;
use crate::config::{ConfigSources, Storage, UnsealWith};
use crate::crypto::keyring::Keyring;
use crate::stack;
use crate::store::file::{self, OpenError, Options, Unseal};
use crate::store::{Hooks, Store};
use std::path::Path;

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Pages that were read and authenticated.
    pub pages: u64,
    /// Pages that do not authenticate and that nothing refers to: what a power cut leaves behind.
    pub refused: u64,
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
    Ok(match unseal_with(storage, sources, key_file)? {
        UnsealWith::KeyFile(path) => Unseal::KeyFile(stack::read_key(&path)?),
        UnsealWith::Passphrase(passphrase) => Unseal::Passphrase(passphrase),
    })
}

/// Where [`unseal`] has it from.
///
/// # Errors
/// A passphrase file that cannot be read.
pub fn unseal_with(storage: &Storage, sources: &ConfigSources, key_file: Option<&Path>) -> Result<UnsealWith, Failure> {
    match key_file {
        Some(path) => Ok(UnsealWith::KeyFile(path.to_owned())),
        None => Ok(storage.unseal_with(sources)?),
    }
}

/// Opens a file to look into it, as it is.
///
/// # Errors
/// It is in use, does not open, or cannot be read.
pub fn opened(path: &Path, unseal: &Unseal) -> Result<(Store, Keyring), Failure> {
    let opened = file::open(path, unseal, &Options::default())?;
    let keyring = Keyring::new(opened.key.derive("keyring").expose());
    let store = Store::start(opened.db, keyring.tokens().clone(), Hooks::default());
    Ok((store.map_err(|error| Failure::failed(error.to_string()))?, keyring))
}

/// Checks a file.
///
/// # Errors
/// It is in use, does not open, or is damaged; or its audit chain is broken, with the first bad row.
pub fn check(path: &Path, unseal: &Unseal) -> Result<Checked, Failure> {
    let verified = file::verify(path, unseal)?;
    let (store, keyring) = opened(path, unseal)?;
    let chain = audit::verify(&store.read(), keyring.audit(), None);
    store.close();
    let chain = chain.map_err(|error| Failure::failed(error.to_string()))?;
    let chain = chain.map_err(|broken| {
        Failure::failed(format!("the audit log is broken at row {}: {}", broken.number, broken.reason))
    })?;
    let pages = verified.pages;
    Ok(Checked { pages: pages.sealed, refused: pages.refused, audit_rows: chain.rows, audit_head: chain.head.number })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;
    use crate::config::Loaded;
    use crate::telemetry::metrics::Metrics;

    #[test]
    fn a_damaged_file_a_wrong_key_and_a_file_in_use_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = ConfigSources::none();
        sources.environment.insert("SCAISTACK_DATA".into(), folder.path().display().to_string());
        let config = Loaded::read(&sources).unwrap().config;
        let storage = config.storage.clone();
        let with = storage.unseal_with(&sources).unwrap();
        let (made, _) = stack::open(config, &with, Clock::System, Metrics::install(), crate::schema::STEPS).unwrap();
        let path = storage.data_file();
        let key = unseal(&storage, &sources, None).unwrap();
        let in_use = check(&path, &key).unwrap_err();
        assert!(in_use.code() == 1 && in_use.to_string().contains("in use"), "{in_use}");
        made.store.close();
        drop(made);

        assert!(check(&path, &key).unwrap().pages > 0);
        let other = folder.path().join("other.key");
        stack::make_key(&other).unwrap();
        let other = unseal(&storage, &sources, Some(&other)).unwrap();
        assert_eq!(check(&path, &other).unwrap_err().code(), 2);

        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(7);
        std::fs::write(&path, bytes).unwrap();
        let damaged = check(&path, &key).unwrap_err();
        assert!(damaged.code() == 1 && damaged.to_string().contains("damaged"), "{damaged}");
    }
}
