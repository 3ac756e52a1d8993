//! What waits for the writer, and what the writer thread and the readers share.

use super::error::StoreError;
use super::{Snapshot, WriteTx};
use crate::crypto::digest::MacKey;
use arc_swap::ArcSwap;
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

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

/// How many operations that nobody waits for may lie in memory.
const LAZY_QUEUE: usize = 65_536;

/// Operations that nobody waits for.
#[derive(Default)]
pub(super) struct LazyQueue(Mutex<Vec<Box<dyn Operation>>>);

impl LazyQueue {
    /// True when it was empty before.
    pub(super) fn push(&self, operation: Box<dyn Operation>) -> Result<bool, StoreError> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= LAZY_QUEUE {
            return Err(StoreError::Full);
        }
        queue.push(operation);
        Ok(queue.len() == 1)
    }

    pub(super) fn take(&self) -> Vec<Box<dyn Operation>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Called with each transaction that has written, before it is committed: the audit chain closes itself here.
pub type BeforeCommit = Arc<dyn Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + Sync>;

/// What the layers above give a store when it starts.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Runs once before each commit, in its transaction.
    pub before_commit: Option<BeforeCommit>,
    /// What operations reach above themselves by [`WriteTx::above`], of a type that the store need not know.
    pub above: Option<Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooks")
    }
}

/// What the writer thread and the readers share.
pub(super) struct Shared {
    pub(super) token_key: Arc<MacKey>,
    pub(super) hooks: Hooks,
    pub(super) published: ArcSwap<Snapshot>,
    pub(super) lazy: LazyQueue,
}
