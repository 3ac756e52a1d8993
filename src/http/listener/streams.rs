//! What an HTTP/2 connection has in flight, and what of it waits for the client.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::sleep;

/// Why a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The client asks for nothing.
    Idle,
    /// The client does not take what it asked for: it opens no window for it, which no write to the socket would show.
    Stuck,
}

/// Counts the requests of one connection from their head to the last byte of their answer.
#[derive(Debug, Default)]
pub(super) struct Streams {
    in_flight: Cell<usize>,
    changes: Cell<u64>,
    period: Cell<u64>,
    /// What has waited for the client since this period.
    fresh: Cell<usize>,
    /// What has waited since the one before.
    stale: Cell<usize>,
}

impl Streams {
    /// Counts a request until the guard is dropped.
    pub(super) fn begin(self: &Rc<Self>) -> InFlight {
        self.change(1);
        InFlight(Rc::clone(self))
    }

    /// Watches over the connection until nothing has been in flight for `idle`, or the client has taken nothing of one of its
    /// answers for `stall`; each for less than twice as long.
    pub(super) async fn silence(&self, idle: Duration, stall: Duration) -> Silence {
        let mut watch = Watch::new(idle, stall);
        loop {
            let changes = self.changes.get();
            sleep(watch.tick).await;
            if let Some(silence) = watch.look(self, changes) {
                return silence;
            }
        }
    }

    /// Begins another period; tells whether something has waited through the whole of the one that ends.
    fn turn(&self) -> bool {
        let stuck = self.stale.get() > 0;
        self.stale.set(self.stale.get() + self.fresh.take());
        self.period.set(self.period.get() + 1);
        stuck
    }

    fn change(&self, by: isize) {
        add(&self.in_flight, by);
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

/// How long it has been silent.
#[derive(Debug)]
struct Watch {
    idle: Duration,
    stall: Duration,
    tick: Duration,
    quiet: Duration,
    waited: Duration,
}

impl Watch {
    fn new(idle: Duration, stall: Duration) -> Self {
        Self { idle, stall, tick: idle.min(stall), quiet: Duration::ZERO, waited: Duration::ZERO }
    }

    /// Looks after each tick; `changes`: those that were counted before it.
    fn look(&mut self, streams: &Streams, changes: u64) -> Option<Silence> {
        let still = streams.in_flight.get() == 0 && streams.changes.get() == changes;
        self.quiet = if still { self.quiet + self.tick } else { Duration::ZERO };
        if self.quiet >= self.idle {
            return Some(Silence::Idle);
        }
        self.waited += self.tick;
        if self.waited < self.stall {
            return None;
        }
        self.waited = Duration::ZERO;
        streams.turn().then_some(Silence::Stuck)
    }
}

fn add(count: &Cell<usize>, by: isize) {
    count.set(count.get().saturating_add_signed(by));
}

/// A request in flight.
#[derive(Debug)]
pub(super) struct InFlight(Rc<Streams>);

impl InFlight {
    /// Counts a part of the answer that waits for the client, until the guard is dropped.
    pub(super) fn waits(&self) -> Waiting {
        let streams = self.0.begin();
        add(&streams.0.fresh, 1);
        Waiting { since: streams.0.period.get(), in_flight: streams }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.change(-1);
    }
}

/// A part of an answer that waits for the client to take it.
#[derive(Debug)]
pub(super) struct Waiting {
    in_flight: InFlight,
    since: u64,
}

impl Waiting {
    /// The client has taken some of it.
    pub(super) fn moved(&mut self) {
        let streams = &self.in_flight.0;
        if self.since != streams.period.get() {
            add(&streams.stale, -1);
            add(&streams.fresh, 1);
            self.since = streams.period.get();
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let streams = &self.in_flight.0;
        add(if self.since == streams.period.get() { &streams.fresh } else { &streams.stale }, -1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(300);
    const STALL: Duration = Duration::from_secs(30);

    /// After how many ticks, of those given, there is a reason to end.
    fn ends(watch: &mut Watch, streams: &Streams, ticks: usize) -> Option<(usize, Silence)> {
        (1..=ticks).find_map(|tick| Some((tick, watch.look(streams, streams.changes.get())?)))
    }

    #[test]
    fn silence_is_noticed() {
        let (streams, mut watch) = (Rc::<Streams>::default(), Watch::new(IDLE, STALL));
        assert_eq!(watch.look(&streams, streams.changes.get() + 1), None, "there was a request meanwhile");
        assert_eq!(ends(&mut watch, &streams, 10), Some((10, Silence::Idle)));

        let request = streams.begin();
        assert_eq!(ends(&mut watch, &streams, 100), None, "a handler may take its time");
        let (mut slow, stuck) = (request.waits(), request.waits());
        drop(request);
        assert_eq!(ends(&mut watch, &streams, 1), None);
        slow.moved();
        assert_eq!(ends(&mut watch, &streams, 1), Some((1, Silence::Stuck)));
        drop(stuck);
        for _ in 0..10 {
            slow.moved();
            assert_eq!(ends(&mut watch, &streams, 1), None, "a slow client is not a stuck one");
        }
        assert_eq!(ends(&mut watch, &streams, 1), Some((1, Silence::Stuck)));
        drop(slow);
        assert_eq!((streams.in_flight.get(), streams.fresh.get(), streams.stale.get()), (0, 0, 0));
        assert_eq!(ends(&mut watch, &streams, 10), Some((10, Silence::Idle)));
    }

    #[test]
    fn a_short_idle_time_does_not_shorten_the_stall() {
        let (streams, mut watch) = (Rc::<Streams>::default(), Watch::new(Duration::from_secs(3), STALL));
        let part = streams.begin().waits();
        assert_eq!(ends(&mut watch, &streams, 100), Some((20, Silence::Stuck)));
        drop(part);
        assert_eq!(ends(&mut watch, &streams, 100), Some((1, Silence::Idle)));
    }
}
