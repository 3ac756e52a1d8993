//! What happened stands in the log, with who did it, and the chain holds.

use super::server::{Server, unique};
use super::wire::PATIENCE;
use serde_json::{Value, json};
use std::time::Instant;

/// The rows of the log that a query finds.
fn rows(server: &Server, token: &str, query: &str) -> Vec<Value> {
    let page = server.get_as(token, &format!("/api/v1/admin/audit?per_page=100&{query}")).expect(200);
    page["data"].as_array().unwrap().clone()
}

/// As [`rows`], for rows that may follow their answer by 50 ms.
#[track_caller]
pub fn wait_for(server: &Server, token: &str, query: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = rows(server, token, query);
        if let Some(row) = found.iter().find(|row| fits(row)) {
            return row.clone();
        }
        assert!(Instant::now() < deadline, "{query}: {found:#?}");
    }
}

#[test]
fn writes_reads_and_refusals_name_the_client() {
    let server = Server::shared();
    let auditor = server.token("audit:read");
    let slug = unique("audited");
    let tenant = server.tenant(&slug);
    let app = server.app("SERVICE", "secrets:read secrets:write", &["--scope", "TENANT", "--tenant", &slug]);
    let token = server.access_token(&app, Some(&slug), "secrets:read secrets:write");
    let path = unique("audited");
    let target = format!("/v1/secrets/{path}");
    let value = server.secret("a value that no row may hold");
    let written = server.call("PUT", &target).bearer(&token).json(&json!({ "data": { "v": value } })).send();
    written.expect(201);
    // A change is there before its answer.
    let here = format!("tenant_id={tenant}");
    let all = rows(&server, &auditor, &here);
    let row = all.iter().find(|row| row["action"] == "secret.write").unwrap_or_else(|| panic!("{all:#?}"));
    assert_eq!((&row["actor_id"], &row["actor_name"]), (&json!(app.client_id), &json!(app.name)));
    assert_eq!(
        (&row["resource_type"], &row["resource_id"], &row["result"]),
        (&json!("secret"), &json!(path), &json!("success"))
    );
    assert_eq!(row["ip_address"], "127.0.0.1");
    assert_eq!(row["request_id"], written.header("x-request-id").unwrap());

    let actor = format!("{here}&actor_id={}", app.client_id);
    let read = server.get_as(&token, &target);
    read.expect(200);
    let row = wait_for(&server, &auditor, &actor, |row| row["action"] == "secret.read");
    assert_eq!((&row["resource_id"], &row["request_id"]), (&json!(path), &json!(read.header("x-request-id").unwrap())));
    wait_for(&server, &auditor, &actor, |row| row["action"] == "token.issue" && row["result"] == "success");

    let denied = server.call("DELETE", &target).bearer(&token).send();
    assert_eq!(denied.status, 403);
    let row = wait_for(&server, &auditor, &actor, |row| row["result"] == "denied");
    assert_eq!((&row["action"], &row["actor_name"]), (&json!("secret.delete"), &json!(app.name)));
    server.get_as(&token, "/v1/secrets").expect(200);
    wait_for(&server, &auditor, &actor, |row| row["action"] == "secret.list");

    let everything = serde_json::to_string(&rows(&server, &auditor, &here)).unwrap();
    for secret in [&value, &token, &app.secret] {
        assert!(!everything.contains(secret.as_str()), "{everything}");
    }
}

#[test]
fn what_a_client_reads_and_is_refused_stands_under_its_name() {
    let server = Server::shared();
    let auditor = server.token("audit:read");
    let app = server.app("SERVICE", "openid admin:read", &[]);
    let token = server.access_token(&app, None, "admin:read");
    let actor = format!("actor_id={}", app.client_id);
    let read = server.get_as(&token, "/api/v1/admin/tenants");
    read.expect(200);
    let row = wait_for(&server, &auditor, &actor, |row| row["action"] == "tenant.list");
    assert_eq!((&row["actor_name"], &row["result"]), (&json!(app.name), &json!("success")));
    assert_eq!(row["request_id"], read.header("x-request-id").unwrap());
    let denied = server.call("DELETE", "/api/v1/admin/partners/prt_1").bearer(&token).send();
    assert_eq!(denied.status, 403);
    let row = wait_for(&server, &auditor, &actor, |row| row["action"] == "partner.delete");
    assert_eq!((&row["result"], &row["details"]["code"]), (&json!("denied"), &json!("access_denied")));
}

#[test]
fn what_the_operator_makes_and_a_refused_stranger_are_there() {
    let server = Server::shared();
    let auditor = server.token("audit:read");
    let app = server.app("SERVICE", "openid", &[]);
    let row =
        wait_for(&server, &auditor, &format!("resource_id={}", app.id), |row| row["action"] == "application.create");
    assert_eq!(row["actor_name"], "operator");

    let wrong = server.call("POST", &super::server::token_endpoint(None)).basic(&app.client_id, "scs_wrong");
    let refused = wrong.form("grant_type=client_credentials").send();
    assert_eq!(refused.status, 401);
    wait_for(&server, &auditor, "action=token.issue&result=denied", |row| {
        row["request_id"] == refused.header("x-request-id").unwrap()
    });
    let stranger = server.get("/api/v1/admin/tenants").bearer("skt_nonsense").send();
    let row = wait_for(&server, &auditor, "action=access.denied", |row| {
        row["request_id"] == stranger.header("x-request-id").unwrap()
    });
    assert_eq!(row["result"], "denied");
}

#[test]
fn reading_the_log_needs_a_right_and_is_in_the_log() {
    // Of its own: other tests read the log too, and each reading pushes this one off the first page.
    let server = Server::start();
    let auditor = server.token("audit:read");
    let nobody = server.token("secrets:read");
    assert_eq!(server.get_as(&nobody, "/api/v1/admin/audit").status, 403);
    let read = server.get_as(&auditor, "/api/v1/admin/audit?per_page=1");
    read.expect(200);
    wait_for(&server, &auditor, "action=audit.read", |row| row["request_id"] == read.header("x-request-id").unwrap());
}

#[test]
fn the_chain_verifies_and_holds_its_old_heads() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let verified = server.cli(&["audit", "verify", "--json"]).json();
    let head = format!("{}:{}", verified["head"]["number"], verified["head"]["code"].as_str().unwrap());
    for n in 0..20 {
        let target = format!("/v1/secrets/chain/n{n}");
        server.call("PUT", &target).bearer(&token).json(&json!({ "data": { "n": n } })).send().expect(201);
        server.get_as(&token, &target).expect(200);
    }
    let later = server.cli(&["audit", "verify", "--head", &head, "--json"]).json();
    assert!(later["rows"].as_u64() >= verified["rows"].as_u64().map(|rows| rows + 40), "{later}");
    let number = verified["head"]["number"].as_u64().unwrap();
    let forged = format!("{number}:{}", "0".repeat(64));
    assert_eq!(server.cli(&["audit", "verify", "--head", &forged]).code, 1, "another log would be found out");
    let (folder, data) = (server.folder(), server.data.clone());
    assert!(server.stop().success());
    super::server::cli(&data, &["audit", "verify", "--head", &head], "").ok();
    drop(folder);
}
