//! Stretches of a list that follow a place in the list instead of a number of a page: what is made or deleted meanwhile shifts
//! nothing, and a deep page costs what the first one costs. A list is read from its newest row or from its oldest.

use super::{Listing, readable_of, words};
use crate::base::Id;
use crate::store::{Direction, Read, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Where a stretch lies. A place is the number of an id; nothing needs to be there any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seek {
    /// Where the list begins: at the newest, or at the oldest where it is read the other way.
    #[default]
    Start,
    /// At the first that is older than this place.
    OlderThan(u64),
    /// At the first that is newer than this place.
    NewerThan(u64),
}

/// Which stretch of a list, how long, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Seek,
    size: usize,
    oldest_first: bool,
}

impl Window {
    /// A stretch of up to `size`, at least 1, the newest first.
    pub fn new(from: Seek, size: u32) -> Self {
        Self { from, size: size.max(1) as usize, oldest_first: false }
    }

    /// The same list, read the other way.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        Self { oldest_first: true, ..self }
    }

    /// Up to how many it shows.
    pub fn size(self) -> usize {
        self.size
    }

    /// Which way the list reads.
    pub fn order(self) -> Direction {
        if self.oldest_first { Direction::Forward } else { Direction::Backward }
    }

    /// The place that it is read from, and which way: back to the page before, a stretch is read against its order.
    pub fn travel(self) -> (Option<u64>, Direction) {
        match self.from {
            Seek::Start => (None, self.order()),
            Seek::OlderThan(place) => (Some(place), Direction::Backward),
            Seek::NewerThan(place) => (Some(place), Direction::Forward),
        }
    }

    /// Where the next page begins and the one before, by the places of the ends of this one; `older` and `newer`: there is
    /// something beyond them.
    pub fn ways(self, (oldest, older): (u64, bool), (newest, newer): (u64, bool)) -> (Option<Seek>, Option<Seek>) {
        let down = older.then_some(Seek::OlderThan(oldest));
        let up = newer.then_some(Seek::NewerThan(newest));
        if self.oldest_first { (up, down) } else { (down, up) }
    }

    /// Reads the stretch from anything ordered by id. `read` gives up to so many ids in a direction, behind an id or from
    /// the end of the list.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn over<I: Id, E>(
        self,
        total: u64,
        read: impl Fn(Option<I>, Direction, usize) -> Result<Vec<I>, E>,
    ) -> Result<Slice<I>, E> {
        self.over_rows(total, |id: &I| id.raw(), |start, way, limit| read(start.map(I::from_raw), way, limit))
    }

    /// As [`Window::over`], of rows that tell their place.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn over_rows<T, E>(
        self,
        total: u64,
        place: impl Fn(&T) -> u64,
        read: impl Fn(Option<u64>, Direction, usize) -> Result<Vec<T>, E>,
    ) -> Result<Slice<T>, E> {
        let (start, way) = self.travel();
        // One more than are shown tells whether there is more that way.
        let mut items = read(start, way, self.size + 1)?;
        let more = items.len() > self.size;
        items.truncate(self.size);
        if way != self.order() {
            items.reverse();
        }
        let there = |place: u64, way| -> Result<bool, E> { Ok(!read(Some(place), way, 1)?.is_empty()) };
        let ends = (items.first().map(&place), items.last().map(&place));
        let (oldest, newest) = match (ends, start) {
            ((Some(first), Some(last)), _) => (first.min(last), first.max(last)),
            // Of an empty stretch, the way back leads over its place itself.
            (_, start) => (start.unwrap_or(0).saturating_add(1), start.unwrap_or(0).saturating_sub(1)),
        };
        let (older, newer) = match (way, start) {
            (Direction::Backward, None) => (more, false),
            (Direction::Forward, None) => (false, more),
            (Direction::Backward, Some(_)) => (more, there(newest, Direction::Forward)?),
            (Direction::Forward, Some(_)) => (there(oldest, Direction::Backward)?, more),
        };
        let (next, prev) = self.ways((oldest, older), (newest, newer));
        Ok(Slice { items, total, is_all: true, next, prev })
    }

    /// Reads the stretch from ids that are in memory.
    pub fn within<I: Id>(self, ids: &BTreeSet<I>) -> Slice<I> {
        let read = |start: Option<I>, way, limit| {
            let (older, newer) = match start {
                Some(id) => ((Bound::Unbounded, Bound::Excluded(id)), (Bound::Excluded(id), Bound::Unbounded)),
                None => ((Bound::Unbounded, Bound::Unbounded), (Bound::Unbounded, Bound::Unbounded)),
            };
            Ok::<_, std::convert::Infallible>(match way {
                Direction::Backward => ids.range(older).rev().take(limit).copied().collect(),
                Direction::Forward => ids.range(newer).take(limit).copied().collect(),
            })
        };
        match self.over(ids.len() as u64, read) {
            Ok(slice) => slice,
            Err(never) => match never {},
        }
    }

    /// Reads the stretch from rows that are in memory, in any order.
    pub fn within_rows<I: Id, T>(self, rows: impl IntoIterator<Item = T>, id: impl Fn(&T) -> I) -> Slice<T> {
        let mut rows: BTreeMap<I, T> = rows.into_iter().map(|row| (id(&row), row)).collect();
        let shown = self.within(&rows.keys().copied().collect());
        let items = shown.items.iter().filter_map(|id| rows.remove(id)).collect();
        shown.with(items)
    }
}

