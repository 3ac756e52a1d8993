//! What the provider says about somebody: userinfo in its three forms, and the claims of each scope (OpenID
//! Connect Core §5.1, §5.4).

use super::super::browser::call;
use super::super::provider::Run;
use super::super::rp::Ask;
use serde_json::{Value, json};

pub fn oidcc_userinfo_get(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    run.userinfo(&tokens);
}

pub fn oidcc_userinfo_post_header(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    let answer = call("POST", &run.endpoint("userinfo_endpoint")).bearer(&tokens.access).try_send().unwrap();
    run.claims(&answer, &tokens);
}

pub fn oidcc_userinfo_post_body(run: &Run<'_>) {
    let tokens = run.sign_in(&Ask::new(run, "openid"));
    let form = format!("access_token={}", tokens.access);
    let answer = call("POST", &run.endpoint("userinfo_endpoint")).form(&form).try_send().unwrap();
    if answer.status == 200 {
        run.claims(&answer, &tokens);
    } else {
        run.warn(format!("userinfo takes no token in a form: {}", answer.status));
    }
}

const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

pub fn oidcc_scope_profile(run: &Run<'_>) {
    let claims = scope(run, "openid profile");
    profile(run, &claims);
    absent(&claims, &["email", "phone_number", "address"]);
}

pub fn oidcc_scope_email(run: &Run<'_>) {
    let claims = scope(run, "openid email");
    email(&claims);
    absent(&claims, &["name", "phone_number", "address"]);
}

pub fn oidcc_scope_address(run: &Run<'_>) {
    let claims = scope(run, "openid address");
    address(&claims);
    absent(&claims, &["name", "email", "phone_number"]);
}

pub fn oidcc_scope_phone(run: &Run<'_>) {
    let claims = scope(run, "openid phone");
    phone(&claims);
    absent(&claims, &["name", "email", "address"]);
}

pub fn oidcc_scope_all(run: &Run<'_>) {
    let claims = scope(run, "openid profile email address phone");
    profile(run, &claims);
    email(&claims);
    address(&claims);
    phone(&claims);
}

/// The claims that come with a scope. What the metadata promise of them is said by the Config OP module.
fn scope(run: &Run<'_>, scope: &str) -> Value {
    let tokens = run.sign_in(&Ask::new(run, scope));
    run.userinfo(&tokens)
}

fn profile(run: &Run<'_>, claims: &Value) {
    assert!(claims["name"].as_str().is_some_and(|name| !name.is_empty()), "{claims:#}");
    for name in PROFILE {
        match &claims[name] {
            Value::Null => run.warn(format!("no {name}")),
            value if name == "updated_at" => assert!(value.is_number(), "{name}: {value}"),
            value => assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{name}: {value}"),
        }
    }
    for name in ["profile", "picture", "website"].iter().filter_map(|name| claims[name].as_str()) {
        assert!(url::Url::parse(name).is_ok(), "{name}");
    }
}

fn email(claims: &Value) {
    assert!(claims["email"].as_str().is_some_and(|email| email.contains('@')), "{claims:#}");
    assert!(claims["email_verified"].is_boolean(), "{claims:#}");
}

fn address(claims: &Value) {
    let parts = claims["address"].as_object().unwrap_or_else(|| panic!("no address: {claims:#}"));
    let known = ["formatted", "street_address", "locality", "region", "postal_code", "country"];
    assert!(!parts.is_empty() && parts.iter().all(|(name, part)| known.contains(&name.as_str()) && part.is_string()));
}

fn phone(claims: &Value) {
    assert!(claims["phone_number"].is_string(), "{claims:#}");
    assert!(claims["phone_number_verified"].is_boolean(), "{claims:#}");
}

fn absent(claims: &Value, names: &[&str]) {
    for name in names {
        assert!(claims[name].is_null(), "{name} was not asked for: {claims:#}");
    }
}

pub fn oidcc_claims_essential(run: &Run<'_>) {
    let wanted = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let tokens = run.sign_in(&Ask::new(run, "openid").set("claims", &wanted));
    if run.userinfo(&tokens)["name"].is_null() {
        assert!(!run.flag("claims_parameter_supported", false), "promised and not kept");
        run.warn("the claims parameter is ignored");
    }
}
