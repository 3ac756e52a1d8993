//! What may stand in an authorization request, and what may not.

use super::super::browser::{End, Visit};
use super::super::provider::Run;
use super::super::rp::{Ask, fresh};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub fn oidcc_response_type_missing(run: &Run<'_>) {
    // Without a response type the provider may not know the response mode either.
    let ask = Ask::new(run, "openid").without("response_type");
    run.refused_anyhow(&run.authorize(&ask), &ask, &["unsupported_response_type", "invalid_request"]);
}

/// A request with one more parameter succeeds.
fn tolerates(run: &Run<'_>, name: &str, value: &str) -> super::super::rp::Tokens {
    run.sign_in(&Ask::new(run, "openid").set(name, value))
}

pub fn oidcc_display_page(run: &Run<'_>) {
    tolerates(run, "display", "page");
}

pub fn oidcc_display_popup(run: &Run<'_>) {
    tolerates(run, "display", "popup");
}

pub fn oidcc_ensure_request_with_unknown_parameter_succeeds(run: &Run<'_>) {
    tolerates(run, "extra", "foobar");
}

pub fn oidcc_ui_locales(run: &Run<'_>) {
    tolerates(run, "ui_locales", "se");
}

pub fn oidcc_claims_locales(run: &Run<'_>) {
    tolerates(run, "claims_locales", "se");
}

pub fn oidcc_login_hint(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").set("login_hint", &run.op.login);
    let journey = run.authorize(&ask);
    run.tokens(&journey, &ask);
    let first = journey.first.as_ref().expect("a sign-in page");
    if !first.html.contains(&run.op.login) {
        run.warn("the hint is not on the sign-in page");
    }
}

pub fn oidcc_ensure_request_with_acr_values_succeeds(run: &Run<'_>) {
    let known = run.metadata["acr_values_supported"].as_array().and_then(|values| values.first()?.as_str());
    let wanted = known.unwrap_or("1 2");
    let tokens = tolerates(run, "acr_values", wanted);
    if tokens.id["acr"].is_null() {
        run.warn("no acr came back");
    } else {
        assert!(tokens.id["acr"].is_string());
    }
}

pub fn oidcc_ensure_registered_redirect_uri(run: &Run<'_>) {
    for wrong in ["https://elsewhere.example/cb".to_owned(), format!("{}/more", run.op.redirect_uri)] {
        let ask = Ask::new(run, "openid").set("redirect_uri", &wrong);
        let journey = run.authorize(&ask);
        let page = journey.page();
        assert!(page.status >= 400, "{} {}", page.status, page.html);
    }
}

pub fn oidcc_ensure_post_request_succeeds(run: &Run<'_>) {
    let ask = Ask::new(run, "openid");
    let visit = Visit::post(run.endpoint("authorization_endpoint"), ask.fields.clone());
    let journey = run.follow(visit, &run.op.person());
    run.tokens(&journey, &ask);
}

/// A provider that takes request objects by reference would have to fetch one: this port has none to give.
pub fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").set("request_uri", "https://rp.example/request.jwt");
    run.refused_anyhow(&run.authorize(&ask), &ask, &["request_uri_not_supported"]);
    // OpenID Discovery §3: left out, this one is true.
    assert!(!run.flag("request_uri_parameter_supported", true), "said to be supported");
}

pub fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(run: &Run<'_>) {
    let ask = Ask::new(run, "openid");
    let (state, nonce) = (fresh("object-state"), fresh("object-nonce"));
    let object = unsigned(&ask.clone().set("state", &state).set("nonce", &nonce), run);
    let sent = ask.clone().set("request", &object);
    let journey = run.authorize(&sent);
    match &journey.end {
        End::Page(page) => assert!(page.status >= 400, "{}", page.html),
        End::Client(callback) if callback.fields.contains_key("error") => {
            unsigned_refused(run, &callback.fields["error"]);
        }
        End::Client(_) => {
            let inside = ask.set("state", &state).set("nonce", &nonce);
            run.tokens(&journey, &inside);
        }
    }
}

/// The request names an address that is not registered, its object one that is: the object's counts, or there is an error.
pub fn oidcc_ensure_request_object_with_redirect_uri(run: &Run<'_>) {
    let ask = Ask::new(run, "openid");
    let object = unsigned(&ask, run);
    let sent = ask.clone().set("redirect_uri", "https://elsewhere.example/cb").set("request", &object);
    let journey = run.authorize(&sent);
    match &journey.end {
        End::Page(page) => assert!(page.status >= 400, "{}", page.html),
        End::Client(callback) if callback.fields.contains_key("error") => {
            unsigned_refused(run, &callback.fields["error"]);
        }
        End::Client(_) => drop(run.tokens(&journey, &ask)),
    }
}

/// Which error is right depends on what the metadata promise: no request objects, or none without a signature.
fn unsigned_refused(run: &Run<'_>, error: &str) {
    let supported = run.flag("request_parameter_supported", false);
    let right = if supported { "invalid_request_object" } else { "request_not_supported" };
    assert_eq!(error, right);
    assert!(!supported || !run.lists("request_object_signing_alg_values_supported", "none"));
}

/// A request object with the algorithm `none` (OpenID Connect Core §6.1).
fn unsigned(ask: &Ask, run: &Run<'_>) -> String {
    let mut claims: Map<String, Value> =
        ask.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    claims.insert("iss".to_owned(), Value::from(run.op.client.id.as_str()));
    claims.insert("aud".to_owned(), run.metadata["issuer"].clone());
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&Value::from(claims).to_string()))
}
