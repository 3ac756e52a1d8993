//! What is known about a secret without opening it. None of it is secret: it can be listed and searched.

use crate::base::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 1000;
/// The most tags.
const MAX_TAGS: usize = 50;
/// The longest tag, and the longest name of a custom field, in characters.
const MAX_NAME: usize = 100;
/// The longest owner, in characters.
const MAX_OWNER: usize = 200;
/// How many bytes the custom fields take at most, names and values together.
const MAX_CUSTOM_BYTES: usize = 16 * 1024;

/// Description, tags, owner and whatever else a writer wants to keep beside a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// For people, at most 1000 characters.
    pub description: Option<String>,
    /// At most 50 of at most 100 characters, in the order given.
    pub tags: Vec<String>,
    /// Such as `team:payments`, at most 200 characters.
    pub owner: Option<String>,
    /// Further fields: name and JSON text, at most 16 KiB in all.
    pub custom: BTreeMap<String, String>,
}

/// What a write does to one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It does not name it.
    #[default]
    Keep,
    /// It gives `null`.
    Clear,
    /// It gives a value.
    Set(T),
}

impl<T> Patch<T> {
    fn apply(&self, field: &mut Option<T>)
    where
        T: Clone,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
    }
}

/// What a write does to the metadata: fields that it names replace their older selves, the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataPatch {
    description: Patch<String>,
    tags: Patch<Vec<String>>,
    owner: Patch<String>,
    custom: BTreeMap<String, Option<String>>,
}

impl MetadataPatch {
    /// Reads the object that a request gives as `metadata`. A `null` clears a field; a name beside `description`, `tags` and
    /// `owner` is a custom field with any JSON value.
    ///
    /// # Errors
    /// `validation_error` with the field, without its value.
    pub fn from_json(fields: Map<String, Value>) -> Result<Self, Problem> {
        let mut patch = Self::default();
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("description", value) => patch.description = text("metadata.description", value, MAX_DESCRIPTION)?,
                ("owner", value) => patch.owner = text("metadata.owner", value, MAX_OWNER)?,
                ("tags", Value::Null) => patch.tags = Patch::Clear,
                ("tags", value) => patch.tags = Patch::Set(tags(value)?),
                (_, value) => {
                    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
                        return Err(Problem::invalid(
                            "metadata",
                            "has a field whose name is not 1 to 100 characters without control characters",
                        ));
                    }
                    let text = if value.is_null() { None } else { Some(value.to_string()) };
                    patch.custom.insert(name, text);
                }
            }
        }
        Ok(patch)
    }

    /// The metadata after the write.
    ///
    /// # Errors
    /// `validation_error` when the custom fields, old and new, grow beyond their limit.
    pub fn apply(&self, mut metadata: Metadata) -> Result<Metadata, Problem> {
        self.description.apply(&mut metadata.description);
        self.owner.apply(&mut metadata.owner);
        match &self.tags {
            Patch::Keep => {}
            Patch::Clear => metadata.tags.clear(),
            Patch::Set(tags) => metadata.tags.clone_from(tags),
        }
        for (name, value) in &self.custom {
            match value {
                Some(value) => metadata.custom.insert(name.clone(), value.clone()),
                None => metadata.custom.remove(name),
            };
        }
        let bytes: usize = metadata.custom.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_CUSTOM_BYTES {
            return Err(Problem::invalid("metadata", "has more than 16 KiB of custom fields"));
        }
        Ok(metadata)
    }
}

fn text(field: &str, value: Value, max: usize) -> Result<Patch<String>, Problem> {
    match value {
        Value::Null => Ok(Patch::Clear),
        Value::String(text) if text.chars().count() <= max => Ok(Patch::Set(text)),
        _ => Err(Problem::invalid(field, format!("must be a text of at most {max} characters"))),
    }
}

fn tags(value: Value) -> Result<Vec<String>, Problem> {
    let wrong = || {
        Problem::invalid("metadata.tags", "must be at most 50 texts of 1 to 100 characters without control characters")
    };
    let Value::Array(values) = value else { return Err(wrong()) };
    if values.len() > MAX_TAGS {
        return Err(wrong());
    }
    let mut tags = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Value::String(tag)
                if !tag.is_empty() && tag.chars().count() <= MAX_NAME && !tag.chars().any(char::is_control) =>
            {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            _ => return Err(wrong()),
        }
    }
    Ok(tags)
}
