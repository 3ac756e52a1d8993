//! Scalekit's flavour: the same clients and people, the public address as the issuer, and tokens in its form.

use super::authorize::{CALLBACK, application, page_at, query, try_check};
use super::given::revoked;
use super::person::{Client, Person, SECS};
use super::*;
use crate::access::{Credential, Place, permit};
use crate::apps::{AppScope, ApplicationType, NewApplication};
use crate::oauth::authorize::{PageFault, Refused};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

const ENVIRONMENT: Flavour = Flavour::Environment;

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

/// Somebody, and a GLOBAL application that signs people in at the environment's endpoints.
fn signed_in() -> (Person, Client) {
    let ann = Person::new();
    let mut web = ann.app_of(ApplicationType::Web, AppScope::Global, "openid profile email offline_access");
    web.flavour = ENVIRONMENT;
    (ann, web)
}

#[test]
fn a_clients_token_has_the_claims_of_the_product() {
    let world = World::new();
    let mut new = NewApplication::new(crate::apps::testkit::name("Env"), ApplicationType::Service, AppScope::Global);
    new.allowed_scopes = crate::apps::testkit::scopes("admin:read users:read");
    let (application, secret) = world.try_register(Place::Platform, new).unwrap();
    let client_id = application.client_id();
    let answer = ask(&world, &ENVIRONMENT, &client_id, &secret, None, NOW).unwrap();
    assert_eq!((answer.token_type, answer.expires_in), ("Bearer", 3600));
    assert_eq!(answer.scope, "admin:read users:read");
    let (head, claims) = (part(&answer.access_token, 0), part(&answer.access_token, 1));
    assert_eq!((&head["alg"], head["kid"].is_string()), (&json!("RS256"), true));
    let known = ["iss", "sub", "aud", "client_id", "exp", "iat", "nbf", "jti", "scope", "scopes"];
    assert_eq!(names(&claims), set(&known));
    assert_eq!(claims["iss"], "https://id.example", "no slash at the end");
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(client_id), &json!(client_id)));
    assert_eq!(claims["aud"], json!([client_id]));
    assert_eq!(claims["iat"], json!(NOW.secs()));
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["exp"], json!(NOW.secs() + 3600));
    let jti = claims["jti"].as_str().unwrap().strip_prefix("tkn_").unwrap();
    assert!(!jti.is_empty() && jti.bytes().all(|byte| byte.is_ascii_digit()), "{jti}");
    assert_eq!(claims["scopes"], json!(["admin:read", "users:read"]));
    assert_eq!(claims["scope"], "admin:read users:read");
}

#[test]
fn a_clients_token_is_a_credential_like_any_other() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "admin:read");
    let token = ask(&world, &ENVIRONMENT, &application.client_id(), &secret, None, NOW).unwrap().access_token;
    let claims = verify_access_token(&KEYS, &issuers(), &token, NOW).unwrap();
    let (actor, _) = actor_for(&world.store.read(), &claims, origin(), NOW, SECS).unwrap();
    let actor = Arc::new(actor);
    assert!(matches!(&actor.credential, Credential::AccessToken { platform: true, .. }));
    assert!(actor.may::<permit::ReadTenants>(world.tenant(world.acme)));
    assert!(!actor.may::<permit::WriteUsers>(Place::Platform));
    // Another instance's token is none of ours.
    let elsewhere = Issuers::new("https://other.example");
    assert!(verify_access_token(&KEYS, &elsewhere, &token, NOW).is_err());
}

#[test]
fn only_global_applications_are_let_in() {
    let world = World::new();
    let (partner, partner_secret) = world.register(ApplicationType::Service, AppScope::Partner(world.one), "openid");
    let (acme, acme_secret) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "openid");
    for (application, secret) in [(&partner, &partner_secret), (&acme, &acme_secret)] {
        let error = ask(&world, &ENVIRONMENT, &application.client_id(), secret, None, NOW).unwrap_err();
        assert_eq!(error.code, ErrorCode::UnauthorizedClient);
    }
    let (global, _) = world.register(ApplicationType::Service, AppScope::Global, "openid");
    let error = ask(&world, &ENVIRONMENT, &global.client_id(), &acme_secret, None, NOW).unwrap_err();
    assert_eq!((error.code, error.status), (ErrorCode::InvalidClient, 401));
}

