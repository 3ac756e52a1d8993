//! What a client finds by itself: the metadata, the keys, and tokens that any library can check against them.

use super::routes::{address, anything, routes};
use super::server::{App, Server, unique};
use super::wire::assert_fields;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Checks a token with nothing but the published keys, as a service that gets it would.
fn checked(server: &Server, jwks_uri: &str, issuer: &str, audience: &str, token: &str) -> Value {
    let target = jwks_uri.strip_prefix(&server.url).unwrap();
    let keys: JwkSet = serde_json::from_value(server.get(target).send().expect(200)).unwrap();
    let head = decode_header(token).unwrap();
    assert_eq!(head.typ.as_deref(), Some("at+jwt"), "RFC 9068 §2.1");
    let key = keys.find(head.kid.as_ref().unwrap()).unwrap();
    let mut rules = Validation::new(head.alg);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode(token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap().claims
}

#[test]
fn what_the_metadata_promises_is_there_and_works() {
    let server = Server::shared();
    let slug = unique("found");
    let tenant = server.tenant(&slug);
    let local = server.app("SERVICE", "openid secrets:read", &["--scope", "TENANT", "--tenant", &slug]);
    let global = server.app("SERVICE", "openid secrets:read", &[]);
    let platform = [
        "/api/v1/platform/oauth/.well-known/openid-configuration".to_owned(),
        "/platform/.well-known/openid-configuration".to_owned(),
        "/.well-known/openid-configuration/platform".to_owned(),
        "/.well-known/oauth-authorization-server/platform".to_owned(),
    ];
    let of_tenant = [
        format!("/api/v1/auth/tenants/{slug}/.well-known/openid-configuration"),
        format!("/tenants/{tenant}/.well-known/openid-configuration"),
        format!("/.well-known/openid-configuration/tenants/{tenant}"),
        format!("/.well-known/oauth-authorization-server/tenants/{tenant}"),
    ];
    let issuers = [format!("{}/platform", server.url), format!("{}/tenants/{tenant}", server.url)];
    for ((places, issuer), (app, more)) in
        [platform, of_tenant].iter().zip(&issuers).zip([(&global, None), (&local, Some(slug.as_str()))])
    {
        let found = server.get(&places[0]).send().expect(200);
        for place in places {
            assert_eq!(server.get(place).send().expect(200), found, "{place}");
        }
        assert_eq!(&found["issuer"], issuer);
        assert_eq!(found["token_endpoint"], format!("{}{}", server.url, super::server::token_endpoint(more)));
        for (name, address) in
            found.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
        {
            let target = address.as_str().unwrap().strip_prefix(&server.url).unwrap();
            assert_ne!(server.get(target).send().status, 404, "{name} is advertised and not there");
        }
        assert_eq!(
            found["grant_types_supported"],
            json!(["authorization_code", "refresh_token", "client_credentials"])
        );
        assert_eq!(
            found["token_endpoint_auth_methods_supported"],
            json!(["client_secret_basic", "client_secret_post", "none"])
        );

        let token = server.access_token(app, more, "secrets:read");
        let claims = checked(&server, found["jwks_uri"].as_str().unwrap(), issuer, &app.client_id, &token);
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(app.client_id), &json!(app.client_id)));
        assert_eq!((&claims["scope"], &claims["token_type"]), (&json!("secrets:read"), &json!("client_credentials")));
        assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 16));
        assert!(!claims["sub"].as_str().unwrap().starts_with("usr_"), "RFC 9700 §4.15");
    }
}

#[test]
fn every_advertised_algorithm_signs() {
    let server = Server::shared();
    let found = server.get("/api/v1/platform/oauth/.well-known/openid-configuration").send().expect(200);
    let operator = server.admin();
    let algorithms = found["access_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(algorithms.contains(&json!("RS256")));
    for algorithm in algorithms {
        let body = json!({
            "name": unique("signs"), "application_type": "SERVICE", "scope": "GLOBAL", "allowed_scopes": ["openid"],
            "signing_alg": algorithm,
        });
        let made = server.call("POST", "/api/v1/admin/applications").bearer(&operator).json(&body).send().expect(201);
        let made = made.get("data").unwrap_or(&made);
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("{made:#}")).to_owned();
        let app = App {
            name: text("name"),
            id: text("id"),
            client_id: text("client_id"),
            secret: server.secret(&text("client_secret")),
        };
        let token = server.access_token(&app, None, "openid");
        let signed: Algorithm = decode_header(&token).unwrap().alg;
        assert_eq!(&json!(signed), algorithm);
        let issuer = format!("{}/platform", server.url);
        checked(&server, found["jwks_uri"].as_str().unwrap(), &issuer, &app.client_id, &token);
        server.get_as(&token, "/v1/auth/whoami").expect(200);
        at_the_root(&server, &app, algorithm);
    }
}

