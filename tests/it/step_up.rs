//! What asks for a recent sign-in, by credentials that cannot give one: a personal token never, a program by its scopes.

use super::server::{Server, unique};
use super::wire::Answer;
use serde_json::{Value, json};

const PASSWORD: &str = "nine lanterns over the canal";

fn post(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
    server.call("POST", path).bearer(token).json(body).send()
}

/// A token of a program of the platform with these scopes.
fn program(server: &Server, scopes: &str) -> String {
    server.access_token(&server.app("SERVICE", scopes, &[]), None, scopes)
}

fn id(answer: &Answer) -> String {
    let body = answer.expect(201);
    body.get("data").unwrap_or(&body)["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_program_without_admin_write_makes_users_and_learns_no_password() {
    let server = Server::shared();
    server.secret(PASSWORD);
    let (narrow, wide) = (program(&server, "users:write"), program(&server, "admin:write"));
    let users = "/api/v1/admin/users";
    let email = format!("{}@example.com", unique("puppet"));
    let puppet = json!({ "email": email, "password": PASSWORD, "role": "tenant_user" });
    let refused = post(&server, &narrow, users, &puppet).expect(403);
    assert!(refused["detail"].as_str().unwrap().contains("admin:write"), "{refused:#}");
    let login = json!({ "email": email, "password": PASSWORD });
    assert_eq!(server.call("POST", "/api/v1/auth/login").json(&login).send().status, 401, "nobody was made");
    let asked = id(&post(&server, &narrow, users, &json!({ "email": email, "role": "tenant_user" })));
    let reset = format!("{users}/{asked}/reset-password");
    assert_eq!(post(&server, &narrow, &reset, &json!({ "password": PASSWORD })).status, 403);
    let moved = json!({ "email": format!("{}@thief.example", unique("x")) });
    let patch = server.call("PATCH", &format!("{users}/{asked}")).bearer(&narrow).json(&moved).send();
    assert_eq!(patch.status, 403, "a link for a new password would go there");
    // With the scope it makes them; a link it mails to whoever has one.
    let email = format!("{}@example.com", unique("made"));
    let made = id(&post(&server, &wide, users, &json!({ "email": email, "password": PASSWORD })));
    let reset = format!("{users}/{made}/reset-password");
    assert_eq!(post(&server, &narrow, &reset, &json!({})).status, 204);
    assert_eq!(post(&server, &wide, &reset, &json!({ "password": PASSWORD })).status, 204);
}

#[test]
fn a_personal_token_makes_no_credentials_and_no_administrators() {
    let server = Server::shared();
    server.secret(PASSWORD);
    let token = server.token("admin:read admin:write");
    let (user, org) = (unique("step"), server.tenant(&unique("step")));
    let app = json!({
        "name": unique("worker"), "application_type": "SERVICE", "scope": "GLOBAL", "allowed_scopes": ["openid"],
    });
    let tries = [
        ("/api/v1/admin/personal-tokens", json!({ "scopes": "secrets:read" })),
        ("/api/v1/admin/applications", app.clone()),
        ("/api/v1/admin/users", json!({ "email": format!("{user}@example.com"), "password": PASSWORD })),
        ("/api/v1/admin/users", json!({ "email": format!("{user}@example.com"), "role": "tenant_admin" })),
    ];
    for (path, body) in &tries {
        let refused = post(&server, &token, path, body).expect(403);
        assert!(refused["detail"].as_str().unwrap().contains("the command line on the server"), "{path}: {refused:#}");
    }
    let link = format!("/api/v1/organizations/{}/portal_links", org.replace("tnt_", "org_"));
    assert_eq!(server.call("PUT", &link).bearer(&token).json(&json!({})).send().status, 403);
    // What is harmless it does as ever; and a program that was given the scope does the rest.
    post(&server, &token, "/api/v1/admin/users", &json!({ "email": format!("{user}@example.com") })).expect(201);
    let wide = program(&server, "admin:write");
    let made = post(&server, &wide, "/api/v1/admin/applications", &app).expect(201);
    server.secret(made.get("data").unwrap_or(&made)["client_secret"].as_str().unwrap());
}
