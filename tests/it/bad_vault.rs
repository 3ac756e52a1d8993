//! What the vault says to input that it cannot take: the exact status and code, nothing changed, no value repeated.

use super::server::{Server, unique};
use super::wire::{Call, PATIENCE, assert_fields};
use serde_json::{Value, json};
use std::time::Instant;

const RIGHTS: &str = "secrets:read secrets:write secrets:delete";

#[track_caller]
fn refused(call: &Call, status: u16, code: &str) -> Value {
    let answer = call.send();
    assert_eq!(answer.refusal(), (status, code.to_owned()), "{}", answer.text());
    let error = &answer.value()["error"];
    let mut names = vec!["code", "message", "request_id"];
    if error.get("details").is_some() {
        names.push("details");
    }
    assert_fields(error, &names);
    error.clone()
}

#[test]
fn a_body_that_cannot_be_read() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let target = format!("/v1/secrets/{}", unique("unread"));
    let put = |body: &[u8]| server.call("PUT", &target).bearer(&token).body("application/json", body);
    for body in [
        &b""[..],
        b"{",
        b"{\"data\":",
        b"{\"data\":{\"a\":1}} {",
        b"{\"data\":{\"a\":1},}",
        b"{'data':{}}",
        b"data=1",
        b"{\"data\":{\"a\":\"\xff\"}}",
        b"{\"data\":{\"a\":NaN}}",
    ] {
        refused(&put(body), 400, "invalid_request");
    }
    let plain = server.call("PUT", &target).bearer(&token).body("text/plain", r#"{"data":{"a":1}}"#);
    refused(&plain, 400, "invalid_request");
    refused(&server.get(&target).bearer(&token), 404, "secret_not_found");
    // A byte-order mark in front is no part of the JSON.
    put(b"\xef\xbb\xbf{\"data\":{\"a\":1}}").send().expect(201);
}

#[test]
fn a_body_of_wrong_types_is_told_which_field_and_not_which_value() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let target = format!("/v1/secrets/{}", unique("types"));
    let canary = server.secret("canary-hunter2-of-wrong-types");
    for (body, status, code, field) in [
        (json!({}), 422, "validation_error", "data"),
        (json!({ "data": canary }), 422, "validation_error", "data"),
        (json!({ "data": [canary] }), 422, "validation_error", "data"),
        (json!({ "data": null }), 422, "validation_error", "data"),
        (json!({ "data": { "a": canary }, "secret_type": [canary] }), 422, "validation_error", "secret_type"),
        (json!({ "data": { "a": canary }, "secret_type": canary }), 400, "invalid_secret_type", ""),
        (json!({ "data": { "a": canary }, "metadata": canary }), 422, "validation_error", "metadata"),
        (json!({ "data": { "a": canary }, "metadata": { "tags": canary } }), 422, "validation_error", "metadata.tags"),
        (
            json!({ "data": { "a": canary }, "metadata": { "tags": [{ "x": canary }] } }),
            422,
            "validation_error",
            "metadata.tags",
        ),
        (
            json!({ "data": { "a": canary }, "metadata": { "description": [canary] } }),
            422,
            "validation_error",
            "metadata.description",
        ),
        (json!({ "data": { "a": canary }, "options": { "cas": canary } }), 422, "validation_error", "options.cas"),
        (json!({ "data": { "a": canary }, "options": { "cas": -1 } }), 422, "validation_error", "options.cas"),
        (
            json!({ "data": { "a": canary }, "options": { "max_versions": 0 } }),
            422,
            "validation_error",
            "options.max_versions",
        ),
        (
            json!({ "data": { "a": canary }, "options": { "max_versions": 1001 } }),
            422,
            "validation_error",
            "options.max_versions",
        ),
        (json!({ "data": { "a": canary }, "options": { "expires_in": canary } }), 400, "invalid_duration", ""),
        (
            json!({ "data": { "a": canary }, "options": { "colour": canary } }),
            422,
            "validation_error",
            "options.colour",
        ),
        (json!({ "data": { "a": canary }, "colour": canary }), 422, "validation_error", "colour"),
        (json!(canary), 422, "validation_error", "body"),
        (json!(null), 422, "validation_error", "body"),
        (json!([{ "a": canary }, "json", {}, {}]), 422, "validation_error", "body"),
    ] {
        let answer = server.call("PUT", &target).bearer(&token).json(&body).send();
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body} {}", answer.text());
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
        if !field.is_empty() {
            assert_fields(&answer.value()["error"]["details"]["fields"], &[field]);
        }
    }
    let twice =
        server.call("PUT", &target).bearer(&token).body("application/json", r#"{"data":{"a":1},"data":{"a":2}}"#);
    refused(&twice, 422, "validation_error");
    refused(&server.get(&target).bearer(&token), 404, "secret_not_found");
}

