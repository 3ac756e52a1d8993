//! What a listing knows of an entity.

use super::words;
use crate::base::Id;
use std::collections::BTreeSet;

/// The status number that stands for any.
pub(super) const ANY: u8 = 0;
/// The scope that holds everything.
pub const EVERYWHERE: u64 = 0;

/// What some lists know of an entity of which they may show less than others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partly {
    /// The scopes of these lists.
    pub scopes: Vec<u64>,
    /// The status that it has there, from 1.
    pub status: u8,
    /// What it is found by there.
    pub texts: Vec<String>,
}

/// What a listing knows of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card<I> {
    /// The id of the entity.
    pub id: I,
    /// The scopes that it is listed under besides [`EVERYWHERE`].
    pub scopes: Vec<u64>,
    /// Its status, from 1.
    pub status: u8,
    /// It is found by the fronts of the words in these, in any order.
    pub texts: Vec<String>,
    /// Lists that know less of it. None: there are none.
    pub partly: Option<Partly>,
}

impl<I: Id> Card<I> {
    /// Whether a list with this status and search would show it.
    pub fn fits(&self, status: Option<u8>, search: Option<&str>) -> bool {
        let terms = search.map(words::terms).unwrap_or_default();
        status.is_none_or(|status| status == self.status) && words::finds(&terms, &self.texts)
    }

    /// Whether that list of one scope would show it.
    pub fn is_within(&self, scope: u64, status: Option<u8>, search: Option<&str>) -> bool {
        self.scopes().contains(&scope) && self.fits(status, search)
    }

    /// What it is found by in the list of a scope; none: it is not in it.
    pub fn texts_in(self, scope: u64) -> Option<Vec<String>> {
        if self.scopes().contains(&scope) {
            return Some(self.texts);
        }
        self.partly.filter(|partly| partly.scopes.contains(&scope)).map(|partly| partly.texts)
    }

    pub(super) fn scopes(&self) -> BTreeSet<u64> {
        self.scopes.iter().copied().chain([EVERYWHERE]).collect()
    }

    /// Each scope with the status that it has there and what it is found by.
    pub(super) fn sides(&self) -> Vec<(BTreeSet<u64>, u8, &[String])> {
        let partly = self
            .partly
            .as_ref()
            .map(|partly| (partly.scopes.iter().copied().collect(), partly.status, partly.texts.as_slice()));
        [(self.scopes(), self.status, self.texts.as_slice())].into_iter().chain(partly).collect()
    }

    pub(super) fn lists(&self) -> BTreeSet<(u64, u8)> {
        let of_side = |(scopes, status, _): (BTreeSet<u64>, u8, &[String])| {
            scopes.into_iter().flat_map(move |scope| [(scope, ANY), (scope, status)])
        };
        self.sides().into_iter().flat_map(of_side).collect()
    }

    pub(super) fn words(&self) -> BTreeSet<(u64, String, u8)> {
        let mut all = BTreeSet::new();
        for (scopes, status, texts) in self.sides() {
            let words: BTreeSet<String> = texts.iter().flat_map(|text| words::words(text)).collect();
            all.extend(scopes.iter().flat_map(|scope| words.iter().map(|word| (*scope, word.clone(), status))));
        }
        all
    }
}
