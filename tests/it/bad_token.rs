//! What the token endpoint says to requests that it cannot take: RFC 6749's own codes, and nothing of what was sent.

use super::server::{App, Server, token_endpoint, unique};
use super::wire::{Answer, Call, assert_fields};
use std::sync::Arc;

struct Endpoint {
    server: Arc<Server>,
    app: App,
}

impl Endpoint {
    fn new() -> Self {
        let server = Server::shared();
        let app = server.app("SERVICE", "openid admin:read", &[]);
        Self { server, app }
    }

    fn post(&self) -> Call {
        self.server.call("POST", &token_endpoint(None))
    }

    /// With the right credentials.
    fn ask(&self, form: &str) -> Answer {
        self.post().basic(&self.app.client_id, &self.app.secret).form(form).send()
    }
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.refusal(), (status, code.to_owned()), "{}", answer.text());
    assert_fields(&answer.value(), &["error", "error_description"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"), "RFC 6749 §5.1");
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "RFC 6749 §5.2");
    assert!(!answer.text().contains("eyJ"), "an error never carries a token");
}

const GOOD: &str = "grant_type=client_credentials";

#[test]
fn a_good_request_has_the_fields_of_the_rfc() {
    let endpoint = Endpoint::new();
    let answer = endpoint.ask(GOOD);
    assert_fields(&answer.expect(200), &["access_token", "token_type", "expires_in", "scope"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"), "RFC 6749 §5.1");
    endpoint.server.secret(answer.value()["access_token"].as_str().unwrap());
    let form = format!("{GOOD}&client_id={}&client_secret={}", endpoint.app.client_id, endpoint.app.secret);
    let answer = endpoint.post().form(&form).send();
    endpoint.server.secret(answer.expect(200)["access_token"].as_str().unwrap());
}

#[test]
fn wrong_clients_get_401_and_a_challenge() {
    let endpoint = Endpoint::new();
    let Endpoint { server, app } = &endpoint;
    let typo = format!("{}x", &app.secret[..app.secret.len() - 1]);
    let stranger = "skc_1234567890123456789";
    let calls = [
        endpoint.post().basic(&app.client_id, &typo).form(GOOD),
        endpoint.post().basic(&app.client_id, "").form(GOOD),
        endpoint.post().basic(stranger, &app.secret).form(GOOD),
        endpoint.post().basic("", &app.secret).form(GOOD),
        endpoint.post().basic(&app.secret, &app.client_id).form(GOOD),
        endpoint.post().form(GOOD),
        endpoint.post().form(&format!("{GOOD}&client_id={}", app.client_id)),
        endpoint.post().form(&format!("{GOOD}&client_id={}&client_secret={typo}", app.client_id)),
        endpoint.post().header("Authorization", "Basic !!!").form(GOOD),
        endpoint.post().header("Authorization", "Basic").form(GOOD),
        endpoint.post().bearer(&server.token("admin:read")).form(GOOD),
    ];
    for call in &calls {
        refused(&call.send(), 401, "invalid_client");
    }
    let bodies: Vec<_> = [&calls[0], &calls[2]].map(|call| call.send().body).to_vec();
    assert_eq!(bodies[0], bodies[1], "an unknown client and a wrong secret look the same");
}

#[test]
fn two_methods_at_once_are_refused() {
    let endpoint = Endpoint::new();
    let both = format!("{GOOD}&client_id={}&client_secret={}", endpoint.app.client_id, endpoint.app.secret);
    refused(&endpoint.ask(&both), 400, "invalid_request");
    refused(&endpoint.ask(&format!("{GOOD}&client_assertion=x")), 400, "invalid_request");
    refused(&endpoint.ask(&format!("{GOOD}&client_id=skc_1")), 400, "invalid_request");
}

#[test]
fn repeated_parameters_and_other_methods() {
    let endpoint = Endpoint::new();
    for form in [
        format!("{GOOD}&{GOOD}"),
        format!("{GOOD}&scope=openid&scope=openid"),
        format!("{GOOD}&%73cope=openid&scope=openid"),
        format!("{GOOD}&scope=&scope="),
    ] {
        refused(&endpoint.ask(&form), 400, "invalid_request");
    }
    let strange = endpoint.ask(&format!("{GOOD}&colour=blue"));
    endpoint.server.secret(strange.expect(200)["access_token"].as_str().unwrap());

    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = endpoint.server.call(method, &token_endpoint(None)).send();
        assert_eq!(answer.status, 405, "{method}: {}", answer.text());
    }
    let (id, secret) = (&endpoint.app.client_id, &endpoint.app.secret);
    let target = format!("{}?{GOOD}&client_id={id}&client_secret={secret}", token_endpoint(None));
    let in_query = endpoint.server.call("POST", &target).form("").send();
    assert!([400, 401].contains(&in_query.status), "credentials in the query count for nothing: {}", in_query.text());
}

#[test]
fn a_form_that_is_none() {
    let endpoint = Endpoint::new();
    for form in ["", "scope=openid", "grant_type=", "grant_type=%zz", "grant_type=%ff"] {
        refused(&endpoint.ask(form), 400, "invalid_request");
    }
    let Endpoint { app, .. } = &endpoint;
    let post = || endpoint.post().basic(&app.client_id, &app.secret);
    refused(&post().body("application/json", r#"{"grant_type":"client_credentials"}"#).send(), 400, "invalid_request");
    let many: String = (0..100).map(|n| format!("p{n}=1&")).collect();
    refused(&endpoint.ask(&format!("{many}{GOOD}")), 400, "invalid_request");
}

#[test]
fn a_large_form_is_refused() {
    let endpoint = Endpoint::new();
    let before = endpoint.server.resident_kib();
    let answer = endpoint.ask(&format!("{GOOD}&scope={}", "a".repeat(8 << 20)));
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(endpoint.server.resident_kib().saturating_sub(before) < 32 << 10);
}

#[test]
fn other_grants_are_unsupported() {
    let endpoint = Endpoint::new();
    for grant in ["password&username=a&password=b", "implicit", "CLIENT_CREDENTIALS", "none"] {
        refused(&endpoint.ask(&format!("grant_type={grant}")), 400, "unsupported_grant_type");
    }
}

#[test]
fn a_scope_beyond_the_application_is_invalid() {
    let endpoint = Endpoint::new();
    for scope in ["admin:write", "openid+admin:write", "nonsense", "%22", "openid%00"] {
        refused(&endpoint.ask(&format!("{GOOD}&scope={scope}")), 400, "invalid_scope");
    }
}

#[test]
fn a_public_client_gets_no_token_by_itself() {
    let endpoint = Endpoint::new();
    for kind in ["SPA", "NATIVE"] {
        let public = endpoint.server.app(kind, "openid", &[]);
        assert!(public.secret.is_empty(), "{kind} has no secret");
        let answer = endpoint.post().form(&format!("{GOOD}&client_id={}", public.client_id)).send();
        refused(&answer, 400, "unauthorized_client");
    }
}

#[test]
fn each_application_gets_tokens_at_its_own_endpoint() {
    let endpoint = Endpoint::new();
    let Endpoint { server, app: global } = &endpoint;
    let (own, other) = (unique("own"), unique("other"));
    server.tenant(&own);
    server.tenant(&other);
    let local = server.app("SERVICE", "openid", &["--scope", "TENANT", "--tenant", &own]);
    let ask = |tenant: Option<&str>, app: &App| {
        server.call("POST", &token_endpoint(tenant)).basic(&app.client_id, &app.secret).form(GOOD).send()
    };
    refused(&ask(Some(&own), global), 400, "unauthorized_client");
    refused(&ask(None, &local), 400, "unauthorized_client");
    refused(&ask(Some(&other), &local), 401, "invalid_client");
    server.access_token(&local, Some(&own), "openid");
    let nowhere = ask(Some("no-such-tenant"), &local);
    assert_eq!(nowhere.status, 404, "{}", nowhere.text());
    assert!(!["eyJ", &local.secret].iter().any(|secret| nowhere.text().contains(*secret)));
}

#[test]
fn two_secrets_live_at_once_and_a_deleted_application_is_dead() {
    let endpoint = Endpoint::new();
    let Endpoint { server, app } = &endpoint;
    let rotated = server.cli(&["app", "rotate-secret", &app.id, "--json"]).json();
    let newer = App { secret: server.secret(rotated["client_secret"].as_str().unwrap()), ..app.clone() };
    let token = server.access_token(&newer, None, "admin:read");
    server.access_token(app, None, "admin:read");
    server.get_as(&token, "/api/v1/admin/tenants").expect(200);
    server.cli(&["app", "delete", &app.id]).ok();
    refused(&endpoint.ask(GOOD), 401, "invalid_client");
    assert_eq!(server.get_as(&token, "/api/v1/admin/tenants").status, 401, "its tokens end with it");
}
