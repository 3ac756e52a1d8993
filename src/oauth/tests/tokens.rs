//! Tokens that come back: whose they are, and how they are not forged or carried elsewhere.

use super::person::SECS;
use super::*;
use crate::access::{Actor, Credential, Place, Principal, Reason, Role, permit};
use crate::apps::testkit::scopes;
use crate::apps::{self, AppScope, Application, ApplicationStatus, ApplicationType, UpdateApplication};
use crate::base::Kind;
use crate::crypto::jwt::VerifyError;
use crate::tenancy::{self, PartnerPatch, Status, TenantPatch};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

fn token(world: &World, flavour: &Flavour, application: &Application, secret: &str) -> String {
    ask(world, flavour, &application.client_id(), secret, None, NOW).unwrap().access_token
}

fn verify(token: &str) -> Result<Arc<Claims<'static>>, VerifyError> {
    verify_access_token(&KEYS, &issuers(), token, NOW)
}

fn actor(world: &World, token: &str) -> Result<Arc<Actor>, Problem> {
    actor_for(&world.store.read(), &verify(token).unwrap(), origin(), NOW, SECS).map(|(actor, _)| Arc::new(actor))
}

fn sign(claims: &Value) -> String {
    KEYS.signer(SigningAlg::EdDsa).unwrap().sign(access_token_type(), claims).unwrap()
}

#[test]
fn a_global_application_is_super_admin_within_its_scopes() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "openid admin:read");
    let actor = actor(&world, &token(&world, &Flavour::Platform, &application, &secret)).unwrap();
    assert_eq!(
        actor.principal,
        Principal::Application {
            id: application.id,
            client_id: application.client_id(),
            name: application.name.to_string()
        }
    );
    assert!(matches!(&actor.credential, Credential::AccessToken { jti, platform: true } if jti.len() == 22));
    assert_eq!((actor.tenant, actor.partner), (world.home, world.one));
    assert_eq!(actor.expires_at, Some(NOW.plus_secs(3600)));
    assert!(
        actor.may::<permit::ReadTenants>(Place::Platform) && actor.may::<permit::ReadUsers>(world.tenant(world.other))
    );
    assert_eq!(actor.grant::<permit::WriteTenants>(Place::Platform).unwrap_err().reason, Reason::Scope);
    assert_eq!(
        actor.grant::<permit::Operate>(Place::Platform).unwrap_err().reason,
        Reason::Scope,
        "no scope leads there"
    );
}

#[test]
fn partner_and_tenant_applications_stay_in_their_place() {
    let world = World::new();
    let (partner, secret) = world.register(ApplicationType::Service, AppScope::Partner(world.one), "admin:write");
    let one = actor(&world, &token(&world, &at("acme"), &partner, &secret)).unwrap();
    assert!(one.has_role(Role::PartnerAdmin, Place::Partner(world.one)) && one.tenant == world.acme);
    assert!(one.may::<permit::WriteUsers>(world.tenant(world.home)));
    assert!(
        !one.may::<permit::WriteUsers>(world.tenant(world.other)) && !one.may::<permit::WriteTenants>(Place::Platform)
    );
    let (tenant, secret) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "admin:write");
    let acme = actor(&world, &token(&world, &at("acme"), &tenant, &secret)).unwrap();
    assert!(acme.may::<permit::WriteUsers>(world.tenant(world.acme)));
    assert!(
        !acme.may::<permit::WriteUsers>(world.tenant(world.home)) && !acme.may::<permit::ReadTenants>(Place::Platform)
    );
    assert!(matches!(acme.credential, Credential::AccessToken { platform: false, .. }));
}

