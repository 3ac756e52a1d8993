//! A document as the pages need it.

use super::files;
use crate::base::Problem;
use serde_json::{Map, Value};

/// How deep a schema is shown.
const MAX_DEPTH: usize = 6;

/// An API, from its document.
#[derive(Debug)]
pub(super) struct Api {
    /// Its name in addresses: `scaikey`.
    pub name: String,
    document: Value,
}

/// A code of an error, as an API has it.
#[derive(Debug)]
pub(super) struct ErrorCode<'a> {
    pub status: &'a str,
    /// The code in the catalogue; the API may word it otherwise.
    pub code: &'a str,
    pub about: &'a str,
    /// An answer with it, as JSON.
    pub body: String,
}

/// One operation of an API.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    /// `GET`, `POST`, …
    pub method: String,
    /// `/api/v1/admin/users/{id}`
    pub path: &'a str,
    told: &'a Value,
}

/// A field of a body, a query or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name, with the names of those that it stands in: `user.email`, `roles[]`.
    pub name: String,
    /// What it holds: `string`, `array of string`, `"A" | "B"`.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: String,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

impl Api {
    /// The document of this name.
    ///
    /// # Errors
    /// `not_found`.
    pub fn read(name: &str) -> Result<Self, Problem> {
        Ok(Self { name: name.to_owned(), document: files::read(name)? })
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        text(&self.document["info"], "title")
    }

    /// What it is for.
    pub fn about(&self) -> &str {
        text(&self.document["info"], "description")
    }

    /// All operations, in the order of the document.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, item)| {
                item.as_object().into_iter().flatten().map(move |(method, told)| Operation {
                    method: method.to_ascii_uppercase(),
                    path,
                    told,
                })
            })
            .collect()
    }

    /// One operation by its id.
    pub fn operation(&self, id: &str) -> Option<Operation<'_>> {
        self.operations().into_iter().find(|operation| operation.id() == id)
    }

    /// The codes of its errors: the status, the code, what it means, and the body of an answer with it.
    pub fn errors(&self) -> Vec<ErrorCode<'_>> {
        let answers = self.document["components"]["responses"].as_object().into_iter().flatten();
        answers
            .flat_map(|(status, answer)| {
                let examples = answer["content"]["application/json"]["examples"].as_object().into_iter().flatten();
                examples.map(move |(code, told)| ErrorCode {
                    status,
                    code,
                    about: text(told, "summary"),
                    body: told["value"].to_string(),
                })
            })
            .collect()
    }

    /// A schema, or what it refers to.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or(&Value::Null),
            None => schema,
        }
    }

    /// What a schema holds, in a few words.
    fn kind(&self, schema: &Value) -> String {
        let schema = self.resolved(schema);
        if let Some(values) = schema["enum"].as_array() {
            return values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
        }
        if !schema["const"].is_null() {
            return schema["const"].to_string();
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(all) = schema[several].as_array() {
                return all.iter().map(|one| self.kind(one)).collect::<Vec<_>>().join(" or ");
            }
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => vec!["any"],
        };
        let format = schema["format"].as_str();
        let named = kinds.iter().map(|kind| match (*kind, format) {
            ("array", _) => format!("array of {}", self.kind(&schema["items"])),
            ("string", Some(format @ ("date-time" | "email"))) => format.to_owned(),
            (kind, _) => kind.to_owned(),
        });
        named.collect::<Vec<_>>().join(" or ")
    }

    /// The fields of a schema, those of inner objects behind their own.
    pub fn fields(&self, schema: &Value) -> Vec<Field> {
        let mut fields = Vec::new();
        self.collect(schema, "", MAX_DEPTH, &mut fields);
        fields
    }

    fn collect(&self, schema: &Value, front: &str, depth: usize, into: &mut Vec<Field>) {
        let schema = self.resolved(schema);
        if depth == 0 {
            return;
        }
        for several in ["anyOf", "oneOf", "allOf"] {
            for one in schema[several].as_array().into_iter().flatten() {
                self.collect(one, front, depth - 1, into);
            }
        }
        if schema["items"].is_object() {
            self.collect(&schema["items"], &format!("{}[].", front.trim_end_matches('.')), depth - 1, into);
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let whole = format!("{front}{name}");
            let own = property["description"].as_str();
            let about = own.or_else(|| self.resolved(property)["description"].as_str()).unwrap_or_default();
            into.push(Field {
                name: whole.clone(),
                kind: self.kind(property),
                required: required.contains(&name.as_str()),
                about: about.to_owned(),
            });
            self.collect(property, &format!("{whole}."), depth - 1, into);
        }
    }

    /// A value that fits a schema: what a call to copy sends.
    pub fn example(&self, schema: &Value) -> Value {
        self.example_of(schema, MAX_DEPTH)
    }

    fn example_of(&self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolved(schema);
        if depth == 0 {
            return Value::Null;
        }
        if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
            return first.clone();
        }
        for several in ["anyOf", "oneOf", "allOf"] {
            let some = schema[several].as_array().into_iter().flatten().find(|one| one["type"] != "null");
            if let Some(some) = some {
                return self.example_of(some, depth - 1);
            }
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => {
                let required: Vec<&str> =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let all = schema["properties"].as_object().into_iter().flatten();
                // What must be sent; where nothing must, all of it, so that the call shows what there is.
                let shown = all.filter(|(name, _)| required.is_empty() || required.contains(&name.as_str()));
                Value::Object(shown.map(|(name, one)| (name.clone(), self.example_of(one, depth - 1))).collect())
            }
            Some("array") => Value::Array(vec![self.example_of(&schema["items"], depth - 1)]),
            Some("integer" | "number") => Value::from(schema["minimum"].as_u64().unwrap_or(1).max(1)),
            Some("boolean") => Value::Bool(true),
            Some("string") => Value::from(match (schema["format"].as_str(), schema["pattern"].as_str()) {
                (Some("date-time"), _) => "2030-01-01T00:00:00Z".to_owned(),
                (Some("email"), _) => "ann@example.com".to_owned(),
                (_, Some(pattern)) if pattern.ends_with("_[1-9][0-9]*$") => {
                    format!("{}_123", pattern.trim_start_matches('^').trim_end_matches("_[1-9][0-9]*$"))
                }
                _ => "string".to_owned(),
            }),
            _ => Value::Object(Map::new()),
        }
    }
}

