//! The client credentials grant: the request of ScaiKey's quickstart and every way in which it is refused.

use super::*;
use crate::access::{Place, permit};
use crate::apps::testkit::detail;
use crate::apps::{self, AppScope, ApplicationStatus, ApplicationType, NewSecret, UpdateApplication};
use crate::audit::Outcome;
use crate::base::ScopeSet;
use crate::base::id::{ApplicationId, TenantId};
use crate::tenancy::{self, PartnerPatch, Status, TenantPatch};
use ApplicationType::{Native, Service, Spa, Web};

fn code(result: Result<TokenResponse, OAuthError>) -> Result<(), (ErrorCode, u16)> {
    result.map(|_| ()).map_err(|error| {
        let plain = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(!error.description.is_empty() && error.description.bytes().all(plain), "RFC 6749 §5.2: {error}");
        assert_eq!(error.www_authenticate, error.status == 401);
        (error.code, error.status)
    })
}

const UNAUTHORIZED: Result<(), (ErrorCode, u16)> = Err((ErrorCode::UnauthorizedClient, 400));
const UNKNOWN: Result<(), (ErrorCode, u16)> = Err((ErrorCode::InvalidClient, 401));
const BAD_SCOPE: Result<(), (ErrorCode, u16)> = Err((ErrorCode::InvalidScope, 400));

fn change(world: &World, id: ApplicationId, change: UpdateApplication) {
    let granted = world.may(Place::Platform);
    world.write(move |tx| apps::update(tx, &granted, &change, id, NOW));
}

fn set_status(world: &World, tenant: TenantId, status: Status) {
    let granted = world.may::<permit::WriteTenants>(Place::Platform);
    let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &granted, tenant, &patch, NOW));
}

#[test]
fn the_seeds_request_has_the_seeds_answer() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Global, "openid admin:read");
    let client_id = application.client_id();
    let answer = ask(&world, &Flavour::Platform, &client_id, &secret, Some("admin:read"), NOW).unwrap();
    let json = serde_json::to_string(&answer).unwrap();
    let token = &answer.access_token;
    assert_eq!(
        json,
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600,"scope":"admin:read"}}"#)
    );
    let header = part(token, 0);
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("at+jwt")));
    assert_eq!(header["kid"].as_str(), Some(KEYS.signer(SigningAlg::Rs256).unwrap().kid()));
    let claims = part(token, 1);
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(jti).unwrap().len(), 16);
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "https://id.example/platform", "aud": client_id, "sub": client_id, "scope": "admin:read",
            "token_type": "client_credentials", "exp": NOW.secs() + 3600, "iat": NOW.secs(), "jti": jti,
            "client_id": client_id, "app_scope": "GLOBAL", "platform_token": true,
        })
    );
}

#[test]
fn tenant_and_partner_tokens_name_their_tenant() {
    let world = World::new();
    let (tenant, secret) = world.register(Web, AppScope::Tenant(world.acme), "users:read");
    let answer = ask(&world, &at("acme"), &tenant.client_id(), &secret, None, NOW).unwrap();
    let claims = part(&answer.access_token, 1);
    let acme = world.acme.to_string();
    assert_eq!(claims["iss"], format!("https://id.example/tenants/{acme}"));
    assert_eq!((&claims["tenant_id"], &claims["app_scope"]), (&acme.clone().into(), &"TENANT".into()));
    assert!(claims.get("platform_token").is_none() && claims.get("partner_id").is_none());

    let (partner, secret) = world.register(Service, AppScope::Partner(world.one), "users:read");
    for (slug, tenant) in [("acme", world.acme), ("default", world.home)] {
        let answer = ask(&world, &at(slug), &partner.client_id(), &secret, None, NOW).unwrap();
        let claims = part(&answer.access_token, 1);
        assert_eq!(claims["tenant_id"], tenant.to_string());
        assert_eq!((&claims["partner_id"], &claims["app_scope"]), (&world.one.to_string().into(), &"PARTNER".into()));
    }
}

