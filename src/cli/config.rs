//! `scaistack config`: the settings.

use super::{Connect, Failure, Out};
use crate::config::{EXAMPLE, Loaded};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::Write;

/// The settings
#[derive(Args, Debug)]
pub struct ConfigCommand {
    #[command(subcommand)]
    verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Print every setting with its default and what it means, as a settings file
    Example,
    /// Show the settings that hold here, and where each was set
    Show(#[command(flatten)] Connect),
}

impl ConfigCommand {
    /// Prints them.
    ///
    /// # Errors
    /// Settings that are not acceptable.
    pub fn run(self) -> Result<(), Failure> {
        match self.verb {
            ConfigVerb::Example => Ok(std::io::stdout().write_all(EXAMPLE.as_bytes())?),
            ConfigVerb::Show(connect) => {
                let loaded = connect.settings()?;
                let mut out = Out::of_process(connect.json);
                out.rows(&rows(&loaded), &[("KEY", "key"), ("VALUE", "value"), ("SET IN", "origin")])?;
                loaded.warnings.iter().try_for_each(|warning| out.note(&format!("warning: {warning}")))
            }
        }
    }
}

/// Every key with its value and where it was set.
pub fn rows(loaded: &Loaded) -> Vec<Value> {
    let Ok(Value::Object(sections)) = serde_json::to_value(&loaded.config) else { return Vec::new() };
    let keys = sections.into_iter().filter_map(|(section, keys)| match keys {
        Value::Object(keys) => Some((section, keys)),
        _ => None,
    });
    keys.flat_map(|(section, keys)| keys.into_iter().map(move |(key, value)| (format!("{section}.{key}"), value)))
        .map(|(key, value)| json!({ "origin": loaded.origin(&key).to_string(), "key": key, "value": value }))
        .collect()
}