#[test]
fn a_persons_tokens_have_the_claims_of_the_product() {
    let (ann, web) = signed_in();
    let code = ann.code_with(&web, "openid profile email offline_access", NOW, |new| new.environment = true);
    let tokens = ann.redeem(&web, &code, NOW).unwrap();
    let (client_id, org) = (web.application.client_id(), ann.world.acme.display_as("org"));
    let claims = part(&tokens.access_token, 1);
    let known = [
        "iss",
        "sub",
        "aud",
        "client_id",
        "exp",
        "iat",
        "nbf",
        "jti",
        "sid",
        "oid",
        "roles",
        "permissions",
        "scope",
        "scopes",
        "family",
    ];
    assert_eq!(names(&claims), set(&known));
    assert_eq!(claims["iss"], "https://id.example");
    assert_eq!(claims["sub"], json!(ann.user.id));
    assert_eq!((&claims["aud"], &claims["client_id"]), (&json!([client_id]), &json!(client_id)));
    assert_eq!((&claims["oid"], &claims["sid"]), (&json!(org), &json!(ann.session)));
    assert!(claims["jti"].as_str().unwrap().starts_with("tkn_"));
    assert_eq!(claims["scopes"], json!(["openid", "profile", "email", "offline_access"]));

    let id_token = tokens.id_token.unwrap();
    assert_eq!(part(&id_token, 0)["alg"], "RS256");
    let claims = part(&id_token, 1);
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!([client_id]), &json!(client_id)));
    assert_eq!((&claims["oid"], &claims["client_id"]), (&json!(org), &json!(client_id)));
    assert_eq!((&claims["email"], &claims["nonce"]), (&json!(ann.user.email), &json!("n-0S6_WzA2Mj")));
    let half = |text: &str| URL_SAFE_NO_PAD.encode(&crate::crypto::digest::sha256(text.as_bytes())[..16]);
    assert_eq!(claims["c_hash"], half(&code));
    assert_eq!(claims["at_hash"], half(&tokens.access_token));

    assert!(ann.holds(&tokens.access_token, NOW), "our own endpoints take it");
    let hint = verify_hint(&KEYS, &issuers(), &id_token).unwrap();
    assert_eq!((&*hint.iss, &*hint.aud, hint.sid), ("https://id.example", &*client_id, Some(ann.session)));

    let refreshed = ann.refresh(&web, tokens.refresh_token.as_deref().unwrap(), NOW).unwrap();
    assert_ne!(refreshed.refresh_token, tokens.refresh_token, "it rotates");
    assert_eq!(part(&refreshed.access_token, 1)["iss"], "https://id.example");
    assert!(part(&refreshed.id_token.unwrap(), 1).get("c_hash").is_none(), "there was no code");
}

#[test]
fn a_persons_roles_and_permissions_and_outside_names_stand_in_the_token() {
    use crate::access::Granted;
    use crate::base::ExternalId;
    use crate::people;
    use crate::roles::{self, PermissionName, RoleName, named, permissions};
    use crate::tenancy::{self, DetailsPatch, TenantPatch};
    let (ann, web) = signed_in();
    let (world, id) = (&ann.world, ann.user.id);
    let place = world.tenant(world.acme);
    let name = PermissionName::parse("doc:read").unwrap();
    let granted: Granted<permit::WriteRoles> = world.may(Place::Platform);
    let (permission, of) = (world.id(), granted.clone());
    world.write(move |tx| permissions::create(tx, &of, (&name, ""), permission, NOW));
    let new = named::NewRole {
        name: RoleName::parse("reader").unwrap(),
        display_name: crate::apps::testkit::name("Reader"),
        description: None,
        extends: None,
        permissions: vec![PermissionName::parse("doc:read").unwrap()],
    };
    let role = world.id();
    world.write(move |tx| named::create(tx, &granted, &new, role, NOW));
    let granted: Granted<permit::WriteUsers> = world.may(place);
    let admin = roles::by_name(&world.store.read(), None, &RoleName::parse("admin").unwrap()).unwrap().unwrap().id;
    world.write(move |tx| roles::assign_named(tx, &granted, id, &[admin, role], NOW));
    let granted: Granted<permit::WriteUsers> = world.may(place);
    let theirs = ExternalId::parse("their-ann").unwrap();
    let patch = people::UserPatch { external_id: Some(Some(theirs)), ..people::UserPatch::default() };
    world.write(move |tx| people::update(tx, &granted, id, &patch, NOW));
    let granted: Granted<permit::WriteTenants> = world.may(Place::Platform);
    let details = DetailsPatch { external_id: Some(ExternalId::parse("their-org").ok()), ..DetailsPatch::default() };
    let (patch, acme) = (TenantPatch { details, ..TenantPatch::default() }, world.acme);
    world.write(move |tx| tenancy::update_tenant(tx, &granted, acme, &patch, NOW));
    let code = ann.code_with(&web, "openid", NOW, |new| new.environment = true);
    let tokens = ann.redeem(&web, &code, NOW).unwrap();
    let claims = part(&tokens.access_token, 1);
    assert_eq!((&claims["roles"], &claims["permissions"]), (&json!(["admin", "reader"]), &json!(["doc:read"])));
    assert_eq!((&claims["xoid"], &claims["xuid"]), (&json!("their-org"), &json!("their-ann")));
    let id_token = part(&tokens.id_token.unwrap(), 1);
    assert_eq!((&id_token["xoid"], &id_token["xuid"]), (&json!("their-org"), &json!("their-ann")));
    // What was taken since is not in the next token.
    let granted: Granted<permit::WriteUsers> = world.may(place);
    world.write(move |tx| roles::assign_named(tx, &granted, id, &[], NOW));
    let refreshed = ann.refresh(&web, tokens.refresh_token.as_deref().unwrap(), NOW).unwrap();
    let claims = part(&refreshed.access_token, 1);
    assert_eq!((&claims["roles"], &claims["permissions"]), (&json!(["viewer"]), &json!([])));
}

