//! What the suite's plans for Basic OP leave out: codes and tokens in the wrong hands (RFC 9700, RFC 7009, RFC 7662).

use super::browser::{call, encode};
use super::provider::{Client, Run};
use super::rp::{Ask, Tokens, fresh};
use crate::wire::Answer;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

#[track_caller]
fn invalid_grant(answer: &Answer) {
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()), "{}", answer.text());
}

fn code(run: &Run<'_>, ask: &Ask) -> String {
    run.code(&run.authorize(ask), ask)
}

/// A code whose request had this challenge.
fn with_pkce(run: &Run<'_>, verifier: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    code(run, &Ask::new(run, "openid").set("code_challenge", &challenge).set("code_challenge_method", "S256"))
}

fn verifier() -> String {
    format!("{}-{}", fresh("verifier"), "x".repeat(43))
}

/// A wrong verifier, and after it the right one: the code is dead.
pub fn a_wrong_verifier_ends_the_code(run: &Run<'_>) {
    let good = verifier();
    let code = with_pkce(run, &good);
    invalid_grant(&run.redeem(&code, &[("code_verifier", &verifier())]));
    invalid_grant(&run.redeem(&code, &[("code_verifier", &good)]));
}

pub fn a_missing_verifier_is_refused(run: &Run<'_>) {
    invalid_grant(&run.redeem(&with_pkce(run, &verifier()), &[]));
}

pub fn a_verifier_without_a_challenge_is_refused(run: &Run<'_>) {
    invalid_grant(&run.redeem(&code(run, &Ask::new(run, "openid")), &[("code_verifier", &verifier())]));
}

pub fn a_code_is_for_one_client(run: &Run<'_>) {
    // The person has agreed to the other one, too: that the code is not its own is what stands in its way.
    let own = code(run, &Ask::new(run, "openid").set("client_id", &run.op.other.id));
    assert!(!own.is_empty());
    let code = code(run, &Ask::new(run, "openid"));
    let uri = run.op.redirect_uri.as_str();
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri)];
    invalid_grant(&run.token(&run.op.other, &fields));
    invalid_grant(&run.token(&run.op.client, &fields));
}

pub fn a_code_is_for_one_redirect_uri(run: &Run<'_>) {
    let code = code(run, &Ask::new(run, "openid"));
    let uri = format!("{}/", run.op.redirect_uri);
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri.as_str())];
    invalid_grant(&run.token(&run.op.client, &fields));
}

fn ask_userinfo(run: &Run<'_>, token: &str) -> u16 {
    call("GET", &run.endpoint("userinfo_endpoint")).bearer(token).try_send().unwrap().status
}

pub fn an_id_token_is_no_access_token(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    assert_eq!(ask_userinfo(run, &tokens.id_token), 401);
    assert_eq!(told_about(run, &run.op.client, &tokens.id_token), json!({ "active": false }));
}

/// A client asks an endpoint about a token.
fn about(run: &Run<'_>, endpoint: &str, client: &Client, token: &str) -> Answer {
    let form = encode(&[("token".to_owned(), token.to_owned())]);
    call("POST", &run.endpoint(endpoint)).basic(&client.id, &client.secret).form(&form).try_send().unwrap()
}

fn told_about(run: &Run<'_>, client: &Client, token: &str) -> Value {
    about(run, "introspection_endpoint", client, token).expect(200)
}

fn signed_in(run: &Run<'_>) -> Tokens {
    run.sign_in(&Ask::new(run, "openid offline_access").set("prompt", "consent"))
}

pub fn introspection_wants_a_client_and_tells_nothing_else(run: &Run<'_>) {
    let tokens = signed_in(run);
    assert_eq!(told_about(run, &run.op.client, &tokens.access)["active"], true);
    let stranger = Client { id: run.op.client.id.clone(), secret: "scs_wrong".to_owned() };
    let refused = about(run, "introspection_endpoint", &stranger, &tokens.access);
    assert_eq!(refused.refusal(), (401, "invalid_client".to_owned()));
    let bare = encode(&[("token".to_owned(), tokens.access.clone())]);
    let bare = call("POST", &run.endpoint("introspection_endpoint")).form(&bare).try_send().unwrap();
    assert!((400..500).contains(&bare.status), "{}", bare.text());
    assert_eq!(told_about(run, &run.op.client, "nonsense"), json!({ "active": false }));
}

pub fn nobody_revokes_the_token_of_another_client(run: &Run<'_>) {
    let tokens = signed_in(run);
    let refresh = tokens.refresh.as_ref().unwrap();
    for token in [&tokens.access, refresh] {
        about(run, "revocation_endpoint", &run.op.other, token);
    }
    assert_eq!(ask_userinfo(run, &tokens.access), 200);
    assert_eq!(about(run, "revocation_endpoint", &run.op.client, refresh).status, 200);
    assert_eq!(ask_userinfo(run, &tokens.access), 401, "it takes the access tokens along");
    assert_eq!(about(run, "revocation_endpoint", &run.op.client, "nonsense").status, 200);
}

fn refreshed(run: &Run<'_>, token: &str) -> Answer {
    run.token(&run.op.client, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

pub fn a_replay_after_use_ends_the_family(run: &Run<'_>) {
    let first = signed_in(run).refresh.unwrap();
    let next = |token: &str| {
        let body = refreshed(run, token).expect(200);
        let text = |name: &str| run.secret(body[name].as_str().unwrap());
        (text("access_token"), text("refresh_token"))
    };
    let (_, second) = next(&first);
    // The answer was lost, or another tab asks: the successor has not been used.
    assert_eq!(next(&first).1, second, "the same answer again");
    let (access, third) = next(&second);
    assert_eq!(ask_userinfo(run, &access), 200);
    invalid_grant(&refreshed(run, &first));
    assert_eq!(ask_userinfo(run, &access), 401, "the family has ended");
    invalid_grant(&refreshed(run, &third));
}

pub fn a_refresh_asks_for_no_more(run: &Run<'_>) {
    let token = signed_in(run).refresh.unwrap();
    let wider = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", "openid offline_access email")];
    assert_eq!(run.token(&run.op.client, &wider).refusal(), (400, "invalid_scope".to_owned()));
    let narrower = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", "openid")];
    assert_eq!(run.token(&run.op.client, &narrower).expect(200)["scope"], "openid");
}