#[test]
fn what_is_disabled_deleted_or_suspended_has_no_actor() {
    let world = World::new();
    let (acme, secret) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "admin:read");
    let acme_token = token(&world, &at("acme"), &acme, &secret);
    let alive = |token: &str| match actor(&world, token) {
        Ok(_) => true,
        Err(problem) => {
            assert_eq!((problem.kind, problem.code), (Kind::Unauthenticated, "invalid_token"));
            false
        }
    };
    let switch = |status| {
        let (granted, id) = (world.may(Place::Platform), acme.id);
        let patch = UpdateApplication { status: Some(status), ..UpdateApplication::default() };
        world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
    };
    let suspend = |status| {
        let (granted, acme) = (world.may(Place::Platform), world.acme);
        let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
        world.write(move |tx| tenancy::update_tenant(tx, &granted, acme, &patch, NOW));
    };
    assert!(alive(&acme_token));
    switch(ApplicationStatus::Disabled);
    assert!(!alive(&acme_token));
    switch(ApplicationStatus::Active);
    suspend(Status::Suspended);
    assert!(!alive(&acme_token));
    suspend(Status::Active);
    assert!(alive(&acme_token));
    let (granted, id) = (world.may(Place::Platform), acme.id);
    world.write(move |tx| apps::delete(tx, &granted, id, NOW));
    assert!(!alive(&acme_token));

    let (partner, secret) = world.register(ApplicationType::Service, AppScope::Partner(world.two), "admin:read");
    let partner_token = token(&world, &at("other"), &partner, &secret);
    assert!(alive(&partner_token));
    let (granted, two) = (world.may(Place::Platform), world.two);
    world.write(move |tx| {
        let patch = PartnerPatch { status: Some(Status::Suspended), ..PartnerPatch::default() };
        tenancy::update_partner(tx, &granted, two, &patch, NOW)
    });
    assert!(!alive(&partner_token));
}

#[test]
fn a_tenant_that_moves_away_takes_its_tokens_from_the_old_partner() {
    let world = World::new();
    let (partner, secret) = world.register(ApplicationType::Service, AppScope::Partner(world.one), "admin:read");
    let held = token(&world, &at("acme"), &partner, &secret);
    assert!(actor(&world, &held).is_ok());
    let (granted, acme, two) = (world.may(Place::Platform), world.acme, world.two);
    world.write(move |tx| {
        let patch = TenantPatch { partner: Some(two), ..TenantPatch::default() };
        tenancy::update_tenant(tx, &granted, acme, &patch, NOW)
    });
    assert!(actor(&world, &held).is_err());
}

#[test]
fn a_scope_that_was_taken_away_does_not_count_any_more() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "admin:read admin:write");
    let held = token(&world, &Flavour::Platform, &application, &secret);
    let allow = |allowed: &str| {
        let (granted, id) = (world.may(Place::Platform), application.id);
        let patch = UpdateApplication { allowed_scopes: Some(scopes(allowed)), ..UpdateApplication::default() };
        world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
        actor(&world, &held).unwrap().scopes.clone().unwrap()
    };
    assert_eq!(allow("openid admin:read"), scopes("admin:read"), "and none is added to a token that exists");
    assert_eq!(allow("openid"), scopes(""));
}

#[test]
fn tokens_expire_to_the_second() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "openid");
    let token = token(&world, &Flavour::Platform, &application, &secret);
    let at = |secs| verify_access_token(&KEYS, &issuers(), &token, NOW.plus_secs(secs)).map(|_| ());
    assert_eq!((at(3599), at(3600)), (Ok(()), Err(VerifyError::Expired)));
}

#[test]
fn a_token_that_is_known_is_judged_like_any_other() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "openid admin:read");
    let token = token(&world, &Flavour::Platform, &application, &secret);
    assert!(Arc::ptr_eq(&verify(&token).unwrap(), &verify(&token).unwrap()), "it is read once");
    let late = verify_access_token(&KEYS, &issuers(), &token, NOW.plus_secs(3600));
    assert_eq!(late.unwrap_err(), VerifyError::Expired);
    assert!(verify_access_token(&KEYS, &Issuers::new("https://other.example"), &token, NOW).is_err());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut claims = part(&token, 1);
    claims["scope"] = json!("openid admin:write");
    let (header, _) = message.split_once('.').unwrap();
    let other = URL_SAFE_NO_PAD.encode(claims.to_string());
    for forged in [format!("{header}.{other}.{signature}"), format!("{message}.{}", &signature[..signature.len() - 4])]
    {
        assert!(verify(&forged).is_err());
    }
    // Its application may be switched off, or be left with less, at any time.
    assert!(actor(&world, &token).unwrap().may::<permit::ReadTenants>(Place::Platform));
    let (granted, id) = (world.may(Place::Platform), application.id);
    let patch = UpdateApplication { allowed_scopes: Some(scopes("openid")), ..UpdateApplication::default() };
    world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
    assert!(!actor(&world, &token).unwrap().may::<permit::ReadTenants>(Place::Platform));
}