/// At the root a client that follows the metadata has the algorithm of its application, and one of Scalekit's SDKs, which knows
/// where the keys are, has RS256.
fn at_the_root(server: &Server, app: &App, algorithm: &Value) {
    let found = server.get("/.well-known/openid-configuration").send().expect(200);
    assert!(found["access_token_signing_alg_values_supported"].as_array().unwrap().contains(algorithm));
    let for_sdk = [("x-sdk-version", "Scalekit-Node/2.11.0")];
    let by_metadata = found["jwks_uri"].as_str().unwrap().to_owned();
    let by_sdk = format!("{}/keys", server.url);
    for (headers, keys, expected) in [(&[][..], by_metadata, algorithm), (&for_sdk, by_sdk, &json!("RS256"))] {
        let body = format!("grant_type=client_credentials&client_id={}&client_secret={}", app.client_id, app.secret);
        let mut call = server.call("POST", "/oauth/token").form(&body);
        for (name, value) in headers {
            call = call.header(name, value);
        }
        let token = call.send().expect(200)["access_token"].as_str().unwrap().to_owned();
        assert_eq!(&json!(decode_header(&token).unwrap().alg), expected);
        checked(server, &keys, &server.url, &app.client_id, &token);
        server.get_as(&token, "/v1/auth/whoami").expect(200);
    }
}

#[test]
fn the_published_keys_are_public_and_told_apart() {
    let server = Server::shared();
    let keys = server.get("/api/v1/platform/.well-known/jwks.json").send().expect(200);
    assert_fields(&keys, &["keys"]);
    let keys = keys["keys"].as_array().unwrap();
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(kids.len() == keys.len() && !keys.is_empty());
    for key in keys {
        let known = match key["kty"].as_str().unwrap() {
            "RSA" => &["kty", "n", "e", "use", "alg", "kid"][..],
            "EC" => &["kty", "crv", "x", "y", "use", "alg", "kid"],
            "OKP" => &["kty", "crv", "x", "use", "alg", "kid"],
            other => panic!("{other}"),
        };
        assert_fields(key, known);
        assert_eq!(key["use"], "sig");
    }
}

