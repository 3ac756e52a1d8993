//! A backup is a data file of its own: every row of one snapshot, copied into a new encrypted file that the same unseal
//! slots open. It is taken while the server works, and what it shows is one moment.

use super::file::{DataFile, OpenError, Options};
use super::tx::{ROWS, RawRead};
use super::{Direction, Snapshot, StoreError};
use crate::base::Timestamp;
use std::ops::{Bound, ControlFlow};
use std::path::Path;

/// Bytes of rows that one transaction of the copy takes.
const CHUNK: usize = 4 << 20;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows, those of indexes too.
    pub rows: u64,
    /// Bytes of keys and rows.
    pub bytes: u64,
}

/// Why a backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The new file could not be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A row could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies a snapshot into a new file at `path`, which must not exist. `progress` hears what is done so far.
///
/// Blocks for as long as the copy takes; call it off the workers.
///
/// # Errors
/// [`BackupError`]; the half-made file is taken away then.
pub fn copy(
    snapshot: &Snapshot,
    file: &DataFile,
    path: &Path,
    now: Timestamp,
    progress: impl FnMut(Copied),
) -> Result<Copied, BackupError> {
    let opened = file.create_copy(path, now, &Options { cache_bytes: 16 << 20, ..Options::default() })?;
    let copied = copy_rows(snapshot, &opened.db, progress).and_then(|copied| {
        opened.db.close().map_err(|error| StoreError::Engine(error.to_string()))?;
        Ok(copied)
    });
    match copied {
        Ok(copied) => Ok(copied),
        Err(error) => {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(%error, "a half-made backup could not be taken away");
            }
            Err(error.into())
        }
    }
}

fn copy_rows(
    snapshot: &Snapshot,
    target: &redb::Database,
    mut progress: impl FnMut(Copied),
) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    let mut chunk: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut chunk_bytes = 0;
    snapshot.raw_scan(Bound::Unbounded, Bound::Unbounded, Direction::Forward, &mut |key, row| {
        copied.rows += 1;
        copied.bytes += (key.len() + row.len()) as u64;
        chunk_bytes += key.len() + row.len();
        chunk.push((key.to_vec(), row.to_vec()));
        if chunk_bytes >= CHUNK {
            write(target, &std::mem::take(&mut chunk))?;
            chunk_bytes = 0;
            progress(copied);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    write(target, &chunk)?;
    progress(copied);
    Ok(copied)
}

fn write(target: &redb::Database, rows: &[(Vec<u8>, Vec<u8>)]) -> Result<(), StoreError> {
    let mut transaction = target.begin_write()?;
    transaction.set_two_phase_commit(true);
    {
        let mut table = transaction.open_table(ROWS)?;
        for (key, row) in rows {
            table.insert(key.as_slice(), row.as_slice())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::{self, NewSlot, Unseal};
    use crate::store::{Read, Store, Table};

    const NOTES: Table<u64, String> = Table::new(0xff11, "notes");

    #[test]
    fn a_backup_is_one_moment_and_opens_with_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let key = crate::base::Secret::new([7; 32]);
        let slots = [NewSlot::KeyFile { key: key.clone(), label: "default".to_owned() }];
        let now = Timestamp::from_secs(1);
        let opened = file::create(&folder.path().join("a"), &slots, now, &Options::default()).unwrap();
        let store = Store::start(opened.db, crate::store::test_token_key(), crate::store::Hooks::default()).unwrap();
        store.write_blocking(|tx| (0..100).try_for_each(|n| tx.put(&NOTES, &n, &"x".repeat(70_000)))).unwrap();
        let moment = store.read();
        store.write_blocking(|tx| tx.put(&NOTES, &1000, &"later".to_owned())).unwrap();
        let path = folder.path().join("backup");
        let mut steps = 0;
        let copied = copy(&moment, &opened.file, &path, now, |_| steps += 1).unwrap();
        assert!(copied.rows == 100 && steps > 1);
        assert!(copy(&moment, &opened.file, &path, now, |_| ()).is_err(), "an existing file is never written over");
        store.close();
        let restored = Store::start(
            file::open(&path, &Unseal::KeyFile(key), &Options::default()).unwrap().db,
            crate::store::test_token_key(),
            crate::store::Hooks::default(),
        )
        .unwrap();
        assert_eq!(restored.read().list(&NOTES, &(), 1000).unwrap().len(), 100);
    }
}
