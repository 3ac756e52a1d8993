//! The RP-initiated logout plan (OpenID Connect RP-Initiated Logout 1.0): who is led back to the client, and where.
//!
//! The browser goes back only with a hint that the provider signed **and** an address that is registered byte for byte;
//! otherwise the person stays on a page of the provider.

use super::basic::session::{signed_out, silent};
use super::browser::{End, Journey, Via, Visit};
use super::person::Seen;
use super::provider::Run;
use super::rp::{Ask, Tokens, fresh};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Somebody is signed in; the metadata say where to sign out.
fn sign_in(run: &Run<'_>) -> Tokens {
    run.sign_in(&Ask::new(run, "openid"))
}

fn logout(run: &Run<'_>, fields: &[(&str, &str)], agrees: bool) -> Journey {
    let mut url = run.endpoint("end_session_endpoint");
    url.query_pairs_mut().extend_pairs(fields);
    if fields.is_empty() {
        url.set_query(None);
    }
    let person = run.op.person();
    run.follow(Visit::get(url), &if agrees { person } else { person.looking() })
}

/// Led back to the client with this state, and signed out.
fn led_back(run: &Run<'_>, journey: &Journey, state: Option<&str>) {
    let callback = journey.callback();
    assert_eq!(callback.via, Via::Query);
    let mut bare = callback.address.clone();
    bare.set_query(None);
    assert_eq!(bare.as_str(), run.op.post_logout_redirect_uri);
    assert_eq!(callback.fields.get("state").map(String::as_str), state, "{callback:?}");
    signed_out(run);
}

/// On a page of the provider, whether the person then agrees to sign out or not. Nobody is signed out by just looking at it.
fn stays(run: &Run<'_>, fields: &[(&str, &str)]) {
    let looked = logout(run, fields, false);
    looked.page();
    silent(run, &Ask::new(run, "openid"));
    let journey = logout(run, fields, true);
    assert!(matches!(journey.end, End::Page(_)), "{journey:?}");
    if journey.seen.contains(&Seen::Agree) {
        assert!(journey.page().status < 400, "{}", journey.page().html);
        signed_out(run);
    }
}

pub fn oidcc_rp_initiated_logout_discovery_endpoint_verification(run: &Run<'_>) {
    let url = run.endpoint("end_session_endpoint");
    assert!(url.fragment().is_none());
}

pub fn oidcc_rp_initiated_logout(run: &Run<'_>) {
    let tokens = sign_in(run);
    let state = fresh("logout");
    let fields = [
        ("id_token_hint", tokens.id_token.as_str()),
        ("post_logout_redirect_uri", &run.op.post_logout_redirect_uri),
        ("state", &state),
    ];
    led_back(run, &logout(run, &fields, true), Some(&state));
}

pub fn oidcc_rp_initiated_logout_no_state(run: &Run<'_>) {
    let tokens = sign_in(run);
    let fields = [
        ("id_token_hint", tokens.id_token.as_str()),
        ("post_logout_redirect_uri", run.op.post_logout_redirect_uri.as_str()),
    ];
    led_back(run, &logout(run, &fields, true), None);
}

fn with_uri(run: &Run<'_>, uri: &str) {
    let tokens = sign_in(run);
    let state = fresh("logout");
    stays(run, &[("id_token_hint", &tokens.id_token), ("post_logout_redirect_uri", uri), ("state", &state)]);
}

pub fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(run: &Run<'_>) {
    with_uri(run, "https://rp.example/bad");
}

pub fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(run: &Run<'_>) {
    with_uri(run, &format!("{}?foo=bar", run.op.post_logout_redirect_uri));
}

fn with_hint(run: &Run<'_>, hint: impl Fn(&str) -> String) {
    let tokens = sign_in(run);
    let (state, hint) = (fresh("logout"), hint(&tokens.id_token));
    let to = run.op.post_logout_redirect_uri.as_str();
    stays(run, &[("id_token_hint", &hint), ("post_logout_redirect_uri", to), ("state", &state)]);
}

/// The claims of a good hint without a signature.
pub fn oidcc_rp_initiated_logout_modified_id_token_hint(run: &Run<'_>) {
    with_hint(run, |good| {
        let claims = good.split('.').nth(1).unwrap();
        format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))
    });
}

/// The claims of a good hint under somebody else's key, and under the header of the provider's.
pub fn oidcc_rp_initiated_logout_bad_id_token_hint(run: &Run<'_>) {
    with_hint(run, |good| {
        let (signed, _) = good.rsplit_once('.').unwrap();
        let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let mut signature = vec![0; key.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        key.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    });
}

pub fn oidcc_rp_initiated_logout_no_id_token_hint(run: &Run<'_>) {
    sign_in(run);
    stays(run, &[("post_logout_redirect_uri", &run.op.post_logout_redirect_uri), ("state", &fresh("logout"))]);
}

/// Without an address to go to the person agrees and is signed out.
fn ends_on_a_page(run: &Run<'_>, fields: &[(&str, &str)]) {
    let journey = logout(run, fields, true);
    assert!(journey.page().status < 400, "{} {}", journey.page().status, journey.page().html);
    signed_out(run);
}

pub fn oidcc_rp_initiated_logout_no_params(run: &Run<'_>) {
    sign_in(run);
    ends_on_a_page(run, &[]);
}

pub fn oidcc_rp_initiated_logout_only_state(run: &Run<'_>) {
    sign_in(run);
    ends_on_a_page(run, &[("state", &fresh("logout"))]);
}

pub fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(run: &Run<'_>) {
    let tokens = sign_in(run);
    ends_on_a_page(run, &[("id_token_hint", &tokens.id_token), ("state", &fresh("logout"))]);
}
