//! What a program that manages users and organisations keeps about them: a few short texts by name.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// Pairs of texts, sorted by key. A key has 3 to 25 characters, a value 1 to 256 (Scalekit's schema); how many pairs there
/// may be depends on what they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// The most pairs of anything.
    pub const MAX_PAIRS: usize = 20;

    /// From pairs, at most `max` of them.
    ///
    /// # Errors
    /// The rule that they break.
    pub fn new(pairs: BTreeMap<String, String>, max: usize) -> Result<Self, String> {
        if pairs.len() > max {
            return Err(format!("must have at most {max} pairs"));
        }
        for (key, value) in &pairs {
            if !(3..=25).contains(&key.chars().count()) {
                return Err("must have keys of 3 to 25 characters".to_owned());
            }
            if !(1..=256).contains(&value.chars().count()) {
                return Err("must have values of 1 to 256 characters".to_owned());
            }
        }
        Ok(Self(pairs))
    }

    /// The pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These pairs, unless there is none: a message without presence cannot tell "empty" from "as it was".
    #[must_use]
    pub fn or(self, old: &Self) -> Self {
        if self.is_empty() { old.clone() } else { self }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let checked = deserializer.is_human_readable();
        let pairs = BTreeMap::deserialize(deserializer)?;
        // Rows were checked when they were written.
        if checked { Self::new(pairs, Self::MAX_PAIRS).map_err(serde::de::Error::custom) } else { Ok(Self(pairs)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Metadata, String> {
        Metadata::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), 2)
    }

    #[test]
    fn lengths_are_in_characters() {
        let (long_key, long_value) = ("k".repeat(26), "v".repeat(257));
        assert!(of(&[("team", "payments"), ("äöü", &"é".repeat(256))]).is_ok());
        for bad in [("ab", "x"), (long_key.as_str(), "x"), ("team", ""), ("team", long_value.as_str())] {
            assert!(of(&[bad]).is_err(), "{bad:?}");
        }
        assert_eq!(of(&[("one", "1"), ("two", "2"), ("three", "3")]).unwrap_err(), "must have at most 2 pairs");
    }

    #[test]
    fn json_is_checked_and_rows_are_read_as_they_are() {
        assert!(serde_json::from_str::<Metadata>(r#"{"team":"a"}"#).is_ok());
        assert!(serde_json::from_str::<Metadata>(r#"{"t":"a"}"#).is_err());
        assert!(serde_json::from_str::<Metadata>(r#"{"team":1}"#).is_err());
        let row = postcard::to_allocvec(&of(&[("team", "a")]).unwrap()).unwrap();
        assert_eq!(postcard::from_bytes::<Metadata>(&row).unwrap(), of(&[("team", "a")]).unwrap());
    }

    proptest! {
        #[test]
        fn what_passes_keeps_the_rules(pairs in proptest::collection::btree_map(".{0,30}", ".{0,300}", 0..25)) {
            match Metadata::new(pairs.clone(), 20) {
                Ok(kept) => {
                    prop_assert!(kept.pairs().len() <= 20);
                    for (key, value) in kept.pairs() {
                        prop_assert!((3..=25).contains(&key.chars().count()) && (1..=256).contains(&value.chars().count()));
                    }
                    prop_assert_eq!(kept.pairs(), &pairs);
                }
                Err(_) => prop_assert!(!pairs.is_empty()),
            }
        }
    }
}
