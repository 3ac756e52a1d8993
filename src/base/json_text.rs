//! JSON as it was written: digits, escapes and the order of names stay, because no values are made of it.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object in the order in which they stand, each value as it was written. A name may stand more than once.
#[derive(Clone, Debug, Default)]
pub struct Members(pub Vec<(String, Box<RawValue>)>);

impl Members {
    /// Every value that stands under a name: none, one, or more if it was written more than once.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a RawValue> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// What a value is worth as a text: what a JSON text says, and of everything else the JSON itself.
///
/// # Errors
/// A JSON text that no text can say, such as half of a surrogate pair.
pub fn plain(value: &RawValue) -> Result<String, serde_json::Error> {
    let json = value.get();
    if json.starts_with('"') { serde_json::from_str(json) } else { Ok(json.to_owned()) }
}

/// The same JSON with a line for each member and item, two blanks in front for each level. What is no JSON comes out in some form.
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut level, mut in_string, mut escaped, mut fresh) = (0usize, false, false, false);
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    };
    for c in json.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        level = level.saturating_sub(usize::from(closes));
        // An empty object stays on its line.
        if closes != fresh {
            line(&mut out, level);
        }
        fresh = matches!(c, '{' | '[');
        level += usize::from(fresh);
        in_string = c == '"';
        out.push(c);
        match c {
            ',' => line(&mut out, level),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn digits_escapes_and_order_stay() {
        let json = r#"{"z": 1e400, "a":[1.50,{"":"\u00e9\"}{"}], "e": {} ,"l":[]}"#;
        let lines = [
            "{",
            r#"  "z": 1e400,"#,
            r#"  "a": ["#,
            "    1.50,",
            "    {",
            r#"      "": "\u00e9\"}{""#,
            "    }",
            "  ],",
            r#"  "e": {},"#,
            r#"  "l": []"#,
            "}",
        ];
        assert_eq!(indented(json), lines.join("\n"));
        let members: Members = serde_json::from_str(json).unwrap();
        let names: Vec<_> = members.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", "a", "e", "l"]);
        assert_eq!(members.named("z").map(RawValue::get).collect::<Vec<_>>(), ["1e400"]);
        assert!(serde_json::from_str::<Members>("[]").is_err());
    }

    #[test]
    fn a_text_is_what_it_says_and_the_rest_is_json() {
        let read = |json: &str| plain(&serde_json::from_str::<Box<RawValue>>(json).unwrap());
        for (json, text) in
            [(r#""a\u00e9\n""#, "aé\n"), ("12345678901234567890.10", "12345678901234567890.10"), ("[ 1]", "[ 1]")]
        {
            assert_eq!(read(json).unwrap(), text);
        }
        assert!(read(r#""\ud800""#).is_err(), "half of a pair is no text");
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), any::<i64>().prop_map(Value::from), ".{0,8}".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_indented_as_serde_does(value in values(), junk: String) {
            prop_assert_eq!(indented(&value.to_string()), format!("{value:#}"));
            indented(&junk);
        }
    }
}
