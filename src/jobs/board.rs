//! What is known of each job: for pages, the command line and the figures.

use super::schedule;
use super::table::LastRun;
use crate::base::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What is known of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name, such as `purge-secrets`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// How often it is run, in seconds.
    pub every_secs: u32,
    /// Since when it runs; none: it does not run now.
    pub running_since: Option<Timestamp>,
    /// Its last run; none: it was never run.
    pub last: Option<LastRun>,
    /// How many runs have ended since the server started.
    pub runs: u64,
    /// When it is due next; none: at once.
    pub next_at: Option<Timestamp>,
}

impl Status {
    /// Whether the last run failed.
    pub fn is_failing(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.failures > 0)
    }
}

#[derive(Debug)]
struct Entry {
    status: Status,
    asked: Arc<Notify>,
}

/// What is known of all jobs of a running server. Shared by whoever runs them and whoever tells of them.
#[derive(Debug, Default)]
pub struct Board(Mutex<BTreeMap<&'static str, Entry>>);

impl Board {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<&'static str, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All jobs, by name.
    pub fn list(&self) -> Vec<Status> {
        self.entries().values().map(|entry| entry.status.clone()).collect()
    }

    /// One job by its name.
    pub fn get(&self, name: &str) -> Option<Status> {
        self.entries().get(name).map(|entry| entry.status.clone())
    }

    /// Asks for a run now, whenever the job is due. One that runs already runs once more. False: there is no such job.
    pub fn ask(&self, name: &str) -> bool {
        let entries = self.entries();
        let Some(entry) = entries.get(name) else { return false };
        entry.asked.notify_one();
        true
    }

    /// Takes a job in; `last` is what was kept of it. Gives what wakes it when it is asked for.
    pub(super) fn enter(
        &self,
        name: &'static str,
        about: &'static str,
        every_secs: u32,
        last: Option<LastRun>,
    ) -> Arc<Notify> {
        let asked = Arc::new(Notify::new());
        let next_at = schedule::next(every_secs, last.as_ref());
        let status = Status { name, about, every_secs, running_since: None, last, runs: 0, next_at };
        self.entries().insert(name, Entry { status, asked: Arc::clone(&asked) });
        asked
    }

    /// Notes that a job begins a run. Gives the last one.
    pub(super) fn begun(&self, name: &str, now: Timestamp) -> Option<LastRun> {
        let mut entries = self.entries();
        let entry = entries.get_mut(name)?;
        entry.status.running_since = Some(now);
        entry.status.last.clone()
    }

    /// Notes a run that is over.
    pub(super) fn ended(&self, name: &str, run: LastRun) {
        if let Some(Entry { status, .. }) = self.entries().get_mut(name) {
            status.next_at = schedule::next(status.every_secs, Some(&run));
            status.running_since = None;
            status.runs += 1;
            status.last = Some(run);
        }
    }
}
