//! Values as YAML 1.2, of which 1.1 reads the same.

use serde_json::Value;
use std::fmt::Write;

/// A document of one value.
pub fn document(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// A value at the place where a line's text begins.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (number, (name, value)) in fields.iter().enumerate() {
                blanks(if number == 0 { 0 } else { indent }, out);
                out.push_str(&scalar(name));
                out.push(':');
                match value {
                    Value::Object(inner) if !inner.is_empty() => {
                        out.push('\n');
                        blanks(indent + 2, out);
                        block(value, indent + 2, out);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        out.push('\n');
                        blanks(indent, out);
                        block(value, indent, out);
                    }
                    other => {
                        out.push(' ');
                        block(other, indent, out);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (number, item) in items.iter().enumerate() {
                blanks(if number == 0 { 0 } else { indent }, out);
                out.push_str("- ");
                block(item, indent + 2, out);
            }
        }
        Value::String(text) => {
            out.push_str(&scalar(text));
            out.push('\n');
        }
        // Numbers, true, false, null, {} and [] are written as in JSON.
        other => {
            // Writing into a text cannot fail.
            let _ = writeln!(out, "{other}");
        }
    }
}

fn blanks(number: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', number));
}

/// A text as it is where nothing else could be meant, else in double quotes.
fn scalar(text: &str) -> String {
    let mut letters = text.chars();
    let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let goes_on = letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@'));
    // What YAML 1.1 or 1.2 takes for something else than a text.
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if begins && goes_on && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    for c in Value::from(text).to_string().chars() {
        // JSON lets stand what YAML does not print.
        if matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') {
            // Writing into a text cannot fail.
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_and_texts_that_look_like_others() {
        let value = json!({
            "id": "usr_1", "email": "a@b.c", "name": "Ann Lee", "count": 3, "share": 1.5, "none": null, "is": true,
            "words": ["yes", "No", "1", "", "-", "a: b", "x\n\u{1b}y", "\u{9b}\u{2028}"],
            "empty": {}, "list": [], "deep": { "a": [{ "b": 1, "c": [2, [3]] }, "d"], "e": { "f": "g" } },
        });
        let text = "\
id: usr_1
email: a@b.c
name: \"Ann Lee\"
count: 3
share: 1.5
none: null
is: true
words:
- \"yes\"
- \"No\"
- \"1\"
- \"\"
- \"-\"
- \"a: b\"
- \"x\\n\\u001by\"
- \"\\u009b\\u2028\"
empty: {}
list: []
deep:
  a:
  - b: 1
    c:
    - 2
    - - 3
  - d
  e:
    f: g
";
        assert_eq!(document(&value), text);
        assert_eq!((document(&json!([])), document(&json!("a"))), ("[]\n".to_owned(), "a\n".to_owned()));
        assert_eq!(document(&json!([{ "a": 1, "b": 2 }, { "a": 3 }])), "- a: 1\n  b: 2\n- a: 3\n");
    }
}