#[test]
fn tokens_are_signed_and_last_as_the_application_says() {
    let world = World::new();
    for alg in SigningAlg::ALL {
        let (application, secret) = world.register(Service, AppScope::Global, "openid");
        let patch =
            UpdateApplication { signing_alg: Some(alg), token_lifetime: Some(60), ..UpdateApplication::default() };
        change(&world, application.id, patch);
        let answer = ask(&world, &Flavour::Platform, &application.client_id(), &secret, None, NOW).unwrap();
        assert_eq!(part(&answer.access_token, 0)["alg"], alg.as_str());
        assert_eq!((answer.expires_in, part(&answer.access_token, 1)["exp"].as_i64()), (60, Some(NOW.secs() + 60)));
        assert!(verify_access_token(&KEYS, &issuers(), &answer.access_token, NOW).is_ok());
    }
}

#[test]
fn scopes_are_a_subset_or_all() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Global, "openid admin:read admin:write");
    let client_id = application.client_id();
    let granted = |scope| {
        ask(&world, &Flavour::Platform, &client_id, &secret, scope, NOW)
            .map(|answer| (answer.scope.clone(), part(&answer.access_token, 1)["scope"].as_str().unwrap().to_owned()))
            .map_err(|error| (error.code, error.status))
    };
    let both = |scope: &str| Ok((scope.to_owned(), scope.to_owned()));
    assert_eq!(granted(None), both("openid admin:read admin:write"));
    assert_eq!(granted(Some("")), both("openid admin:read admin:write"), "an empty parameter was not sent");
    assert_eq!(granted(Some("admin:write openid admin:write")), both("admin:write openid"));
    for bad in ["admin:read secrets:read", "Admin:Read", "a\"b", "a\tb", "ä"] {
        assert_eq!(granted(Some(bad)).map(|_| ()), BAD_SCOPE, "{bad}");
    }
    let error = ask(&world, &Flavour::Platform, &client_id, &secret, Some("secrets:read"), NOW).unwrap_err();
    assert!(error.description.contains("openid admin:read admin:write"), "says what is allowed");
    assert!(error.description.contains("is not allowed the scope secrets:read;"), "and names what is not");
    let (none, secret) = world.register(Service, AppScope::Global, "");
    assert_eq!(code(ask(&world, &Flavour::Platform, &none.client_id(), &secret, None, NOW)), BAD_SCOPE);
}

#[test]
fn each_flavour_serves_its_own_applications() {
    let world = World::new();
    let (global, global_secret) = world.register(Service, AppScope::Global, "openid");
    let (partner, partner_secret) = world.register(Service, AppScope::Partner(world.one), "openid");
    let (acme, acme_secret) = world.register(Service, AppScope::Tenant(world.acme), "openid");
    for (application, secret, flavour, expected) in [
        (&global, &global_secret, Flavour::Platform, Ok(())),
        (&global, &global_secret, at("acme"), UNAUTHORIZED),
        (&partner, &partner_secret, Flavour::Platform, UNAUTHORIZED),
        (&partner, &partner_secret, at("acme"), Ok(())),
        (&partner, &partner_secret, at("other"), UNKNOWN),
        (&acme, &acme_secret, Flavour::Platform, UNAUTHORIZED),
        (&acme, &acme_secret, at("acme"), Ok(())),
        (&acme, &acme_secret, at("default"), UNKNOWN),
        (&acme, &acme_secret, at("other"), UNKNOWN),
        (&acme, &acme_secret, at("nobody"), Err((ErrorCode::InvalidRequest, 404))),
        // Where it goes, only who holds the secret is told.
        (&global, &acme_secret, at("acme"), UNKNOWN),
        (&acme, &global_secret, Flavour::Platform, UNKNOWN),
    ] {
        let answer = ask(&world, &flavour, &application.client_id(), secret, None, NOW);
        assert_eq!(code(answer), expected, "{:?} at {flavour:?}", application.scope);
    }
    let told = |application: &apps::Application, secret: &str, flavour: &Flavour| {
        ask(&world, flavour, &application.client_id(), secret, None, NOW).unwrap_err().description
    };
    assert!(told(&global, &global_secret, &at("acme")).contains("/api/v1/platform/oauth/token"));
    assert!(told(&acme, &acme_secret, &Flavour::Platform).contains("/api/v1/auth/tenants/{slug}/oauth/token"));
    assert_eq!(
        told(&acme, &acme_secret, &at("other")),
        told(&acme, "wrong", &at("other")),
        "elsewhere, a client with its secret looks like one that does not exist"
    );
}

