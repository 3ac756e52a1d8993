//! `scaistack restore`: a data folder from a backup.

mod later;

use super::Failure;
use super::check::{Checked, check, unseal, unseal_with};
use super::out::{Form, Out};
use crate::base::{Clock, Problem};
use crate::config::{Config, ConfigSources, Flag, Loaded, Storage, UnsealWith};
use crate::endings::Effects;
use crate::maintenance::{self, Closing};
use crate::stack;
use crate::store::file::Unseal;
use crate::telemetry::metrics::Metrics;
use clap::Args;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Make a data folder from a backup
///
/// What was ended since the backup works again: revoked keys, ended sessions, used links. With --live it is listed, and the other
/// two flags end it.
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
    /// The data file that the backup takes the place of, or its folder, to list what was ended since the backup. No server may
    /// have it open
    #[arg(long, value_name = "PATH")]
    live: Option<PathBuf>,
    /// End all sessions, what applications hold by them, and all links that were mailed or made for portals
    #[arg(long)]
    end_sessions: bool,
    /// Revoke all API keys and personal tokens, which are all older than the restore
    #[arg(long)]
    end_keys_older_than_restore: bool,
    #[command(flatten)]
    form: Form,
}

impl Restore {
    /// Restores: copies the backup into a folder beside its new place, checks every page and the audit chain of the copy, ends
    /// there what is to end, and only then puts it where a server would find it.
    ///
    /// # Errors
    /// A backup that does not open, or a folder that has a data file.
    pub fn run(self) -> Result<(), Failure> {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        let sources = ConfigSources::of_process(self.config.clone(), data.into_iter().collect());
        let config = Loaded::read(&sources)?.config;
        let data_file = config.storage.data_file();
        if data_file.exists() {
            return Err(Failure::failed(format!(
                "{} exists already; restore into an empty folder",
                data_file.display()
            )));
        }
        let workshop = data_file.with_extension("restoring");
        let made = self.make(config, &sources, &workshop);
        // It may never have been made.
        let _ = std::fs::remove_dir_all(&workshop);
        let Restored { checked, undone, effects, key_copied } = made?;
        let mut out = Out::of_process(self.form.format());
        if out.is_for_machines() {
            return out.object(&json!({
                "data_file": data_file, "pages": checked.pages, "audit_rows": checked.audit_rows, "key_copied": key_copied,
                "undone": undone, "sessions_ended": effects.sessions, "families_ended": effects.families,
                "keys_revoked": effects.keys, "links_ended": effects.links,
            }));
        }
        out.line(&format!(
            "restored {}: {} pages and {} audit rows checked",
            data_file.display(),
            checked.pages,
            checked.audit_rows
        ))?;
        self.tell(&mut out, undone.as_deref(), effects)
    }

    /// The whole restore, by way of a folder that is taken away afterwards.
    fn make(&self, config: Config, sources: &ConfigSources, workshop: &Path) -> Result<Restored, Failure> {
        let (storage, key_file) = (config.storage.clone(), self.key_file.as_deref());
        let unseal = unseal(&storage, sources, key_file)?;
        stack::make_folder(&storage.data)?;
        // What a restore that was killed has left.
        let _ = std::fs::remove_dir_all(workshop);
        stack::make_folder(workshop)?;
        let there = Storage { data: workshop.to_owned(), ..storage.clone() };
        let copy = there.data_file();
        std::fs::copy(&self.file, &copy)
            .map_err(|error| Failure::failed(format!("{}: {error}", self.file.display())))?;
        let checked = whole(check(&copy, &unseal)?)?;
        let undone = self.undone(&unseal, &checked)?;
        let effects = self.close(Config { storage: there, ..config }, &unseal_with(&storage, sources, key_file)?)?;
        let key_copied = keep_key(&storage, key_file)?;
        std::fs::rename(&copy, storage.data_file())?;
        File::open(&storage.data)?.sync_all()?;
        Ok(Restored { checked, undone, effects, key_copied })
    }

    /// What was ended since the backup. None: there is no later file to look into.
    fn undone(&self, unseal: &Unseal, checked: &Checked) -> Result<Option<Vec<Value>>, Failure> {
        let Some(live) = &self.live else { return Ok(None) };
        let path = if live.is_dir() { Storage::data_file_in(live) } else { live.clone() };
        later::undone(&path, unseal, checked.audit_head).map(Some)
    }

    /// Leaves the audit row of the restore, and ends what the flags say.
    fn close(&self, config: Config, with: &UnsealWith) -> Result<Effects, Failure> {
        let closing = Closing { sessions: self.end_sessions, keys: self.end_keys_older_than_restore };
        let (stack, _) = stack::open(config, with, Clock::System, Metrics::install(), crate::schema::STEPS)?;
        let (backup, now) = (self.file.display().to_string(), stack.now());
        let done = stack.store.write_blocking(move |tx| maintenance::restored(tx, &backup, closing, now));
        stack.store.close();
        done.map_err(|error| Failure::failed(Problem::from(error).to_string()))
    }

    /// Says what works again, and what was done about it.
    fn tell(&self, out: &mut Out, undone: Option<&[Value]>, effects: Effects) -> Result<(), Failure> {
        match undone {
            None => out.line(
                "What was ended since the backup works again: revoked keys, ended sessions, used links. What that is, is not known \
                 here; --live names the data file that knows it",
            )?,
            Some([]) => out.line("Nothing was ended since the backup")?,
            Some(rows) => {
                out.line("This was done since the backup and is undone:")?;
                out.rows(rows, &[("WHEN", "timestamp"), ("ACTION", "action"), ("WHAT", "resource"), ("BY", "actor")])?;
            }
        }
        if self.end_sessions {
            let Effects { sessions, families, links, .. } = effects;
            out.line(&format!("ended {sessions} sessions, {families} sign-ins of applications, and {links} links"))?;
        }
        if self.end_keys_older_than_restore {
            out.line(&format!("revoked {} API keys and personal tokens", effects.keys))?;
        }
        if self.end_sessions && self.end_keys_older_than_restore || undone == Some(&[]) {
            return Ok(());
        }
        out.line("Restore with --end-sessions --end-keys-older-than-restore to end what works again")
    }
}

/// What was done.
struct Restored {
    checked: Checked,
    /// What was ended since the backup; none: not known.
    undone: Option<Vec<Value>>,
    effects: Effects,
    key_copied: bool,
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
    stack::write_key(&place, &stack::read_key(given)?)?;
    Ok(true)
}
