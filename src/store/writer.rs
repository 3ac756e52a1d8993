//! The one thread that writes: it takes what waits, runs it in one transaction, commits durably, publishes the new
//! snapshot, and only then answers. So what a reader sees is durable, and a client reads its own writes.
//!
//! An operation that fails *before* it has written is simply answered. One that fails or panics *after* a write spoils the
//! transaction: it is dropped, and the others run again without it. That is why operations must be re-runnable.

use super::error::StoreError;
use super::queue::{Message, Operation, Shared};
use super::tx::{ROWS, Snapshot};
use super::write::WriteTx;
use redb::{Database, ReadableDatabase};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The most operations of one transaction.
const MAX_BATCH: usize = 512;
/// How long an operation that nobody waits for may lie in memory.
const LAZY_DELAY: Duration = Duration::from_millis(50);
/// The most that a transaction waits for more to come.
const MAX_GATHER: Duration = Duration::from_millis(5);

struct Job {
    operation: Box<dyn Operation>,
    /// It failed after it had written: its result stands and it is not run again.
    spoiled: bool,
    succeeded: bool,
}

impl Job {
    fn new(operation: Box<dyn Operation>) -> Self {
        Self { operation, spoiled: false, succeeded: false }
    }
}

pub(super) fn run(database: Database, shared: &Shared, inbox: &Receiver<Message>) {
    let mut queue = Queue { inbox, jobs: Vec::new(), stop: false, lazy_since: None };
    let mut gather = Gather::default();
    loop {
        queue.wait(&gather);
        let last = queue.stop;
        let mut jobs = std::mem::take(&mut queue.jobs);
        let waited_for = jobs.len();
        queue.lazy_since = None;
        jobs.extend(shared.lazy.take().into_iter().map(Job::new));
        let size = jobs.len();
        let started = Instant::now();
        let committed = commit(&database, shared, &mut jobs);
        let took = started.elapsed();
        if size > 0 {
            metrics::histogram!("scaistack_store_batch_size").record(size as f64);
            metrics::histogram!("scaistack_store_commit_seconds").record(took.as_secs_f64());
        }
        // Before anyone is answered: who comes later may be one of these again.
        queue.take_what_is_there();
        gather = Gather::after(waited_for + queue.jobs.len(), took);
        for job in jobs {
            job.operation.answer(&committed);
        }
        if last {
            break;
        }
    }
    if let Err(error) = database.close() {
        tracing::error!(%error, "the data file did not close cleanly");
    }
}

/// What has come out of the inbox for the next transaction.
struct Queue<'a> {
    inbox: &'a Receiver<Message>,
    jobs: Vec<Job>,
    stop: bool,
    /// Since when something lies in the lazy queue.
    lazy_since: Option<Instant>,
}

impl Queue<'_> {
    fn take(&mut self, message: Message) {
        match message {
            Message::Run(operation) => self.jobs.push(Job::new(operation)),
            Message::Wake => {
                self.lazy_since.get_or_insert_with(Instant::now);
            }
            Message::Stop => self.stop = true,
        }
    }

    fn is_full(&self) -> bool {
        self.stop || self.jobs.len() >= MAX_BATCH
    }

    fn take_what_is_there(&mut self) {
        while !self.is_full()
            && let Ok(message) = self.inbox.try_recv()
        {
            self.take(message);
        }
    }

    /// Waits until there is something for a transaction, and a little longer for more.
    fn wait(&mut self, gather: &Gather) {
        while self.jobs.is_empty() && !self.stop {
            let next = match self.lazy_since {
                None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => self.inbox.recv_timeout(LAZY_DELAY.saturating_sub(since.elapsed())),
            };
            match next {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => self.stop = true,
            }
        }
        let until = Instant::now() + gather.most;
        self.take_what_is_there();
        while !self.is_full() && self.jobs.len() < gather.expected {
            let left = until.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left.min(gather.pause)) {
                Ok(message) => self.take(message),
                Err(_) => break,
            }
        }
    }
}

