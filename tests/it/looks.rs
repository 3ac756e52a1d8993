//! The pages in Chromium: what axe-core finds, what is cut off or wider than the window, what a page's own policy refuses. And the journey
//! of somebody with a second factor, from a client on another origin and back.
//!
//! `PICTURES=folder` keeps each page in six sizes, light and dark.

use super::browser::{EMAIL, PASSWORD, set_up, set_up_on};
use super::server::{Server, clients, run_within};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Runs a script of `tests/clients`; gives what it saw.
pub fn look(script: &str, told: &Value) -> Value {
    let mut command = Command::new("node");
    command.arg(clients().join(script));
    let seen = run_within(command, told.to_string().as_bytes(), Duration::from_secs(300)).json();
    let wrong = seen["wrong"].as_array().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    seen
}

/// A server with something on every list.
fn furnished() -> Server {
    let server = set_up();
    server.tenant("northwind");
    server.app("SERVICE", "openid admin:read", &[]);
    let operator = server.token("admin:read admin:write secrets:write");
    let user = json!({ "email": "sam@northwind.example", "tenant_id": "northwind", "display_name": "Sam Doe" });
    server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    let northwind = json!({ "external_id": "crm-4711", "metadata": { "plan": "enterprise", "seats": "250" } });
    server.call("PATCH", "/api/v1/admin/tenants/northwind").bearer(&operator).json(&northwind).send().expect(200);
    let group = json!({ "name": "Sales", "tenant_id": "northwind", "description": "Whoever sells" });
    let group = server.call("POST", "/api/v1/admin/groups").bearer(&operator).json(&group).send().expect(201);
    let members = format!("/api/v1/admin/groups/{}/members", group["id"].as_str().unwrap());
    let sam = server.get_as(&operator, "/api/v1/admin/users?search=sam@northwind").expect(200);
    let member = json!({ "user_id": sam["data"][0]["id"] });
    server.call("POST", &members).bearer(&operator).json(&member).send().expect(201);
    let secret = json!({ "data": { "password": "x" }, "metadata": { "tags": ["db"] } });
    server.call("PUT", "/v1/secrets/infra/db").bearer(&operator).json(&secret).send().expect_success();
    // Somebody and something that can be restored.
    let gone = server.tenant("fabrikam");
    let delete = |path: &str| assert_eq!(server.call("DELETE", path).bearer(&operator).send().status, 204, "{path}");
    delete(&format!("/api/v1/admin/tenants/{gone}"));
    let user = json!({ "email": "gone@northwind.example", "tenant_id": "northwind", "display_name": "Gil Gone" });
    let user = server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    delete(&format!("/api/v1/admin/users/{}", user["id"].as_str().unwrap()));
    server
}

#[test]
fn every_page_is_accessible_and_fits() {
    let server = furnished();
    let pictures = std::env::var("PICTURES").ok();
    let told = json!({
        "url": server.url, "email": EMAIL, "password": PASSWORD, "start": "/admin/", "pictures": pictures,
    });
    let seen = look("pages.mjs", &told);
    assert!(seen["seen"].as_array().unwrap().len() > 20, "{seen:#}");
}

#[test]
fn pages_that_follow_from_what_others_do_are_accessible_and_fit() {
    // A sign-in is recent for a second only, so that the next form asks.
    let settings = [("SCAISTACK_SESSIONS_STEP_UP_SECS", "1")];
    let server = set_up_on(Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &settings));
    let operator = server.admin();
    let user = json!({ "email": "sam@looks.example", "display_name": "Sam Doe" });
    let user = server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    let told = json!({
        "url": server.url, "email": EMAIL, "password": PASSWORD, "user": user["id"],
        "pictures": std::env::var("PICTURES").ok(),
    });
    let seen = look("asked.mjs", &told);
    assert!(seen["seen"].as_array().unwrap().len() >= 3, "{seen:#}");
}

#[test]
fn somebody_with_a_second_factor_signs_in_from_another_origin() {
    let server = Server::start();
    let operator = server.admin();
    let (email, password) = ("kim@looks.example", server.secret("eleven boats at anchor"));
    let user = json!({ "email": email, "password": password, "display_name": "Kim Doe" });
    server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    // The application listens there when the script runs.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = |path: &str| json!([format!("http://localhost:{port}{path}")]);
    let app = json!({
        "name": "Looking glass", "application_type": "WEB", "scope": "GLOBAL", "redirect_uris": at("/cb"),
        "post_logout_redirect_uris": at("/bye"), "allowed_scopes": ["openid", "profile", "email"],
    });
    let made = server.call("POST", "/api/v1/admin/applications").bearer(&operator).json(&app).send().expect(201);
    let made = made.get("data").unwrap_or(&made);
    let secret = server.secret(made["client_secret"].as_str().unwrap());
    let told = json!({
        "url": server.url, "email": email, "password": password, "client_id": made["client_id"],
        "client_secret": secret, "port": port, "pictures": std::env::var("PICTURES").ok(),
    });
    let seen = look("sign_in.mjs", &told);
    assert!(seen["seen"].as_array().unwrap().len() >= 12, "{seen:#}");
}
