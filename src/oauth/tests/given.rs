//! What tokens say, and what they are worth when they come back: ID tokens, userinfo, introspection, revocation.

use super::person::*;
use super::*;
use crate::access::{Credential, Evidence, Method, Place, Principal, Proof, permit};
use crate::apps::ApplicationType::{Native, Service, Spa, Web};
use crate::apps::{self, AppScope, UpdateApplication};
use crate::crypto::digest::{sha256, sha512};
use crate::oauth::client_auth::Presented;
use crate::people::{self, Address, AddressText, PhoneNumber, ProfileChange, UserPatch};
use crate::store::StoreError;
use serde_json::json;

fn introspected(ann: &Person, by: &Client, token: &str, now: Timestamp) -> Result<Value, OAuthError> {
    let (read, ring) = (ann.world.store.read(), keyring());
    let approved = admit(&read, &by.flavour, &presented(by), now).map_err(|refused| refused.error)?;
    let told = introspect(&read, (&KEYS, &issuers(), ring.pepper()), &approved, token, (now, IDLE))?;
    Ok(serde_json::to_value(told).unwrap())
}

fn presented(client: &Client) -> Presented {
    let secret = client.secret.clone().map(crate::base::Secret::new);
    Presented { client_id: client.application.client_id(), secret }
}