#[test]
fn a_client_that_cannot_be_authenticated_learns_nothing() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Global, "openid");
    let deleted = world.register(Service, AppScope::Global, "openid");
    let (granted, id) = (world.may(Place::Platform), deleted.0.id);
    world.write(move |tx| apps::delete(tx, &granted, id, NOW));
    let mut typo = secret.clone();
    typo.pop();
    let (unknown, own, gone) = ("skc_4711".to_owned(), application.client_id(), deleted.0.client_id());
    let mut answers = Vec::new();
    for (client_id, secret) in
        [(&unknown, &secret), (&own, &typo), (&own, &deleted.1), (&gone, &deleted.1), (&format!("{own}0"), &secret)]
    {
        let error = ask(&world, &Flavour::Platform, client_id, secret, None, NOW).unwrap_err();
        answers.push((error.code.as_str(), error.status, error.www_authenticate, error.description));
    }
    assert_eq!((answers[0].0, answers[0].1, answers[0].2), ("invalid_client", 401, true));
    answers.dedup();
    assert_eq!(answers.len(), 1, "the same answer for all: {answers:?}");
}

#[test]
fn a_secret_made_elsewhere_may_have_any_character() {
    let world = World::new();
    let (application, _) = world.register(Service, AppScope::Global, "openid");
    let secret = "pass:word 100%+ünï&=";
    let (granted, id) = (world.may(Place::Platform), application.id);
    let imported =
        NewSecret { id: world.id(), digest: crate::crypto::token::TokenDigest::of(secret), hint: String::new() };
    world.write(move |tx| apps::rotate_secret(tx, &granted, id, &imported, None, NOW));
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let client_id = application.client_id();
    assert_eq!(code(ask(&world, &Flavour::Platform, &client_id, &encoded, None, NOW)), Ok(()));
    let body = format!("grant_type=client_credentials&client_id={client_id}&client_secret={encoded}");
    let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
    assert!(approve(&world.store.read(), &Flavour::Platform, &request, NOW).is_ok());
}

#[test]
fn both_secrets_of_a_rotation_hold_and_the_old_one_ends() {
    let world = World::new();
    let (application, old) = world.register(Service, AppScope::Global, "openid");
    let (granted, id) = (world.may(Place::Platform), application.id);
    let (new, secret) = NewSecret::make(world.id());
    world.write(move |tx| apps::rotate_secret(tx, &granted, id, &new, Some(60), NOW));
    let works = |secret: &str, now| code(ask(&world, &Flavour::Platform, &application.client_id(), secret, None, now));
    assert_eq!((works(&old, NOW.plus_secs(59)), works(secret.expose(), NOW)), (Ok(()), Ok(())));
    assert_eq!((works(&old, NOW.plus_secs(60)), works(secret.expose(), NOW.plus_secs(60))), (UNKNOWN, Ok(())));
}

