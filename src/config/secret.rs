//! Secrets that stand outside the settings.

use super::{ConfigError, ConfigSources};
use crate::base::Secret;
use crate::base::text::only_line;
use std::path::{Path, PathBuf};

/// A secret, and the file that it was read from, if it was.
#[derive(Debug)]
pub(super) struct Outside {
    /// The secret's text.
    pub(super) text: Secret<String>,
    /// The path of that file.
    pub(super) file: Option<PathBuf>,
}

/// The first of: the environment variable `variable`, the file `named` unless its name is empty, the systemd credential
/// `credential` if there is one. An empty variable counts as none.
///
/// A byte-order mark in front of a file and one line break at its end are no part of the secret.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn outside(
    sources: &ConfigSources,
    variable: &str,
    named: &Path,
    credential: &str,
) -> Result<Option<Outside>, ConfigError> {
    let set = |name: &str| sources.environment.get(name).filter(|value| !value.is_empty());
    if let Some(text) = set(variable) {
        return Ok(Some(Outside { text: Secret::new(text.clone()), file: None }));
    }
    let path = if named.as_os_str().is_empty() {
        let credential = set("CREDENTIALS_DIRECTORY").map(|folder| Path::new(folder).join(credential));
        credential.filter(|path| path.exists())
    } else {
        Some(named.to_owned())
    };
    let Some(path) = path else { return Ok(None) };
    let read = std::fs::read_to_string(&path).map(Secret::new);
    let text = read.map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
    Ok(Some(Outside { text: Secret::new(only_line(text.expose()).to_owned()), file: Some(path) }))
}
