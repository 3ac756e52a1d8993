//! Credentials that do not hold, and tokens where they have no business.

use super::server::{Server, token_endpoint, unique};
use super::wire::{Call, PATIENCE};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::time::Instant;

const WHOAMI: &str = "/v1/auth/whoami";

#[track_caller]
fn refused(call: &Call) {
    let answer = call.send();
    assert_eq!(answer.refusal(), (401, "authentication_required".to_owned()), "{}", answer.text());
    assert!(answer.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer")));
}

/// Another character in this place.
fn flipped(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn no_credential_or_a_malformed_one() {
    let server = Server::shared();
    let token = server.token("openid");
    let whoami = || server.get(WHOAMI);
    refused(&whoami());
    for header in ["", "Bearer", "Bearer ", "Basic YTpi", "Token abc", token.as_str(), "Bearer\u{e4} x"] {
        refused(&whoami().header("Authorization", header));
    }
    refused(&whoami().bearer(&token).bearer(&token));
    refused(&whoami().header("Authorization", &format!("Bearer {token}, Bearer {token}")));
    refused(&whoami().bearer(&"A".repeat(4_000)));
    // Beyond what the connection takes as a head, nothing of it is read.
    let endless = whoami().bearer(&"A".repeat(200_000)).try_send();
    assert!(endless.is_err() || endless.is_ok_and(|answer| answer.status == 431));
    whoami().header("Authorization", &format!("bEaReR  {token}")).send().expect(200);
    server.get_as(&token, "/v1/auth/whoami/").expect(200);
}

#[test]
fn a_mistyped_personal_token() {
    let server = Server::shared();
    let token = server.token("openid");
    for at in [4, 20, token.len() - 1] {
        refused(&server.get(WHOAMI).bearer(&flipped(&token, at)));
    }
    refused(&server.get(WHOAMI).bearer(&token[..token.len() - 1]));
    refused(&server.get(WHOAMI).bearer(&format!("{token}A")));
    refused(&server.get(WHOAMI).bearer(&token.replacen("skt_", "sgk_", 1)));
    refused(&server.get(WHOAMI).bearer(&token.to_uppercase()));
}

#[test]
fn a_jwt_that_was_tampered_with() {
    let server = Server::shared();
    let app = server.app("SERVICE", "openid", &[]);
    let token = server.access_token(&app, None, "openid");
    server.get_as(&token, WHOAMI).expect(200);
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for (name, at) in [("head", 5), ("claims", head.len() + 9), ("signature", token.len() - 9)] {
        let forged = flipped(&token, at);
        assert_eq!(server.get_as(&forged, WHOAMI).refusal().0, 401, "{name}");
        refused(&server.get(WHOAMI).bearer(&forged));
    }
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let decoded =
        |part: &str| -> serde_json::Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let mut wider = decoded(claims);
    wider["scope"] = json!("openid admin:write");
    let mut none = decoded(head);
    none["alg"] = json!("none");
    let mut hmac = decoded(head);
    hmac["alg"] = json!("HS256");
    for forged in [
        format!("{head}.{}.{signature}", encode(wider)),
        format!("{}.{claims}.", encode(none.clone())),
        format!("{}.{claims}.{signature}", encode(none)),
        format!("{}.{claims}.{signature}", encode(hmac)),
        format!("{head}.{claims}"),
        format!("{head}.{claims}.{signature}.{signature}"),
        "eyJ.eyJ.eyJ".to_owned(),
        "a.b.c".to_owned(),
    ] {
        refused(&server.get(WHOAMI).bearer(&forged));
    }
}

#[test]
fn an_expired_token() {
    let server = Server::shared();
    let made = server.cli(&["token", "create", "--expires-in", "1s"]);
    let token = server.secret(made.ok());
    let deadline = Instant::now() + PATIENCE;
    // Time is the server's own: ask until it says so.
    while server.get_as(&token, WHOAMI).status == 200 {
        assert!(Instant::now() < deadline, "it never expires");
    }
    refused(&server.get(WHOAMI).bearer(&token));
    for expires_in in ["0s", "9999999d", "soon", "-1h"] {
        assert_ne!(server.cli(&["token", "create", "--expires-in", expires_in]).code, 0, "{expires_in}");
    }
}

#[test]
fn a_revoked_token_is_dead_at_the_next_request() {
    let server = Server::shared();
    let made = server.cli(&["token", "create", "--json"]).json();
    let (id, token) = (made["id"].as_str().unwrap(), server.secret(made["token"].as_str().unwrap()));
    server.get_as(&token, WHOAMI).expect(200);
    server.cli(&["token", "revoke", id]).ok();
    refused(&server.get(WHOAMI).bearer(&token));
}

#[test]
fn a_token_in_the_query_counts_for_nothing() {
    let server = Server::shared();
    let token = server.token("openid");
    refused(&server.get(&format!("{WHOAMI}?access_token={token}")));
    refused(&server.get(WHOAMI).header("X-Access-Token", &token));
    let app = server.app("SERVICE", "openid", &[]);
    let target = format!("{}?client_id={}&client_secret={}", token_endpoint(None), app.client_id, app.secret);
    let answer = server.call("POST", &target).form("grant_type=client_credentials").send();
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{}", answer.text());
}

#[test]
fn a_token_of_one_tenant_sees_nothing_of_another() {
    let server = Server::shared();
    let scopes = "secrets:read secrets:write secrets:delete";
    let in_tenant = |slug: &str| {
        server.tenant(slug);
        let app = server.app("SERVICE", scopes, &["--scope", "TENANT", "--tenant", slug]);
        server.access_token(&app, Some(slug), scopes)
    };
    let (mine, theirs) = (in_tenant(&unique("mine")), in_tenant(&unique("theirs")));
    let path = unique("only-mine");
    let target = format!("/v1/secrets/{path}");
    let body = json!({ "data": { "value": server.secret("a value of one tenant only") } });
    server.call("PUT", &target).bearer(&mine).json(&body).send().expect(201);
    for (method, query) in
        [("GET", ""), ("GET", "?version=1"), ("GET", "?view=versions"), ("DELETE", ""), ("POST", "?action=restore")]
    {
        let ask = |target: &str| server.call(method, &format!("{target}{query}")).bearer(&theirs).send();
        let (foreign, unknown) = (ask(&target), ask("/v1/secrets/nowhere"));
        assert_eq!(foreign.refusal(), (404, "secret_not_found".to_owned()), "{}", foreign.text());
        assert_eq!(foreign.value()["error"]["message"], unknown.value()["error"]["message"]);
    }
    let listed = server.get_as(&theirs, "/v1/secrets").expect(200);
    assert_eq!(listed["secrets"], json!([]));
    // The same path is another secret there.
    let body = json!({ "data": { "value": "another" } });
    server.call("PUT", &target).bearer(&theirs).json(&body).send().expect(201);
    assert_eq!(server.get_as(&mine, &target).expect(200)["data"]["value"], "a value of one tenant only");
    assert_eq!(server.get_as(&theirs, &target).expect(200)["data"]["value"], "another");
}

#[test]
fn a_token_carries_its_scopes_and_no_more() {
    let server = Server::shared();
    let (reader, writer, lister) =
        (server.token("secrets:read"), server.token("secrets:write"), server.token("secrets:list"));
    let target = format!("/v1/secrets/{}", unique("scopes"));
    let body = json!({ "data": { "a": "1" } });
    let denied = |call: Call| assert_eq!(call.send().refusal(), (403, "access_denied".to_owned()));
    denied(server.call("PUT", &target).bearer(&reader).json(&body));
    server.call("PUT", &target).bearer(&writer).json(&body).send().expect(201);
    denied(server.get(&target).bearer(&writer));
    denied(server.get(&target).bearer(&lister));
    denied(server.call("DELETE", &target).bearer(&writer));
    denied(server.get("/v1/secrets").bearer(&writer));
    server.get_as(&lister, "/v1/secrets?limit=1").expect(200);
    server.get_as(&reader, &target).expect(200);
}
