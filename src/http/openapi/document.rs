//! The document of one API.

use super::handler::{Described, Scribe};
use super::schemas::Schemas;
use super::source::Docstrings;
use crate::access::{PERMISSIONS, Rule, StepUp};
use crate::http::route::{Access, Route, Surface};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What a document says beyond its routes.
pub(super) struct Api {
    /// The surface that it describes.
    pub surface: &'static Surface,
    /// Its title.
    pub title: &'static str,
    /// What it is for, and how one gets a credential for it.
    pub about: &'static str,
    /// The schema of a refusal.
    pub refusal: fn(&mut Schemas) -> Value,
    /// What the surface has for a body that it cannot read, instead of 400.
    pub unreadable: u16,
}

/// What is said of a route in `rows/*.toml`: which permissions it asks for.
struct Rows(BTreeMap<String, toml::Value>);

impl Rows {
    fn of(surface: &str) -> Self {
        let path = format!("{}/src/http/tests/rows/{surface}.toml", env!("CARGO_MANIFEST_DIR"));
        Self(toml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The permissions of a route, each once; also of its further rows, for other contents of a request.
    fn permissions(&self, route: &Route) -> Vec<&'static Rule> {
        let name = format!("{} {}", route.method, route.path);
        let mut names = BTreeSet::new();
        for (_, row) in self.0.iter().filter(|(key, _)| **key == name || key.starts_with(&format!("{name} "))) {
            match row.get("asks") {
                Some(toml::Value::String(one)) => names.extend([one.as_str()]),
                Some(toml::Value::Array(more)) => names.extend(more.iter().filter_map(toml::Value::as_str)),
                _ => {}
            }
        }
        PERMISSIONS.iter().filter(|rule| names.contains(rule.name)).collect()
    }
}

/// A path as OpenAPI has it: `{path:.*}` is `{path}`.
fn path_of(route: &Route) -> String {
    route.path.replace(":.*}", "}")
}

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
        })
        .collect()
}

/// `users::list` is `users_list`; what is generic over a kind of row goes by the kind: `noun::show::<groups::Groups>` is
/// `groups_show`.
fn operation_id(handler: &str) -> String {
    let name: String = handler.chars().filter(|c| !c.is_whitespace()).collect();
    match name.split_once("::<") {
        Some((function, kind)) => {
            let verb = function.rsplit("::").next().unwrap_or_default();
            let module = kind.split("::").next().unwrap_or_default();
            format!("{module}_{verb}")
        }
        None => name.replace("::", "_"),
    }
}

/// What a permission asks for, in words.
fn right(rule: &Rule) -> String {
    let scopes: Vec<String> = rule.scopes.iter().map(|scope| format!("`{scope}`")).collect();
    let scopes = if scopes.is_empty() {
        "no narrowed credential has it".to_owned()
    } else {
        format!("a narrowed credential needs {}", scopes.join(" or "))
    };
    let step_up = match rule.step_up {
        StepUp::No => "",
        StepUp::SignIn => "; it asks for a recent sign-in",
        StepUp::Person => "; it asks for a recent sign-in of the person",
    };
    format!("`{}` ({scopes}{step_up})", rule.name)
}

fn refusals(api: &Api, route: &Route, told: &Described, asks: &[&Rule]) -> BTreeSet<u16> {
    let mut all: BTreeSet<u16> = told.refusals.iter().copied().collect();
    if all.remove(&400) {
        all.insert(api.unreadable);
    }
    let (credential, changes) = (route.access == Access::Credential, !matches!(route.method, "GET" | "OPTIONS"));
    if credential {
        all.extend([401, 403, 429]);
    }
    if !asks.is_empty() {
        all.insert(403);
    }
    if changes {
        all.extend([409, 503]);
    }
    if !credential && told.body.is_some() {
        all.extend([401, 403, 404, 429]);
    }
    all
}

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
        _ => "A refusal.",
    }
}

/// One operation, of which its handler tells this.
fn operation(api: &Api, route: &Route, told: &Described, docs: &Docstrings, rows: &Rows) -> Value {
    let (id, asks) = (operation_id(route.name), rows.permissions(route));
    let said = docs.get(route.name).unwrap_or_default();
    let (summary, more) = said.split_once(". ").map_or((said, ""), |(first, rest)| (first, rest));
    let mut description: Vec<String> = [more].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect();
    if !asks.is_empty() {
        let rights: Vec<String> = asks.iter().copied().map(right).collect();
        description.push(format!("Needs {}.", rights.join(", or ")));
    }
    let mut operation = Map::new();
    let tag = id.split('_').next().unwrap_or_default().to_owned();
    operation.insert("operationId".to_owned(), json!(id));
    operation.insert("tags".to_owned(), json!([tag]));
    if !summary.is_empty() {
        operation.insert("summary".to_owned(), json!(summary.trim_end_matches('.')));
    }
    if !description.is_empty() {
        operation.insert("description".to_owned(), json!(description.join("\n\n")));
    }
    let mut parameters = path_parameters(&path_of(route));
    parameters.extend(told.parameters.iter().cloned());
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), json!(parameters));
    }
    if let Some(body) = &told.body {
        operation.insert("requestBody".to_owned(), body.clone());
    }
    let mut responses = Map::new();
    for (status, answer) in &told.answers {
        let mut response = json!({ "description": answer.description });
        for (content, schema) in &answer.content {
            response["content"][*content] = json!({ "schema": schema });
        }
        for (name, about) in &told.headers {
            response["headers"][*name] = json!({ "description": about, "schema": { "type": "string" } });
        }
        responses.insert(status.to_string(), response);
    }
    for status in refusals(api, route, told, &asks) {
        // What the handler's own type says of a refusal tells more.
        if responses.contains_key(&status.to_string()) {
            continue;
        }
        responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    operation.insert("responses".to_owned(), Value::Object(responses));
    let security = if route.access == Access::Credential { json!([{ "bearer": [] }]) } else { json!([]) };
    operation.insert("security".to_owned(), security);
    Value::Object(operation)
}

/// The document, and the routes that it lacks because their handlers answer with something that no type describes.
pub(super) fn document(api: &Api) -> (Value, Vec<String>) {
    let surface = api.surface;
    let (docs, rows, mut schemas) = (Docstrings::of(surface.name), Rows::of(surface.name), Schemas::default());
    let (mut paths, mut lacking, mut ids) = (Map::new(), Vec::new(), BTreeMap::new());
    for route in surface.routes.iter().filter(|route| route.method != "OPTIONS") {
        let mut scribe = Scribe::new(&mut schemas);
        (route.describe)(&mut scribe);
        let told = scribe.told;
        if told.is_page || told.is_untyped {
            lacking.extend((!told.is_page).then(|| format!("{} {}", route.method, route.path)));
            continue;
        }
        let mut operation = operation(api, route, &told, &docs, &rows);
        // One handler at two addresses: the second one's id says which.
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let times = ids.entry(id.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            operation["operationId"] = json!(format!("{id}_{times}"));
        }
        let item = paths.entry(path_of(route)).or_insert_with(|| json!({}));
        item[route.method.to_ascii_lowercase()] = operation;
    }
    let refusal = (api.refusal)(&mut schemas);
    let responses: Map<String, Value> = [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503]
        .into_iter()
        .map(|status| {
            let content = json!({ "application/json": { "schema": refusal } });
            (status.to_string(), json!({ "description": reason(status), "content": content }))
        })
        .collect();
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": api.title, "version": env!("CARGO_PKG_VERSION"), "description": api.about },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "responses": responses,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    });
    (document, lacking)
}
