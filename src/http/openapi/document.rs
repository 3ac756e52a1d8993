//! The document of one API.

use super::errors;
use super::handler::{Described, Scribe};
use super::rows::{Rows, needs};
use super::schemas::Schemas;
use super::source::Docstrings;
use crate::http::route::{Access, Route, Surface};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
    /// What the surface has for a body that it cannot read.
    pub unreadable: u16,
    /// The status of a path or a query that breaks a rule.
    pub bad_parameter: u16,
}

/// A path as OpenAPI has it: `{path:.*}` is `{path}`.
pub(super) fn path_of(route: &Route) -> String {
    route.path.replace(":.*}", "}")
}

/// The parameters of a path, all texts.
pub(super) fn path_parameters(path: &str) -> Vec<Value> {
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

fn refusals(api: &Api, route: &Route, told: &Described, is_guarded: bool) -> BTreeSet<u16> {
    let mut all = told.refusals.clone();
    if told.body.is_some() {
        // A body may name what is not there.
        all.extend([api.unreadable, 404]);
    }
    if route.path.contains('{') {
        all.insert(404);
    }
    if !told.parameters.is_empty() || route.path.contains(".*}") {
        all.insert(api.bad_parameter);
    }
    let (credential, changes) = (route.access == Access::Credential, route.method != "GET");
    if credential {
        all.extend([401, 403, 429]);
    }
    if is_guarded {
        all.insert(403);
    }
    if changes {
        all.extend([409, 503]);
    }
    if !credential && told.body.is_some() {
        all.extend([401, 403, 429]);
    }
    all
}

/// One operation, of which its handler tells this.
fn operation(
    api: &Api,
    route: &Route,
    told: &Described,
    api_refusal: &Value,
    (docs, rows): (&Docstrings, &Rows),
) -> Value {
    let (id, rights) = (operation_id(route.name), rows.rights(route));
    let said = docs.get(route.name);
    let text = said.map_or_else(String::new, |said| said.about(&id));
    let (summary, more) = text.split_once(". ").unwrap_or((&text, ""));
    let mut description: Vec<String> = [more].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect();
    description.extend(needs(&rights));
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
        let mut body = body.clone();
        if let Some(example) = rows.example(route) {
            body["content"]["application/json"]["example"] = example;
        }
        operation.insert("requestBody".to_owned(), body);
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
    for (status, why) in said.into_iter().flat_map(|said| &said.refusals) {
        let content = json!({ "application/json": { "schema": api_refusal } });
        responses.insert(status.clone(), json!({ "description": why, "content": content }));
    }
    for status in refusals(api, route, told, !rights.is_empty()) {
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
    let refusal = (api.refusal)(&mut schemas);
    for route in surface.routes {
        let mut scribe = Scribe::new(&mut schemas);
        (route.describe)(&mut scribe);
        let told = scribe.told;
        if told.is_page || told.is_untyped {
            lacking.extend((!told.is_page).then(|| format!("{} {}", route.method, route.path)));
            continue;
        }
        let mut operation = operation(api, route, &told, &refusal, (&docs, &rows));
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
    let responses = errors::responses(surface, &refusal, &paths);
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