#[test]
fn codes_and_refresh_tokens_stay_with_their_issuer() {
    let (ann, web) = signed_in();
    let platform = Client {
        application: web.application.clone(),
        secret: web.secret.clone(),
        flavour: Flavour::Platform,
        is_sdk: false,
    };
    let code = |environment| ann.code_with(&web, "openid", NOW, |new| new.environment = environment);
    let error = |answer: Result<TokenResponse, OAuthError>| answer.map(|_| ()).unwrap_err().description;
    let words = "The code was issued by another issuer: use the token endpoint beside the authorization endpoint";
    assert_eq!(error(ann.redeem(&platform, &code(true), NOW)), words);
    assert_eq!(error(ann.redeem(&web, &code(false), NOW)), words);
    let tokens = ann.redeem(&web, &code(true), NOW).unwrap();
    let refresh = tokens.refresh_token.unwrap();
    let words = "The refresh token was issued by another issuer: use its own token endpoint";
    assert_eq!(error(ann.refresh(&platform, &refresh, NOW)), words);
    assert!(ann.refresh(&web, &refresh, NOW).is_ok(), "nothing was lost");
}

#[test]
fn a_token_is_taken_back_only_where_it_was_issued() {
    let (ann, web) = signed_in();
    let platform = Client { flavour: Flavour::Platform, ..web.clone() };
    for (own, other) in [(&web, &platform), (&platform, &web)] {
        let code = ann.code_with(own, "openid", NOW, |new| new.environment = own.flavour == ENVIRONMENT);
        let tokens = ann.redeem(own, &code, NOW).unwrap();
        let refresh = tokens.refresh_token.unwrap();
        assert!(!revoked(&ann, other, &refresh) && !revoked(&ann, other, &tokens.access_token), "{:?}", other.flavour);
        assert!(ann.holds(&tokens.access_token, NOW), "{:?}", own.flavour);
        assert!(revoked(&ann, own, &refresh) && !ann.holds(&tokens.access_token, NOW), "{:?}", own.flavour);
    }
}

#[test]
fn a_partners_token_is_taken_back_only_at_its_tenant() {
    let ann = Person::new();
    let own =
        Client { flavour: at("acme"), ..ann.app_of(ApplicationType::Web, AppScope::Partner(ann.world.one), "openid") };
    let tokens = ann.tokens(&own, "openid");
    let refresh = tokens.refresh_token.unwrap();
    let other = Client { flavour: at("default"), ..own.clone() };
    assert!(!revoked(&ann, &other, &refresh) && !revoked(&ann, &other, &tokens.access_token));
    assert!(ann.holds(&tokens.access_token, NOW));
    assert!(revoked(&ann, &own, &refresh) && !ann.holds(&tokens.access_token, NOW));
}

