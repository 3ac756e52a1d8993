//! The words that texts are found by: a text is found by the front of each of its words, in any order, without accents and in
//! either case.

use crate::base::text;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The most characters of a word, kept or searched.
const MAX_WORD: usize = 64;
/// The most words kept of one text: more than a name of 255 characters can have.
const MAX_WORDS: usize = 128;
/// The most words of a search; further ones are left aside.
const MAX_TERMS: usize = 16;
fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}

/// Where a search finds a text: at each word, and inside it behind every sign. `Ann Smith-Jones` is found by `ann`,
/// `smith-jones` and `jones`; `ann.lee@north.example` by `ann.lee@n`, `lee`, `@north.example`, `north.example` and `example`.
/// In scripts that set no blanks a word may begin anywhere. What stands behind an `@` is kept with it, and [`fronts`] finds it
/// without.
pub(super) fn words(given: &str) -> BTreeSet<String> {
    let folded = text::searched(given);
    let mut words = BTreeSet::new();
    for word in folded.split_whitespace() {
        let mut before = None;
        for (at, letter) in word.char_indices() {
            let starts = match before {
                None => true,
                Some('@') => letter == '@',
                Some(before) => {
                    letter == '@'
                        || (letter.is_alphanumeric() && !char::is_alphanumeric(before))
                        || text::runs_on(letter)
                }
            };
            if starts && words.len() < MAX_WORDS {
                words.insert(cut(&word[at..]));
            }
            before = Some(letter);
        }
    }
    words
}

/// The words of a search, the longest first; one that is the front of another says nothing new.
pub(super) fn terms(search: &str) -> Vec<String> {
    let search: Vec<_> = search.split_whitespace().map(with_own_script).collect();
    let folded = text::searched(&search.join(" "));
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

/// How a word that is found by this one may start.
pub(super) fn fronts(term: &str) -> [String; 2] {
    [term.to_owned(), cut(&format!("@{term}"))]
}

/// Whether every word of a search is the front of a word of these texts.
pub(super) fn finds(terms: &[String], texts: &[String]) -> bool {
    let words: BTreeSet<String> = texts.iter().flat_map(|text| words(text)).collect();
    let has = |front: &String| words.range(front.clone()..).next().is_some_and(|word| word.starts_with(front.as_str()));
    terms.iter().all(|term| fronts(term).iter().any(has))
}

/// A word of a search with the domain behind its `@` in its own script, as addresses are kept.
fn with_own_script(word: &str) -> Cow<'_, str> {
    let shown = word.rsplit_once('@').and_then(|(local, domain)| {
        let is_ascii_form = domain.to_ascii_lowercase().contains("xn--");
        let domain = text::domain(domain).filter(|_| is_ascii_form)?;
        Some(format!("{local}@{domain}"))
    });
    shown.map_or(Cow::Borrowed(word), Cow::Owned)
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
            "north",
            "@",
            "example",
            "b. smith-j",
            " ann\u{a0}jones ",
            "ann ann",
        ] {
            assert!(found(good, &texts), "{good}");
        }
        for bad in ["nn", "ann miller", "@south", "orth", "ones", "an  x", "@ann", "@example"] {
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
    fn a_domain_is_found_in_both_its_forms() {
        let texts = ["ann@bücher.example"];
        for good in ["@xn--bcher-kva.example", "ann@XN--BCHER-KVA.example", "@xn--bcher-kva", "@bücher", "@bucher.ex"]
        {
            assert!(found(good, &texts), "{good}");
        }
        for bad in ["@xn--bcher-kva.org", "@xn--", "ann@xn--bcher-kva.example.org", "xn--@", "@"] {
            assert_eq!(found(bad, &texts), bad == "@", "{bad}");
        }
    }

    #[test]
    fn the_last_word_of_a_long_name_is_found() {
        let name = (0..60).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert!(found("w59 w0 w31", &[&name]));
        assert!(words(&"a-".repeat(400)).len() <= MAX_WORDS);
    }
}
