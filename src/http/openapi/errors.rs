//! The codes of errors of an API: with which status each comes, and how it is worded. The words are made by the surface's
//! own dialect.

use crate::base::{Kind, Problem};
use crate::catalogue::CODES;
use crate::catalogue::code_source::{CodeUse, sources, uses};
use crate::http::route::Surface;
use actix_web::body::MessageBody;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Statuses that every document explains, whether or not a code is listed for them.
const ALWAYS: [u16; 11] = [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503];

/// Codes that are not made by one call with a text, and that each API gives.
const COMMON: [(&str, Kind); 10] = [
    ("validation_error", Kind::Invalid),
    ("invalid_request", Kind::Malformed),
    ("auth_token_missing", Kind::Unauthenticated),
    ("auth_token_invalid", Kind::Unauthenticated),
    ("auth_token_expired", Kind::Unauthenticated),
    ("access_denied", Kind::Forbidden),
    ("step_up_required", Kind::Forbidden),
    ("payload_too_large", Kind::TooLarge),
    ("rate_limited", Kind::RateLimited { retry_after_secs: 30 }),
    ("service_unavailable", Kind::Busy { retry_after_secs: 1 }),
];

/// Modules that stand behind every API. What the extractors say of cookies is for pages.
const SHARED: [&str; 5] = ["access", "base", "store", "http/extract/if_match", "http/extract/body"];

/// What a status means here.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read.",
        401 => "No credential, or none that holds.",
        403 => "The credential does not reach this far.",
        404 => "It is not there, or the caller may not know of it.",
        409 => "It does not fit what is there.",
        412 => "It was changed since it was read.",
        413 => "The body is too large.",
        415 => "The body is not JSON.",
        422 => "A value is not acceptable.",
        429 => "Too many requests, or too many wrong tries.",
        503 => "The server is busy: try again.",
        405 => "The address does not answer to this method.",
        _ => "A refusal.",
    }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "Malformed" => Kind::Malformed,
        "Invalid" => Kind::Invalid,
        "Unauthenticated" => Kind::Unauthenticated,
        "Forbidden" => Kind::Forbidden,
        "NotFound" => Kind::NotFound,
        "Conflict" => Kind::Conflict,
        "Stale" => Kind::Stale,
        "TooLarge" => Kind::TooLarge,
        "RateLimited" => Kind::RateLimited { retry_after_secs: 30 },
        "Busy" => Kind::Busy { retry_after_secs: 1 },
        _ => return None,
    })
}

/// The modules whose problems reach a surface: those that its files name.
fn modules(surface: &str) -> BTreeSet<String> {
    let own = [format!("http/{surface}.rs"), format!("http/{surface}/")];
    let mut named: BTreeSet<String> = SHARED.iter().map(|module| (*module).to_owned()).collect();
    for (file, text) in sources() {
        if own.iter().any(|own| file.starts_with(own.as_str())) {
            named.extend(text.split("crate::").skip(1).map(|rest| {
                let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                name
            }));
        }
    }
    named.remove("http");
    named.insert(format!("http/{surface}"));
    named
}

/// The codes that reach a surface, each with its families.
fn codes(surface: &str) -> BTreeMap<String, Vec<Kind>> {
    let modules = modules(surface);
    let reaches = |place: &CodeUse| {
        modules.iter().any(|module| {
            place.file.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        })
    };
    let mut found: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
    let places = uses();
    let made =
        places.iter().filter(|place| reaches(place)).filter_map(|place| Some((&*place.code, kind(&place.kind)?)));
    for (code, kind) in COMMON.into_iter().chain(made) {
        let kinds = found.entry(code.to_owned()).or_default();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    found
}

/// A problem as its caller might see it.
fn example(kind: Kind, code: &'static str, about: &str) -> Problem {
    match kind {
        Kind::Invalid if code == "validation_error" => Problem::invalid("name", "is required"),
        _ => Problem::new(kind, code, about.trim_end_matches('.').replace('`', "")),
    }
}

/// The answers of an API to what it refuses, by status, with an example for each code. Only those that an operation in
/// `paths` refers to.
///
/// # Panics
/// When a dialect answers with something that is no JSON.
pub(super) fn responses(surface: &Surface, schema: &Value, paths: &Map<String, Value>) -> Map<String, Value> {
    let mut examples: BTreeMap<u16, Map<String, Value>> = ALWAYS.iter().map(|status| (*status, Map::new())).collect();
    let reached = codes(surface.name);
    for (code, about) in CODES {
        for kind in reached.get(*code).into_iter().flatten() {
            let request = actix_web::test::TestRequest::default().to_http_request();
            let answer = (surface.dialect)(&example(*kind, code, about), &request);
            let status = answer.status().as_u16();
            let body = answer.into_body().try_into_bytes().unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let told = json!({ "summary": about, "value": body });
            examples.entry(status).or_default().insert((*code).to_owned(), told);
        }
    }
    let operations = Value::Object(paths.clone()).to_string();
    examples.retain(|status, _| operations.contains(&format!("#/components/responses/{status}\"")));
    let told = examples.into_iter().map(|(status, examples)| {
        let mut content = json!({ "schema": schema });
        if !examples.is_empty() {
            content["examples"] = Value::Object(examples);
        }
        (status.to_string(), json!({ "description": reason(status), "content": { "application/json": content } }))
    });
    told.collect()
}
