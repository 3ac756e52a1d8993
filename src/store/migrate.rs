//! The version of the schema, and the steps from one to the next.
//!
//! A store that is younger than its rows is refused; one that is older is brought up step by step, each in a transaction of
//! its own after a snapshot of the file, so that a failed step leaves the store as it was before it.

use super::{Read, Store, StoreError, Table, WriteTx};

/// The version of the schema in this store.
const SCHEMA: Table<(), u64> = Table::new(0x0001, "schema");

/// One step: from the version before to this one.
pub type Step = fn(&mut WriteTx<'_>) -> Result<(), StoreError>;

/// Why a store cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It was written by a newer program.
    #[error("the data file has schema version {found}, this program knows up to {known}: use a newer program")]
    Newer {
        /// What the file has.
        found: u64,
        /// What this program knows.
        known: u64,
    },
    /// The snapshot before a step failed.
    #[error("the snapshot before the step to version {version} failed: {reason}")]
    Snapshot {
        /// The step's version.
        version: u64,
        /// What the snapshot failed with.
        reason: String,
    },
    /// A step failed; the store is as it was before it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings a store up to date with `steps`, and gives how many ran. `snapshot` is called before each with the version that
/// the store has then.
///
/// # Errors
/// [`MigrateError`].
pub fn run(
    store: &Store,
    steps: &'static [Step],
    mut snapshot: impl FnMut(u64) -> Result<(), String>,
) -> Result<usize, MigrateError> {
    let known = steps.len() as u64 + 1;
    let Some(found) = store.read().get(&SCHEMA, &())? else {
        store.write_blocking(move |tx| tx.put(&SCHEMA, &(), &known))?;
        return Ok(0);
    };
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    let mut ran = 0;
    for (version, step) in (2..).zip(steps).filter(|(version, _)| *version > found) {
        snapshot(version - 1).map_err(|reason| MigrateError::Snapshot { version, reason })?;
        store.write_blocking(move |tx| {
            step(tx)?;
            tx.put(&SCHEMA, &(), &version)
        })?;
        tracing::info!(version, "the schema was brought up");
        ran += 1;
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file;

    const NOTES: Table<u64, String> = Table::new(0xff10, "notes");

    fn store() -> Store {
        Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default())
            .unwrap()
    }

    #[test]
    fn steps_run_once_and_in_order_each_after_a_snapshot() {
        const STEPS: &[Step] =
            &[|tx| tx.put(&NOTES, &1, &"two".to_owned()), |tx| tx.put(&NOTES, &2, &"three".to_owned())];
        let store = store();
        assert_eq!(run(&store, &[], |_| Ok(())).unwrap(), 0, "a fresh store needs no step");
        let mut snapshots = Vec::new();
        let ran = run(&store, STEPS, |version| {
            snapshots.push(version);
            Ok(())
        });
        assert_eq!((ran.unwrap(), snapshots), (2, vec![1, 2]));
        assert_eq!(run(&store, STEPS, |_| Err("not again".to_owned())).unwrap(), 0);
        assert_eq!(store.read().list(&NOTES, &(), 9).unwrap().len(), 2);
        assert!(matches!(run(&store, &[], |_| Ok(())), Err(MigrateError::Newer { found: 3, known: 1 })));
    }

    #[test]
    fn a_failed_step_leaves_the_store_as_it_was() {
        const STEPS: &[Step] = &[|tx| {
            tx.put(&NOTES, &1, &"half".to_owned())?;
            Err(StoreError::Corrupt("on purpose"))
        }];
        let store = store();
        run(&store, &[], |_| Ok(())).unwrap();
        assert!(run(&store, STEPS, |_| Ok(())).is_err());
        assert!(store.read().list(&NOTES, &(), 9).unwrap().is_empty());
        assert!(matches!(run(&store, STEPS, |_| Err("disk full".to_owned())), Err(MigrateError::Snapshot { .. })));
    }
}
