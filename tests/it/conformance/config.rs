//! The Config OP plan: what the metadata and the keys look like (OpenID Connect Discovery 1.0 §3, §4; RFC 8414 §2).

use super::provider::{self, Run};
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

/// The metadata that are registered at IANA, and those of the logout specifications.
const KNOWN: &str = "issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint \
    scopes_supported response_types_supported response_modes_supported grant_types_supported acr_values_supported \
    subject_types_supported id_token_signing_alg_values_supported id_token_encryption_alg_values_supported \
    id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported \
    userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported \
    request_object_signing_alg_values_supported request_object_encryption_alg_values_supported \
    request_object_encryption_enc_values_supported token_endpoint_auth_methods_supported \
    token_endpoint_auth_signing_alg_values_supported display_values_supported claim_types_supported claims_supported \
    service_documentation claims_locales_supported ui_locales_supported claims_parameter_supported \
    request_parameter_supported request_uri_parameter_supported require_request_uri_registration op_policy_uri \
    op_tos_uri check_session_iframe end_session_endpoint frontchannel_logout_supported \
    frontchannel_logout_session_supported backchannel_logout_supported backchannel_logout_session_supported \
    revocation_endpoint revocation_endpoint_auth_methods_supported \
    revocation_endpoint_auth_signing_alg_values_supported introspection_endpoint \
    introspection_endpoint_auth_methods_supported introspection_endpoint_auth_signing_alg_values_supported \
    introspection_signing_alg_values_supported code_challenge_methods_supported signed_metadata \
    device_authorization_endpoint tls_client_certificate_bound_access_tokens mtls_endpoint_aliases \
    require_signed_request_object pushed_authorization_request_endpoint require_pushed_authorization_requests \
    authorization_response_iss_parameter_supported authorization_signing_alg_values_supported \
    dpop_signing_alg_values_supported prompt_values_supported authorization_details_types_supported \
    client_id_metadata_document_supported protected_resources";

pub fn oidcc_discovery_endpoint_verification(run: &Run<'_>) {
    let (op, found) = (run.op, &run.metadata);
    let answer = provider::get(&op.discovery);
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json")));

    let issuer = found["issuer"].as_str().unwrap();
    let parsed = Url::parse(issuer).unwrap();
    assert!(parsed.query().is_none() && parsed.fragment().is_none(), "{issuer}");
    let expected = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    assert_eq!(op.discovery, expected, "Discovery §4.3: the metadata stand below their issuer");

    known(run);
    addresses(run, parsed.scheme());
    lists(run);
    locales(run, "ui_locales_supported");
    locales(run, "claims_locales_supported");
    keys(run);
}

/// No field is null, and one that nobody registered is worth a word.
fn known(run: &Run<'_>) {
    let known: BTreeSet<_> = KNOWN.split_whitespace().collect();
    for (name, value) in run.metadata.as_object().unwrap() {
        assert!(!value.is_null(), "{name} is null");
        if !known.contains(name.as_str()) {
            run.warn(format!("{name} is not registered"));
        }
        if name.ends_with("_supported") {
            let flag = name.contains("parameter_supported") || name.contains("logout") || name.contains("document");
            assert!(if flag { value.is_boolean() } else { value.is_array() }, "{name}: {value}");
        }
    }
}

/// Every address is one, under the scheme of the issuer: https, unless the suite talks to a loopback address in clear text.
fn addresses(run: &Run<'_>, scheme: &str) {
    for needed in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        assert!(run.metadata[needed].is_string(), "{needed}");
    }
    let names = run.metadata.as_object().unwrap().iter();
    for (name, value) in names.filter(|(name, _)| name.ends_with("_endpoint") || name.ends_with("_uri")) {
        let url = Url::parse(value.as_str().unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let loopback = url.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
        assert!(url.scheme() == "https" || loopback && url.scheme() == "http", "{name}: {url}");
        assert_eq!(url.scheme(), scheme, "{name}");
        assert!(url.fragment().is_none(), "{name}");
    }
}

fn lists(run: &Run<'_>) {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
    let list = |name: &str| {
        let values = run.metadata[name].as_array().unwrap_or_else(|| panic!("no {name}"));
        let values: Vec<_> = values.iter().map(text).collect();
        assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len(), "{name} says something twice");
        values
    };
    assert!(list("response_types_supported").contains(&"code".to_owned()));
    assert!(list("subject_types_supported").iter().all(|kind| ["public", "pairwise"].contains(&kind.as_str())));
    assert!(!list("subject_types_supported").is_empty());
    assert!(list("id_token_signing_alg_values_supported").contains(&"RS256".to_owned()), "Discovery §3");
    let scopes = list("scopes_supported");
    assert!(scopes.contains(&"openid".to_owned()));
    let legal = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    assert!(scopes.iter().all(legal), "RFC 6749 §3.3: {scopes:?}");
    if run.metadata.get("grant_types_supported").is_some() {
        assert!(list("grant_types_supported").contains(&"authorization_code".to_owned()));
    }
    if run.metadata.get("response_modes_supported").is_some() {
        let modes = list("response_modes_supported");
        assert!(modes.iter().all(|mode| ["query", "fragment", "form_post"].contains(&mode.as_str())), "{modes:?}");
        assert!(modes.contains(&"form_post".to_owned()), "the Form Post OP plan");
    }
    assert!(list("token_endpoint_auth_methods_supported").contains(&"client_secret_basic".to_owned()));
    if list("claims_supported").is_empty() {
        run.warn("no claims_supported");
    }
    let challenges = list("code_challenge_methods_supported");
    assert!(challenges.contains(&"S256".to_owned()) && !challenges.contains(&"plain".to_owned()), "{challenges:?}");
}

/// Tags in their canonical form (RFC 5646 §4.5), such as `en-GB`.
fn locales(run: &Run<'_>, name: &str) {
    for tag in run.metadata[name].as_array().into_iter().flatten().map(|tag| tag.as_str().unwrap()) {
        let mut parts = tag.split('-');
        let language = parts.next().unwrap();
        assert!((2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase()), "{tag}");
        for part in parts {
            let canonical = match part.len() {
                2 => part.bytes().all(|byte| byte.is_ascii_uppercase()),
                4 => part.as_bytes()[0].is_ascii_uppercase(),
                _ => part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()),
            };
            assert!(canonical, "{name}: {tag}");
        }
    }
}

fn keys(run: &Run<'_>) {
    let set = provider::get_json(run.metadata["jwks_uri"].as_str().unwrap());
    let keys = set["keys"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key[private].is_null(), "{private} is published");
        }
        assert!(key["kid"].as_str().is_some_and(|kid| ids.insert(kid)), "each key has an id of its own: {key}");
        let wanted: &[&str] = match key["kty"].as_str() {
            Some("RSA") => &["n", "e"],
            Some("EC") => &["crv", "x", "y"],
            Some("OKP") => &["crv", "x"],
            other => panic!("{other:?}"),
        };
        assert!(wanted.iter().all(|name| key[*name].is_string()), "{key}");
        if let Some(modulus) = key["n"].as_str() {
            assert!(modulus.len() >= 2048 / 8 * 4 / 3 && !modulus.contains(['+', '/', '=']), "{key}");
        }
    }
    assert!(keys.iter().any(|key| key["kty"] == "RSA"), "a key for RS256");
}
