//! What people type into the one field for values: lines of `name=value`, or a JSON object.

use super::view::Change;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The JSON text of the object to keep.
///
/// Text that begins with a brace is JSON and kept as it is. Anything else is read as lines of `name=value`: empty lines and
/// lines that begin with `#` are left out, `export ` in front is dropped, and one pair of quotes around a value too, so that
/// the contents of an `.env` file can be pasted.
///
/// # Errors
/// What is wrong, with the number of the line and never with its text.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.starts_with('{') {
        // Serde's own message can name a key; the place is enough.
        return match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(_) => Ok(text.as_bytes().to_vec()),
            Err(error) => Err(format!("is no JSON object: look at line {}", error.line())),
        };
    }
    let mut object = Map::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| format!("in line {} {what}", at + 1);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or_else(|| wrong("has no ="))?;
        let name = name.trim();
        if name.is_empty() {
            return Err(wrong("has no name before the ="));
        }
        if object.insert(name.to_owned(), Value::String(unquoted(value.trim()).to_owned())).is_some() {
            return Err(wrong("has a name that stands above already"));
        }
    }
    if object.is_empty() {
        return Err("must have at least one name=value".to_owned());
    }
    Ok(Value::Object(object).to_string().into_bytes())
}

fn unquoted(value: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value)
}

/// A value as people read it; text that is no JSON comes back as it is.
pub(super) fn pretty(json: &[u8]) -> String {
    serde_json::from_slice::<Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| String::from_utf8_lossy(json).into_owned())
}

/// Which names were added, removed and changed between two values, in the order of the alphabet.
pub(super) fn compare(from: &[u8], to: &[u8]) -> Vec<(String, Change)> {
    let read = |json: &[u8]| serde_json::from_slice::<Map<String, Value>>(json).unwrap_or_default();
    let (from, to) = (read(from), read(to));
    let names: BTreeSet<_> = from.keys().chain(to.keys()).collect();
    names
        .into_iter()
        .map(|name| {
            let change = match (from.get(name), to.get(name)) {
                (None, _) => Change::Added,
                (_, None) => Change::Removed,
                (Some(old), Some(new)) if old == new => Change::Same,
                (Some(_), Some(_)) => Change::Changed,
            };
            (name.clone(), change)
        })
        .collect()
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
        let changes = compare(br#"{"a":1,"b":2,"c":3}"#, br#"{"b":2,"c":4,"d":5}"#);
        let expected = [("a", Change::Removed), ("b", Change::Same), ("c", Change::Changed), ("d", Change::Added)];
        assert_eq!(changes, expected.map(|(name, change)| (name.to_owned(), change)));
    }
}
