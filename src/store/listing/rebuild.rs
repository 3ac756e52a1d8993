//! A listing made anew from the cards of all its entities, and compared with them.

use super::{Card, Listing, blocks};
use crate::base::Id;
use crate::store::{Direction, Read, StoreError, WriteTx};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

impl<I: Id> Listing<I> {
    /// The name of the listing, for messages.
    pub(in crate::store) const fn name(&self) -> &'static str {
        self.lists.name
    }

    /// Takes away what the listing has and lists these cards.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn rebuild(&self, tx: &mut WriteTx<'_>, cards: &[Card<I>]) -> Result<(), StoreError> {
        tx.clear(&self.lists)?;
        tx.clear(&self.counts)?;
        tx.clear(&self.words)?;
        blocks::clear(tx, self.lists.number)?;
        cards.iter().try_for_each(|card| self.update(tx, None, Some(card)))
    }

    /// Whether the listing says what these cards say: who is in which list, how many they are and in which blocks, and by which
    /// words.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn agrees_with(&self, tx: &impl Read, cards: &[Card<I>]) -> Result<bool, StoreError> {
        let (mut lists, mut words) = (BTreeSet::new(), 0_usize);
        let mut counts: BTreeMap<(u64, u8), u64> = BTreeMap::new();
        for card in cards {
            for (scope, status) in card.lists() {
                lists.insert((scope, status, card.id));
                *counts.entry((scope, status)).or_default() += 1;
            }
            for (scope, word, status) in card.words() {
                words += 1;
                if tx.get(&self.words, &(scope, word, status, card.id))?.is_none() {
                    return Ok(false);
                }
            }
        }
        let (mut more, mut agrees) = (0_usize, self.has_blocks_of(tx, &lists)?);
        tx.scan_front(&self.words, &(), Direction::Forward, |_, ()| {
            more += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        tx.scan_front(&self.lists, &(), Direction::Forward, |key, ()| {
            agrees &= lists.remove(&key);
            Ok(ControlFlow::Continue(()))
        })?;
        tx.scan_front(&self.counts, &(), Direction::Forward, |key, count| {
            agrees &= counts.remove(&key) == Some(count);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(agrees && lists.is_empty() && counts.is_empty() && more == words)
    }

    /// Whether the blocks are those of these lists: each holds as many ids as it says, and none is in no block.
    fn has_blocks_of(&self, tx: &impl Read, lists: &BTreeSet<(u64, u8, I)>) -> Result<bool, StoreError> {
        let (blocks, mut held) = (blocks::all(tx, self.lists.number)?, 0);
        for (at, (list, block)) in blocks.iter().enumerate() {
            let next = blocks.get(at + 1).filter(|(other, _)| other == list).map(|(_, next)| next.first);
            let from = lists.range((list.scope, list.status, I::from_raw(block.first))..);
            let is_inside = |(scope, status, id): &&(u64, u8, I)| {
                (*scope, *status) == (list.scope, list.status) && next.is_none_or(|next| id.raw() < next)
            };
            let count = from.take_while(is_inside).count();
            if count as u64 != block.count {
                return Ok(false);
            }
            held += count;
        }
        Ok(held == lists.len())
    }
}
