//! The moments of a subject's requests within the window that slides over them.

use super::table::WindowRow;
use std::collections::VecDeque;

/// Beyond this many moments a row rounds them up to a 60th of the window, so that it stays small.
const EXACT: usize = 64;

/// A moment in milliseconds and how many requests fell on it, in eight bytes: 44 bits and 20 bits.
#[derive(Clone, Copy, Debug)]
struct Entry(u64);

impl Entry {
    const MOST: u32 = (1 << 20) - 1;

    fn new(at: i64, count: u32) -> Self {
        Self((at.max(0) as u64) << 20 | u64::from(count.min(Self::MOST)))
    }

    fn at(self) -> i64 {
        (self.0 >> 20) as i64
    }

    fn count(self) -> u32 {
        (self.0 & u64::from(Self::MOST)) as u32
    }
}

/// What is known of a subject.
#[derive(Debug, Default)]
pub(super) struct Window {
    entries: VecDeque<Entry>,
    /// The sum of the entries.
    used: u32,
    /// How many requests may be let through before more must be written down ahead.
    credits: u32,
    /// When the credits lapse.
    until: i64,
    /// More credits are being written down.
    pub(super) pending: bool,
    /// There is a row of it.
    pub(super) stored: bool,
}

impl Window {
    /// How many requests are in the window that ends at `now`. A request leaves it `length` after its moment.
    pub(super) fn used(&mut self, now: i64, length: i64) -> u32 {
        while let Some(first) = self.entries.front().filter(|first| first.at() + length <= now) {
            self.used -= first.count();
            self.entries.pop_front();
        }
        if self.entries.back().is_some_and(|last| last.at() > now) {
            // The clock was set back: what it calls the future has happened by now.
            let later = self.entries.iter().rev().take_while(|entry| entry.at() > now).count();
            let first = self.entries.len() - later;
            let counts: Vec<u32> = self.entries.drain(first..).map(Entry::count).collect();
            self.used -= counts.iter().sum::<u32>();
            counts.into_iter().for_each(|count| self.add(now, count));
        }
        self.used
    }

    /// Adds requests at `at`, which is no earlier than those before it.
    fn add(&mut self, at: i64, count: u32) {
        let mut left = count;
        if let Some(last) = self.entries.back_mut().filter(|last| last.at() == at) {
            let fits = left.min(Entry::MOST - last.count());
            *last = Entry::new(at, last.count() + fits);
            left -= fits;
        }
        while left > 0 {
            let part = left.min(Entry::MOST);
            self.entries.push_back(Entry::new(at, part));
            left -= part;
        }
        self.used += count;
    }

    /// Whether a request is covered by what has been written down ahead.
    pub(super) fn is_covered(&self, now: i64) -> bool {
        self.credits > 0 && now < self.until
    }

    /// Lets a request through.
    pub(super) fn take(&mut self, now: i64) {
        self.credits = self.credits.saturating_sub(1);
        self.add(now, 1);
    }

    /// Takes over credits that were written down.
    pub(super) fn cover(&mut self, credits: u32, until: i64) {
        (self.credits, self.until, self.stored) = (credits, until, true);
    }

    /// Gives back all credits.
    pub(super) fn uncover(&mut self) {
        self.credits = 0;
    }

    /// When fewer than `limit` requests will be in the window, if none comes.
    pub(super) fn free_at(&self, limit: u32, now: i64, length: i64) -> i64 {
        let mut left = self.used;
        for entry in &self.entries {
            left -= entry.count();
            if left < limit {
                return entry.at() + length;
            }
        }
        now
    }

    /// When the oldest request leaves the window.
    pub(super) fn next_change(&self, now: i64, length: i64) -> i64 {
        self.entries.front().map_or(now, |first| first.at() + length)
    }

    /// The row that says what has been let through, and that `block` more may be until `until`.
    pub(super) fn row(&self, block: u32, until: i64, length: i64) -> WindowRow {
        let grain = if self.entries.len() > EXACT { (length / 60).max(1) } else { 1 };
        let mut entries: Vec<(i64, u32)> = Vec::new();
        for entry in &self.entries {
            // Up, never down: a request that is remembered too late is remembered too long.
            let at = entry.at().saturating_add(grain - 1) / grain * grain;
            match entries.last_mut().filter(|last| last.0 == at) {
                Some(last) => last.1 += entry.count(),
                None => entries.push((at, entry.count())),
            }
        }
        WindowRow { entries, block, until }
    }

    /// What a row says after a start at `now`. Nobody knows how much of its block was used, nor when: all of it, as late as it
    /// can have been.
    pub(super) fn restored(row: &WindowRow, now: i64, length: i64) -> Self {
        let mut window = Self { stored: true, ..Self::default() };
        for (at, count) in &row.entries {
            window.add((*at).min(now), *count);
        }
        let last = window.entries.back().map_or(0, |last| last.at());
        window.add(row.until.min(now).max(last), row.block);
        window.used(now, length);
        window
    }
}