/// How long a transaction waits for more operations.
///
/// Who has just been answered comes again a moment later. Without a wait the first to come back would have a commit for
/// themselves, while all others miss it and wait for two. So a transaction waits for as many as the last one answered and
/// as came meanwhile: not at all for a single writer, and for others a fraction of what a commit takes.
#[derive(Clone, Copy, Default)]
struct Gather {
    expected: usize,
    /// How long it waits at most in all.
    most: Duration,
    /// For the next one.
    pause: Duration,
}

impl Gather {
    fn after(operations: usize, commit: Duration) -> Self {
        let most = (commit / 4).min(MAX_GATHER);
        Self { expected: operations, most, pause: most / 4 }
    }
}

/// Runs the jobs in one transaction and commits it, over again as long as one of them spoils it.
fn commit(database: &Database, shared: &Shared, jobs: &mut [Job]) -> Result<(), StoreError> {
    loop {
        let mut transaction = database.begin_write()?;
        // One-phase commits would let recovery read torn pages, which authenticated pages refuse (see file/).
        transaction.set_two_phase_commit(true);
        match run_all(&transaction, jobs, shared)? {
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
        shared.published.store(Arc::new(Snapshot::take(&database.begin_read()?, &shared.token_key)?));
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

fn run_all(transaction: &redb::WriteTransaction, jobs: &mut [Job], shared: &Shared) -> Result<Ran, StoreError> {
    let mut tx = WriteTx::new(transaction.open_table(ROWS)?, Arc::clone(&shared.token_key), shared.hooks.above.clone());
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
    if wrote && let Some(hook) = &shared.hooks.before_commit {
        hook(&mut tx)?;
    }
    Ok(if wrote { Ran::Wrote } else { Ran::Nothing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    struct Nothing;

    impl Operation for Nothing {
        fn run(&mut self, _: &mut WriteTx<'_>) -> bool {
            true
        }
        fn fail(&mut self, _: StoreError) {}
        fn answer(self: Box<Self>, _: &Result<(), StoreError>) {}
    }

    /// Far longer than any of these tests takes: one that waits so long fails.
    const LONG: Duration = Duration::from_secs(60);

    /// How many operations a transaction gets of those that are there and of the one that `late` sends.
    fn gathered(there: usize, expected: usize, late: impl FnOnce(Sender<Message>)) -> usize {
        let (sender, inbox) = channel();
        (0..there).for_each(|_| sender.send(Message::Run(Box::new(Nothing))).unwrap());
        late(sender);
        let mut queue = Queue { inbox: &inbox, jobs: Vec::new(), stop: false, lazy_since: None };
        queue.wait(&Gather { expected, most: LONG, pause: LONG });
        queue.jobs.len()
    }

    #[test]
    fn a_transaction_waits_for_those_that_are_missing_and_for_no_others() {
        let hold =
            |sender: Sender<Message>| drop(std::thread::spawn(move || (std::thread::park_timeout(LONG), sender)));
        let started = Instant::now();
        assert_eq!(gathered(1, 1, hold), 1, "a single writer");
        assert_eq!(gathered(3, 2, hold), 3, "more than expected");
        assert!(started.elapsed() < LONG / 2);
        let one_more = |sender: Sender<Message>| {
            std::thread::spawn(move || {
                std::thread::park_timeout(Duration::from_millis(30));
                sender.send(Message::Run(Box::new(Nothing))).unwrap();
                std::thread::park_timeout(LONG);
                drop(sender);
            });
        };
        assert_eq!(gathered(1, 2, one_more), 2);
        let stop = |sender: Sender<Message>| {
            sender.send(Message::Stop).unwrap();
            hold(sender);
        };
        assert_eq!(gathered(2, 9, stop), 2, "a stop waits for nobody");
        assert!(started.elapsed() < LONG / 2);
    }

    #[test]
    fn the_wait_is_a_fraction_of_a_commit() {
        let gather = Gather::after(3, Duration::from_millis(4));
        assert_eq!((gather.expected, gather.most), (3, Duration::from_millis(1)));
        assert_eq!(Gather::after(3, Duration::from_secs(4)).most, MAX_GATHER);
    }
}
