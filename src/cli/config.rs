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
    /// Check the settings that hold here, without a server: every fault with where it was set
    #[command(
        after_help = "Examples:\n  scaistack config check\n  scaistack config check --config /etc/scaistack/scaistack.toml\n\n\
        Exit code 2 if a setting is not acceptable. Warnings are no faults."
    )]
    Check(#[command(flatten)] Connect),
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
                connect.only_here("config show")?;
                let loaded = connect.settings()?;
                let mut out = Out::of_process(connect.form.format());
                out.rows(&rows(&loaded), &[("KEY", "key"), ("VALUE", "value"), ("SET IN", "origin")])?;
                loaded.warnings.iter().try_for_each(|warning| out.note(&format!("warning: {warning}")))
            }
            ConfigVerb::Check(connect) => {
                connect.only_here("config check")?;
                let sources = connect.sources();
                let loaded = connect.settings()?;
                // What stands outside the file is read when the server starts; a file that is not there is a fault of the settings.
                loaded.config.storage.unseal_with(&sources)?;
                loaded.config.mail.password(&sources)?;
                let mut out = Out::of_process(connect.form.format());
                if out.is_for_machines() {
                    return out.object(&json!({ "ok": true, "file": sources.found(), "warnings": loaded.warnings }));
                }
                match sources.found() {
                    Some(file) => {
                        out.line(&format!("{} and the environment: every value is acceptable", file.display()))?
                    }
                    None => out.line("There is no settings file; the environment and the defaults are acceptable")?,
                }
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
