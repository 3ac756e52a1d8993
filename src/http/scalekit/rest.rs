//! The REST rendering, by grpc-gateway's rules: path and query parameters are fields of the
//! request, the body is one field of it or the whole, the answer is protojson with the fields' own names.

use super::operation::{Binding, Call, Operation};
use crate::base::Problem;
use crate::http::extract::{Caller, IfMatch, parse_any, read_flag, unreadable};
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/fields.rs"));

/// A field of a message, as far as a query needs to know it.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    repeated: bool,
    kind: Kind,
}

/// What a field holds.
#[derive(Debug)]
enum Kind {
    Text,
    Bool,
    /// Protojson takes a number as text too.
    Number,
    Enum,
    Map,
    /// Of this full name.
    Message(&'static str),
}

/// The longest query, in parameters.
const MAX_PARAMETERS: usize = 200;
/// How deep a query may reach into a request: `filter.status`.
const MAX_DEPTH: usize = 4;

/// Answers one request.
///
/// # Errors
/// What the operation fails with, and an unreadable body or query.
pub(super) async fn serve(
    operation: &'static Operation,
    binding: &'static Binding,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
    (Caller(actor), IfMatch(seen)): (Caller, IfMatch),
    stack: web::Data<Stack>,
) -> Result<HttpResponse, Problem> {
    operation.admit(&actor)?;
    let body = body.map_err(|error| unreadable(&error))?;
    let message = assemble(operation, binding, &request, &body)?;
    let call = Call::new(stack.into_inner(), Arc::clone(&actor)).meant_for(seen);
    let body = (operation.json)(call.clone(), message).await?;
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json").insert_header(("Cache-Control", "no-store"));
    if let Some(version) = call.shown() {
        answer.insert_header(("ETag", version.tag()));
    }
    Ok(answer.body(body))
}

/// The request's message in JSON: from the body, then from the query, then from the path, which wins.
fn assemble(operation: &Operation, binding: &Binding, request: &HttpRequest, body: &[u8]) -> Result<Value, Problem> {
    let mut message = Map::new();
    if !body.is_empty() && !binding.body.is_empty() {
        match (binding.body, parse_any(body)?) {
            ("*", Value::Object(whole)) => message = whole,
            ("*", _) => return Err(Problem::invalid("body", "must be a JSON object")),
            (field, value) => {
                message.insert(field.to_owned(), value);
            }
        }
    }
    if binding.body != "*" {
        query(operation.request, binding, request.query_string(), &mut message)?;
    }
    for (name, text) in request.match_info().iter() {
        // The router leaves slashes, percent and plus signs encoded.
        let text =
            percent_decode_str(text).decode_utf8().map_err(|_| Problem::invalid_at("path", name, "must be UTF-8"))?;
        message.insert(name.to_owned(), Value::String(text.into_owned()));
    }
    let mut message = Value::Object(message);
    name_roles(operation.request, &mut message);
    Ok(message)
}

/// Fields of the request from the query: `page_size=10&filter.status=a&filter.status=b`. What the message does not have is
/// passed over, as the gateway does.
fn query(message: &'static str, binding: &Binding, query: &str, into: &mut Map<String, Value>) -> Result<(), Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|_| Problem::malformed("invalid_request", "The query cannot be read"))?;
    if pairs.len() > MAX_PARAMETERS {
        return Err(Problem::malformed("invalid_request", "The query has more than 200 parameters"));
    }
    for (name, text) in pairs {
        let path: Vec<&str> = name.split('.').collect();
        if path.len() > MAX_DEPTH || path.first() == Some(&binding.body) {
            continue;
        }
        place(message, &path, &name, text, into)?;
    }
    Ok(())
}

fn place(
    message: &str,
    path: &[&str],
    whole: &str,
    text: String,
    into: &mut Map<String, Value>,
) -> Result<(), Problem> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    let Some(field) = fields_of(message).iter().find(|field| field.is_called(name)) else { return Ok(()) };
    if let (Kind::Message(inner), false) = (&field.kind, rest.is_empty()) {
        let inner_map = into.entry(field.name).or_insert_with(|| Value::Object(Map::new()));
        return match inner_map {
            Value::Object(map) if !field.repeated => place(inner, rest, whole, text, map),
            _ => Ok(()),
        };
    }
    if !rest.is_empty() {
        return Ok(());
    }
    let value = field.read(whole, text)?;
    if field.repeated {
        match into.entry(field.name).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(values) => values.push(value),
            other => *other = value,
        }
    } else if into.insert(field.name.to_owned(), value).is_some() {
        return Err(Problem::invalid_at("query", whole, "stands more than once"));
    }
    Ok(())
}

impl Field {
    /// By its own name or in camel case: protojson takes both.
    fn is_called(&self, name: &str) -> bool {
        if self.name == name {
            return true;
        }
        let mut letters = name.chars();
        let same = self.name.split('_').enumerate().all(|(at, part)| {
            part.chars().enumerate().all(|(number, letter)| {
                let wanted = if at > 0 && number == 0 { letter.to_ascii_uppercase() } else { letter };
                letters.next() == Some(wanted)
            })
        });
        same && letters.next().is_none()
    }

    /// The value of a parameter, as protojson has it.
    fn read(&self, name: &str, text: String) -> Result<Value, Problem> {
        let bool = |text: &str| {
            let wrong = || Problem::invalid_at("query", name, "must be true or false");
            read_flag(text).map(Value::Bool).ok_or_else(wrong)
        };
        match self.kind {
            Kind::Bool | Kind::Message("google.protobuf.BoolValue") => bool(&text),
            Kind::Enum => Ok(text.parse::<i32>().map_or(Value::String(text), Value::from)),
            Kind::Number if text.parse::<i64>().is_err() => {
                Err(Problem::invalid_at("query", name, "must be a whole number"))
            }
            Kind::Map => Err(Problem::invalid_at("query", name, "cannot be given in a query")),
            Kind::Text | Kind::Number | Kind::Message(_) => Ok(Value::String(text)),
        }
    }
}

/// A role may be given by its bare name, as Scalekit's quickstart does: `"roles": ["admin"]`.
fn name_roles(message: &str, value: &mut Value) {
    const ROLE: &str = "scalekit.v1.commons.Role";
    let Value::Object(members) = value else { return };
    for field in fields_of(message) {
        let Kind::Message(inner) = field.kind else { continue };
        match members.get_mut(field.name) {
            Some(Value::Array(items)) if inner == ROLE => {
                for item in items {
                    if let Value::String(name) = item {
                        *item = serde_json::json!({ "name": name });
                    }
                }
            }
            Some(value) => name_roles(inner, value),
            None => {}
        }
    }
}
