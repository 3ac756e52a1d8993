//! Counters over a restart. Between two saves at most a minute of tries is forgotten, when the process is killed; a try itself
//! waits for no disk.

use super::counter::Counter;
use super::row::{Change, Saved, TRIES, TriesRow, put};
use super::tries::{Attempts, Window};
use crate::base::{Problem, Timestamp};
use crate::store::{Direction, Read, Report, Store, StoreError};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{MutexGuard, PoisonError};

/// How many rows a transaction writes.
const BATCH: usize = 1000;

impl Attempts {
    /// As the file has them, under a number of their own.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(tx: &impl Read, which: u8, now: Timestamp, window_secs: u32) -> Result<Self, StoreError> {
        let mut saved = Saved::new();
        tx.scan_front(&TRIES, &(which,), Direction::Forward, |(_, counter), row| {
            saved.insert(Counter(counter), row);
            Ok(ControlFlow::Continue(()))
        })?;
        let windows = saved.iter().filter_map(|(counter, row)| {
            let TriesRow { start, wrong, wait_until } = *row;
            let window = Window { start, wrong, running: 0, wait_until };
            (now < window.ends(i64::from(window_secs))).then_some((*counter, window))
        });
        let mut attempts = Self::default();
        attempts.windows = windows.collect::<HashMap<_, _>>().into();
        attempts.which = which;
        *attempts.saved() = saved;
        Ok(attempts)
    }

    /// Writes down what has changed since the last time. Gives how many rows that are.
    ///
    /// # Errors
    /// When the file cannot be written; the next time tries again.
    pub async fn save(&self, store: &Store, now: Timestamp, window_secs: u32) -> Result<usize, Problem> {
        let changes = self.changes(now, window_secs);
        let which = self.which;
        for batch in changes.chunks(BATCH) {
            let rows = batch.to_vec();
            store.write(move |tx| put(tx, which, &rows)).await?;
            self.note(batch);
        }
        Ok(changes.len())
    }

    /// As [`Attempts::save`], when the server stops.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn close(&self, store: &Store, now: Timestamp, window_secs: u32) -> Result<(), Problem> {
        let which = self.which;
        for batch in self.changes(now, window_secs).chunks(BATCH) {
            let rows = batch.to_vec();
            store.write_blocking(move |tx| put(tx, which, &rows))?;
            self.note(batch);
        }
        Ok(())
    }

    fn changes(&self, now: Timestamp, window_secs: u32) -> Vec<Change> {
        let (windows, saved) = (self.lock(), self.saved());
        let row = |window: &Window| {
            let window = window.at(now, i64::from(window_secs));
            let Window { start, wrong, wait_until, .. } = window;
            (wrong > 0).then_some(TriesRow { start, wrong, wait_until })
        };
        let mut changes: Vec<Change> = windows
            .iter()
            .map(|(counter, window)| (*counter, row(window)))
            .filter(|(counter, row)| saved.get(counter) != row.as_ref())
            .collect();
        changes.extend(saved.keys().filter(|counter| !windows.contains_key(counter)).map(|counter| (*counter, None)));
        changes
    }

    fn note(&self, changes: &[Change]) {
        let mut saved = self.saved();
        for (counter, row) in changes {
            match row {
                Some(row) => saved.insert(*counter, *row),
                None => saved.remove(counter),
            };
        }
    }

    fn saved(&self) -> MutexGuard<'_, Saved> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.table(tx, &TRIES)
}
