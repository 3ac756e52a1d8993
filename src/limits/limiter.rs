//! Lets requests through, never more than the limits say, also when the process is killed and started again.
//!
//! **In memory** every subject has the moments of its requests. A request is let through when all its subjects have room, and
//! is then counted for all of them, under one lock: no two requests see the same room.
//!
//! **On disk** a row says what has been let through and how many more *may* be (a block of credits, a quarter of the limit).
//! Nothing is let through that is not covered by a block which is durable already, so most requests write nothing, and a
//! killed process has let through at most what its rows tell. A start takes every block for used up, at the latest moment
//! possible: some requests may then be refused that need not be, none is let through that must not be. A graceful stop
//! writes the moments themselves and no block, and the next start goes on as if nothing had been.
//!
//! **Memory**: subjects live in two generations. One that has not been asked for since the last turn is in the old one, and
//! the next turn, a window later, drops it: by then nothing of it is in the window, and its row is taken away too.

use super::window::Window;
use super::{Ask, Level, Subject, table};
use crate::base::{Kind, Problem, Timestamp};
use crate::store::{Read, Store, StoreError, WriteTx};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many addresses are told apart in a window; those beyond count as one, so that a flood of them fills no memory.
const MAX_ADDRESSES: usize = 50_000;
/// What the addresses beyond [`MAX_ADDRESSES`] count as.
const OTHER_ADDRESSES: Subject = Subject { level: Level::Address, id: u64::MAX };
/// How many rows one write takes away.
const SWEEP: usize = 500;

/// How things stand at the tightest of a request's levels: what the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitStatus {
    /// The level that has the least room left.
    pub level: Level,
    /// How many requests a window has there.
    pub limit: u32,
    /// How many more requests there is room for now.
    pub remaining: u32,
    /// When there is more room than now.
    pub reset_at: Timestamp,
}

/// Why a request was not let through.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// A level is full.
    Full {
        /// Which, and how it stands.
        standing: LimitStatus,
        /// Seconds until there is room at all levels, if nobody else comes.
        retry_after_secs: u32,
    },
    /// The request could not be written down.
    Store(Problem),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(problem) => problem,
            Refusal::Full { retry_after_secs, .. } => {
                Self::new(Kind::RateLimited { retry_after_secs }, "rate_limited", "Rate limit exceeded")
            }
        }
    }
}

#[derive(Debug, Default)]
struct Generations {
    current: HashMap<Subject, Window>,
    previous: HashMap<Subject, Window>,
    turned_at: i64,
    addresses: usize,
    /// The latest moment that anybody came with.
    latest: i64,
}

impl Generations {
    /// The time for all that follows: requests come with moments that differ by what they waited for, and none may be
    /// written behind a later one. Only when the clock was set back by more than a window is it believed.
    fn time(&mut self, now: i64, length: i64) -> i64 {
        if now > self.latest || now < self.latest - length {
            self.latest = now;
        }
        self.latest
    }

    /// Turns the generations over once a window. Gives the subjects that nobody has asked for since the last turn.
    fn turn(&mut self, now: i64, length: i64) -> Option<HashMap<Subject, Window>> {
        if now < self.turned_at {
            // The clock was set back.
            self.turned_at = now;
        }
        if now - self.turned_at < length {
            return None;
        }
        self.turned_at = now;
        self.addresses = 0;
        let current = std::mem::take(&mut self.current);
        Some(std::mem::replace(&mut self.previous, current))
    }

    fn window(&mut self, subject: Subject) -> &mut Window {
        let previous = &mut self.previous;
        let addresses = &mut self.addresses;
        self.current.entry(subject).or_insert_with(|| {
            *addresses += usize::from(subject.level == Level::Address);
            previous.remove(&subject).unwrap_or_default()
        })
    }

    /// What a subject counts as: itself, unless it is one address too many.
    fn known(&self, subject: Subject) -> Subject {
        let stranger = subject.level == Level::Address && self.addresses >= MAX_ADDRESSES;
        if stranger && !self.current.contains_key(&subject) { OTHER_ADDRESSES } else { subject }
    }
}