#[test]
fn there_is_no_password_grant() {
    for grant in ["password", "implicit", "Authorization_Code", "Client_Credentials", "x y"] {
        let body = format!("grant_type={}&username=a&password=b", grant.replace(' ', "+"));
        let error = TokenRequest::parse(Some(&basic("a", "b")), body.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.status), (ErrorCode::UnsupportedGrantType, 400), "{grant}");
    }
    for body in ["", "grant_type=", "scope=openid"] {
        let error = TokenRequest::parse(Some(&basic("a", "b")), body.as_bytes()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{body}");
    }
    let twice = TokenRequest::parse(None, b"grant_type=client_credentials&grant_type=client_credentials");
    assert_eq!(twice.unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn a_client_without_a_secret_gets_no_token_for_itself() {
    let world = World::new();
    for kind in [Spa, Native] {
        let (application, secret) = world.register(kind, AppScope::Global, "openid admin:read");
        let client_id = application.client_id();
        assert_eq!(code(ask(&world, &Flavour::Platform, &client_id, &secret, None, NOW)), UNKNOWN);
        let body = format!("grant_type=client_credentials&client_id={client_id}");
        let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
        let refused = approve(&world.store.read(), &Flavour::Platform, &request, NOW).unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::UnauthorizedClient);
    }
    let (service, _) = world.register(Service, AppScope::Global, "openid");
    let body = format!("grant_type=client_credentials&client_id={}", service.client_id());
    let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
    let refused = approve(&world.store.read(), &Flavour::Platform, &request, NOW).unwrap_err();
    assert_eq!(refused.error.code, ErrorCode::InvalidClient, "one with a secret must show it");
}

#[test]
fn disabled_and_suspended_get_nothing() {
    let world = World::new();
    let (acme, acme_secret) = world.register(Service, AppScope::Tenant(world.acme), "openid");
    let (other, other_secret) = world.register(Service, AppScope::Partner(world.two), "openid");
    let acme_asks = || code(ask(&world, &at("acme"), &acme.client_id(), &acme_secret, None, NOW));
    let other_asks = || code(ask(&world, &at("other"), &other.client_id(), &other_secret, None, NOW));
    let switch = |status| UpdateApplication { status: Some(status), ..UpdateApplication::default() };
    assert_eq!((acme_asks(), other_asks()), (Ok(()), Ok(())));
    change(&world, acme.id, switch(ApplicationStatus::Disabled));
    assert_eq!(acme_asks(), UNAUTHORIZED);
    assert_eq!(
        code(ask(&world, &at("acme"), &acme.client_id(), "wrong", None, NOW)),
        UNKNOWN,
        "only the holder is told"
    );
    change(&world, acme.id, switch(ApplicationStatus::Active));
    assert_eq!(acme_asks(), Ok(()));
    set_status(&world, world.acme, Status::Suspended);
    assert_eq!(acme_asks(), UNAUTHORIZED);
    let (granted, two) = (world.may(Place::Platform), world.two);
    world.write(move |tx| {
        let patch = PartnerPatch { status: Some(Status::Suspended), ..PartnerPatch::default() };
        tenancy::update_partner(tx, &granted, two, &patch, NOW)
    });
    assert_eq!(other_asks(), UNAUTHORIZED);
}

#[test]
fn a_token_leaves_an_audit_row_and_no_secret_in_it() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Tenant(world.acme), "openid");
    let body = b"grant_type=client_credentials";
    let request = TokenRequest::parse(Some(&basic(&application.client_id(), &secret)), body).unwrap();
    let approved = approve(&world.store.read(), &at("acme"), &request, NOW).unwrap();
    let record = approved.record("jti-1", &origin(), NOW);
    world.store.write_later(move |tx| record.write(tx)).unwrap();
    world.store.write_blocking(|_| Ok::<_, Problem>(())).unwrap();
    let event = world.last_event();
    assert_eq!((event.action.as_str(), event.outcome), ("token.issue", Outcome::Success));
    assert_eq!((&event.actor.id, event.actor.kind.as_str()), (&application.client_id(), "application"));
    assert_eq!(event.actor.name, application.name.as_str());
    assert_eq!((event.tenant, event.partner), (Some(world.acme), Some(world.one)));
    assert_eq!((detail(&event, "jti"), detail(&event, "scope")), (Some("jti-1"), Some("openid")));
    let row = apps::client(&world.store.read(), &application.client_id()).unwrap().unwrap();
    assert_eq!(row.secrets[0].last_used, Some(NOW));
}

