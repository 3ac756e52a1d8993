//! Where settings come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The file that is read from the working folder when none is named.
pub const FILE_NAME: &str = "scaistack.toml";

/// The file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFile {
    /// This one; it must be there.
    Named(PathBuf),
    /// This one, if it is there.
    IfPresent(PathBuf),
    /// No file is read.
    None,
}

/// A value from the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// What the user typed: `--listen`.
    pub name: &'static str,
    /// The key it sets: `server.listen`.
    pub key: &'static str,
    /// The value as text.
    pub value: String,
}

impl Flag {
    /// A value of the flag `name` for `key`.
    pub fn new(name: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        Self { name, key, value: value.into() }
    }
}

/// Where settings come from.
#[derive(Clone, Debug)]
pub struct ConfigSources {
    /// The settings file, if there is one to read.
    pub file: ConfigFile,
    /// The environment; only names that begin with `SCAISTACK_` are looked at, and `CREDENTIALS_DIRECTORY`.
    pub environment: BTreeMap<String, String>,
    /// The command line.
    pub flags: Vec<Flag>,
}

impl ConfigSources {
    /// The built-in defaults alone.
    pub fn none() -> Self {
        Self { file: ConfigFile::None, environment: BTreeMap::new(), flags: Vec::new() }
    }

    /// The process's own environment, with the file that was named, else `SCAISTACK_CONFIG`, else `scaistack.toml` if the working folder has one.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named =
            file.or_else(|| environment.get("SCAISTACK_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        let file = named.map_or_else(|| ConfigFile::IfPresent(FILE_NAME.into()), ConfigFile::Named);
        Self { file, environment, flags }
    }
}
