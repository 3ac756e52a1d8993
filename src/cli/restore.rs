//! `scaistack restore`: a data folder from a backup.

use super::Failure;
use super::check::{Checked, check, unseal};
use super::out::{Form, Out};
use crate::config::{ConfigSources, Flag, Loaded, Storage};
use crate::stack;
use clap::Args;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Make a data folder from a backup
#[derive(Args, Debug, PartialEq, Eq)]
#[command(
    after_help = "Example:\n  scaistack restore /safe/place/today.scai --data /new/folder \\\n    --key-file /safe/place/root.key"
)]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// The data folder to make; it must have no data file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The key file that opens the backup [default: as in the settings]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Settings file [default: the first of ./, ~/.config/scaistack/ and /etc/scaistack/ that has a scaistack.toml] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl Restore {
    /// Restores: copies the backup beside its new place, checks every page and the audit chain of the copy, and only then
    /// gives it its name.
    ///
    /// # Errors
    /// A backup that does not open, or a folder that has a data file.
    pub fn run(self) -> Result<(), Failure> {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        let sources = ConfigSources::of_process(self.config.clone(), data.into_iter().collect());
        let storage = Loaded::read(&sources)?.config.storage;
        let target = storage.data_file();
        if target.exists() {
            return Err(Failure::failed(format!("{} exists already; restore into an empty folder", target.display())));
        }
        let unseal = unseal(&storage, &sources, self.key_file.as_deref())?;
        stack::make_folder(&storage.data)?;
        let copy = target.with_extension("restoring");
        let checked = std::fs::copy(&self.file, &copy)
            .map_err(|error| Failure::failed(format!("{}: {error}", self.file.display())))
            .and_then(|_| check(&copy, &unseal))
            .and_then(whole);
        let checked = match checked {
            Ok(checked) => checked,
            Err(failure) => {
                // It may never have been made.
                let _ = std::fs::remove_file(&copy);
                return Err(failure);
            }
        };
        std::fs::rename(&copy, &target)?;
        File::open(&storage.data)?.sync_all()?;
        let key_copied = keep_key(&storage, self.key_file.as_deref())?;
        let mut out = Out::of_process(self.form.format());
        if out.is_for_machines() {
            return out.object(&json!({
                "data_file": target, "pages": checked.pages, "audit_rows": checked.audit_rows, "key_copied": key_copied,
            }));
        }
        out.line(&format!(
            "restored {}: {} pages and {} audit rows checked",
            target.display(),
            checked.pages,
            checked.audit_rows
        ))
    }
}

/// No power cut has gone through a finished backup, so a page of it that does not open was damaged later: harmless, perhaps,
/// but not what was written.
fn whole(checked: Checked) -> Result<Checked, Failure> {
    match checked.refused {
        0 => Ok(checked),
        pages => {
            Err(Failure::failed(format!("the backup is damaged: {pages} of its pages are not as they were written")))
        }
    }
}

/// Puts the key file where the server looks for it, if it is not there.
fn keep_key(storage: &Storage, given: Option<&Path>) -> Result<bool, Failure> {
    let place = storage.key_file();
    let Some(given) = given.filter(|_| !place.exists()) else { return Ok(false) };
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&place)?;
    out.write_all(&std::fs::read(given)?)?;
    out.sync_all()?;
    Ok(true)
}
