//! What every answer bears, whatever it says.

use super::server::{Server, token_endpoint};
use std::collections::BTreeSet;

/// Headers of every answer.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[test]
fn every_answer_bears_the_security_headers_and_an_id_of_its_own() {
    let server = Server::shared();
    let token = server.token("secrets:read admin:read");
    let mut ids = BTreeSet::new();
    let calls = [
        server.get("/health"),
        server.get("/health/"),
        server.get("/v1/health/ready"),
        server.get("/metrics"),
        server.get("/nothing"),
        server.get("/v1/nothing"),
        server.get("/api/v1/nothing"),
        server.get("/v1/auth/whoami"),
        server.get("/v1/auth/whoami").bearer(&token),
        server.get("/v1/auth/whoami/").bearer(&token),
        server.get("/v1/secrets/A").bearer(&token),
        server.get("/api/v1/admin/tenants").bearer(&token),
        server.get("/api/v1/admin/tenants/").bearer(&token),
        server.get("/api/v1/admin/tenants/1").bearer(&token),
        server.call("POST", &token_endpoint(None)).form("x"),
        server.call("PATCH", "/health"),
        server.call("OPTIONS", "/v1/secrets"),
        server.get("/"),
        server.get("/admin/"),
        server.get("/setup"),
    ];
    for call in calls {
        let answer = call.send();
        for (name, value) in ALWAYS {
            assert_eq!(answer.header(name), Some(value), "{} {}", answer.status, answer.text());
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(answer.header("permissions-policy").is_some());
        assert_eq!(answer.header("strict-transport-security"), None, "not without TLS");
        assert_eq!(answer.header("server"), None);
        for name in ["x-request-id", "content-security-policy"] {
            assert_eq!(answer.headers.iter().filter(|(have, _)| have == name).count(), 1, "{name} once");
        }
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()), "an id twice");
    }
}

#[test]
fn a_request_id_from_outside_is_not_taken_over() {
    let server = Server::shared();
    let answer = server.get("/health").header("X-Request-ID", "req_forged").send();
    assert_ne!(answer.header("x-request-id"), Some("req_forged"));
}

#[test]
fn a_head_that_is_too_large_is_refused_in_the_words_of_its_surface() {
    let server = Server::shared();
    let large = |target: &str| server.get(target).header("X", &"a".repeat(16 * 1024)).send();
    for (target, code) in [
        ("/v1/models", "REQUEST_HEADER_FIELDS_TOO_LARGE"),
        ("/v1/secrets", "request_header_fields_too_large"),
        ("/v1/nothing", "request_header_fields_too_large"),
        ("/nothing", "request_header_fields_too_large"),
    ] {
        assert_eq!(large(target).refusal(), (431, code.to_owned()), "{target}");
    }
    let words = "The header fields are larger than 16384 bytes";
    assert_eq!(large("/api/v1/admin/tenants").expect(431)["detail"], words);
    assert_eq!(large("/api/v1/organizations").expect(431)["message"], words);
    assert_eq!(large("/oauth/token").expect(431)["error_description"], words);
    let long = format!("/v1/secrets/{}", "a".repeat(16 * 1024));
    assert_eq!(server.get(&long).send().refusal(), (414, "uri_too_long".to_owned()));
    assert_eq!(server.get(&long.replace("secrets", "models")).send().refusal(), (414, "URI_TOO_LONG".to_owned()));
    for answer in [large("/v1/models"), large("/admin/"), server.get(&long).send()] {
        assert!(answer.header("x-request-id").is_some() && answer.header("x-content-type-options").is_some());
    }
}

#[test]
fn answers_of_the_api_are_not_stored() {
    let server = Server::shared();
    let token = server.token("secrets:read admin:read");
    for target in [
        "/v1/auth/whoami",
        "/v1/secrets",
        "/v1/secrets/no/such",
        "/api/v1/admin/tenants",
        "/api/v1/admin/audit",
        "/api/v1/me",
    ] {
        for call in [server.get(target), server.get(target).bearer(&token)] {
            let answer = call.send();
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{target} {}", answer.status);
        }
    }
}

#[test]
fn head_is_get_without_a_body() {
    let server = Server::shared();
    let token = server.token("openid");
    let (get, head) = ["GET", "HEAD"].map(|method| server.call(method, "/v1/auth/whoami").bearer(&token).send()).into();
    assert_eq!((get.status, head.status), (200, 200));
    assert!(head.body.is_empty());
    assert_eq!(get.header("content-length"), head.header("content-length"));
    assert_eq!(server.call("HEAD", "/v1/auth/whoami").send().status, 401);
}

#[test]
fn health_and_metrics_are_there() {
    let server = Server::shared();
    assert_eq!(server.get("/health").send().expect(200)["status"], "ok");
    let ready = server.get("/v1/health/ready").send().expect(200);
    assert_eq!((&ready["status"], &ready["checks"]["database"]), (&"ready".into(), &"ok".into()));
    assert_eq!(server.get("/v1/version").send().expect(200)["name"], "scaistack");
    let metrics = server.get("/metrics").send();
    assert!(metrics.text().contains("scaistack_http_requests_total{status=\"2xx\"}"), "{}", metrics.text());
}