/// The error code that a request goes back with.
fn told(world: &World, text: &str) -> &'static str {
    match try_check(world, &ENVIRONMENT, text) {
        Err(Refused::Redirect { back, fault }) => {
            assert_eq!((back.redirect_uri.as_str(), back.issuer), (CALLBACK, Issuer::Environment));
            fault.code.as_str()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn tokens_are_signed_as_the_application_says_but_for_the_sdks_by_what_they_read() {
    let ann = Person::new();
    for alg in SigningAlg::ALL {
        let mut new = NewApplication::new(crate::apps::testkit::name("Env"), ApplicationType::Web, AppScope::Global);
        new.allowed_scopes = crate::apps::testkit::scopes("openid admin:read");
        new.signing_alg = alg;
        let (application, secret) = ann.world.try_register(Place::Platform, new).unwrap();
        for (is_sdk, expected) in [(false, alg), (true, SigningAlg::Rs256)] {
            let client =
                Client { application: application.clone(), secret: Some(secret.clone()), flavour: ENVIRONMENT, is_sdk };
            let code = ann.code_with(&client, "openid", NOW, |new| new.environment = true);
            let tokens = ann.redeem(&client, &code, NOW).unwrap();
            let refreshed = ann.refresh(&client, tokens.refresh_token.as_deref().unwrap(), NOW).unwrap();
            let own = ann.ask(&client, &[("grant_type", "client_credentials")], NOW).unwrap();
            for token in [
                &tokens.access_token,
                tokens.id_token.as_ref().unwrap(),
                &refreshed.access_token,
                refreshed.id_token.as_ref().unwrap(),
                &own.access_token,
            ] {
                assert_eq!(part(token, 0)["alg"], json!(expected), "{alg} {is_sdk}");
            }
            assert!(ann.holds(&tokens.access_token, NOW), "our own endpoints take it");
            assert!(verify_hint(&KEYS, &issuers(), &tokens.id_token.unwrap()).is_ok());
            // At the other issuers there is nothing for the SDKs to read.
            let platform = Client { flavour: Flavour::Platform, ..client };
            let own = ann.ask(&platform, &[("grant_type", "client_credentials")], NOW).unwrap();
            assert_eq!(part(&own.access_token, 0)["alg"], json!(alg));
        }
    }
}

#[test]
fn what_selects_a_connection_is_read_or_refused_by_name() {
    let ann = Person::new();
    let app = &application(&ann.world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let org = ann.world.acme.display_as("org");
    let asked = |with: &[(&str, &str)]| try_check(&ann.world, &ENVIRONMENT, &query(app, with)).unwrap();
    let request = asked(&[("organization_id", &org)]);
    assert_eq!((request.tenant, request.back.issuer), (Some(ann.world.acme), Issuer::Environment));
    // Hints, also doubled as the SDK for Node doubles them, change nothing.
    let hints = [("domain_hint", "acme.example"), ("domain", "acme.example"), ("login_hint", "ann@acme.example")];
    let request = asked(&hints);
    assert_eq!((request.tenant, request.login_hint.as_deref()), (None, Some("ann@acme.example")));
    assert!(!asked(&[("prompt", "create")]).prompt.none);
    let unscoped = query(app, &[]).replace("scope=", "skope=");
    let request = try_check(&ann.world, &ENVIRONMENT, &unscoped).unwrap();
    assert_eq!(request.scope.to_string(), "openid profile email", "what the SDKs ask for");
    for (name, value, code) in [
        ("organization_id", "org_99", "invalid_organization_id"),
        ("organization_id", "tnt_1", "invalid_organization_id"),
        ("connection_id", "conn_1", "invalid_connection_id"),
        ("provider", "google", "no_configured_connections"),
        ("provider", "nobody", "invalid_connection_selector"),
    ] {
        assert_eq!(told(&ann.world, &query(app, &[(name, value)])), code, "{name}={value}");
    }
    let twice = format!("{}&organization_id={org}&organization_id={org}", query(app, &[]));
    assert_eq!(told(&ann.world, &twice), "invalid_connection_selector");
    // Elsewhere these parameters mean nothing.
    let platform = try_check(&ann.world, &Flavour::Platform, &query(app, &[("organization_id", "org_99")])).unwrap();
    assert_eq!(platform.tenant, None);
}

#[test]
fn a_tenants_application_signs_nobody_in_here() {
    let world = World::new();
    let local = application(&world, ApplicationType::Web, AppScope::Tenant(world.acme), &[CALLBACK]);
    assert_eq!(page_at(&world, &ENVIRONMENT, &query(&local, &[])), PageFault::OtherEndpoint);
}

#[test]
fn the_metadata_is_the_environments() {
    let found = serde_json::to_value(Metadata::new(&issuers(), Issuer::Environment, &ENVIRONMENT)).unwrap();
    for (name, place) in [
        ("issuer", ""),
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("userinfo_endpoint", "/userinfo"),
        ("revocation_endpoint", "/revoke"),
        ("end_session_endpoint", "/oidc/logout"),
        ("jwks_uri", "/oauth/keys"),
    ] {
        assert_eq!(found[name], format!("https://id.example{place}"), "{name}");
    }
    assert_eq!(found["id_token_signing_alg_values_supported"], json!(["RS256", "ES256", "EdDSA"]));
    // Scalekit's SDKs look at /keys without asking the metadata, and read RSA alone.
    let keys: Value = serde_json::from_slice(&KEYS.rsa_jwks_bytes()).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(names(&keys[0]), set(&["kty", "n", "e", "use", "alg", "kid"]));
    assert_eq!((&keys[0]["kty"], &keys[0]["alg"]), (&json!("RSA"), &json!("RS256")));
}
