//! Libraries of applications that are only a page, in Chromium: what they ask from there crosses origins, and a window that is
//! opened for the sign-in answers the one that opened it.

use super::super::running::free_port;
use super::super::server::{Server, clients, run_within, unique};
use super::super::wire::PATIENCE;
use super::PASSWORD;
use serde_json::{Value, json};
use std::process::Command;

/// Runs the journey of `tests/clients/rp/spa.mjs`; gives what the page saw. The library says `of_another_state` when the answer
/// has one.
fn seen(library: &str, of_another_state: &str) -> Value {
    let (server, port, name) = (Server::shared(), free_port(), unique("page"));
    let operator = server.admin();
    let (email, origin) = (format!("{name}@clients.example"), format!("http://localhost:{port}"));
    let user = json!({ "email": email, "password": server.secret(PASSWORD), "display_name": "Sam Doe" });
    server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
    let app = json!({
        "name": name, "application_type": "SPA", "scope": "GLOBAL", "redirect_uris": [format!("{origin}/callback")],
        "post_logout_redirect_uris": [format!("{origin}/left")], "allowed_origins": [origin],
        "allowed_scopes": ["openid", "profile", "email", "offline_access"],
    });
    let made = server.call("POST", "/api/v1/admin/applications").bearer(&operator).json(&app).send().expect(201);
    let made = made.get("data").unwrap_or(&made);
    let told = json!({
        "issuer": format!("{}/platform", server.url), "client_id": made["client_id"], "origin": origin, "port": port,
        "email": email, "password": PASSWORD,
    });
    let mut command = Command::new("node");
    command.arg(clients().join("rp/spa.mjs")).arg(library);
    let seen = run_within(command, told.to_string().as_bytes(), 3 * PATIENCE).json();
    assert_eq!(seen["wrong"], json!([]), "{seen:#}");
    for user in ["first", "second"] {
        let userinfo = &seen[user]["userinfo"];
        assert_eq!((&userinfo["email"], &userinfo["name"]), (&json!(email), &json!("Sam Doe")), "{seen:#}");
        let token = server.secret(seen[user]["access_token"].as_str().unwrap());
        // Signing out has ended both.
        assert_eq!(server.get_as(&token, "/api/v1/platform/oauth/userinfo").status, 401);
    }
    assert_ne!(seen["first"]["access_token"], seen["second"]["access_token"], "a new one by the refresh token");
    assert_eq!((&seen["after"], &seen["asks"]), (&Value::Null, &json!(true)), "signed out here and there");
    let refused = |at: usize, with: &str| assert!(seen["refused"][at].as_str().unwrap().contains(with), "{seen:#}");
    refused(0, of_another_state);
    refused(1, "invalid_grant");
    seen
}

#[test]
fn oidc_client_ts_goes_the_whole_way() {
    let seen = seen("oidc_client_ts", "No matching state");
    assert_eq!(seen["popup"]["userinfo"]["sub"], seen["first"]["userinfo"]["sub"]);
}

#[test]
fn angular_oauth2_oidc_goes_the_whole_way() {
    seen("angular", "invalid_nonce_in_state");
}
