//! A listing made anew from the cards of all its entities, and compared with them.

use super::{Card, Listing, blocks};
use crate::base::Id;
use crate::store::{Direction, Read, StoreError, WriteTx};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

impl<I: Id> Listing<I> {
    /// For messages.
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

    /// Whether the listing says what these cards say: who is in which list, how many they are, and by which words.
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
        let (mut more, mut agrees) = (0_usize, true);
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
}
