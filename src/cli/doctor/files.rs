//! The data folder: the data file, what opens it, and the room for it.

use super::super::Connect;
use super::findings::{Findings, State};
use crate::config::{Loaded, UnsealWith};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// With less room than this a write may fail any moment.
const FULL: u64 = 64 << 20;
/// With less than this, or than the data file once more for a backup and an upgrade, somebody should look.
const TIGHT: u64 = 512 << 20;

/// The data file and what opens it.
pub(super) fn look(loaded: &Loaded, connect: &Connect, findings: &mut Findings) {
    let storage = &loaded.config.storage;
    if !storage.data_file().exists() {
        findings.add(
            "data file",
            State::Warning,
            format!("{} is not there yet: the first start makes it", storage.data_file().display()),
        );
        return;
    }
    private("data file", &storage.data_file(), findings);
    room(&storage.data, &storage.data_file(), findings);
    match storage.unseal_with(&connect.sources()) {
        Err(error) => findings.add("key", State::Bad, error.to_string()),
        Ok(UnsealWith::Passphrase(_)) => findings.add("key", State::Ok, "a passphrase opens the data file"),
        Ok(UnsealWith::KeyFile(path)) => {
            private("key", &path, findings);
            if path.parent() == Some(&storage.data) {
                findings.add(
                    "key",
                    State::Warning,
                    "it lies beside the data file: keep a copy elsewhere, or whoever copies the folder has both",
                );
            }
        }
    }
}

/// Whether a file is there and only its owner can read it.
fn private(what: &'static str, path: &Path, findings: &mut Findings) {
    match fs::metadata(path) {
        Err(error) => findings.add(what, State::Bad, format!("{}: {error}", path.display())),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            findings.add(what, State::Bad, format!("others can read {}: chmod 600 it", path.display()));
        }
        Ok(_) => findings.add(what, State::Ok, format!("{}, for its owner only", path.display())),
    }
}

/// How much room there is in the folder.
fn room(folder: &Path, data_file: &Path, findings: &mut Findings) {
    let needed = fs::metadata(data_file).map_or(0, |file| file.len());
    match rustix::fs::statvfs(folder) {
        Err(error) => findings.add("disk space", State::Warning, format!("{}: {error}", folder.display())),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let (state, words) = told(free, needed);
            findings.add("disk space", state, format!("{} MiB are free in {}{words}", free >> 20, folder.display()));
        }
    }
}

fn told(free: u64, needed: u64) -> (State, &'static str) {
    match free {
        free if free < FULL => (State::Bad, ": make room, or writes will fail and the server will stop"),
        free if free < TIGHT.max(needed) => (State::Warning, ", too little for a copy of the data file and to grow"),
        _ => (State::Ok, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut findings = Findings::default();
        private("key", &path, &mut findings);
        fs::write(&path, "x").unwrap();
        for mode in [0o644, 0o600] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            private("key", &path, &mut findings);
        }
        let states: Vec<_> = findings.0.iter().map(|(_, state, _)| *state).collect();
        assert_eq!(states, [State::Bad, State::Bad, State::Ok]);
        assert_eq!(findings.rows()[2]["state"], "ok");
    }

    #[test]
    fn a_disk_is_full_tight_or_large_enough() {
        for (free, needed, state) in [
            (FULL - 1, 0, State::Bad),
            (FULL, 0, State::Warning),
            (TIGHT, 0, State::Ok),
            (10 << 30, 11 << 30, State::Warning),
            (11 << 30, 11 << 30, State::Ok),
        ] {
            assert_eq!(told(free, needed).0, state, "{free} of {needed}");
        }
        let (folder, mut findings) = (tempfile::tempdir().unwrap(), Findings::default());
        room(folder.path(), &folder.path().join("none"), &mut findings);
        assert!(findings.0[0].2.contains("MiB are free"));
    }
}
