//! The store: typed tables in transactions over one encrypted file. The only place that names redb.
//!
//! Domains see [`Store::read`], [`Store::write`], [`Table`], [`Entity`] and the [`Read`] and [`WriteTx`] methods: an
//! ordered key-value transaction, and nothing of the engine below.

pub mod backup;
pub mod check;
mod error;
pub mod file;
pub mod key;
pub mod listing;
pub mod migrate;
mod queue;
pub mod table;
mod tx;
pub mod version;
mod write;
mod writer;

#[cfg(test)]
mod tests;

pub use check::Report;
pub use error::StoreError;
pub use key::{Key, TextFront};
pub use listing::{Card, Listed, Listing, Paging, Partly, Seek, Slice, Window};
pub use queue::{BeforeCommit, Hooks};
pub use table::{Entity, IndexEntries, Row, Table, encoded, older, with_last};
pub use tx::{Direction, RawRead, Read, Snapshot};
pub use write::WriteTx;

pub use version::{Expected, Version, Versioned, Whole};

use crate::crypto::digest::MacKey;
use arc_swap::ArcSwap;
use queue::{LazyQueue, Message, Operation, Shared};
use redb::{Database, ReadableDatabase};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// How many operations may wait for the writer. Beyond it an operation is refused with [`StoreError::Full`].
pub const QUEUE: usize = 4096;
/// The key of tokens in tests.
#[cfg(test)]
pub(crate) fn test_token_key() -> MacKey {
    MacKey::new(b"tokens of tests")
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    inbox: SyncSender<Message>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// An operation with its types, its result so far and who waits for it.
struct Typed<F, T, E> {
    run: F,
    result: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
}

impl<F, T, E> Operation for Typed<F, T, E>
where
    F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool {
        let result = (self.run)(tx);
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn fail(&mut self, error: StoreError) {
        self.result = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>, committed: &Result<(), StoreError>) {
        let result = match (self.result, committed) {
            // A failure that was found before the commit stands whatever became of the commit.
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.clone().into()),
            (Some(ok), Ok(())) => ok,
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        if let Some(reply) = self.reply {
            // Who asked may have gone away; the write stands all the same.
            let _ = reply.send(result);
        }
    }
}

impl Store {
    /// Starts the writer thread over an open database. `token_key` is what [`Read::keep`] keeps tokens under: always the same
    /// for one file.
    ///
    /// # Errors
    /// When the first read or the first commit fails.
    pub fn start(database: Database, token_key: MacKey, hooks: Hooks) -> Result<Self, StoreError> {
        let fresh = matches!(database.begin_read()?.open_table(tx::ROWS), Err(redb::TableError::TableDoesNotExist(_)));
        if fresh {
            let mut transaction = database.begin_write()?;
            transaction.set_two_phase_commit(true);
            drop(transaction.open_table(tx::ROWS)?);
            transaction.commit()?;
        }
        let token_key = Arc::new(token_key);
        let snapshot = Snapshot::take(&database.begin_read()?, &token_key)?;
        let shared = Arc::new(Shared {
            token_key,
            hooks,
            published: ArcSwap::from_pointee(snapshot),
            lazy: LazyQueue::default(),
        });
        let (inbox, messages) = sync_channel(QUEUE);
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("writer".to_owned())
                .spawn(move || writer::run(database, &shared, &messages))
                .map_err(|error| StoreError::Engine(error.to_string()))?
        };
        Ok(Self { shared, inbox, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// The state after the last durable commit.
    pub fn read(&self) -> Snapshot {
        Snapshot::clone(&self.shared.published.load())
    }

    /// Runs an operation in the next transaction and waits until it is durable.
    ///
    /// `run` may be called more than once; see [`WriteTx`].
    ///
    /// # Errors
    /// What `run` fails with; or, through `E`, [`StoreError::Full`], [`StoreError::Closed`] or an engine failure.
    pub async fn write<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let reply = self.send(run)?;
        reply.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// As [`Store::write`], for a thread that may block: tests and the command line.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let reply = self.send(run)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Queues an operation that nobody waits for; it is committed within 50 ms, together with others.
    ///
    /// # Errors
    /// [`StoreError::Full`] when too many lie in memory already.
    pub fn write_later<F>(&self, run: F) -> Result<(), StoreError>
    where
        F: FnMut(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        if self.shared.lazy.push(Box::new(Typed { run, result: None, reply: None }))? {
            // A full inbox means that the writer is about to run anyway, and it always looks into the lazy queue.
            match self.inbox.try_send(Message::Wake) {
                Ok(()) | Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
            }
        }
        Ok(())
    }

    fn send<T, E, F>(&self, run: F) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let operation = Box::new(Typed { run, result: None, reply: Some(sender) });
        match self.inbox.try_send(Message::Run(operation)) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => {
                metrics::counter!("scaistack_store_refused_total").increment(1);
                Err(StoreError::Full)
            }
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }

    /// Whether the writer runs.
    pub fn is_open(&self) -> bool {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Commits what waits, ends the writer and closes the file. Later operations fail with [`StoreError::Closed`].
    pub fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = self.inbox.send(Message::Stop);
            if thread.join().is_err() {
                tracing::error!("the writer thread panicked");
            }
        }
    }
}
