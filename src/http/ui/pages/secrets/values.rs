//! What people type into the one field for values: lines of `name=value`, or a JSON object.

use super::view::Change;
use crate::base::json_text::{Members, indented};
use crate::base::text::without_mark;
use crate::base::{Problem, dotenv};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The JSON text of the object to keep.
///
/// Text that begins with a brace is JSON and kept as it is. Anything else is read as an `.env` file, so that the contents of
/// one can be pasted.
///
/// # Errors
/// What is wrong, with the number of the line and never with its text.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let text = without_mark(text.trim()).trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.starts_with('{') {
        // Serde's own message can name a key; the place is enough.
        return match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Ok(text.as_bytes().to_vec()),
            Err(error) => Err(format!("is no JSON object: look at line {}", error.line())),
        };
    }
    let fields = dotenv::parse(text).map_err(|wrong| format!("in {wrong}"))?;
    if fields.is_empty() {
        return Err("must have at least one name=value".to_owned());
    }
    let object: Map<String, Value> = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Ok(Value::Object(object).to_string().into_bytes())
}

/// A value as people read it, with digits and escapes as they were written; bytes that are no text come back as near as can be.
pub(super) fn pretty(json: &[u8]) -> String {
    indented(&String::from_utf8_lossy(json))
}

/// Which names were added, removed and changed between two values, in the order of the alphabet. Values are compared as they were
/// written: 1.0 is not 1.
///
/// # Errors
/// A value that cannot be taken apart.
pub(super) fn compare(from: &[u8], to: &[u8]) -> Result<Vec<(String, Change)>, Problem> {
    let read = |json: &[u8]| -> Result<BTreeMap<String, Vec<String>>, Problem> {
        let Members(members) = serde_json::from_slice(json).map_err(Problem::internal)?;
        let mut named = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in members {
            named.entry(name).or_default().push(indented(value.get()));
        }
        Ok(named)
    };
    let (from, to) = (read(from)?, read(to)?);
    let names: BTreeSet<_> = from.keys().chain(to.keys()).collect();
    let changes = names.into_iter().map(|name| {
        let change = match (from.get(name), to.get(name)) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            (Some(old), Some(new)) if old == new => Change::Same,
            (Some(_), Some(_)) => Change::Changed,
        };
        (name.clone(), change)
    });
    Ok(changes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_can_be_pasted() {
        let text = "# salesforce\nclient_id=3MVG9\nexport client_secret=\"a=b c\"\n\nEMPTY=\n";
        let value: Value = serde_json::from_slice(&parse(text).unwrap()).unwrap();
        assert_eq!(value, serde_json::json!({"client_id": "3MVG9", "client_secret": "a=b c", "EMPTY": ""}));
        assert_eq!(parse("{\"a\": 1.0}").unwrap(), b"{\"a\": 1.0}", "JSON is kept byte for byte");
    }

    #[test]
    fn an_error_names_the_line_and_never_the_text() {
        for bad in [
            "",
            "  \n",
            "hunter2",
            "a=1\nhunter2",
            "=hunter2",
            "a=hunter2\na=hunter2",
            "{\"hunter2\": ",
            "{\"a\":1} hunter2",
            "# hunter2",
        ] {
            let error = parse(bad).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert_eq!(parse("a=1\nhunter2").unwrap_err(), "in line 2 has no =");
    }

    #[test]
    fn names_are_compared_without_values() {
        let changes = compare(br#"{"a":1,"b":2,"c":3}"#, br#"{"b":2,"c":4,"d":5}"#).unwrap();
        let expected = [("a", Change::Removed), ("b", Change::Same), ("c", Change::Changed), ("d", Change::Added)];
        assert_eq!(changes, expected.map(|(name, change)| (name.to_owned(), change)));
    }

    #[test]
    fn what_no_number_of_ours_can_hold_is_shown_and_compared_as_it_was_written() {
        let huge = br#"{"n": 1e400, "d": 1.50, "e": "\u00e9"}"#;
        assert_eq!(parse("{\"n\": 1e400}").unwrap(), b"{\"n\": 1e400}");
        assert_eq!(pretty(huge), "{\n  \"n\": 1e400,\n  \"d\": 1.50,\n  \"e\": \"\\u00e9\"\n}");
        let changes = compare(huge, br#"{"n":1e401,"d": 1.50}"#).unwrap();
        let expected = [("d", Change::Same), ("e", Change::Removed), ("n", Change::Changed)];
        assert_eq!(changes, expected.map(|(name, change)| (name.to_owned(), change)));
    }
}
