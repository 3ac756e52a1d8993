//! The code flow, its tokens, and what becomes of codes and refresh tokens.

use super::super::browser::{call, encode};
use super::super::provider::{Client, Run};
use super::super::rp::{Ask, fresh};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

pub fn oidcc_server(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    run.userinfo(&tokens);
}

pub fn oidcc_idtoken_signature(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    let head = jsonwebtoken::decode_header(&tokens.id_token).unwrap();
    assert_eq!(head.alg, jsonwebtoken::Algorithm::RS256, "the default of OpenID Connect");
    assert!(run.lists("id_token_signing_alg_values_supported", "RS256"));
}

/// A client would have to be registered for `none`; a provider that does not list it has nothing to show.
pub fn oidcc_idtoken_unsigned(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    let mut parts = tokens.id_token.split('.');
    let head: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap();
    assert_ne!(head["alg"], "none");
    assert!(parts.nth(1).is_some_and(|signature| !signature.is_empty()));
    if run.lists("id_token_signing_alg_values_supported", "none") {
        run.warn("lists none, which this port does not try");
    }
}

pub fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").without("nonce");
    let tokens = run.sign_in(&ask);
    assert!(tokens.id["nonce"].is_null());
}

pub fn oidcc_alternate_happy_flow(run: &Run<'_>) {
    let mut ask = Ask::new(run, "email openid");
    ask.fields.reverse();
    let tokens = run.sign_in(&ask);
    assert!(run.userinfo(&tokens)["email"].is_string());
}

pub fn oidcc_codereuse(run: &Run<'_>) {
    reuse(run, Duration::ZERO);
}

pub fn oidcc_codereuse_30seconds(run: &Run<'_>) {
    reuse(run, Duration::from_secs(30));
}

fn reuse(run: &Run<'_>, after: Duration) {
    let ask = Ask::new(run, "openid");
    let journey = run.authorize(&ask);
    let tokens = run.tokens(&journey, &ask);
    run.userinfo(&tokens);
    if !after.is_zero() {
        let (_never, end) = mpsc::channel::<()>();
        let _ = end.recv_timeout(after);
    }
    let again = run.redeem(&journey.callback().fields["code"], &[]);
    assert_eq!(again.refusal(), (400, "invalid_grant".to_owned()), "{}", again.text());
    let answer = call("GET", &run.endpoint("userinfo_endpoint")).bearer(&tokens.access).try_send().unwrap();
    if answer.status != 401 {
        run.warn("the access token outlives the second use of its code");
    }
}

pub fn oidcc_server_client_secret_post(run: &Run<'_>) {
    let client = &run.op.post_client;
    let ask = Ask::new(run, "openid").set("client_id", &client.id);
    let code = run.code(&run.authorize(&ask), &ask);
    let answer = call("POST", &run.endpoint("token_endpoint")).form(&encode(
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &run.op.redirect_uri),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    ));
    run.checked(&answer.try_send().unwrap(), client, ask.get("nonce"));
}

pub fn oidcc_ensure_request_with_valid_pkce_succeeds(run: &Run<'_>) {
    let verifier = format!("{}-{}", fresh("verifier"), "x".repeat(43));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let ask = Ask::new(run, "openid").set("code_challenge", &challenge).set("code_challenge_method", "S256");
    let code = run.code(&run.authorize(&ask), &ask);
    run.checked(&run.redeem(&code, &[("code_verifier", &verifier)]), &run.op.client, ask.get("nonce"));
}

pub fn oidcc_refresh_token(run: &Run<'_>) {
    let mut ask = Ask::new(run, "openid");
    if run.lists("scopes_supported", "offline_access") {
        ask = ask.set("scope", "openid offline_access").set("prompt", "consent");
    }
    let first = run.sign_in(&ask);
    let refresh = first.refresh.clone().expect("a refresh token");
    legal(&refresh);

    let refreshed =
        |client: &Client, token: &str| run.token(client, &[("grant_type", "refresh_token"), ("refresh_token", token)]);
    let stolen = refreshed(&run.op.other, &refresh);
    assert_eq!(stolen.refusal(), (400, "invalid_grant".to_owned()), "{}", stolen.text());

    let answer = refreshed(&run.op.client, &refresh);
    let body = answer.expect(200);
    assert!(answer.header("cache-control").is_some_and(|told| told.contains("no-store")));
    let access = run.secret(body["access_token"].as_str().unwrap());
    assert_ne!(access, first.access);
    assert!(body["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")));
    if let Some(next) = body["refresh_token"].as_str() {
        legal(&run.secret(next));
    }
    // OpenID Connect Core §12.2: the new ID token tells the same sign-in.
    if let Some(id_token) = body["id_token"].as_str() {
        let id = run.id_token(&run.secret(id_token), &run.op.client);
        for name in ["iss", "sub", "aud", "azp"] {
            assert_eq!(id[name], first.id[name], "{name}");
        }
        assert!(id["auth_time"] == first.id["auth_time"] || id["auth_time"].is_null());
        assert!(id["nonce"].is_null() || id["nonce"] == first.id["nonce"]);
        assert!(id["iat"].as_i64() >= first.id["iat"].as_i64());
    }
    let claims = call("GET", &run.endpoint("userinfo_endpoint")).bearer(&access).try_send().unwrap();
    assert_eq!(claims.expect(200)["sub"], first.id["sub"]);
}

/// Legal characters (RFC 6749 A.17) and at least 96 bits, as far as one token shows.
fn legal(token: &str) {
    assert!(token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "{token}");
    let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
    token.bytes().for_each(|byte| *counts.entry(byte).or_default() += 1);
    let length = f64::from(u32::try_from(token.len()).unwrap());
    let bits: f64 = counts.values().map(|count| f64::from(*count)).map(|count| -count * (count / length).log2()).sum();
    assert!(bits >= 96.0, "{bits} bits in {token}");
}
