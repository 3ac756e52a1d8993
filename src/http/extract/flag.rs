//! Parameters that are true or false, as the clients of other languages write them: Python's `True`, a form's `on`.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// What a word says, in whichever case: `true`, `1`, `yes`, `on`, and what they are not. Anything else says nothing, and must be refused.
pub fn read(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// For `#[serde(deserialize_with)]` on a parameter of a query.
///
/// # Errors
/// A word that says neither.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let word = Cow::<str>::deserialize(deserializer)?;
    read(&word).ok_or_else(|| Error::custom("must be true or false"))
}

/// The same for one that need not be there.
///
/// # Errors
/// As [`flag`].
pub fn optional_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    flag(deserializer).map(Some)
}
