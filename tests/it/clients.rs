//! Libraries that know nothing of this server do the whole way of a web application, in clear text and over TLS: discovery,
//! sign-in on the pages, code with PKCE, refresh, userinfo, introspection, revocation, logout.

use super::server::{Ran, Server, clients, run};
use super::wire::assert_fields;
use serde_json::{Value, json};
use std::process::Command;

const EMAIL: &str = "sam@clients.example";
const PASSWORD: &str = "nine lanterns over the canal";

/// Somebody, and an application of the platform that is as the defaults make it: PKCE is required.
fn told(server: &Server) -> Value {
    let operator = server.admin();
    let user = json!({ "email": EMAIL, "password": server.secret(PASSWORD), "display_name": "Sam Doe" });
    server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    let (redirect_uri, post_logout_redirect_uri) = ("https://rp.example/cb", "https://rp.example/bye");
    let app = json!({
        "name": "Journey", "application_type": "WEB", "scope": "GLOBAL", "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [post_logout_redirect_uri],
        "allowed_scopes": ["openid", "profile", "email", "offline_access"],
    });
    let made = server.call("POST", "/api/v1/admin/applications").bearer(&operator).json(&app).send().expect(201);
    let made = made.get("data").unwrap_or(&made);
    json!({
        "issuer": format!("{}/platform", server.url), "client_id": made["client_id"],
        "client_secret": server.secret(made["client_secret"].as_str().unwrap()), "redirect_uri": redirect_uri,
        "post_logout_redirect_uri": post_logout_redirect_uri, "email": EMAIL, "password": PASSWORD,
        "ca": server.data.join("tls/ca.pem"),
    })
}

/// Runs a journey on a server of its own, and looks at what it saw.
fn journey(server: &Server, command: fn(&Value) -> Command) {
    let mut told = told(server);
    if server.url.starts_with("http://") {
        told.as_object_mut().unwrap().remove("ca");
    }
    let ran: Ran = run(command(&told), told.to_string().as_bytes());
    let seen = ran.json();
    let wanted = ["sub", "email", "name", "scopes", "introspected", "after", "signed_out", "ended"];
    assert_fields(&seen, &wanted);
    assert!(seen["sub"].as_str().unwrap().starts_with("usr_"), "{seen:#}");
    assert_eq!((&seen["email"], &seen["name"]), (&json!(EMAIL), &json!("Sam Doe")));
    assert_eq!(seen["scopes"], "openid profile email offline_access");
    assert_eq!((&seen["introspected"]["sub"], &seen["introspected"]["active"]), (&seen["sub"], &json!(true)));
    assert_eq!(seen["introspected"]["client_id"], told["client_id"]);
    assert_eq!(seen["after"], json!({ "active": false, "userinfo": 401 }), "RFC 7009 §2.1");
    assert_eq!(seen["signed_out"], "login_required");
    assert_eq!(seen["ended"], false, "an access token ends with its session");
}

fn node(told: &Value) -> Command {
    let mut command = Command::new("node");
    command.arg(clients().join("journey.mjs"));
    if let Some(authority) = told["ca"].as_str() {
        command.env("NODE_EXTRA_CA_CERTS", authority);
    }
    command
}

fn python(_: &Value) -> Command {
    let mut command = Command::new(clients().join(".venv/bin/python"));
    command.args(["-W", "ignore"]).arg(clients().join("journey.py"));
    command
}

#[test]
fn openid_client_goes_the_whole_way_in_clear_text() {
    journey(&Server::start(), node);
}

#[test]
fn openid_client_goes_the_whole_way_over_tls() {
    journey(&Server::start_with_tls(), node);
}

#[test]
fn authlib_goes_the_whole_way_in_clear_text() {
    journey(&Server::start(), python);
}

#[test]
fn authlib_goes_the_whole_way_over_tls() {
    journey(&Server::start_with_tls(), python);
}
