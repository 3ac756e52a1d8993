//! Where settings come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

/// Where a settings file is looked for when none is named: in the working folder, in the user's own folder for settings (XDG Base
/// Directory: `XDG_CONFIG_HOME`, else `~/.config`), in the system's. The first that can be read is the only one that counts.
pub fn places(environment: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative path says nothing there.
    let own = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(|| Some(set("HOME")?.join(".config")));
    let mut places = vec![PathBuf::from(FILE_NAME)];
    places.extend(own.map(|folder| folder.join("scaistack").join(FILE_NAME)));
    places.push(Path::new("/etc/scaistack").join(FILE_NAME));
    places
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

    /// The process's own environment, with the file that was named, else `SCAISTACK_CONFIG`, else the first that is there of
    /// [`places`].
    pub fn of_process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named =
            file.or_else(|| environment.get("SCAISTACK_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        let file = named.map_or_else(
            || {
                let found = places(&environment).into_iter().find(|path| std::fs::File::open(path).is_ok());
                ConfigFile::IfPresent(found.unwrap_or_else(|| FILE_NAME.into()))
            },
            ConfigFile::Named,
        );
        Self { file, environment, flags }
    }

    /// The settings file, if there is one.
    pub fn found(&self) -> Option<&Path> {
        match &self.file {
            ConfigFile::Named(path) | ConfigFile::IfPresent(path) if path.exists() => Some(path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_the_working_folder_ones_own_and_the_systems() {
        let named = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            places(&pairs.collect()).iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        let all = ["scaistack.toml", "/x/scaistack/scaistack.toml", "/etc/scaistack/scaistack.toml"];
        assert_eq!(named(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/home/ann")]), all);
        assert_eq!(
            named(&[("XDG_CONFIG_HOME", "x"), ("HOME", "/home/ann")])[1],
            "/home/ann/.config/scaistack/scaistack.toml"
        );
        assert_eq!(named(&[]), [all[0], all[2]]);
    }
}
