//! From the type of a handler to what its operation takes and answers.

use super::schemas::Schemas;
use crate::base::Problem;
use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a success looks like.
#[derive(Debug)]
pub(crate) struct Answer {
    /// In words.
    pub description: &'static str,
    /// The schemas of what it may be, by the type of its content. None: there is no body.
    pub content: BTreeMap<&'static str, Value>,
}

/// What is known of an operation.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// Parameters of the query and headers, as OpenAPI's parameter objects.
    pub parameters: Vec<Value>,
    /// The body of a request, as OpenAPI's request body object.
    pub body: Option<Value>,
    /// The answers of a success, by their status.
    pub answers: BTreeMap<u16, Answer>,
    /// The statuses of refusals that follow from what the handler takes.
    pub refusals: BTreeSet<u16>,
    /// Headers of a successful answer.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The handler answers with something that no type describes.
    pub is_untyped: bool,
    /// It is a page or takes a form: no document has it.
    pub is_page: bool,
}

/// Writes down what a handler takes and answers.
pub(crate) struct Scribe<'s> {
    /// What is known so far.
    pub told: Described,
    schemas: &'s mut Schemas,
}

impl<'s> Scribe<'s> {
    /// Nothing is known yet.
    pub fn new(schemas: &'s mut Schemas) -> Self {
        Self { told: Described::default(), schemas }
    }

    /// A success with JSON.
    pub fn answers<T: JsonSchema>(&mut self, status: u16, description: &'static str) {
        self.answers_as::<T>(status, description, "application/json");
    }

    /// A success with content of another type. What one status may be besides stands beside it.
    pub fn answers_as<T: JsonSchema>(&mut self, status: u16, description: &'static str, content: &'static str) {
        let schema = self.schemas.of_answer::<T>();
        // Anything at all is no type.
        self.told.is_untyped |= schema == json!(true) || schema == json!({});
        let answer = self.told.answers.entry(status).or_insert(Answer { description, content: BTreeMap::new() });
        let schema = match answer.content.remove(content) {
            None => schema,
            Some(other) => match other["anyOf"].as_array() {
                Some(others) => json!({ "anyOf": others.iter().chain([&schema]).collect::<Vec<_>>() }),
                None => json!({ "anyOf": [other, schema] }),
            },
        };
        answer.content.insert(content, schema);
    }

    /// A success without a body.
    pub fn answers_nothing(&mut self, status: u16, description: &'static str) {
        self.told.answers.insert(status, Answer { description, content: BTreeMap::new() });
    }

    /// A body in JSON, which need not be sent unless it is `required`.
    pub fn takes_body<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.schemas.of_request::<T>();
        self.told.body = Some(json!({ "required": required, "content": { "application/json": { "schema": schema } } }));
        self.told.refusals.extend([413, 415, 422]);
    }

    /// The parameters of a query: the properties of a struct.
    pub fn takes_query<T: JsonSchema>(&mut self) {
        let schema = self.schemas.inline::<T>();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let mut property = property.clone();
            let description = property.as_object_mut().and_then(|fields| fields.remove("description"));
            never_null(&mut property);
            let mut parameter = json!({ "name": name, "in": "query", "schema": property });
            if required.contains(&name.as_str()) {
                parameter["required"] = json!(true);
            }
            if let Some(description) = description {
                parameter["description"] = description;
            }
            self.told.parameters.push(parameter);
        }
        self.told.refusals.insert(422);
    }

    /// A header that may be sent.
    pub fn takes_header(&mut self, name: &'static str, description: &'static str) {
        let parameter =
            json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } });
        self.told.parameters.push(parameter);
    }
}

/// A parameter is sent with a text or left out: there is no null in an address.
fn never_null(schema: &mut Value) {
    for key in ["type", "anyOf"] {
        let Some(variants) = schema.get_mut(key).and_then(Value::as_array_mut) else { continue };
        variants.retain(|variant| *variant != json!("null") && *variant != json!({ "type": "null" }));
        if let [only] = variants.as_slice() {
            let only = only.clone();
            match (only, schema.as_object_mut()) {
                (Value::Object(fields), Some(schema)) => {
                    schema.remove(key);
                    schema.extend(fields);
                }
                (only, _) => schema[key] = only,
            }
        }
    }
}

/// Something that a handler is handed of a request.
pub(crate) trait Part {
    /// Tells what it takes.
    fn tell(scribe: &mut Scribe<'_>);
}

/// What a handler answers.
pub(crate) trait Answers {
    /// Tells what it looks like.
    fn tell(scribe: &mut Scribe<'_>);
}

impl<T: Answers> Answers for Result<T, Problem> {
    fn tell(scribe: &mut Scribe<'_>) {
        T::tell(scribe);
    }
}

impl Answers for HttpResponse {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.told.is_untyped = true;
    }
}

/// A handler whose parts and answer can be told.
pub(crate) trait Handler<Parts> {
    /// Tells them.
    fn tell(scribe: &mut Scribe<'_>);
}

macro_rules! handlers {
    ($(($($part:ident)*))*) => {$(
        impl<Function, Answer, $($part),*> Handler<($($part,)*)> for Function
        where
            Function: AsyncFn($($part),*) -> Answer,
            Answer: Answers,
            $($part: Part,)*
        {
            fn tell(scribe: &mut Scribe<'_>) {
                $($part::tell(scribe);)*
                Answer::tell(scribe);
            }
        }
    )*};
}
handlers! {
    ()
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
}

/// Tells what a handler takes and answers.
pub(crate) fn describe<Parts, F: Handler<Parts>>(_: F, scribe: &mut Scribe<'_>) {
    F::tell(scribe);
}
