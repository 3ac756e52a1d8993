//! What the data file is opened with.

use super::secret::{self, Outside};
use super::{ConfigError, ConfigSources, Origin, Storage, Violation};
use crate::base::Secret;
use std::path::PathBuf;

/// What the data file is opened with.
#[derive(Clone, Debug)]
pub enum UnsealWith {
    /// The file with the root key's wrapping key. The first start makes it.
    KeyFile(PathBuf),
    /// A passphrase, from which the wrapping key is derived.
    Passphrase(Secret<String>),
}

impl Storage {
    /// The first of: `SCAISTACK_PASSPHRASE`, `storage.passphrase_file`, the systemd credential `scaistack.passphrase`, the key file.
    ///
    /// One line break at the end of a file is not part of the passphrase.
    ///
    /// # Errors
    /// A passphrase file that cannot be read or is empty.
    pub fn unseal_with(&self, sources: &ConfigSources) -> Result<UnsealWith, ConfigError> {
        let found = secret::outside(sources, "SCAISTACK_PASSPHRASE", &self.passphrase_file, "scaistack.passphrase")?;
        let Some(Outside { text, file }) = found else { return Ok(UnsealWith::KeyFile(self.key_file())) };
        if let Some(path) = file.filter(|_| text.expose().is_empty()) {
            let (key, message) = ("storage.passphrase_file".to_owned(), "names an empty file".to_owned());
            return Err(ConfigError::Invalid(vec![Violation { origin: Origin::File { path, line: 1 }, key, message }]));
        }
        Ok(UnsealWith::Passphrase(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_set_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = ConfigSources::none();
        let mut storage = Storage { data: "/data".into(), ..Storage::default() };
        let path = |with: UnsealWith| match with {
            UnsealWith::KeyFile(path) => path.display().to_string(),
            UnsealWith::Passphrase(text) => text.expose().clone(),
        };
        assert_eq!(path(storage.unseal_with(&sources).unwrap()), "/data/root.key");

        std::fs::write(folder.path().join("scaistack.passphrase"), "from systemd\n").unwrap();
        sources.environment.insert("CREDENTIALS_DIRECTORY".into(), folder.path().display().to_string());
        assert_eq!(path(storage.unseal_with(&sources).unwrap()), "from systemd");

        storage.passphrase_file = folder.path().join("mine");
        assert!(storage.unseal_with(&sources).is_err());
        std::fs::write(&storage.passphrase_file, "\n").unwrap();
        assert!(storage.unseal_with(&sources).unwrap_err().to_string().contains("names an empty file"));
        std::fs::write(&storage.passphrase_file, " mine \r\n").unwrap();
        assert_eq!(path(storage.unseal_with(&sources).unwrap()), " mine ");

        sources.environment.insert("SCAISTACK_PASSPHRASE".into(), "from the environment".into());
        assert_eq!(path(storage.unseal_with(&sources).unwrap()), "from the environment");
        assert!(!format!("{:?}", storage.unseal_with(&sources)).contains("environment"));
    }
}