#[test]
fn bad_paths_are_refused_before_any_right_is_looked_at() {
    let server = Server::shared();
    let (writer, nobody) = (server.token(RIGHTS), server.token("openid"));
    let eleven = ["a"; 11].join("/");
    let long = "a".repeat(513);
    for bad in [
        "..",
        "a/..",
        "a/../b",
        "./a",
        "%2e%2e",
        "a/%2e%2e/b",
        "a/%2E%2E/b",
        "a//b",
        "/a",
        "a/",
        "a%2fb",
        "a%2Fb",
        "a/%2f/b",
        "%252e%252e",
        "Upper",
        "a/B",
        "%41",
        "a.b",
        "a%20b",
        "a+b",
        "a%00b",
        "a%0ab",
        "a*",
        "%c3%a4",
        "a%5cb",
        "a;b",
        "a%ff",
        &eleven,
        &long,
    ] {
        let target = format!("/v1/secrets/{bad}");
        for token in [&writer, &nobody] {
            let body = json!({ "data": { "a": "1" } });
            let as_who = |method: &str| server.call(method, &target).bearer(token);
            for call in [as_who("GET"), as_who("PUT").json(&body), as_who("DELETE")] {
                let error = refused(&call, 400, "invalid_path");
                assert!(!error["message"].as_str().unwrap().contains(bad), "{error}");
            }
        }
    }
    for good in [["a"; 10].join("/"), "a".repeat(512)] {
        let target = format!("/v1/secrets/{good}");
        refused(&server.get(&target).bearer(&writer), 404, "secret_not_found");
        refused(&server.get(&target).bearer(&nobody), 403, "access_denied");
    }
    for bad in ["..", "%2e%2e", "A", "/a", "a//", "a*", "a%00"] {
        refused(&server.get(&format!("/v1/secrets?prefix={bad}")).bearer(&writer), 400, "invalid_path");
    }
}

/// A path cannot lead out of `/v1/secrets` either, however a proxy would tidy it.
#[test]
fn dots_in_an_address_lead_nowhere() {
    let server = Server::shared();
    let token = server.token("openid");
    for target in
        ["/v1/secrets/../../api/v1/admin/tenants", "/v1/../v1/auth/whoami", "//v1/auth/whoami", "/v1//auth/whoami"]
    {
        let answer = server.get(target).bearer(&token).send();
        assert!([400, 404].contains(&answer.status), "{target}: {}", answer.text());
    }
}

#[test]
fn questions_out_of_bounds() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let path = unique("bounds");
    let target = format!("/v1/secrets/{path}");
    server.call("PUT", &target).bearer(&token).json(&json!({ "data": { "a": "1" } })).send().expect(201);
    let missing = refused(&server.get("/v1/secrets/no/such").bearer(&token), 404, "secret_not_found");
    assert_eq!(missing["details"]["path"], "no/such");
    for version in ["0", "2", "4294967295"] {
        refused(&server.get(&format!("{target}?version={version}")).bearer(&token), 404, "version_not_found");
    }
    for version in ["-1", "x", "1.0", "4294967296", "%31%20"] {
        refused(&server.get(&format!("{target}?version={version}")).bearer(&token), 422, "validation_error");
    }
    refused(&server.get(&format!("{target}?view=all")).bearer(&token), 422, "validation_error");
    for limit in ["0", "1001", "-1", "x", "99999999999999999999"] {
        let error = refused(&server.get(&format!("/v1/secrets?limit={limit}")).bearer(&token), 422, "validation_error");
        assert_fields(&error["details"]["fields"], &["limit"]);
    }
    for limit in ["1", "1000"] {
        server.get_as(&token, &format!("/v1/secrets?limit={limit}")).expect(200);
    }
    for cursor in ["x", "eyJpZCI6MTc4fQ", "%00", "..", &"A".repeat(4000)] {
        refused(&server.get(&format!("/v1/secrets?cursor={cursor}")).bearer(&token), 400, "invalid_cursor");
    }
    let refuse = |query: &str, method: &str| server.call(method, &format!("{target}{query}")).bearer(&token);
    refused(&refuse("?action=explode", "POST"), 422, "validation_error");
    refused(&refuse("?permanent=perhaps", "DELETE"), 422, "validation_error");
    refused(&refuse("", "PATCH"), 405, "method_not_allowed");
    server.get_as(&token, &target).expect(200);
}