/// A token of tenant A says A's issuer and names A's application, or it is none.
#[test]
fn a_token_never_crosses_tenants() {
    let world = World::new();
    let (acme, secret) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "admin:write");
    let (other, _) = world.register(ApplicationType::Service, AppScope::Tenant(world.other), "admin:write");
    let (partner, _) = world.register(ApplicationType::Service, AppScope::Partner(world.one), "admin:write");
    let (global, _) = world.register(ApplicationType::Service, AppScope::Global, "admin:write");
    let good = part(&token(&world, &at("acme"), &acme, &secret), 1);
    assert!(actor(&world, &sign(&good)).is_ok(), "the claims as they are");
    let platform = "https://id.example/platform";
    let others_issuer = format!("https://id.example/tenants/{}", world.other);
    let with = |changes: &[(&str, Value)]| {
        let mut claims = good.clone();
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        claims
    };
    // Even signed with our own key, these do not hold together.
    for (why, claims) in [
        ("another tenant's issuer", with(&[("iss", json!(others_issuer))])),
        ("the platform's issuer", with(&[("iss", json!(platform))])),
        ("the platform's issuer and mark", with(&[("iss", json!(platform)), ("platform_token", json!(true))])),
        ("the platform's mark", with(&[("platform_token", json!(true))])),
        ("no tenant", with(&[("tenant_id", Value::Null)])),
        ("another tenant", with(&[("tenant_id", json!(world.other.to_string()))])),
        ("a stranger's issuer", with(&[("iss", json!("https://evil.example/platform"))])),
        ("no issuer", with(&[("iss", Value::Null)])),
        ("another audience", with(&[("aud", json!(other.client_id()))])),
        ("another subject", with(&[("sub", json!("usr_1"))])),
        ("another grant", with(&[("token_type", json!("authorization_code"))])),
        ("no id", with(&[("jti", Value::Null)])),
    ] {
        assert!(verify(&sign(&claims)).is_err(), "{why}");
    }
    // And these hold together, but not with the application's row.
    let elsewhere = [("iss", json!(others_issuer)), ("tenant_id", json!(world.other.to_string()))];
    let named = |application: &Application| {
        let id = json!(application.client_id());
        [("aud", id.clone()), ("sub", id.clone()), ("client_id", id)]
    };
    for (why, claims) in [
        ("A's application at B", with(&elsewhere)),
        ("B's application at A", with(&named(&other))),
        ("a partner's application as a tenant's", with(&named(&partner))),
        ("the platform's application as a tenant's", with(&named(&global))),
        ("a tenant's application as a partner's", with(&[("app_scope", json!("PARTNER"))])),
        ("nobody's application", with(&named(&Application { id: Id::from_raw(4711), ..acme.clone() }))),
        (
            "a tenant's application as the platform's",
            with(&[
                ("iss", json!(platform)),
                ("platform_token", json!(true)),
                ("tenant_id", Value::Null),
                ("app_scope", json!("GLOBAL")),
            ]),
        ),
        (
            "a partner's application at another's tenant",
            with(
                &[
                    &named(&partner)[..],
                    &elsewhere,
                    &[("app_scope", json!("PARTNER")), ("partner_id", json!(world.one.to_string()))],
                ]
                .concat(),
            ),
        ),
        (
            "a partner's application in another's name",
            with(
                &[
                    &named(&partner)[..],
                    &[("app_scope", json!("PARTNER")), ("partner_id", json!(world.two.to_string()))],
                ]
                .concat(),
            ),
        ),
    ] {
        assert_eq!(actor(&world, &sign(&claims)).unwrap_err().code, "invalid_token", "{why}");
    }
}

#[test]
fn other_kinds_of_tokens_are_no_access_tokens() {
    let world = World::new();
    let (application, secret) = world.register(ApplicationType::Service, AppScope::Global, "openid");
    let claims = part(&token(&world, &Flavour::Platform, &application, &secret), 1);
    let signer = KEYS.signer(SigningAlg::EdDsa).unwrap();
    for typ in ["JWT", "logout+jwt", ""] {
        assert!(verify(&signer.sign(typ, &claims).unwrap()).is_err(), "{typ}");
    }
    assert!(verify_access_token(&KEYS, &Issuers::new("https://other.example"), &sign(&claims), NOW).is_err());
}