/// A block of credits that is to be written down.
#[derive(Clone, Debug)]
struct Block {
    subject: Subject,
    row: table::WindowRow,
}

enum Decision {
    Admitted(LimitStatus),
    Refused(Refusal),
    /// These must be written down first.
    Reserve(Vec<Block>),
    /// Somebody else is writing down what this request needs.
    Wait(watch::Receiver<()>),
}

/// Counts requests. See the module.
#[derive(Debug)]
pub struct Limiter {
    generations: Mutex<Generations>,
    /// Told whenever a block was written or given up.
    settled: watch::Sender<()>,
    /// The length of the window in milliseconds.
    length: i64,
}

impl Limiter {
    /// With the requests that the file tells of, for a window of `secs` seconds.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(tx: &impl Read, secs: u32, now: Timestamp) -> Result<Self, StoreError> {
        let (now, length) = (now.millis(), i64::from(secs) * 1000);
        let mut generations = Generations { turned_at: now, ..Generations::default() };
        for (subject, row) in table::windows(tx)? {
            generations.current.insert(subject, Window::restored(&row, now, length));
        }
        Ok(Self { generations: Mutex::new(generations), settled: watch::Sender::new(()), length })
    }

    /// Counts a request for all its subjects, or for none.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn admit(&self, store: &Store, asks: &[Ask], now: Timestamp) -> Result<LimitStatus, Refusal> {
        let (turned, mut decision) = {
            let mut generations = self.lock();
            (generations.turn(now.millis(), self.length), self.decide(&mut generations, asks, now.millis()))
        };
        if let Some(dropped) = turned {
            self.forget(store, dropped, now.millis());
        }
        loop {
            match decision {
                Decision::Admitted(standing) => return Ok(standing),
                Decision::Refused(refusal) => return Err(refusal),
                Decision::Wait(mut settled) => {
                    // The limiter holds the sender, so this ends when the block is settled.
                    let _ = settled.changed().await;
                }
                Decision::Reserve(blocks) => self.reserve(store, blocks).await?,
            }
            decision = self.decide(&mut self.lock(), asks, now.millis());
        }
    }

    /// How many requests of a subject are in the window.
    pub fn used(&self, subject: Subject, now: Timestamp) -> u32 {
        let mut generations = self.lock();
        let now = generations.time(now.millis(), self.length);
        let Generations { current, previous, .. } = &mut *generations;
        let window = current.get_mut(&subject).or_else(|| previous.get_mut(&subject));
        window.map_or(0, |window| window.used(now, self.length))
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, generations: &mut Generations, asks: &[Ask], now: i64) -> Decision {
        let now = generations.time(now, self.length);
        let (mut tightest, mut full, mut uncovered) = (None::<LimitStatus>, None::<(i64, LimitStatus)>, false);
        let (mut waits, mut subjects) = (false, [OTHER_ADDRESSES; 4]);
        for (ask, subject) in asks.iter().zip(&mut subjects) {
            *subject = generations.known(ask.subject);
            let window = generations.window(*subject);
            let used = window.used(now, self.length);
            let standing = |remaining: u32, at: i64| LimitStatus {
                level: ask.subject.level,
                limit: ask.limit,
                remaining,
                reset_at: Timestamp::from_millis(at),
            };
            if used >= ask.limit {
                let at = window.free_at(ask.limit, now, self.length);
                if full.is_none_or(|(latest, _)| at > latest) {
                    full = Some((at, standing(0, at)));
                }
                continue;
            }
            // With this request counted.
            let left = standing(ask.limit - used - 1, window.next_change(now, self.length).max(now));
            if tightest.is_none_or(|known| left.remaining < known.remaining) {
                tightest = Some(left);
            }
            if subject.level != Level::Address && !window.is_covered(now) {
                uncovered = true;
                waits |= window.pending;
            }
        }
        if let Some((at, standing)) = full {
            let retry_after_secs = u32::try_from((at - now + 999) / 1000).unwrap_or(1).max(1);
            return Decision::Refused(Refusal::Full { standing, retry_after_secs });
        }
        let Some(tightest) = tightest else {
            return Decision::Refused(Refusal::Store(Problem::internal("a request that counts for nobody")));
        };
        if waits {
            return Decision::Wait(self.settled.subscribe());
        }
        let asked = asks.iter().zip(subjects);
        if !uncovered {
            for (_, subject) in asked {
                generations.window(subject).take(now);
            }
            return Decision::Admitted(self.settle(tightest, now));
        }
        let mut blocks = Vec::new();
        for (ask, subject) in asked.filter(|(_, subject)| subject.level != Level::Address) {
            let window = generations.window(subject);
            if !window.is_covered(now) {
                let credits = (ask.limit / 4).clamp(1, (ask.limit - window.used(now, self.length)).max(1));
                window.pending = true;
                let row = window.row(credits, now + self.length, self.length);
                blocks.push(Block { subject, row });
            }
        }
        Decision::Reserve(blocks)
    }

    /// A window that was empty until this request has it leave after its whole length.
    fn settle(&self, standing: LimitStatus, now: i64) -> LimitStatus {
        let reset = if standing.reset_at.millis() <= now { now + self.length } else { standing.reset_at.millis() };
        LimitStatus { reset_at: Timestamp::from_millis(reset), ..standing }
    }

    /// Makes blocks durable and takes their credits over. When this fails, or is dropped on the way, others try for themselves.
    async fn reserve(&self, store: &Store, blocks: Vec<Block>) -> Result<(), Refusal> {
        let mut settling = Settling { limiter: self, blocks, written: false };
        let rows = settling.blocks.clone();
        let write = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
            rows.iter().try_for_each(|block| table::put(tx, block.subject, &block.row))
        };
        store.write(write).await.map_err(|error: StoreError| Refusal::Store(error.into()))?;
        settling.written = true;
        Ok(())
    }

    /// Takes away the rows of subjects of which nothing is in the window any more.
    fn forget(&self, store: &Store, dropped: HashMap<Subject, Window>, now: i64) {
        let stored: Vec<Subject> =
            dropped.into_iter().filter(|(_, window)| window.stored).map(|(subject, _)| subject).collect();
        let length = self.length;
        for some in stored.chunks(SWEEP) {
            let some = some.to_vec();
            let sweep = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
                some.iter().try_for_each(|subject| table::sweep(tx, *subject, now, length))
            };
            // A row that is left lying is taken away after the next start.
            let _ = store.write_later(sweep);
        }
    }

    /// Writes the moments of all requests in the window, and lets nothing through from credits any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close(&self, store: &Store, now: Timestamp) -> Result<(), Problem> {
        let length = self.length;
        let mut rows = Vec::new();
        let mut generations = self.lock();
        let now = generations.time(now.millis(), length);
        let Generations { current, previous, .. } = &mut *generations;
        for (subject, window) in current.iter_mut().chain(previous).filter(|(_, window)| window.stored) {
            window.uncover();
            window.used(now, length);
            rows.push((*subject, window.row(0, 0, length)));
        }
        drop(generations);
        store
            .write_blocking(move |tx| rows.iter().try_for_each(|(subject, row)| table::put(tx, *subject, row)))
            .map_err(|error: StoreError| error.into())
    }

    /// How many subjects are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        let generations = self.lock();
        generations.current.len() + generations.previous.len()
    }
}

/// Ends the wait for blocks, however their writing ends.
struct Settling<'a> {
    limiter: &'a Limiter,
    blocks: Vec<Block>,
    written: bool,
}

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        let mut generations = self.limiter.lock();
        for block in &self.blocks {
            let window = generations.window(block.subject);
            window.pending = false;
            if self.written {
                window.cover(block.row.block, block.row.until);
            }
        }
        drop(generations);
        self.limiter.settled.send_replace(());
    }
}