/// A cursor belongs to the listing that it came from.
#[test]
fn a_cursor_of_another_listing_is_refused() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let front = unique("cursor");
    for name in ["a", "b", "c"] {
        let target = format!("/v1/secrets/{front}/{name}");
        server.call("PUT", &target).bearer(&token).json(&json!({ "data": { "a": "1" } })).send().expect(201);
    }
    let page = server.get_as(&token, &format!("/v1/secrets?prefix={front}/&limit=2")).expect(200);
    let cursor = page["cursor"].as_str().unwrap();
    assert_eq!((page["has_more"].clone(), page["secrets"].as_array().unwrap().len()), (json!(true), 2));
    let rest = server.get_as(&token, &format!("/v1/secrets?prefix={front}/&limit=2&cursor={cursor}")).expect(200);
    assert_eq!((&rest["cursor"], &rest["has_more"]), (&Value::Null, &json!(false)));
    assert_eq!(rest["secrets"][0]["path"], format!("{front}/c"));
    let elsewhere = server.get(&format!("/v1/secrets?prefix=other/&cursor={cursor}")).bearer(&token);
    refused(&elsewhere, 400, "invalid_cursor");
    let turned = if cursor.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{turned}", &cursor[..cursor.len() - 1]);
    refused(&server.get(&format!("/v1/secrets?prefix={front}/&cursor={forged}")).bearer(&token), 400, "invalid_cursor");
}

#[test]
fn a_large_body_is_refused_and_costs_nothing() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let target = format!("/v1/secrets/{}", unique("large"));
    let put = |body: Vec<u8>| server.call("PUT", &target).bearer(&token).body("application/json", body);
    let fits = format!(r#"{{"data":{{"a":"{}"}}}}"#, "x".repeat(900_000));
    put(fits.into_bytes()).send().expect(201);
    let large = format!(r#"{{"data":{{"a":"{}"}}}}"#, "x".repeat(1_100_000));
    refused(&put(large.into_bytes()), 413, "payload_too_large");

    let before = server.resident_kib();
    let started = Instant::now();
    let answer = put(vec![b'['; 32 << 20]).send();
    assert_eq!(answer.refusal(), (413, "payload_too_large".to_owned()));
    assert!(started.elapsed() < PATIENCE / 30, "{:?}", started.elapsed());
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown < 64 << 10, "32 MiB of brackets cost {grown} KiB");
}

#[test]
fn deep_json_is_refused_at_65_levels() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let target = format!("/v1/secrets/{}", unique("deep"));
    let nested = |levels: usize| {
        // The body itself is one level, and data another.
        let inner = levels - 2;
        format!(r#"{{"data":{{"a":{}1{}}}}}"#, "[".repeat(inner), "]".repeat(inner))
    };
    let put = |body: String| server.call("PUT", &target).bearer(&token).body("application/json", body);
    refused(&put(nested(65)), 400, "invalid_request");
    refused(&put("[".repeat(1_000_000)), 400, "invalid_request");
    refused(&put(format!("{{\"data\":{}", "{\"a\":".repeat(100_000))), 400, "invalid_request");
    // What is within the bound of the body is taken or refused by the vault, in its own words.
    assert!([201, 422].contains(&put(nested(64)).send().status));
    put(nested(16)).send();
    // Brackets in a text are no levels.
    put(json!({ "data": { "a": "[".repeat(1000) } }).to_string()).send().expect_success();
}

#[test]
fn an_unknown_version_of_the_api_is_told_in_a_dialect() {
    let server = Server::shared();
    for target in ["/v1/nothing", "/v1/", "/v1/secret"] {
        refused(&server.get(target), 404, "not_found");
    }
    for target in ["/v2/secrets", "/v0/secrets/a", "/nothing"] {
        let answer = server.get(target).send();
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{target}");
    }
    let detail = server.get("/api/v2/admin/tenants").send();
    assert_eq!(detail.status, 404);
    assert!(detail.value()["detail"].is_string(), "{}", detail.text());
}

#[test]
fn of_64_concurrent_writers_one_wins_each_version() {
    let server = Server::shared();
    let token = server.token(RIGHTS);
    let target = format!("/v1/secrets/{}", unique("cas"));
    let put = |cas: u32, value: String| {
        let body = json!({ "data": { "value": value }, "options": { "cas": cas } });
        server.call("PUT", &target).bearer(&token).json(&body).send()
    };
    for round in 0..3u32 {
        let answers: Vec<_> = std::thread::scope(|scope| {
            let put = &put;
            let racers: Vec<_> =
                (0..64).map(|racer| scope.spawn(move || put(round, format!("{round}-{racer}")))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status < 300);
        assert_eq!((won.len(), lost.len()), (1, 63), "round {round}");
        assert_eq!(won[0].value()["version"], round + 1);
        assert!(lost.iter().all(|answer| answer.refusal() == (409, "version_conflict".to_owned())));
    }
    let history = server.get_as(&token, &format!("{target}?view=versions")).expect(200);
    let versions: Vec<_> = history["versions"].as_array().unwrap().iter().map(|row| row["version"].as_u64()).collect();
    assert_eq!(versions, [Some(3), Some(2), Some(1)], "gap-free");
}