#[test]
fn discovery_says_what_works_and_nothing_else() {
    let platform = serde_json::to_value(Metadata::new(&issuers(), Issuer::Platform, &Flavour::Platform)).unwrap();
    assert_eq!(platform["issuer"], "https://id.example/platform");
    assert_eq!(platform["token_endpoint"], "https://id.example/api/v1/platform/oauth/token");
    assert_eq!(platform["jwks_uri"], "https://id.example/api/v1/platform/.well-known/jwks.json");
    for name in ["authorization", "userinfo", "introspection", "revocation", "end_session"] {
        let address = platform[format!("{name}_endpoint")].as_str().unwrap();
        assert!(address.starts_with("https://id.example/api/v1/platform/oauth/"), "{name}");
    }
    // No more than the code flow, S256 alone, and `iss` in every answer (RFC 9207).
    assert_eq!(platform["response_types_supported"], json!(["code"]));
    assert_eq!(platform["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(platform["authorization_response_iss_parameter_supported"], true);
    assert_eq!(platform["request_uri_parameter_supported"], false, "without the line it would count as true");
    let tenant = Issuer::Tenant(Id::from_raw(42));
    let tenant = serde_json::to_value(Metadata::new(&issuers(), tenant, &at("acme"))).unwrap();
    assert_eq!(tenant["issuer"], "https://id.example/tenants/tnt_42");
    assert_eq!(tenant["token_endpoint"], "https://id.example/api/v1/auth/tenants/acme/oauth/token");
    assert_eq!(tenant["jwks_uri"], "https://id.example/api/v1/auth/tenants/acme/.well-known/jwks.json");
    for scope in [
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "groups",
        "offline_access",
        "admin:read",
        "admin:write",
        "secrets:read",
    ] {
        assert!(platform["scopes_supported"].as_array().unwrap().contains(&json!(scope)), "{scope}");
    }
    // Each grant and each method that it lists is taken, as far as the client shows itself.
    let ann = super::person::Person::new();
    let (web, spa) = (ann.app(ApplicationType::Web), ann.app(ApplicationType::Spa));
    for grant in platform["grant_types_supported"].as_array().unwrap() {
        for method in platform["token_endpoint_auth_methods_supported"].as_array().unwrap() {
            let mut body = format!("grant_type={}&code=x&refresh_token=x&scope=openid", grant.as_str().unwrap());
            let (client_id, secret) = (web.application.client_id(), web.secret.clone().unwrap());
            let header = match method.as_str().unwrap() {
                "client_secret_basic" => Some(basic(&client_id, &secret)),
                "client_secret_post" => {
                    body += &format!("&client_id={client_id}&client_secret={secret}");
                    None
                }
                "none" => {
                    body += &format!("&client_id={}", spa.application.client_id());
                    None
                }
                other => panic!("{other} is advertised and not tested"),
            };
            let request = TokenRequest::parse(header.as_deref(), body.as_bytes()).unwrap();
            let result = approve(&ann.world.store.read(), &at("acme"), &request, NOW);
            // Without a secret there is no client_credentials.
            let right = !(method == "none" && grant == "client_credentials");
            assert_eq!(result.is_ok(), right, "{grant} {method}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_the_check(text in ".{0,80}", claims: Vec<u8>) {
        prop_assert!(verify(&text).is_err());
        let unsigned = format!("a.{}.b", URL_SAFE_NO_PAD.encode(&claims));
        prop_assert!(verify(&unsigned).is_err());
    }

    #[test]
    fn one_changed_letter_is_always_refused(at: prop::sample::Index, to in 0u8..64) {
        let claims = json!({
            "iss": "https://id.example/platform", "aud": "skc_1", "sub": "skc_1", "scope": "openid",
            "token_type": "client_credentials", "exp": NOW.secs() + 60, "iat": NOW.secs(), "jti": "x", "client_id": "skc_1",
            "app_scope": "GLOBAL", "platform_token": true,
        });
        let good = sign(&claims);
        prop_assert!(verify(&good).is_ok());
        let mut bad = good.clone().into_bytes();
        let at = at.index(bad.len());
        bad[at] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[usize::from(to)];
        let bad = String::from_utf8(bad).unwrap();
        prop_assert!(bad == good || verify(&bad).is_err());
    }
}
