//! Searches in a list.

use super::words::{finds, fronts};
use super::{Direction, Listing, Read, StoreError, readable};
use crate::base::Id;
use crate::store::key::TextFront;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The most matches of a search that are looked at. Who finds more has to ask more narrowly, and is told that these were not
/// all.
pub const MAX_MATCHES: usize = 10_000;

/// What a search has found.
pub(super) struct Matches<I> {
    /// The ids of the rows that were found.
    pub ids: BTreeSet<I>,
    /// Whether all that could match were looked at.
    pub is_all: bool,
}

impl<I: Id> Listing<I> {
    /// The ids whose texts have a word for each of these. One word is looked up; `texts` gives the texts of those that have
    /// it, which are asked for the others.
    pub(super) fn matches(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        terms: &[String],
        mut texts: impl FnMut(I) -> Result<Option<Vec<String>>, StoreError>,
    ) -> Result<Matches<I>, StoreError> {
        let mut found = Matches { ids: BTreeSet::new(), is_all: false };
        // A word that is too frequent is no one to start with, if there is another.
        for (at, term) in terms.iter().enumerate() {
            let having = self.having(tx, scope, status, term)?;
            if at == 0 || having.is_all {
                found = having;
            }
            if found.is_all {
                break;
            }
        }
        if terms.len() < 2 {
            return Ok(found);
        }
        let mut ids = BTreeSet::new();
        for id in found.ids {
            if readable(self.name(), &id, texts(id))?.is_some_and(|texts| finds(terms, &texts)) {
                ids.insert(id);
            }
        }
        Ok(Matches { ids, is_all: found.is_all })
    }

    /// The ids with a word that starts so, of the first [`MAX_MATCHES`] such words.
    fn having(&self, tx: &impl Read, scope: u64, status: Option<u8>, term: &str) -> Result<Matches<I>, StoreError> {
        let (mut ids, mut seen) = (BTreeSet::new(), 0);
        for front in fronts(term) {
            tx.scan_front(&self.words, &(scope, TextFront(&front)), Direction::Forward, |(_, _, has, id), ()| {
                seen += 1;
                if seen > MAX_MATCHES {
                    return Ok(ControlFlow::Break(()));
                }
                if status.is_none_or(|want| want == has) {
                    ids.insert(id);
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(Matches { ids, is_all: seen <= MAX_MATCHES })
    }
}