#[test]
fn a_refusal_is_denied_in_the_log() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Tenant(world.other), "openid");
    let refuse = |client_id: &str, secret: &str, flavour: Flavour| {
        let request = TokenRequest::parse(Some(&basic(client_id, secret)), b"grant_type=client_credentials").unwrap();
        approve(&world.store.read(), &flavour, &request, NOW).unwrap_err().event(&origin(), NOW)
    };
    let own = application.client_id();
    let event = refuse(&own, "scs_wrong", at("other"));
    assert_eq!((event.action.as_str(), event.outcome), ("token.issue", Outcome::Denied));
    assert_eq!((event.actor.kind.as_str(), &event.actor.name), ("anonymous", &own));
    assert_eq!((event.resource_id.as_str(), event.tenant), (application.id.to_string().as_str(), Some(world.other)));
    assert_eq!(detail(&event, "error"), Some("invalid_client"));
    assert!(!format!("{event:?}").contains("scs_wrong"));
    let event = refuse(&own, &secret, Flavour::Platform);
    assert_eq!((&event.actor.id, event.actor.name.as_str()), (&own, application.name.as_str()));
    assert_eq!(detail(&event, "error"), Some("unauthorized_client"));
    let event = refuse(&own, &secret, at("acme"));
    assert!(!format!("{event:?}").contains(application.name.as_str()), "a name stays in its own tenant's log");
    let event = refuse(&secret, &own, Flavour::Platform);
    assert!(!format!("{event:?}").contains(&secret), "a secret in the wrong field");
}

#[test]
fn without_a_key_the_fault_is_ours() {
    let world = World::new();
    let (application, secret) = world.register(Service, AppScope::Global, "openid");
    let empty = KeySet::load(&world.store.read(), &keyring(), NOW).unwrap();
    let header = basic(&application.client_id(), &secret);
    let request = TokenRequest::parse(Some(&header), b"grant_type=client_credentials").unwrap();
    let approved = approve(&world.store.read(), &Flavour::Platform, &request, NOW).unwrap();
    assert_eq!(approved.scope, ScopeSet::parse("openid").unwrap());
    let error = issue(&empty, &issuers(), &approved, "x", NOW).unwrap_err();
    assert_eq!((error.code, error.status), (ErrorCode::ServerError, 500));
    assert!(error.internal.is_some_and(|text| text.contains("RS256")));
}

#[test]
fn scopes_that_are_none_any_more_are_left_aside_and_the_answer_says_so() {
    let world = World::new();
    world.name_permission("orders:read");
    let (application, secret) = world.register(Service, AppScope::Global, "admin:read orders:read");
    let client_id = application.client_id();
    let granted = |scope: Option<&str>| {
        ask(&world, &Flavour::Platform, &client_id, &secret, scope, NOW).map(|answer| answer.scope)
    };
    assert_eq!(granted(None).unwrap(), "admin:read orders:read");
    assert_eq!(granted(Some("orders:read read:everything")).unwrap(), "orders:read");
    let (may, gone) = (world.may(Place::Platform), crate::roles::PermissionName::parse("orders:read").unwrap());
    world.write(move |tx| crate::roles::permissions::delete(tx, &may, &gone, NOW));
    assert_eq!(granted(None).unwrap(), "admin:read");
    assert_eq!(granted(Some("admin:read orders:read")).unwrap(), "admin:read");
    assert_eq!(granted(Some("orders:read")).unwrap_err().code, ErrorCode::InvalidScope);
}
