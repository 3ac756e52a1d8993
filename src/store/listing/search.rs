//! Searches: a text is found by the front of each of its words, in any order, without accents and in either case.

use super::{Direction, Listing, Read, StoreError};
use crate::base::{Id, text};
use crate::store::key::TextFront;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The most characters of a word, kept or searched.
const MAX_WORD: usize = 64;
/// The most words kept of one text: more than a name of 255 characters can have.
const MAX_WORDS: usize = 128;
/// The most words of a search; further ones are left aside.
const MAX_TERMS: usize = 16;
/// The most matches of a search that are looked at. Who finds more has to ask more narrowly, and is told this number as
/// the total.
pub const MAX_MATCHES: usize = 10_000;
/// How many rows are looked at to find which of those matches have a further word.
const MAX_COMPARED: usize = 10 * MAX_MATCHES;

fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}

/// Where a search finds a text: at each word, and inside it behind every sign. `Ann Smith-Jones` is found by `ann`,
/// `smith-jones` and `jones`; `ann.lee@north.example` by `ann.lee@n`, `lee`, `@north.example`, `north.example` and `example`.
/// In scripts that set no blanks a word may begin anywhere.
pub(super) fn words(given: &str) -> BTreeSet<String> {
    let folded = text::searched(given);
    let mut words = BTreeSet::new();
    for word in folded.split_whitespace() {
        let mut inside = false;
        for (at, letter) in word.char_indices() {
            let is_letter = letter.is_alphanumeric();
            let starts = at == 0 || letter == '@' || (is_letter && !inside) || text::runs_on(letter);
            if starts && words.len() < MAX_WORDS {
                words.insert(cut(&word[at..]));
            }
            inside = is_letter;
        }
    }
    words
}

/// The words of a search, the longest first; one that is the front of another says nothing new.
pub(super) fn terms(search: &str) -> Vec<String> {
    let folded = text::searched(search);
    let mut all: Vec<String> = folded.split_whitespace().map(cut).collect();
    all.sort_by_key(|term| std::cmp::Reverse(term.len()));
    let mut terms: Vec<String> = Vec::new();
    for term in all {
        if terms.len() < MAX_TERMS && !terms.iter().any(|longer| longer.starts_with(&term)) {
            terms.push(term);
        }
    }
    terms
}

/// Whether every word of a search is the front of a word of these texts.
pub(super) fn finds(terms: &[String], texts: &[String]) -> bool {
    let words: BTreeSet<String> = texts.iter().flat_map(|text| words(text)).collect();
    terms.iter().all(|term| words.range(term.clone()..).next().is_some_and(|word| word.starts_with(term.as_str())))
}

impl<I: Id> Listing<I> {
    /// The ids whose texts have a word for each of these.
    pub(super) fn matches(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        terms: &[String],
    ) -> Result<BTreeSet<I>, StoreError> {
        let (mut best, mut found) = (0, BTreeSet::new());
        // A word that is too frequent is no one to start with, if there is another.
        for (at, term) in terms.iter().enumerate() {
            let (ids, is_all) = self.having(tx, scope, status, term, None)?;
            if at == 0 || is_all {
                (best, found) = (at, ids);
            }
            if is_all {
                break;
            }
        }
        for (_, term) in terms.iter().enumerate().filter(|(at, _)| *at != best) {
            found = self.having(tx, scope, status, term, Some(&found))?.0;
        }
        Ok(found)
    }

    /// The ids with a word that starts so, of those `among`; and whether these are all.
    fn having(
        &self,
        tx: &impl Read,
        scope: u64,
        status: Option<u8>,
        term: &str,
        among: Option<&BTreeSet<I>>,
    ) -> Result<(BTreeSet<I>, bool), StoreError> {
        let most = if among.is_some() { MAX_COMPARED } else { MAX_MATCHES };
        let (mut found, mut seen) = (BTreeSet::new(), 0);
        if among.is_some_and(BTreeSet::is_empty) {
            return Ok((found, true));
        }
        tx.scan_front(&self.words, &(scope, TextFront(term)), Direction::Forward, |(_, _, has, id), ()| {
            if status.is_none_or(|want| want == has) && among.is_none_or(|among| among.contains(&id)) {
                found.insert(id);
            }
            seen += 1;
            let is_enough = seen == most || among.is_some_and(|among| among.len() == found.len());
            Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok((found, seen < most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(search: &str, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        finds(&terms(search), &texts)
    }

    #[test]
    fn all_words_in_any_order_find_a_name() {
        let texts = ["ann.lee@north.example", "Ann B.  Smith-Jones"];
        for good in [
            "ann",
            "ANN",
            "ann b",
            "smith  ann",
            "jones ann",
            "ann.lee@n",
            "lee",
            "@north.example",
            "north.example",
            "example",
            "b. smith-j",
            " ann\u{a0}jones ",
            "ann ann",
        ] {
            assert!(found(good, &texts), "{good}");
        }
        for bad in ["nn", "ann miller", "@south", "orth", "ones", "an  x"] {
            assert!(!found(bad, &texts), "{bad}");
        }
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        for (search, text) in [
            ("STRASSE", "Straße"),
            ("straße", "STRASSE"),
            ("cafe", "Le Café"),
            ("café", "cafe"),
            ("istanbul", "İstanbul"),
            ("太郎", "山田太郎"),
            ("マリ", "佐藤マリ"),
            ("한", "한국"),
            ("алексей", "АЛЕКСЕЙ"),
            ("οδος", "ΟΔΟΣ"),
        ] {
            assert!(found(search, &[text]), "{search} in {text}");
        }
    }

    #[test]
    fn the_last_word_of_a_long_name_is_found() {
        let name = (0..60).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert!(found("w59 w0 w31", &[&name]));
        assert!(words(&"a-".repeat(400)).len() <= MAX_WORDS);
    }
}