/// Whether a client ends anything with a token.
pub fn revoked(ann: &Person, by: &Client, token: &str) -> bool {
    let ring = keyring();
    let approved = admit(&ann.world.store.read(), &by.flavour, &presented(by), NOW).unwrap();
    let with = (&*KEYS, &issuers(), ring.pepper());
    let Some(wanted) = revoke::Wanted::read(with, &approved, token, NOW) else { return false };
    ann.world
        .store
        .write_blocking(move |tx| wanted.revoke(tx, &approved, &origin(), NOW))
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

fn told(ann: &Person, flavour: &Flavour, token: &str, now: Timestamp) -> Result<Value, Problem> {
    userinfo(&ann.world.store.read(), (&KEYS, &issuers()), flavour, token, (now, IDLE))
        .map(|told| Value::Object(told.claims))
}

#[test]
fn a_persons_access_token() {
    let ann = Person::new();
    let client = ann.app(Web);
    let tokens = ann.tokens(&client, "openid secrets:read");
    assert_eq!(part(&tokens.access_token, 0)["typ"], "at+jwt");
    let claims = part(&tokens.access_token, 1);
    let client_id = client.application.client_id();
    // aud is the client, as ScaiKey's quickstart has it; RFC 9068 would have the resource there.
    for (claim, want) in [
        ("iss", json!(format!("https://id.example/tenants/{}", ann.world.acme))),
        ("sub", json!(ann.user.id)),
        ("aud", json!(client_id)),
        ("client_id", json!(client_id)),
        ("exp", json!(NOW.secs() + 3600)),
        ("iat", json!(NOW.secs())),
        ("scope", json!("openid secrets:read")),
        ("tenant_id", json!(ann.world.acme)),
        ("app_scope", json!("TENANT")),
        ("sid", json!(ann.session)),
        ("auth_time", json!(NOW.secs())),
        ("acr", json!("https://refeds.org/profile/sfa")),
        ("amr", json!(["pwd"])),
    ] {
        assert_eq!(claims[claim], want, "{claim}");
    }
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
    for absent in ["email", "name", "role", "token_type", "platform_token", "groups", "nonce"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_persons_token_is_narrowed_by_scope_and_by_role() {
    let ann = Person::new();
    let client = ann.app(Web);
    let tokens = ann.tokens(&client, "openid secrets:read");
    let claims = verify_access_token(&KEYS, &issuers(), &tokens.access_token, NOW).unwrap();
    let (actor, stale) = actor_for(&ann.world.store.read(), &claims, origin(), NOW, SECS).unwrap();
    let actor = std::sync::Arc::new(actor);
    assert_eq!(actor.principal, Principal::User { id: ann.user.id, email: ann.user.email.clone() });
    assert!(matches!(&actor.credential, Credential::UserToken { session, application, .. }
        if *session == ann.session && *application == client.application.id));
    assert!(stale.is_none() && actor.tenant == ann.world.acme);
    let here = ann.world.tenant(ann.world.acme);
    assert!(actor.may::<permit::ReadSecrets>(here) && !actor.may::<permit::WriteSecrets>(here));
    assert!(!actor.may::<permit::ReadSecrets>(ann.world.tenant(ann.world.home)));
    assert!(!actor.may::<permit::ReadUsers>(here), "a scope makes nobody an admin");
    let make = |actor: &std::sync::Arc<crate::access::Actor>| actor.grant::<permit::MakeTokens>(here).is_ok();
    assert!(actor.is_application_for_user() && !make(&actor), "what it makes would outlive the consent");
    let client = ann.app_of(Web, AppScope::Tenant(ann.world.acme), "openid api_keys:manage");
    let keys = ann.tokens(&client, "openid api_keys:manage");
    let keys = verify_access_token(&KEYS, &issuers(), &keys.access_token, NOW).unwrap();
    let (keys, _) = actor_for(&ann.world.store.read(), &keys, origin(), NOW, SECS).unwrap();
    let keys = std::sync::Arc::new(keys);
    assert!(keys.grant::<permit::ManageApiKeys>(here).is_ok(), "it may see and end them");
    let refused = keys.grant::<permit::MakeApiKeys>(here).unwrap_err();
    assert_eq!(refused.reason, crate::access::Reason::Delegated);
    assert_eq!((actor.proof, keys.proof), (Proof::Recent, Proof::Recent));
    let later = NOW.plus_secs(SECS.step_up);
    let (stale, _) = actor_for(&ann.world.store.read(), &claims, origin(), later, SECS).unwrap();
    assert_eq!(stale.proof, Proof::Stale);
    let (_, stale) = actor_for(&ann.world.store.read(), &claims, origin(), NOW.plus_secs(61), SECS).unwrap();
    assert_eq!(stale, Some(ann.session), "its use is to be noted");
}

#[test]
fn an_id_token_is_no_access_token_and_the_reverse() {
    let ann = Person::new();
    let client = ann.app(Web);
    let tokens = ann.tokens(&client, "openid");
    let (access, id) = (tokens.access_token, tokens.id_token.unwrap());
    assert!(verify_access_token(&KEYS, &issuers(), &id, NOW).is_err());
    assert_eq!(told(&ann, &client.flavour, &id, NOW).unwrap_err().code, "invalid_token");
    assert_eq!(introspected(&ann, &client, &id, NOW).unwrap(), json!({"active": false}));
    assert!(!revoked(&ann, &client, &id));
    let hint = verify_hint(&KEYS, &issuers(), &id).unwrap();
    assert_eq!(
        (hint.user, hint.sid, hint.aud),
        (Some(ann.user.id), Some(ann.session), client.application.client_id().into())
    );
    assert!(verify_hint(&KEYS, &issuers(), &access).is_err());
    assert!(verify_hint(&KEYS, &Issuers::new("https://other.example"), &id).is_err());
}

#[test]
fn the_claims_of_an_id_token() {
    let ann = Person::new();
    for alg in SigningAlg::ALL {
        let client = ann.app(Web);
        let (granted, id) = (ann.world.may(Place::Platform), client.application.id);
        let patch = UpdateApplication { signing_alg: Some(alg), ..UpdateApplication::default() };
        let application = ann.world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
        let client = Client { application, ..client };
        let code = ann.code_with(&client, "openid", NOW, |new| {
            new.evidence = Evidence::of(&[Method::Password, Method::Totp], NOW.plus_secs(-500));
        });
        let tokens = ann.redeem(&client, &code, NOW).unwrap();
        let token = tokens.id_token.unwrap();
        assert_eq!(part(&token, 0)["alg"], alg.as_str());
        assert_eq!(part(&tokens.access_token, 0)["alg"], alg.as_str(), "signed with the same");
        let claims = part(&token, 1);
        let hash = match alg {
            SigningAlg::EdDsa => sha512(tokens.access_token.as_bytes())[..32].to_vec(),
            _ => sha256(tokens.access_token.as_bytes())[..16].to_vec(),
        };
        for (claim, want) in [
            ("nonce", json!("n-0S6_WzA2Mj")),
            ("auth_time", json!(NOW.secs() - 500)),
            ("acr", json!("https://refeds.org/profile/mfa")),
            ("amr", json!(["pwd", "otp", "mfa"])),
            ("at_hash", json!(URL_SAFE_NO_PAD.encode(hash))),
            ("sid", json!(ann.session)),
            ("sub", json!(ann.user.id)),
            ("aud", json!(client.application.client_id())),
            ("iat", json!(NOW.secs())),
            ("exp", json!(NOW.secs() + 3600)),
        ] {
            assert_eq!(claims[claim], want, "{claim}");
        }
        assert!(claims["sub"].as_str().unwrap().starts_with("usr_"), "stable, and not an e-mail");
        let (first, second) = (ann.tokens(&client, "openid"), ann.tokens(&client, "openid"));
        assert_eq!(part(&first.id_token.unwrap(), 1)["sub"], part(&second.id_token.unwrap(), 1)["sub"]);
    }
    let client = ann.app(Web);
    let code = ann.code_with(&client, "openid", NOW, |new| new.nonce = None);
    assert!(part(&ann.redeem(&client, &code, NOW).unwrap().id_token.unwrap(), 1).get("nonce").is_none());
}

#[test]
fn a_client_is_never_a_person() {
    let ann = Person::new();
    let service = ann.app(Service);
    let client_id = service.application.client_id();
    assert!(client_id.starts_with("skc_") && crate::base::id::UserId::parse(&client_id).is_none());
    // A token that mixes both kinds is neither.
    let good = json!({
        "iss": format!("https://id.example/tenants/{}", ann.world.acme), "aud": client_id, "sub": client_id, "scope": "openid",
        "token_type": "client_credentials", "exp": NOW.secs() + 60, "iat": NOW.secs(), "jti": "x", "client_id": client_id,
        "app_scope": "TENANT", "tenant_id": ann.world.acme,
    });
    let check = |change: &[(&str, Value)]| {
        let mut claims = good.clone();
        for (name, value) in change {
            claims[*name] = value.clone();
        }
        let token = KEYS.signer(SigningAlg::EdDsa).unwrap().sign(access_token_type(), &claims).unwrap();
        verify_access_token(&KEYS, &issuers(), &token, NOW).is_ok()
    };
    assert!(check(&[]));
    assert!(!check(&[("sub", json!(ann.user.id))]));
    assert!(!check(&[("token_type", Value::Null)]));
    assert!(!check(&[("token_type", Value::Null), ("sub", json!(ann.user.id))]), "no session, no family");
    let person = [("token_type", Value::Null), ("sub", json!(ann.user.id)), ("sid", json!(ann.session))];
    let whole = [&person[..], &[("family", json!("fam_1"))]].concat();
    assert!(check(&whole));
    assert!(!check(&[&whole[..], &[("platform_token", json!(true))]].concat()));
    assert!(!check(&[&whole[..], &[("tenant_id", json!("tnt_1"))]].concat()));
    assert!(!check(&[&whole[..], &[("aud", json!("skc_1"))]].concat()));
}

#[test]
fn each_scope_leads_to_its_claims() {
    let ann = Person::new();
    let client = ann.app(Web);
    let text = |text: &str| Some(AddressText::parse(text).unwrap());
    let patch = UserPatch {
        profile: ProfileChange {
            phone_number: Some(Some(PhoneNumber::parse("+31201234567").unwrap())),
            address: Some(Some(Address { locality: text("Amsterdam"), country: text("NL"), ..Address::default() })),
            ..ProfileChange::default()
        },
        ..UserPatch::default()
    };
    let (granted, id) = (ann.world.may::<crate::access::permit::WriteUsers>(Place::Platform), ann.user.id);
    let user = ann.world.write(move |tx| people::update(tx, &granted, id, &patch, NOW));
    let sub = json!(ann.user.id);
    for (scope, want) in [
        ("openid", json!({"sub": sub})),
        (
            "openid profile",
            json!({"sub": sub, "name": "Ann Lee", "given_name": "Ann", "family_name": "Lee", "updated_at": NOW.secs(),
                "preferred_username": user.email.as_str()}),
        ),
        ("openid email", json!({"sub": sub, "email": user.email.as_str(), "email_verified": true})),
        (
            "openid address",
            json!({"sub": sub, "address": {"formatted": "Amsterdam\nNL", "locality": "Amsterdam", "country": "NL"}}),
        ),
        ("openid phone", json!({"sub": sub, "phone_number": "+31201234567", "phone_number_verified": false})),
        ("openid groups", json!({"sub": sub, "groups": []})),
        ("openid offline_access", json!({"sub": sub})),
    ] {
        let tokens = ann.tokens(&client, scope);
        assert_eq!(told(&ann, &client.flavour, &tokens.access_token, NOW).unwrap(), want, "{scope}");
        // The ID token tells the same.
        let id = part(&tokens.id_token.unwrap(), 1);
        for (claim, value) in want.as_object().unwrap() {
            assert_eq!(&id[claim], value, "{scope} {claim}");
        }
    }
}

#[test]
fn userinfo_wants_a_persons_living_token_with_openid() {
    let ann = Person::new();
    let client = ann.app(Web);
    let token = ann.tokens(&client, "profile").access_token;
    assert_eq!(told(&ann, &client.flavour, &token, NOW).unwrap_err().code, "insufficient_scope");
    let own = ann.ask(&client, &[("grant_type", "client_credentials"), ("scope", "openid")], NOW).unwrap().access_token;
    let token = ann.tokens(&client, "openid").access_token;
    for (flavour, token, now) in [
        (&client.flavour, own.as_str(), NOW),
        (&client.flavour, token.as_str(), NOW.plus_secs(3600)),
        (&Flavour::Platform, token.as_str(), NOW),
        (&at("default"), token.as_str(), NOW),
        (&at("nobody"), token.as_str(), NOW),
        (&client.flavour, "nonsense", NOW),
    ] {
        assert_eq!(told(&ann, flavour, token, now).unwrap_err().code, "invalid_token", "{flavour:?}");
    }
    assert!(told(&ann, &client.flavour, &token, NOW).is_ok());
    let (granted, session) = (ann.world.may(Place::Platform), ann.session);
    ann.world.write(move |tx| crate::sessions::end_by_admin(tx, &granted, session, NOW));
    assert_eq!(told(&ann, &client.flavour, &token, NOW).unwrap_err().code, "invalid_token", "signed out");
}

#[test]
fn introspection_tells_the_living_from_all_others() {
    let ann = Person::new();
    let client = ann.app(Web);
    let api = allowed_to_introspect(&ann, ann.app(Service));
    let tokens = ann.tokens(&client, "openid email");
    let claims = part(&tokens.access_token, 1);
    let active = introspected(&ann, &api, &tokens.access_token, NOW).unwrap();
    for claim in
        ["scope", "client_id", "sub", "aud", "iss", "jti", "exp", "iat", "sid", "tenant_id", "auth_time", "acr", "amr"]
    {
        assert_eq!(active[claim], claims[claim], "{claim}");
    }
    assert_eq!((&active["active"], &active["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!(active["username"], ann.user.email.as_str());
    let own = ann.ask(&api, &[("grant_type", "client_credentials")], NOW).unwrap().access_token;
    assert_eq!(introspected(&ann, &api, &own, NOW).unwrap()["active"], true);
    assert_eq!(
        introspected(&ann, &client, &tokens.access_token, NOW).unwrap(),
        active,
        "its own, without being allowed"
    );
    let refresh = tokens.refresh_token.clone().unwrap();
    let told = introspected(&ann, &client, &refresh, NOW).unwrap();
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &json!(ann.user.id)));

    let global = allowed_to_introspect(&ann, ann.app_of(Service, AppScope::Global, "openid"));
    let foreign = ann.tokens(&ann.app_of(Web, AppScope::Global, "openid"), "openid").access_token;
    let inactive = json!({"active": false});
    for (by, token, now) in [
        (&api, "unknown", NOW),
        (&api, "a.b.c", NOW),
        (&api, tokens.access_token.as_str(), NOW.plus_secs(3600)),
        (&api, foreign.as_str(), NOW),
        (&global, tokens.access_token.as_str(), NOW),
        (&client, own.as_str(), NOW),
        (&ann.app(Web), tokens.access_token.as_str(), NOW),
        (&ann.app(Service), tokens.access_token.as_str(), NOW),
        (&api, refresh.as_str(), NOW),
        (&client, refresh.as_str(), NOW.plus_secs(IDLE)),
    ] {
        assert_eq!(introspected(&ann, by, token, now).unwrap(), inactive);
    }
    assert!(revoked(&ann, &client, &tokens.access_token));
    assert_eq!(introspected(&ann, &api, &tokens.access_token, NOW).unwrap(), inactive);
    // Who asks has to show who it is.
    for (secret, kind) in [(None, Web), (Some("scs_wrong"), Web)] {
        let stranger = Client { secret: secret.map(ToOwned::to_owned), ..ann.app(kind) };
        let error = introspected(&ann, &stranger, "x", NOW).unwrap_err();
        assert_eq!((error.code, error.status), (ErrorCode::InvalidClient, 401));
    }
    assert_eq!(introspected(&ann, &ann.app(Spa), "x", NOW).unwrap_err().code, ErrorCode::InvalidClient);
}

/// An administrator lets an application introspect what others hold.
fn allowed_to_introspect(ann: &Person, client: Client) -> Client {
    let (granted, id) = (ann.world.may::<permit::WriteApplications>(Place::Platform), client.application.id);
    let change = UpdateApplication { introspect_any_token: Some(true), ..UpdateApplication::default() };
    let application = ann.world.write(move |tx| apps::update(tx, &granted, &change, id, NOW));
    Client { application, ..client }
}

#[test]
fn introspection_of_anothers_tokens_wants_an_administrators_leave_and_stays_at_the_issuer() {
    let ann = Person::new();
    let holders = [
        ann.app(Web),
        ann.app_of(Web, AppScope::Partner(ann.world.one), "openid"),
        ann.app_of(Web, AppScope::Global, "openid"),
    ];
    let held = holders.clone().map(|holder| ann.tokens(&holder, "openid").access_token);
    let sees = |by: &Client| held.clone().map(|token| introspected(&ann, by, &token, NOW).unwrap()["active"] == true);
    for (scope, without, with) in [
        (AppScope::Tenant(ann.world.acme), [false; 3], [true, true, false]),
        (AppScope::Partner(ann.world.one), [false; 3], [true, true, false]),
        (AppScope::Global, [false; 3], [false, false, true]),
    ] {
        let gateway = ann.app_of(Service, scope, "openid");
        assert_eq!(sees(&gateway), without, "{scope:?}");
        let gateway = allowed_to_introspect(&ann, gateway);
        assert_eq!(sees(&gateway), with, "{scope:?}");
    }
    for (holder, token) in holders.iter().zip(&held) {
        assert_eq!(introspected(&ann, holder, token, NOW).unwrap()["active"], true, "one's own");
    }
    // Whoever keeps no secret is nobody to be told.
    let (granted, id) = (ann.world.may(Place::Platform), ann.app(Spa).application.id);
    let change = UpdateApplication { introspect_any_token: Some(true), ..UpdateApplication::default() };
    let refused = ann.world.try_write(move |tx| apps::update(tx, &granted, &change, id, NOW)).unwrap_err();
    assert_eq!(refused.fields[0].field, "introspect_any_token");
}

#[test]
fn a_used_refresh_token_is_inactive_once_its_successor_was_used() {
    let ann = Person::new();
    let client = ann.app(Web);
    let zero = ann.tokens(&client, "openid").refresh_token.unwrap();
    let one = ann.refresh(&client, &zero, NOW).unwrap().refresh_token.unwrap();
    let two = ann.refresh(&client, &one, NOW).unwrap().refresh_token.unwrap();
    let active = |token: &str| introspected(&ann, &client, token, NOW).unwrap()["active"] == true;
    assert_eq!((active(&zero), active(&one), active(&two)), (false, true, true));
    assert!(ann.refresh(&client, &two, NOW).is_ok(), "asking changes nothing");
}

#[test]
fn revocation_takes_what_is_the_clients_own() {
    let ann = Person::new();
    let (client, other) = (ann.app(Web), ann.app(Native));
    let tokens = ann.tokens(&client, "openid");
    let refresh = tokens.refresh_token.clone().unwrap();
    for not_mine in [refresh.as_str(), &tokens.access_token, "unknown", "srt_x", ""] {
        assert!(!revoked(&ann, &other, not_mine));
    }
    assert!(ann.holds(&tokens.access_token, NOW));
    // One access token alone.
    let second = ann.refresh(&client, &refresh, NOW).unwrap();
    assert!(revoked(&ann, &client, &tokens.access_token) && !revoked(&ann, &client, &tokens.access_token));
    assert!(!ann.holds(&tokens.access_token, NOW) && ann.holds(&second.access_token, NOW));
    // A refresh token with everything.
    let event = ann.world.last_event();
    assert_eq!((event.action.as_str(), event.resource_type.as_str()), ("token.revoke", "access_token"));
    assert!(revoked(&ann, &client, second.refresh_token.as_deref().unwrap()));
    assert!(!ann.holds(&second.access_token, NOW));
    assert_eq!(ann.refresh(&client, &second.refresh_token.unwrap(), NOW).unwrap_err().code, ErrorCode::InvalidGrant);
    // A public client too.
    let public = ann.tokens(&other, "openid");
    assert!(revoked(&ann, &other, &public.refresh_token.unwrap()) && !ann.holds(&public.access_token, NOW));
}

#[test]
fn a_programs_own_token_can_be_revoked_and_no_other_is_looked_up() {
    let ann = Person::new();
    let service = ann.app(Service);
    let token = || ann.ask(&service, &[("grant_type", "client_credentials")], NOW).unwrap().access_token;
    let (one, two) = (token(), token());
    assert!(revoked(&ann, &service, &one) && !revoked(&ann, &service, &one));
    assert!(!ann.holds(&one, NOW) && ann.holds(&two, NOW));
    let row = apps::client(&ann.world.store.read(), &service.application.client_id()).unwrap().unwrap();
    assert_eq!(row.tokens_revoked_until, Some(NOW.plus_secs(3600)), "after that nobody looks");
    let stranger = ann.app(Service);
    let row = apps::client(&ann.world.store.read(), &stranger.application.client_id()).unwrap().unwrap();
    assert_eq!(row.tokens_revoked_until, None);
    let later = NOW.plus_secs(3601);
    assert_eq!(ann.world.write(move |tx| Ok(sweep_revoked(tx, later, 10)?)), 1);
}

#[test]
fn first_party_tokens_are_for_a_living_session() {
    let ann = Person::new();
    let new = |session| first_party::NewTokens {
        tenant: None,
        session,
        scope: None,
        family: ann.world.id(),
        refresh: crate::token_families::NewRefresh::draw(),
        jti: new_jti(Issuer::Platform),
        lifetimes: LIFETIMES,
        origin: origin(),
    };
    let (first, ring) = (new(ann.session), keyring());
    let jti = first.jti.clone();
    let issued = ann.world.write(move |tx| first_party::issue(tx, &first, NOW));
    let mint = Mint { keys: &KEYS, issuers: &issuers(), pepper: ring.pepper(), for_sdk: false };
    let tokens = user_tokens::sign(mint, &issued, &jti, NOW).unwrap();
    assert_eq!(tokens.scope, "openid profile email");
    assert!(ann.holds(&tokens.access_token, NOW) && tokens.id_token.is_some());
    let own = apps::client(&ann.world.store.read(), "skc_1").unwrap().unwrap();
    let client =
        Client { application: apps::Application::clone(&own), secret: None, flavour: Flavour::Platform, is_sdk: false };
    let next = ann.refresh(&client, &tokens.refresh_token.unwrap(), NOW).unwrap();
    let user = ann.user.id;
    ann.world.write(move |tx| Ok(crate::tenancy::testkit::sign_out(tx, user, NOW)?));
    assert!(!ann.holds(&next.access_token, NOW));
    let (dead, session) = (new(ann.session), ann.session);
    let error = ann.world.try_write(move |tx| first_party::issue(tx, &dead, NOW)).unwrap_err();
    assert_eq!(error.code, "session_not_found", "{session}");
}

#[test]
fn groups_stand_in_tokens_by_their_ids_or_by_the_names_that_they_have_now() {
    use crate::base::id::GroupId;
    use crate::people::groups::{self, GroupPatch, GroupType, Member, NewGroup};
    let ann = Person::new();
    let client = ann.app(Web);
    let (may, id, user) = (ann.world.may::<permit::WriteGroups>(Place::Platform), GroupId::from_raw(70), ann.user.id);
    let (named, tenant) = (|text: &str| crate::base::DisplayName::parse(text).unwrap(), ann.world.acme);
    let new = NewGroup { tenant, name: named("Ops"), description: None, group_type: GroupType::Security };
    let granted = may.clone();
    ann.world.write(move |tx| {
        groups::create(tx, &granted, &new, id, NOW)?;
        groups::add_member(tx, &granted, id, Member::User(user), NOW)
    });
    let claims = || {
        let tokens = ann.tokens(&client, "openid groups");
        let told = told(&ann, &client.flavour, &tokens.access_token, NOW).unwrap()["groups"].clone();
        assert_eq!(part(&tokens.id_token.unwrap(), 1)["groups"], told, "the ID token says the same");
        (told, tokens.access_token)
    };
    assert_eq!(claims().0, json!([id.to_string()]));
    let (apps, of) = (ann.world.may::<permit::WriteApplications>(Place::Platform), client.application.id);
    let by_name = crate::apps::UpdateApplication { groups_by_name: Some(true), ..Default::default() };
    ann.world.write(move |tx| crate::apps::update(tx, &apps, &by_name, of, NOW));
    let (told_now, token) = claims();
    assert_eq!(told_now, json!(["Ops"]));
    // Renamed: the next token has the new name, and userinfo says it at once.
    let patch = GroupPatch { name: Some(named("Operations")), ..GroupPatch::default() };
    ann.world.write(move |tx| groups::update(tx, &may, id, &patch, NOW));
    assert_eq!(told(&ann, &client.flavour, &token, NOW).unwrap()["groups"], json!(["Operations"]));
    assert_eq!(claims().0, json!(["Operations"]));
}
