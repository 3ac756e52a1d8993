//! `scaistack verify`: whether a data file or a backup is as it was written.

use super::Failure;
use super::check::{check, unseal};
use super::out::{Form, Out};
use crate::config::{ConfigSources, Flag, Loaded};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Check every page of a data file that no server has open, or of a backup
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack verify /safe/place/today.scai --key-file /safe/place/root.key")]
pub struct Verify {
    /// The file [default: the data file]
    file: Option<PathBuf>,
    /// Data folder [default: ./data] [env: SCAISTACK_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The key file that opens it [default: as in the settings]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Settings file [default: the first of ./, ~/.config/scaistack/ and /etc/scaistack/ that has a scaistack.toml] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl Verify {
    /// Verifies.
    ///
    /// # Errors
    /// The file is in use, does not open, or is damaged.
    pub fn run(self) -> Result<(), Failure> {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        let sources = ConfigSources::of_process(self.config.clone(), data.into_iter().collect());
        let storage = Loaded::read(&sources)?.config.storage;
        let path = self.file.unwrap_or_else(|| storage.data_file());
        let checked = check(&path, &unseal(&storage, &sources, self.key_file.as_deref())?)?;
        let mut out = Out::of_process(self.form.format());
        if out.is_for_machines() {
            return out.object(&json!({
                "file": path, "ok": true, "pages": checked.pages,
                "audit": { "rows": checked.audit_rows, "head": checked.audit_head },
            }));
        }
        out.line(&format!(
            "{} is as it was written: {} pages and {} audit rows checked",
            path.display(),
            checked.pages,
            checked.audit_rows
        ))
    }
}
