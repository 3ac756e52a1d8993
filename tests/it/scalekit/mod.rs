//! Scalekit's surface from outside, on both wires.

mod grpc;
mod organizations;
pub mod quickstart;
mod refused;
mod roles;
mod same;
pub mod sdk;
mod table;
mod users;

use super::server::{App, Server, unique};
use prost_reflect::DescriptorPool;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The messages, read from their files without the server's own code.
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/proto/scalekit/v1")).unwrap();
    let names = files.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let paths: Vec<String> = names.map(|name| format!("scalekit/v1/{name}/{name}.proto")).collect();
    let set = protox::compile(paths, [concat!(env!("CARGO_MANIFEST_DIR"), "/proto")]).unwrap();
    DescriptorPool::from_file_descriptor_set(set).unwrap()
});

/// Environment credentials: a service of the whole platform.
fn environment(server: &Server, scopes: &str) -> (App, String) {
    let app = server.app("SERVICE", scopes, &[]);
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", app.client_id, app.secret);
    let answer = server.call("POST", "/oauth/token").form(&form).send().expect(200);
    let token = server.secret(answer["access_token"].as_str().unwrap());
    (app, token)
}

/// Makes an organisation over REST; gives its id.
fn organization(server: &Server, token: &str) -> String {
    let body = json!({ "display_name": unique("Acme") });
    let made = server.call("POST", "/api/v1/organizations").bearer(token).json(&body).send().expect(200);
    made["organization"]["id"].as_str().unwrap().to_owned()
}

/// What an error says: code, message, and the fields that it names.
fn told(error: &Value) -> (i64, String, Vec<String>) {
    let violations = error["details"][0]["validation_error_info"]["field_violations"].as_array();
    let fields = violations.into_iter().flatten().map(|one| one["field"].as_str().unwrap().to_owned()).collect();
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned(), fields)
}