/// A stretch of a list in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// What it shows.
    pub items: Vec<T>,
    /// How many there are in all, or how many a search has found.
    pub total: u64,
    /// Whether a search looked at all that could match: otherwise there may be more than the total says.
    pub is_all: bool,
    /// Where the next page begins, if there is one.
    pub next: Option<Seek>,
    /// Where the page before is, if there is one.
    pub prev: Option<Seek>,
}

impl<T> Slice<T> {
    /// A slice without rows.
    pub const fn empty() -> Self {
        Self { items: Vec::new(), total: 0, is_all: true, next: None, prev: None }
    }

    /// The rows of a slice of ids. One that cannot be read is left out, and logged: see [`super::readable`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rows<U>(
        self,
        kind: &'static str,
        read: impl FnMut(T) -> Result<Option<U>, StoreError>,
    ) -> Result<Slice<U>, StoreError>
    where
        T: Id,
    {
        let items = readable_of(kind, &self.items, read)?;
        Ok(self.with(items))
    }

    fn with<U>(self, items: Vec<U>) -> Slice<U> {
        Slice { items, total: self.total, is_all: self.is_all, next: self.next, prev: self.prev }
    }

    /// The slice with each item turned into another, or left out.
    ///
    /// # Errors
    /// The first that `turn` gives.
    pub fn try_filter_map<U, E>(mut self, turn: impl FnMut(T) -> Result<Option<U>, E>) -> Result<Slice<U>, E> {
        let items = std::mem::take(&mut self.items);
        Ok(self.with(items.into_iter().map(turn).filter_map(Result::transpose).collect::<Result<_, _>>()?))
    }

    /// The slice with each item turned into another.
    ///
    /// # Errors
    /// The first that `turn` gives.
    pub fn try_map<U, E>(mut self, turn: impl FnMut(T) -> Result<U, E>) -> Result<Slice<U>, E> {
        let items = std::mem::take(&mut self.items);
        Ok(self.with(items.into_iter().map(turn).collect::<Result<_, _>>()?))
    }
}

impl<I: Id> Listing<I> {
    /// A stretch of ids in the order of the window, and the total.
    ///
    /// Without a search it reads what it shows and up to two rows more, wherever in the list it lies; with one, the
    /// matches, of which [`super::MAX_MATCHES`] are looked at. `texts` is as for [`Listing::page`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn slice(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        search: Option<&str>,
        window: Window,
        texts: impl FnMut(I) -> Result<Option<Vec<String>>, StoreError>,
    ) -> Result<Slice<I>, StoreError> {
        let terms = search.map(words::terms).unwrap_or_default();
        if !terms.is_empty() {
            let found = self.matches(tx, scope, status, &terms, texts)?;
            return Ok(Slice { is_all: found.is_all, ..window.within(&found.ids) });
        }
        let total = self.count(tx, scope, status)?;
        window.over(total, |start, way, limit| self.stretch(tx, scope, status, start, way, limit))
    }
}
