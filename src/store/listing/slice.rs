//! Stretches of a list, the newest first, that follow a place in the list instead of a number of a page: what is made or
//! deleted meanwhile shifts nothing, and a deep page costs what the first one costs.

use super::{Listing, readable_of, words};
use crate::base::Id;
use crate::store::{Direction, Read, StoreError};
use std::collections::BTreeSet;
use std::ops::Bound;

/// Where a stretch lies. A place is the number of an id; nothing needs to be there any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seek {
    /// At the newest.
    #[default]
    Newest,
    /// At the first that is older than this place: the way on.
    OlderThan(u64),
    /// Right in front of this place, up to what is next to it: the way back.
    NewerThan(u64),
}

/// Which stretch of a list, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Seek,
    size: usize,
}

impl Window {
    /// A stretch of up to `size`, at least 1.
    pub fn new(from: Seek, size: u32) -> Self {
        Self { from, size: size.max(1) as usize }
    }

    /// Up to how many it shows.
    pub fn size(self) -> usize {
        self.size
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
        let (start, way) = match self.from {
            Seek::Newest => (None, Direction::Backward),
            Seek::OlderThan(place) => (Some(place), Direction::Backward),
            Seek::NewerThan(place) => (Some(place), Direction::Forward),
        };
        // One more than are shown tells whether there is more that way.
        let mut items = read(start.map(I::from_raw), way, self.size + 1)?;
        let more = items.len() > self.size;
        items.truncate(self.size);
        if way == Direction::Forward {
            items.reverse();
        }
        let there = |place: u64, way| -> Result<bool, E> { Ok(!read(Some(I::from_raw(place)), way, 1)?.is_empty()) };
        // Of an empty stretch, the way back leads over its place itself.
        let newest = items.first().map_or_else(|| start.unwrap_or(0).saturating_sub(1), |id| id.raw());
        let oldest = items.last().map_or_else(|| start.unwrap_or(0).saturating_add(1), |id| id.raw());
        let (on, back) = match self.from {
            Seek::Newest => (more, false),
            Seek::OlderThan(_) => (more, there(newest, Direction::Forward)?),
            Seek::NewerThan(_) => (there(oldest, Direction::Backward)?, more),
        };
        Ok(Slice {
            items,
            total,
            is_all: true,
            next: on.then_some(Seek::OlderThan(oldest)),
            prev: back.then_some(Seek::NewerThan(newest)),
        })
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
}

/// A stretch of a list, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// What it shows.
    pub items: Vec<T>,
    /// How many there are in all, or how many a search has found.
    pub total: u64,
    /// Whether a search looked at all that could match: otherwise there may be more than the total says.
    pub is_all: bool,
    /// Where the older ones lie, if there are any.
    pub next: Option<Seek>,
    /// Where the newer ones lie, if there are any.
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
    /// A stretch of ids, the newest first, and the total.
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