/// A rotation publishes the next key first, signs with it at the next step, and goes on taking tokens of the old one.
#[test]
fn tokens_outlive_the_rotation_of_their_key_unless_it_was_stolen() {
    let server = Server::start();
    let app = server.app("SERVICE", "openid", &[]);
    let token = || server.access_token(&app, None, "openid");
    let kid = |token: &str| decode_header(token).unwrap().kid.unwrap();
    let rotate = |body: &str| {
        let mut curl = std::process::Command::new("curl");
        curl.args(["-s", "--unix-socket"]).arg(server.data.join("scaistack.sock"));
        curl.args(["-H", "Content-Type: application/json", "-d", body]);
        curl.arg("http://localhost/api/v1/operator/rotate-keys");
        super::server::run(curl, b"").json()
    };
    let first = token();
    let before = published(&server);
    let next = rotate("{}")["kid"].as_str().unwrap().to_owned();
    assert!(!before.contains(&next) && published(&server).contains(&next), "published");
    assert_eq!(kid(&token()), kid(&first), "and not yet used");
    let early = rotate("{}");
    assert!(early["kid"].is_null() && kid(&token()) == kid(&first), "verifiers get their time: {early}");
    rotate(r#"{"when":"at_once"}"#);
    let second = token();
    assert_eq!(kid(&second), next, "used at the next step");
    assert!(published(&server).contains(&kid(&first)), "the old one is published as long as its tokens hold");
    for token in [&first, &second] {
        server.get_as(token, "/v1/auth/whoami").expect(200);
    }
    rotate(r#"{"when":"compromised"}"#);
    assert_eq!(server.get_as(&second, "/v1/auth/whoami").status, 401, "a stolen key signs nothing any more");
    assert!(!published(&server).contains(&next));
    let third = token();
    server.get_as(&third, "/v1/auth/whoami").expect(200);
    let (folder, keys) = (server.folder(), published(&server));
    assert!(server.stop().success());
    let again = Server::start_in(folder, &[]);
    again.secret(&third);
    assert_eq!(published(&again), keys, "the keys are those of the file");
    assert_eq!(again.get_as(&third, "/v1/auth/whoami").status, 401, "with another address it is another issuer");
}

/// The ids of the published keys.
fn published(server: &Server) -> BTreeSet<String> {
    let keys = server.get("/api/v1/platform/.well-known/jwks.json").send().expect(200);
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The addresses of discovery are public, and so is nothing else that is not meant to be.
#[test]
fn what_is_public_is_known() {
    let mut public: Vec<_> = routes()
        .filter(|(_, route)| route.access == scaistack::http::route::Access::Public)
        .map(|(_, route)| format!("{} {}", route.method, address(route, anything)))
        .collect();
    public.sort();
    public.dedup();
    let known = |line: &String| {
        line.contains("/.well-known/")
            || line.contains("/health")
            || ["token", "userinfo", "introspect", "revoke", "authorize", "logout"]
                .iter()
                .any(|name| line.ends_with(&format!("/oauth/{name}")))
            || [
                "GET /",
                "GET /assets/1",
                "GET /admin/sign-in",
                "POST /admin/sign-in",
                "POST /admin/sign-in/code",
                "POST /admin/sign-in/enrol",
                "GET /account/sign-in",
                "POST /account/sign-in",
                "POST /account/sign-in/code",
                "POST /account/sign-in/enrol",
                "POST /api/v1/admin/auth/login",
                "POST /api/v1/admin/auth/refresh",
                "POST /api/v1/auth/authenticate",
                "POST /api/v1/auth/identify",
                "POST /api/v1/auth/login",
                "POST /api/v1/auth/mfa/verify",
                "POST /api/v1/auth/refresh",
                "POST /api/v1/auth/tenants/1/login",
                "POST /api/v1/auth/tenants/1/mfa/verify",
                "GET /login",
                "GET /login/forgot-password",
                "GET /login/invitation",
                "GET /login/reset-password",
                "GET /login/verify-email",
                "POST /login/account",
                "POST /login/cancel",
                "POST /login/code",
                "POST /login/consent",
                "POST /login",
                "POST /login/email",
                "POST /login/enrol",
                "POST /login/forgot-password",
                "POST /login/invitation",
                "POST /login/password",
                "POST /login/reset-password",
                "POST /login/verify-email",
                "POST /logout",
                "POST /api/v1/auth/accept-invitation",
                "POST /api/v1/auth/reset-password",
                "POST /api/v1/auth/tenants/1/forgot-password",
                "POST /api/v1/auth/verify-email",
                "GET /keys",
                "GET /oauth/keys",
                "GET //keys",
                "GET /userinfo",
                "POST /userinfo",
                "OPTIONS /userinfo",
                "POST /revoke",
                "OPTIONS /revoke",
                "GET /oidc/logout",
                "POST /oidc/logout",
                "GET //oidc/logout",
                "GET /end_session",
                "POST /end_session",
                "GET /magicLink/1",
                "POST /magicLink/1",
                "GET /v1/auth/callback",
                "GET /v1/auth/start",
                "POST /v1/auth/callback",
                "POST /v1/auth/authorize",
                "POST /v1/auth/identify",
                "POST /v1/auth/refresh",
                "POST /v1/auth/token",
                "GET /setup",
                "POST /setup",
                "GET /metrics",
                "GET /v1/version",
                "GET /docs",
                "GET /docs/1",
                "GET /docs/1/1",
                "GET /docs/1/openapi.json",
                "GET /api/v1/openapi.json",
                "GET /api/v1/openapi/scalekit.json",
                "GET /v1/openapi/scaigrid.json",
                "GET /v1/openapi/scaivault.json",
            ]
            .contains(&line.as_str())
    };
    let new: Vec<_> = public.iter().filter(|line| !known(line)).collect();
    assert!(new.is_empty(), "these are open to everybody; say here that they are meant to be: {new:?}");
}
