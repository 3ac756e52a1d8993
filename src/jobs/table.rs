//! The rows of the last runs.

use crate::base::Timestamp;
use crate::store::{Read, Report, Row, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};

/// By the name of the job.
const LAST_RUNS: Table<String, LastRun> = Table::new(0x1100, "last runs of jobs");

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It did its work, and dealt with so many rows.
    Done(u64),
    /// It failed.
    Failed {
        /// The problem's code.
        code: String,
        /// The problem in words.
        message: String,
    },
}

/// The last run of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_millis: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// When the job last began a run that did its work; none: it never did.
    pub succeeded_at: Option<Timestamp>,
    /// How many runs have failed since then.
    pub failures: u32,
}

impl Row for LastRun {
    const VERSION: u8 = 1;
}

/// The last run of a job that is kept; none: it was never run, or is run too often to be kept.
pub(super) fn last(tx: &impl Read, job: &'static str) -> Result<Option<LastRun>, StoreError> {
    tx.get(&LAST_RUNS, &job.to_owned())
}

/// Keeps the last run of a job.
pub(super) fn keep(tx: &mut WriteTx<'_>, job: &'static str, run: &LastRun) -> Result<(), StoreError> {
    tx.put(&LAST_RUNS, &job.to_owned(), run)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.table(tx, &LAST_RUNS)
}
