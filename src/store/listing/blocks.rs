//! How many ids lie where in a list, so that a page far inside is reached without walking over all before it.
//!
//! A list is cut into blocks of at most [`MOST`] ids, and a row says for each from which id on it goes and how many it holds.
//! A block that grows too large is cut in the middle; one that holds nothing has no row. The first of a list goes from 0 on, so
//! every id is in one.

use super::{Direction, Read, StoreError, Table, WriteTx};
use std::ops::ControlFlow;

/// The most ids of a block.
pub(super) const MOST: u64 = 512;

/// By the number of the list's table, scope, status and first id: how many ids there are up to the next block.
const BLOCKS: Table<(u16, u64, u8, u64), u64> = Table::new(0x0002, "blocks of lists");

/// Which list: the number of its table, scope and status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub table: u16,
    pub scope: u64,
    pub status: u8,
}

/// A block: its first possible id and how many it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub first: u64,
    pub count: u64,
}

impl List {
    fn key(self, first: u64) -> (u16, u64, u8, u64) {
        (self.table, self.scope, self.status, first)
    }

    /// The block that an id belongs to.
    fn of(self, tx: &impl Read, id: u64) -> Result<Block, StoreError> {
        let (front, mut found) = ((self.table, self.scope, self.status), Block { first: 0, count: 0 });
        // Behind the largest number there is nothing, and no id is as large.
        let behind = self.key(id.saturating_add(1));
        tx.scan_after(&BLOCKS, &front, Some(&behind), Direction::Backward, |(_, _, _, first), count| {
            found = Block { first, count };
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    fn put(self, tx: &mut WriteTx<'_>, block: Block) -> Result<(), StoreError> {
        let key = self.key(block.first);
        if block.count == 0 { tx.delete(&BLOCKS, &key) } else { tx.put(&BLOCKS, &key, &block.count) }
    }

    /// Counts an id that has come into the list. `nth` gives the id that has so many before it in a block, and is asked only
    /// when the block is to be cut.
    pub(super) fn add(
        self,
        tx: &mut WriteTx<'_>,
        id: u64,
        nth: impl FnOnce(&WriteTx<'_>, Block, u64) -> Result<Option<u64>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut block = self.of(tx, id)?;
        block.count += 1;
        if block.count > MOST {
            let half = block.count / 2;
            if let Some(middle) = nth(tx, block, half)? {
                self.put(tx, Block { first: middle, count: block.count - half })?;
                block.count = half;
            }
        }
        self.put(tx, block)
    }

    /// Counts an id that has gone from the list.
    pub(super) fn remove(self, tx: &mut WriteTx<'_>, id: u64) -> Result<(), StoreError> {
        let block = self.of(tx, id)?;
        self.put(tx, Block { count: block.count.saturating_sub(1), ..block })
    }

    /// The block in which the id with `skip` before it lies, and how many of that block lie before it. `total` is how many
    /// there are in all. Walks the blocks from the nearer end.
    pub(super) fn find(self, tx: &impl Read, skip: u64, total: u64) -> Result<(Block, u64), StoreError> {
        let (front, mut found) = ((self.table, self.scope, self.status), None);
        let (mut before, backward) = (if skip > total / 2 { total } else { 0 }, skip > total / 2);
        let way = if backward { Direction::Backward } else { Direction::Forward };
        tx.scan_front(&BLOCKS, &front, way, |(_, _, _, first), count| {
            if backward {
                before = before.saturating_sub(count);
            }
            if before <= skip && skip - before < count {
                found = Some((Block { first, count }, skip - before));
                return Ok(ControlFlow::Break(()));
            }
            if !backward {
                before += count;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        found.ok_or(StoreError::Corrupt("a list whose blocks do not add up"))
    }

    /// Writes the blocks of a list: `ids` are all of it, in order.
    pub(super) fn build(self, tx: &mut WriteTx<'_>, ids: &[u64]) -> Result<(), StoreError> {
        for (number, some) in ids.chunks(MOST as usize / 2).enumerate() {
            let first = if number == 0 { 0 } else { some.first().copied().unwrap_or(0) };
            self.put(tx, Block { first, count: some.len() as u64 })?;
        }
        Ok(())
    }
}

/// The blocks of all lists of a table, in order.
pub(super) fn all(tx: &impl Read, table: u16) -> Result<Vec<(List, Block)>, StoreError> {
    let rows = tx.list(&BLOCKS, &(table,), usize::MAX)?.into_iter();
    Ok(rows
        .map(|((table, scope, status, first), count)| (List { table, scope, status }, Block { first, count }))
        .collect())
}

/// Takes away the blocks of all lists of a table.
pub(super) fn clear(tx: &mut WriteTx<'_>, table: u16) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    tx.scan_keys(&BLOCKS, &(table,), None, Direction::Forward, |key| {
        keys.push(key);
        Ok(ControlFlow::Continue(()))
    })?;
    keys.iter().try_for_each(|key| tx.delete(&BLOCKS, key))
}

/// Whether there is no block at all.
#[cfg(test)]
pub(super) fn is_empty(tx: &impl Read) -> bool {
    tx.list(&BLOCKS, &(), 1).is_ok_and(|rows| rows.is_empty())
}
