//! A TOML text with the place of every key, checked against the keys that exist.

use super::error::{ConfigError, Origin};
use crate::catalogue::did_you_mean;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// Finds the line of every key in `text`, as `section.key` → line.
///
/// # Errors
/// Text that is no TOML, a key that `known` does not have, or a value of another kind than the one there.
pub(super) fn lines(path: &Path, text: &str, known: &Table) -> Result<BTreeMap<String, usize>, ConfigError> {
    let at = |offset: usize| Origin::File { path: path.to_owned(), line: line_of(text, offset) };
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        origin: at(error.span().map_or(0, |span| span.start)),
        message: one_line(error.message()),
    })?;
    let mut lines = BTreeMap::new();
    for (section, content) in table.get_ref() {
        let name: &str = section.get_ref();
        let origin = at(section.span().start);
        let Some(Value::Table(keys)) = known.get(name) else {
            // A key that stands before the first section is looked for in all of them.
            let hint = match content.get_ref() {
                DeValue::Table(_) => did_you_mean(name, names(known)).map(|found| format!("[{found}]")),
                _ => section_of(known, name)
                    .or_else(|| did_you_mean(name, names(known)).map(|found| format!("[{found}]"))),
            };
            let name = if content.get_ref().is_table() { format!("section [{name}]") } else { format!("key {name}") };
            return Err(ConfigError::Unknown { origin, name, hint });
        };
        let DeValue::Table(content) = content.get_ref() else {
            return Err(ConfigError::Syntax { origin, message: format!("[{name}] is a section, not a value") });
        };
        for (key, value) in content {
            let origin = at(key.span().start);
            let full = format!("{name}.{}", key.get_ref());
            let Some(expected) = keys.get(key.get_ref().as_ref()) else {
                let hint = did_you_mean(key.get_ref(), names(keys))
                    .map(|found| format!("{name}.{found}"))
                    .or_else(|| section_of(known, key.get_ref()));
                return Err(ConfigError::Unknown { origin, name: format!("key {full}"), hint });
            };
            if let Some(message) = wrong_kind(expected, value.get_ref()) {
                return Err(ConfigError::Syntax { origin, message: format!("{full} {message}") });
            }
            lines.insert(full, line_of(text, key.span().start));
        }
    }
    Ok(lines)
}

fn names(table: &Table) -> impl Iterator<Item = &str> {
    table.keys().map(String::as_str)
}

/// What is wrong with the kind of a value, seen beside the built-in one.
fn wrong_kind(expected: &Value, found: &DeValue<'_>) -> Option<String> {
    if let (Value::Integer(_), DeValue::Integer(number)) = (expected, found) {
        return number.as_str().starts_with('-').then(|| "must not be negative".to_owned());
    }
    let (expected, found) = (expected.type_str(), found.type_str());
    (expected != found).then(|| format!("must be {}, not {}", with_article(expected), with_article(found)))
}

/// A kind of value in words.
pub(super) fn with_article(kind: &str) -> &str {
    match kind {
        "string" => "a text in quotes",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list in brackets",
        "float" => "a number with a fraction",
        "datetime" => "a date",
        "table" => "a table",
        other => other,
    }
}

/// The full name of a key that stands in some section.
fn section_of(known: &Table, key: &str) -> Option<String> {
    let (section, _) = known.iter().find(|(_, keys)| keys.as_table().is_some_and(|keys| keys.contains_key(key)))?;
    Some(format!("{section}.{key}"))
}

/// The line that a byte stands in; the first is 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}

/// A parser's message without its line breaks.
pub(super) fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!((line_of("a\nb", 0), line_of("a\nb", 2), line_of("a", 99)), (1, 2, 1));
    }
}
