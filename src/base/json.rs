//! A JSON object as a row keeps it: checked once, and stored as text, because rows are written in a form that cannot hold
//! JSON of any shape.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A JSON object of at most 64 KiB and 16 levels: settings, branding, custom attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonObject(String);

impl Default for JsonObject {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl JsonObject {
    /// The most bytes of its text.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The most levels of objects and lists.
    pub const MAX_DEPTH: usize = 16;

    /// From a value.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn new(value: &Value) -> Result<Self, &'static str> {
        if !value.is_object() {
            return Err("must be a JSON object");
        }
        if depth(value) > Self::MAX_DEPTH {
            return Err("must have at most 16 levels");
        }
        let text = value.to_string();
        if text.len() > Self::MAX_BYTES {
            return Err("must be at most 64 KiB of JSON");
        }
        Ok(Self(text))
    }

    /// As a value.
    pub fn value(&self) -> Value {
        // The text was written by `new`, so it reads.
        serde_json::from_str(&self.0).unwrap_or_else(|_| Value::Object(Map::new()))
    }

    /// The text, compact.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This object with a merge patch applied (RFC 7396): members that the patch does not name stay, `null` takes away.
    ///
    /// # Errors
    /// The rule that the result breaks.
    pub fn merged(&self, patch: &Value) -> Result<Self, &'static str> {
        if !patch.is_object() || depth(patch) > Self::MAX_DEPTH {
            return Self::new(patch);
        }
        let mut value = self.value();
        merge(&mut value, patch);
        Self::new(&value)
    }
}

impl JsonObject {
    /// The members as texts, for a surface that knows texts only: what is no text as JSON.
    pub fn texts(&self) -> std::collections::BTreeMap<String, String> {
        let Value::Object(members) = self.value() else { return std::collections::BTreeMap::new() };
        members.into_iter().map(|(name, value)| (name, text_of(&value))).collect()
    }

    /// An object with these members and no others. One that reads the same as it did stays what it was, also when it was no
    /// text, so that writing back what [`JsonObject::texts`] gave changes nothing.
    ///
    /// # Errors
    /// The rule that the result breaks.
    pub fn with_texts(&self, texts: &std::collections::BTreeMap<String, String>) -> Result<Self, &'static str> {
        let old = self.value();
        let kept = |name: &str, text: &str| match old.get(name) {
            Some(value) if text_of(value) == text => value.clone(),
            _ => Value::String(text.to_owned()),
        };
        Self::new(&Value::Object(texts.iter().map(|(name, text)| (name.clone(), kept(name, text))).collect()))
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Object(members) => members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        _ => return 0,
    };
    inner + 1
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.value().serialize(serializer)
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Self::new(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
        } else {
            String::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_keeps_what_it_does_not_name() {
        let object = JsonObject::new(&json!({"mfa": {"required": true, "grace": 3}, "logo": "a"})).unwrap();
        let merged = object.merged(&json!({"mfa": {"grace": null}, "colour": "red"})).unwrap();
        assert_eq!(merged.value(), json!({"mfa": {"required": true}, "logo": "a", "colour": "red"}));
        assert!(object.merged(&json!([1])).is_err());
    }

    #[test]
    fn texts_written_back_change_nothing() {
        let object = JsonObject::new(&json!({"level": 3, "tags": ["a"], "team": "ops"})).unwrap();
        let mut texts = object.texts();
        assert_eq!((texts["level"].as_str(), texts["tags"].as_str(), texts["team"].as_str()), ("3", "[\"a\"]", "ops"));
        assert_eq!(object.with_texts(&texts).unwrap(), object);
        texts.remove("tags");
        texts.insert("level".to_owned(), "4".to_owned());
        assert_eq!(object.with_texts(&texts).unwrap().value(), json!({"level": "4", "team": "ops"}));
    }

    #[test]
    fn rules() {
        assert!(JsonObject::new(&json!([])).is_err());
        let deep = (0..17).fold(json!(1), |inner, _| json!({"a": inner}));
        assert!(JsonObject::new(&deep).is_err());
        assert!(JsonObject::new(&json!({"a": "x".repeat(65_536)})).is_err());
    }

    #[test]
    fn it_survives_a_row() {
        let object = JsonObject::new(&json!({"a": [1, {"b": null}]})).unwrap();
        let bytes = postcard::to_allocvec(&object).unwrap();
        assert_eq!(postcard::from_bytes::<JsonObject>(&bytes).unwrap(), object);
        assert_eq!(serde_json::to_string(&object).unwrap(), r#"{"a":[1,{"b":null}]}"#);
    }
}
