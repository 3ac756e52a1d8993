//! What an HTTP/2 connection has in flight.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::sleep;

/// Counts the requests of one connection from their head to the last byte of their answer.
#[derive(Debug, Default)]
pub(super) struct Streams {
    in_flight: Cell<usize>,
    changes: Cell<u64>,
}

impl Streams {
    /// Counts a request until the guard is dropped.
    pub(super) fn begin(self: &Rc<Self>) -> InFlight {
        self.change(1);
        InFlight(Rc::clone(self))
    }

    /// Waits until nothing has been in flight for at least `time` (and less than twice as long).
    pub(super) async fn idle_for(&self, time: Duration) {
        loop {
            let changes = self.changes.get();
            sleep(time).await;
            if self.in_flight.get() == 0 && self.changes.get() == changes {
                return;
            }
        }
    }

    fn change(&self, by: isize) {
        self.in_flight.set(self.in_flight.get().saturating_add_signed(by));
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

/// A request in flight.
#[derive(Debug)]
pub(super) struct InFlight(Rc<Streams>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.change(-1);
    }
}
