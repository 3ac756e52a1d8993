//! Numbered pages, totals and searches over entities, without looking at the entities: what `page`, `per_page`, `search`
//! and `status` of an admin list need.
//!
//! Each entity shows a [`Card`]: the scopes that it is listed under (0 is "all", a tenant's or partner's number is its
//! own), a status, and texts by whose words it is found. A listing keeps three tables from the cards: the ids by scope and
//! status, a count for each of those lists, and the words.

mod blocks;
mod card;
mod page;
#[cfg(test)]
mod pages_tests;
mod rebuild;
mod search;
mod slice;
#[cfg(test)]
mod tests;
mod words;

pub use card::{Card, EVERYWHERE, Partly};
pub use page::{Listed, Paging, readable, readable_of};
pub use search::MAX_MATCHES;
pub use slice::{Seek, Slice, Window};

use super::{Direction, Read, StoreError, Table, WriteTx};
use crate::base::Id;
use blocks::{Block, List};
use card::ANY;
use std::ops::ControlFlow;

/// The three tables of a listing.
#[derive(Debug)]
pub struct Listing<I> {
    lists: Table<(u64, u8, I), ()>,
    counts: Table<(u64, u8), u64>,
    words: Table<(u64, String, u8, I), ()>,
}

impl<I: Id> Listing<I> {
    /// Declares a listing that uses the table numbers `first`, `first + 1` and `first + 2`.
    pub const fn new(first: u16, name: &'static str) -> Self {
        Self { lists: Table::new(first, name), counts: Table::new(first + 1, name), words: Table::new(first + 2, name) }
    }