/// How a call says who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// `Authorization: Bearer`.
    Bearer,
    /// The client's id and secret (RFC 6749 §2.3.1).
    Client,
}

/// What a call sends in its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    /// Whether it is a form; otherwise it is JSON.
    pub is_form: bool,
    /// Its schema.
    pub schema: &'a Value,
    example: Option<&'a Value>,
}

impl Body<'_> {
    /// One to copy: that of the document, or one that fits the schema.
    pub fn example(&self, api: &Api) -> Value {
        self.example.cloned().unwrap_or_else(|| api.example(self.schema))
    }
}

impl<'a> Operation<'a> {
    /// Its name in addresses.
    pub fn id(&self) -> &'a str {
        text(self.told, "operationId")
    }

    /// What it does, in a sentence; without one, its address says it.
    pub fn summary(&self) -> &'a str {
        text(self.told, "summary")
    }

    /// More about it.
    pub fn about(&self) -> &'a str {
        text(self.told, "description")
    }

    /// What it belongs to.
    pub fn tag(&self) -> &'a str {
        self.told["tags"][0].as_str().unwrap_or_default()
    }

    /// The credential that it asks for.
    pub fn credential(&self) -> Option<Credential> {
        let first = self.told["security"].as_array()?.first()?.as_object()?;
        Some(if first.contains_key("client") { Credential::Client } else { Credential::Bearer })
    }

    /// Its body.
    pub fn body(&self) -> Option<Body<'a>> {
        let (kind, told) = self.told["requestBody"]["content"].as_object()?.iter().next()?;
        let is_form = kind == "application/x-www-form-urlencoded";
        Some(Body { is_form, schema: &told["schema"], example: told.get("example") })
    }

    /// Its parameters: where each stands, and the field.
    pub fn parameters(&self, api: &Api) -> Vec<(&'a str, Field)> {
        let all = self.told["parameters"].as_array().into_iter().flatten();
        all.map(|parameter| {
            let field = Field {
                name: text(parameter, "name").to_owned(),
                kind: api.kind(&parameter["schema"]),
                required: parameter["required"] == true,
                about: text(parameter, "description").to_owned(),
            };
            (text(parameter, "in"), field)
        })
        .collect()
    }

    /// Its answers: the status, what it means, and the schema of its body.
    pub fn answers(&self, api: &'a Api) -> Vec<(&'a str, &'a str, Option<&'a Value>)> {
        let all = self.told["responses"].as_object().into_iter().flatten();
        all.map(|(status, answer)| {
            let answer = api.resolved(answer);
            let content = answer["content"].as_object().and_then(|kinds| kinds.values().next());
            (status.as_str(), text(answer, "description"), content.map(|content| &content["schema"]))
        })
        .collect()
    }

    /// Whether a search finds it: each word in its address, its name or what is said of it.
    pub fn fits(&self, search: &str) -> bool {
        let said = [self.path, self.id(), self.summary(), self.about(), &self.method].join(" ").to_lowercase();
        search.to_lowercase().split_whitespace().all(|word| said.contains(word))
    }
}
