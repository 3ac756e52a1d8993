//! The one thread that writes: it takes what waits, runs it in one transaction, commits durably, publishes the new
//! snapshot, and only then answers. So what a reader sees is durable, and a client reads its own writes.
//!
//! An operation that fails *before* it has written is simply answered. One that fails or panics *after* a write spoils the
//! transaction: it is dropped, and the others run again without it. That is why operations must be re-runnable.

use super::tx::{ROWS, Snapshot, WriteTx};
use super::{BeforeCommit, Shared, StoreError};
use redb::{Database, ReadableDatabase};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The most operations of one transaction.
const MAX_BATCH: usize = 512;
/// How long an operation that nobody waits for may lie in memory.
const LAZY_DELAY: Duration = Duration::from_millis(50);

/// What the writer thread is sent.
pub(super) enum Message {
    /// Somebody waits for this one.
    Run(Box<dyn Operation>),
    /// There is something in the lazy queue.
    Wake,
    /// Commit what waits and end.
    Stop,
}

/// An operation without its types.
pub(super) trait Operation: Send {
    /// Runs it and keeps its result. True when it succeeded.
    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool;
    /// Keeps a failure that came from outside, such as a panic.
    fn fail(&mut self, error: StoreError);
    /// Hands the result to who waits. `committed` is the fate of the transaction.
    fn answer(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Job {
    operation: Box<dyn Operation>,
    /// It failed after it had written: its result stands and it is not run again.
    spoiled: bool,
    succeeded: bool,
}

pub(super) fn run(database: Database, shared: &Shared, inbox: &Receiver<Message>) {
    let mut lazy_since: Option<Instant> = None;
    loop {
        let first = match lazy_since {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(since) => inbox.recv_timeout(LAZY_DELAY.saturating_sub(since.elapsed())),
        };
        let mut jobs = Vec::new();
        let mut stop = false;
        match first {
            Ok(Message::Run(operation)) => jobs.push(Job { operation, spoiled: false, succeeded: false }),
            Ok(Message::Wake) => {
                lazy_since.get_or_insert_with(Instant::now);
                continue;
            }
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => stop = true,
            Err(RecvTimeoutError::Timeout) => {}
        }
        while jobs.len() < MAX_BATCH {
            match inbox.try_recv() {
                Ok(Message::Run(operation)) => jobs.push(Job { operation, spoiled: false, succeeded: false }),
                Ok(Message::Wake) => {}
                Ok(Message::Stop) => stop = true,
                Err(_) => break,
            }
        }
        lazy_since = None;
        for operation in shared.lazy.take() {
            jobs.push(Job { operation, spoiled: false, succeeded: false });
        }
        let size = jobs.len();
        let started = Instant::now();
        let committed = commit(&database, shared, &mut jobs);
        if size > 0 {
            metrics::histogram!("scaistack_store_batch_size").record(size as f64);
            metrics::histogram!("scaistack_store_commit_seconds").record(started.elapsed().as_secs_f64());
        }
        for job in jobs {
            job.operation.answer(&committed);
        }
        if stop {
            break;
        }
    }
    if let Err(error) = database.close() {
        tracing::error!(%error, "the data file did not close cleanly");
    }
}

/// Runs the jobs in one transaction and commits it, over again as long as one of them spoils it.
fn commit(database: &Database, shared: &Shared, jobs: &mut [Job]) -> Result<(), StoreError> {
    loop {
        let mut transaction = database.begin_write()?;
        // One-phase commits would let recovery read torn pages, which authenticated pages refuse (see file/).
        transaction.set_two_phase_commit(true);
        match run_all(&transaction, jobs, shared.before_commit.as_ref())? {
            Ran::Spoiled => {
                transaction.abort()?;
                continue;
            }
            Ran::Nothing => {
                transaction.abort()?;
                return Ok(());
            }
            Ran::Wrote => transaction.commit()?,
        }
        shared.published.store(Arc::new(Snapshot::take(&database.begin_read()?)?));
        return Ok(());
    }
}

enum Ran {
    /// A job failed after it had written.
    Spoiled,
    /// No job has written.
    Nothing,
    /// There is something to commit.
    Wrote,
}

fn run_all(
    transaction: &redb::WriteTransaction,
    jobs: &mut [Job],
    before_commit: Option<&BeforeCommit>,
) -> Result<Ran, StoreError> {
    let mut tx = WriteTx::new(transaction.open_table(ROWS)?);
    let mut wrote = false;
    for job in jobs.iter_mut().filter(|job| !job.spoiled) {
        tx.touched = false;
        job.succeeded = match catch_unwind(AssertUnwindSafe(|| job.operation.run(&mut tx))) {
            Ok(succeeded) => succeeded,
            Err(_) => {
                tracing::error!("an operation panicked inside a transaction");
                job.operation.fail(StoreError::Panicked);
                false
            }
        };
        if tx.touched && !job.succeeded {
            job.spoiled = true;
            return Ok(Ran::Spoiled);
        }
        wrote |= tx.touched;
    }
    if wrote && let Some(hook) = before_commit {
        hook(&mut tx)?;
    }
    Ok(if wrote { Ran::Wrote } else { Ran::Nothing })
}