    /// Brings the listing from an entity's card before to its card now; None: it was not, or is no longer, listed.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn update(
        &self,
        tx: &mut WriteTx<'_>,
        before: Option<&Card<I>>,
        now: Option<&Card<I>>,
    ) -> Result<(), StoreError> {
        if before == now {
            return Ok(());
        }
        let (old_lists, new_lists) =
            (before.map(Card::lists).unwrap_or_default(), now.map(Card::lists).unwrap_or_default());
        let (old_words, new_words) =
            (before.map(Card::words).unwrap_or_default(), now.map(Card::words).unwrap_or_default());
        if let Some(card) = before {
            for &(scope, status) in old_lists.difference(&new_lists) {
                tx.delete(&self.lists, &(scope, status, card.id))?;
                self.list(scope, status).remove(tx, card.id.raw())?;
                self.add(tx, scope, status, -1)?;
            }
            for (scope, word, status) in old_words.difference(&new_words) {
                tx.delete(&self.words, &(*scope, word.clone(), *status, card.id))?;
            }
        }
        if let Some(card) = now {
            for &(scope, status) in new_lists.difference(&old_lists) {
                tx.put(&self.lists, &(scope, status, card.id), &())?;
                let nth = |tx: &WriteTx<'_>, block, nth| self.nth(tx, (scope, status), block, nth);
                self.list(scope, status).add(tx, card.id.raw(), nth)?;
                self.add(tx, scope, status, 1)?;
            }
            for (scope, word, status) in new_words.difference(&old_words) {
                tx.put(&self.words, &(*scope, word.clone(), *status, card.id), &())?;
            }
        }
        Ok(())
    }

    fn add(&self, tx: &mut WriteTx<'_>, scope: u64, status: u8, by: i64) -> Result<(), StoreError> {
        let count = self.count(tx, scope, (status != ANY).then_some(status))?.saturating_add_signed(by);
        if count == 0 {
            tx.delete(&self.counts, &(scope, status))
        } else {
            tx.put(&self.counts, &(scope, status), &count)
        }
    }

    /// How many there are: one look-up.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn count(&self, tx: &impl Read, scope: u64, status: Option<u8>) -> Result<u64, StoreError> {
        Ok(tx.get(&self.counts, &(scope, status.unwrap_or(ANY)))?.unwrap_or(0))
    }

    /// Whether a list holds this one: one look-up.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn holds(&self, tx: &impl Read, scope: u64, id: I) -> Result<bool, StoreError> {
        Ok(tx.get(&self.lists, &(scope, ANY, id))?.is_some())
    }

    /// All ids of a list, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ids(&self, tx: &impl Read, scope: u64, status: Option<u8>) -> Result<Vec<I>, StoreError> {
        let mut ids = Vec::new();
        self.walk(tx, scope, status, Direction::Forward, |id| {
            ids.push(id);
            ControlFlow::Continue(())
        })?;
        Ok(ids)
    }

    /// A page of ids, the oldest first, and the total.
    ///
    /// Without a search it finds the page by the counts of blocks and walks one block and the page; with one, the matches, of
    /// which [`MAX_MATCHES`] are looked at: [`Listed::is_all`] says whether these were all. `texts` gives the texts of an
    /// entity's card, for a search with several words.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn page(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        search: Option<&str>,
        paging: Paging,
        texts: impl FnMut(I) -> Result<Option<Vec<String>>, StoreError>,
    ) -> Result<Listed<I>, StoreError> {
        let terms = search.map(words::terms).unwrap_or_default();
        if !terms.is_empty() {
            let found = self.matches(tx, scope, status, &terms, texts)?;
            let listed = Listed::cut(found.ids.into_iter().collect(), paging, |id: &I| id.raw());
            return Ok(Listed { is_all: found.is_all, ..listed });
        }
        let total = self.count(tx, scope, status)?;
        let (skip, size) = paging.window();
        if let Some(place) = paging.after() {
            let ids = self.behind(tx, scope, status, Some(I::from_raw(place)), size + 1)?;
            return Ok(Listed::of(ids, total, paging, |id| id.raw()));
        }
        let skip = skip as u64;
        let mut items = Vec::new();
        if skip < total {
            let status = status.unwrap_or(ANY);
            let (block, over) = self.list(scope, status).find(tx, skip, total)?;
            self.scan_block(tx, (scope, status), block, over, |id| {
                items.push(id);
                if items.len() > size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        Ok(Listed::of(items, total, paging, |id| id.raw()))
    }

    fn list(&self, scope: u64, status: u8) -> List {
        List { table: self.lists.number, scope, status }
    }

    /// Visits the ids of a list from a block on, passing over the first `over` of it.
    fn scan_block(
        &self,
        tx: &impl Read,
        (scope, status): (u64, u8),
        block: Block,
        mut over: u64,
        mut visit: impl FnMut(I) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let before = block.first.checked_sub(1).map(|raw| (scope, status, I::from_raw(raw)));
        tx.scan_after(&self.lists, &(scope, status), before.as_ref(), Direction::Forward, |(_, _, id), ()| {
            if over > 0 {
                over -= 1;
                return Ok(ControlFlow::Continue(()));
            }
            Ok(visit(id))
        })
    }

    /// The id of a block that has `nth` of it before it.
    fn nth(&self, tx: &WriteTx<'_>, list: (u64, u8), block: Block, nth: u64) -> Result<Option<u64>, StoreError> {
        let mut found = None;
        self.scan_block(tx, list, block, nth, |id| {
            found = Some(id.raw());
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// A step of the schema: counts the blocks of all lists, in a file that was written before there were any.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn build_blocks(&self, tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
        let mut lists: Vec<((u64, u8), Vec<u64>)> = Vec::new();
        tx.scan_front(&self.lists, &(), Direction::Forward, |(scope, status, id), ()| {
            match lists.last_mut().filter(|(list, _)| *list == (scope, status)) {
                Some((_, ids)) => ids.push(id.raw()),
                None => lists.push(((scope, status), vec![id.raw()])),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        blocks::clear(tx, self.lists.number)?;
        lists.iter().try_for_each(|(list, ids)| self.list(list.0, list.1).build(tx, ids))
    }

    fn walk(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        way: Direction,
        mut visit: impl FnMut(I) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let front = (scope, status.unwrap_or(ANY));
        tx.scan_front(&self.lists, &front, way, |(_, _, id), ()| Ok(visit(id)))
    }
}

impl<I: Id> Listing<I> {
    /// Up to `limit` ids of a list, the oldest first, behind `start`: a page that follows a cursor.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn behind(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        start: Option<I>,
        limit: usize,
    ) -> Result<Vec<I>, StoreError> {
        self.stretch(tx, scope, status, start, Direction::Forward, limit)
    }

    /// Up to `limit` ids of a list in the direction of travel, behind `start`.
    fn stretch(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        start: Option<I>,
        way: Direction,
        limit: usize,
    ) -> Result<Vec<I>, StoreError> {
        let (status, mut ids) = (status.unwrap_or(ANY), Vec::new());
        if limit == 0 {
            return Ok(ids);
        }
        let start = start.map(|id| (scope, status, id));
        tx.scan_after(&self.lists, &(scope, status), start.as_ref(), way, |(_, _, id), ()| {
            ids.push(id);
            Ok(if ids.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(ids)
    }
}
