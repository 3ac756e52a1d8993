//! What is in the lists of grants and of client authentication is in every discovery document, and is really taken.

use super::person::Person;
use super::*;
use crate::apps::ApplicationType::{Spa, Web};
use crate::oauth::client_auth::METHODS;
use crate::oauth::grant::GRANTS;
use serde_json::json;

/// A request of a grant, with its parameters, by a client that shows itself by a method.
fn request(grant: &str, method: &str, client_id: &str, secret: &str) -> (Option<String>, String) {
    let asked = format!("grant_type={grant}&code=x&refresh_token=x&scope=openid");
    match method {
        "client_secret_basic" => (Some(basic(client_id, secret)), asked),
        "client_secret_post" => (None, format!("{asked}&client_id={client_id}&client_secret={secret}")),
        "none" => (None, format!("{asked}&client_id={client_id}")),
        other => panic!("{other} is in the list and not tested"),
    }
}

#[test]
fn every_flavour_names_each_grant_and_each_method() {
    let grants: Vec<_> = GRANTS.iter().map(|row| row.name).collect();
    let methods: Vec<_> = METHODS.iter().map(|row| row.name).collect();
    let proving: Vec<_> = METHODS.iter().filter(|row| row.proves).map(|row| row.name).collect();
    let tenant = Issuer::Tenant(Id::from_raw(42));
    for (issuer, flavour) in
        [(Issuer::Platform, Flavour::Platform), (tenant, at("acme")), (Issuer::Environment, Flavour::Environment)]
    {
        let said = serde_json::to_value(Metadata::new(&issuers(), issuer, &flavour)).unwrap();
        assert_eq!(said["grant_types_supported"], json!(grants));
        assert_eq!(said["token_endpoint_auth_methods_supported"], json!(methods));
        assert_eq!(said["revocation_endpoint_auth_methods_supported"], json!(methods));
        assert_eq!(said["introspection_endpoint_auth_methods_supported"], json!(proving));
    }
    let refused = TokenRequest::parse(Some(&basic("a", "b")), b"grant_type=password").unwrap_err();
    assert_eq!(refused.code, ErrorCode::UnsupportedGrantType);
    assert_eq!(
        refused.description,
        "This grant_type is not supported; authorization_code, refresh_token and client_credentials are"
    );
}

#[test]
fn each_grant_and_each_method_is_taken_from_whoever_may_use_it() {
    let ann = Person::new();
    let (web, spa) = (ann.app(Web), ann.app(Spa));
    let (with_secret, without) = (web.application.client_id(), spa.application.client_id());
    let (keys, issuers, ring) = (&*KEYS, issuers(), keyring());
    for method in &METHODS {
        let (client_id, secret) =
            if method.proves { (&with_secret, web.secret.clone().unwrap()) } else { (&without, String::new()) };
        for grant in &GRANTS {
            let (header, body) = request(grant.name, method.name, client_id, &secret);
            let asked = TokenRequest::parse(header.as_deref(), body.as_bytes()).unwrap();
            let approved = approve(&ann.world.store.read(), &at("acme"), &asked, NOW);
            // Without a secret anybody could say to be the client.
            let may = method.proves || grant.name != "client_credentials";
            assert_eq!(approved.is_ok(), may, "{} {}", grant.name, method.name);
        }
        let (header, body) = request("", method.name, client_id, &secret);
        let shown = client_auth::read(header.as_deref(), &Params::parse(body.as_bytes()).unwrap()).unwrap();
        let approved = admit(&ann.world.store.read(), &at("acme"), &shown, NOW).unwrap();
        let told = introspect(&ann.world.store.read(), (keys, &issuers, ring.pepper()), &approved, "x", (NOW, 60));
        assert_eq!(told.is_ok(), method.proves, "introspection, {}", method.name);
    }
}
