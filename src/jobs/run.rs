//! Running jobs.

use super::Done;
use super::board::Board;
use super::table::{self, LastRun, Outcome};
use crate::base::{Clock, Problem, Timestamp};
use crate::store::{Store, StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The longest sleep before the clock is asked again: a machine that was suspended, or whose clock was set, is not left
/// behind by more. Tests move the clock by hand and do not wait for it.
const LONGEST_SLEEP: Duration = if cfg!(test) { Duration::from_millis(1) } else { Duration::from_secs(60) };
/// Runs of a job with a shorter period are kept only when they fail or are the first that do not any more: the others would
/// write for nothing.
const KEPT_FROM_SECS: u32 = 600;

/// What runs jobs needs to have.
pub trait Host {
    /// Where the last runs are kept.
    fn store(&self) -> &Store;
    /// Where the time comes from.
    fn clock(&self) -> &Clock;
    /// Where what is known of the jobs stands.
    fn board(&self) -> &Board;
}

type Work<H> = Box<dyn Fn(Arc<H>, Timestamp) -> LocalBoxFuture<'static, Done>>;

/// A job, and what it does its work with.
pub struct Job<H> {
    name: &'static str,
    about: &'static str,
    every_secs: u32,
    work: Work<H>,
}

impl<H: Host + 'static> Job<H> {
    /// A job: its `name` (words joined by `-`), what it does in one sentence, its period in seconds, and its work: a bounded
    /// piece, which may be run again at any time and gets the moment at which the run begins.
    pub fn new<W>(name: &'static str, about: &'static str, every_secs: u32, work: W) -> Self
    where
        W: AsyncFn(Arc<H>, Timestamp) -> Done + 'static,
    {
        let work = Rc::new(work);
        let run = move |host, now| -> LocalBoxFuture<'static, Done> {
            let work = Rc::clone(&work);
            Box::pin(async move { work(host, now).await })
        };
        Self { name, about, every_secs, work: Box::new(run) }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<H> std::fmt::Debug for Job<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("name", &self.name).field("every_secs", &self.every_secs).finish_non_exhaustive()
    }
}

/// Runs jobs.
pub struct Runner<H> {
    host: Arc<H>,
    jobs: Vec<(Job<H>, Arc<Notify>)>,
}

impl<H> std::fmt::Debug for Runner<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Runner")
    }
}

impl<H: Host + 'static> Runner<H> {
    /// Puts the jobs on the host's board, each with what was kept of its last run. None runs yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn new(host: Arc<H>, jobs: Vec<Job<H>>) -> Result<Self, StoreError> {
        let snapshot = host.store().read();
        let mut entered = Vec::with_capacity(jobs.len());
        for job in jobs {
            // A row that cannot be read is no reason not to run the job; `check` names it.
            let last = table::last(&snapshot, job.name).unwrap_or_default();
            let asked = host.board().enter(job.name, job.about, job.every_secs, last);
            entered.push((job, asked));
        }
        Ok(Self { host, jobs: entered })
    }

    /// Runs the jobs, each when it is due or asked for, until the future is dropped.
    pub async fn run(self) {
        join_all(self.jobs.iter().map(|(job, asked)| rounds(&self.host, job, asked))).await;
    }
}

async fn rounds<H: Host>(host: &Arc<H>, job: &Job<H>, asked: &Notify) {
    loop {
        wait(host, job.name, asked).await;
        once(host, job).await;
    }
}

/// Waits until a job is due, or asked for.
async fn wait<H: Host>(host: &Arc<H>, name: &str, asked: &Notify) {
    loop {
        let due = host.board().get(name).and_then(|status| status.next_at);
        let millis = due.map_or(0, |due| due.millis().saturating_sub(host.clock().now().millis()));
        let Ok(left @ 1..) = u64::try_from(millis) else { return };
        tokio::select! {
            () = tokio::time::sleep(LONGEST_SLEEP.min(Duration::from_millis(left))) => {}
            () = asked.notified() => return,
        }
    }
}

/// Runs a job once, and notes how it went.
pub(super) async fn once<H: Host>(host: &Arc<H>, job: &Job<H>) {
    let started_at = host.clock().now();
    let last = host.board().begun(job.name, started_at);
    let done = AssertUnwindSafe((job.work)(Arc::clone(host), started_at)).catch_unwind().await;
    let done = done.unwrap_or_else(|_| Err(Problem::internal("the job panicked")));
    let took = host.clock().now().millis().saturating_sub(started_at.millis());
    let (failures, succeeded_at) = last.as_ref().map_or((0, None), |last| (last.failures, last.succeeded_at));
    let run = LastRun {
        started_at,
        took_millis: u64::try_from(took).unwrap_or(0),
        failures: if done.is_ok() { 0 } else { failures.saturating_add(1) },
        succeeded_at: if done.is_ok() { Some(started_at) } else { succeeded_at },
        outcome: told(job.name, &done),
    };
    host.board().ended(job.name, run.clone());
    if job.every_secs < KEPT_FROM_SECS && run.failures == 0 && failures == 0 {
        return;
    }
    let name = job.name;
    let kept = host.store().write(move |tx: &mut WriteTx<'_>| table::keep(tx, name, &run)).await;
    if let Err(error) = kept {
        tracing::error!(job = name, %error, "the run of a job could not be noted");
    }
}

/// Logs and counts how a run ended.
fn told(job: &'static str, done: &Done) -> Outcome {
    let outcome = if done.is_ok() { "done" } else { "failed" };
    metrics::counter!("scaistack_job_runs_total", "job" => job, "outcome" => outcome).increment(1);
    match done {
        Ok(rows) => {
            if *rows > 0 {
                tracing::info!(job, rows, "job done");
            }
            Outcome::Done(*rows as u64)
        }
        Err(problem) => {
            tracing::error!(job, code = problem.code, cause = problem.internal.as_deref(), "job failed");
            Outcome::Failed { code: problem.code.to_owned(), message: problem.message.to_string() }
        }
    }
}
