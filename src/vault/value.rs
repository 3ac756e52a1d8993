//! What a value must look like: the text of a JSON object, not too long and not too deep. It is checked without building
//! it, and no message says anything about what it holds.

use crate::base::{Kind, Problem};
use serde::de::IgnoredAny;

/// How deep objects and arrays may stand in each other; the object itself is the first level.
const MAX_DEPTH: usize = 64;

/// Checks a value.
///
/// # Errors
/// `payload_too_large`, or `validation_error` for the field `data`.
pub(super) fn check(data: &[u8], max_bytes: usize) -> Result<(), Problem> {
    if data.len() > max_bytes {
        return Err(Problem::new(
            Kind::TooLarge,
            "payload_too_large",
            format!("data is longer than the {max_bytes} bytes allowed here"),
        ));
    }
    let wrong = || Problem::invalid("data", "must be a JSON object");
    // From text and not from bytes: serde_json does not look whether a text that it skips is UTF-8.
    let text = std::str::from_utf8(data).map_err(|_| wrong())?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(wrong());
    }
    if depth(data) > MAX_DEPTH {
        return Err(Problem::invalid("data", format!("must not be nested deeper than {MAX_DEPTH} levels")));
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| wrong())?;
    Ok(())
}

/// The deepest nesting of brackets outside of strings.
fn depth(json: &[u8]) -> usize {
    let (mut now, mut deepest) = (0usize, 0);
    let mut bytes = json.iter();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'{' | b'[' if !in_string => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(data: &[u8]) -> Option<&'static str> {
        check(data, 4096).err().map(|problem| problem.code)
    }

    #[test]
    fn only_objects_pass() {
        for good in [r#"{}"#, r#" {"a":[1,{"b":"}}]]\"{{"}],"ü":null}"#] {
            assert_eq!(code(good.as_bytes()), None, "{good}");
        }
        for bad in ["", "[]", "\"{\"", "null", "{", "{}{}", "{'a':1}", r#"{"a":1,}"#, "{\"a\":\"\u{1}\"}"] {
            assert_eq!(code(bad.as_bytes()), Some("validation_error"), "{bad}");
        }
        assert_eq!(code(b"{\"a\":\"\xff\"}"), Some("validation_error"));
        assert_eq!(code(&[b' '; 4097]), Some("payload_too_large"));
    }

    #[test]
    fn depth_ends_at_64() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(code(nested(64).as_bytes()), None);
        let problem = check(nested(65).as_bytes(), 4096).unwrap_err();
        assert!(problem.message.contains("deeper"), "{problem}");
        // A bomb is refused by counting, before anything follows its brackets down.
        let bomb = [b"{\"a\":".as_slice(), &vec![b'['; 8 << 20]].concat();
        assert!(check(&bomb, 16 << 20).is_err());
    }

    #[test]
    fn a_refusal_never_repeats_the_value() {
        let problem = check(br#"{"password":"hunter2""#, 4096).unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_check(data: Vec<u8>, text in "[{}\\[\\]\"\\\\a:,]{0,80}") {
            let _ = (check(&data, 4096), check(text.as_bytes(), 4096));
        }
    }
}
