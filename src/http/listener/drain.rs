//! The end of a listener: connections are told, counted, and waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, watch};

/// Counts the open connections and tells them when to come to an end.
#[derive(Debug)]
pub(super) struct Drain {
    begun: watch::Sender<bool>,
    open: AtomicUsize,
    closed: Notify,
}

impl Drain {
    /// Nothing open, nothing told.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { begun: watch::Sender::new(false), open: AtomicUsize::new(0), closed: Notify::new() })
    }

    /// Counts a connection until the guard is dropped.
    pub(super) fn connection(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::SeqCst);
        Open(Arc::clone(self))
    }

    /// Tells every connection, open or to come, to finish what it has in hand and close.
    pub(super) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Waits until [`Drain::begin`].
    pub(super) async fn begun(self: Arc<Self>) {
        // An error means that the sender is gone, which `self` holds.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open.
    pub(super) async fn empty(&self) {
        loop {
            let closed = self.closed.notified();
            if self.open() == 0 {
                return;
            }
            closed.await;
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Open(Arc<Drain>);

impl Drop for Open {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.closed.notify_waiters();
        }
    }
}
