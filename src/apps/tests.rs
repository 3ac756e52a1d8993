//! The rules of applications, against a store in memory.

use super::testkit::{NOW, World, detail, field, live, name, reread, rotate, scopes};
use super::*;
use crate::access::{Actor, Granted, Place, permit};
use crate::base::Kind;
use crate::base::Problem;
use crate::base::id::{PartnerId, TenantId};
use crate::crypto::jwt::SigningAlg;
use crate::store::Paging;
use crate::tenancy::{self, PartnerPatch, TenantPatch};
use std::sync::Arc;

fn service(scope: AppScope) -> NewApplication {
    NewApplication::new(name("MyService"), ApplicationType::Service, scope)
}

fn change(world: &World, by: Place, id: ApplicationId, change: UpdateApplication) -> Result<Application, Problem> {
    let granted = world.may(by);
    world.try_write(move |tx| update(tx, &granted, &change, id, NOW.plus_secs(5)))
}

#[test]
fn a_new_application_has_the_documented_defaults() {
    let world = World::new();
    let (application, secret) = world.try_register(Place::Platform, service(AppScope::Global)).unwrap();
    assert_eq!(application.client_id(), format!("skc_{}", application.id.raw()));
    assert_eq!((application.token_lifetime, application.signing_alg), (3600, SigningAlg::Rs256));
    assert!(application.require_pkce && application.status == ApplicationStatus::Active);
    assert_eq!(reread(&world, &application), Some(application.clone()));
    assert_eq!(live(&application, &[&secret, &"another".to_owned()], NOW), [true, false]);
    assert_eq!(application.secrets[0].hint, secret[secret.len() - 4..]);
    let event = world.last_event();
    assert_eq!((event.action.as_str(), &event.resource_id), ("application.create", &application.id.to_string()));
    assert_eq!(detail(&event, "client_id"), Some(application.client_id().as_str()));
    assert_eq!(detail(&event, "name"), Some("MyService"));
    assert!(!format!("{:?}", world.events()).contains(&secret[4..]), "no secret in the log");
}

#[test]
fn types_without_a_secret_get_none() {
    let world = World::new();
    for kind in [ApplicationType::Spa, ApplicationType::Native] {
        let (application, _) = world.register(kind, AppScope::Tenant(world.acme), "openid");
        assert!(application.secrets.is_empty());
        assert_eq!(rotate(&world, application.id, None, NOW).unwrap_err().code, "no_client_secret");
        let mut new = NewApplication::new(name("x"), kind, AppScope::Tenant(world.acme));
        new.require_pkce = false;
        assert_eq!(field(&world.try_register(Place::Platform, new).unwrap_err()), "require_pkce");
    }
}

#[test]
fn a_client_id_is_never_a_users_subject() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Global, "");
    let id = application.id.raw();
    for text in [format!("usr_{id}"), format!("app_{id}"), format!("skc_0{id}"), format!("skc_{id} "), id.to_string()] {
        assert_eq!(client(&world.store.read(), &text).unwrap(), None, "{text}");
    }
    assert!(application.client_id().starts_with("skc_"));
}

#[test]
fn who_may_register_what() {
    let world = World::new();
    let (global, one, two) = (AppScope::Global, AppScope::Partner(world.one), AppScope::Partner(world.two));
    let (acme, other) = (AppScope::Tenant(world.acme), AppScope::Tenant(world.other));
    let partner = Place::Partner(world.one);
    let tenant = world.tenant(world.acme);
    let code = |by, scope| world.try_register(by, service(scope)).map_err(|problem| problem.code).map(|_| ());
    for (by, scope, expected) in [
        (Place::Platform, global, Ok(())),
        (Place::Platform, two, Ok(())),
        (Place::Platform, other, Ok(())),
        (partner, global, Err("access_denied")),
        (partner, one, Ok(())),
        (partner, two, Err("partner_not_found")),
        (partner, acme, Ok(())),
        (partner, other, Err("tenant_not_found")),
        (tenant, global, Err("access_denied")),
        (tenant, one, Err("access_denied")),
        (tenant, two, Err("partner_not_found")),
        (tenant, acme, Ok(())),
        (tenant, AppScope::Tenant(world.home), Err("tenant_not_found")),
        (tenant, other, Err("tenant_not_found")),
        (Place::Platform, AppScope::Tenant(TenantId::from_raw(99)), Err("tenant_not_found")),
        (Place::Platform, AppScope::Partner(PartnerId::from_raw(99)), Err("partner_not_found")),
    ] {
        assert_eq!(code(by, scope), expected, "{by:?} {scope:?}");
    }
}

#[test]
fn a_scope_needs_its_owner_and_no_other() {
    let (partner, tenant) = (PartnerId::from_raw(1), TenantId::from_raw(2));
    assert_eq!(AppScope::new(ScopeLevel::Global, None, None).unwrap(), AppScope::Global);
    assert_eq!(AppScope::new(ScopeLevel::Partner, Some(partner), None).unwrap(), AppScope::Partner(partner));
    assert_eq!(AppScope::new(ScopeLevel::Tenant, None, Some(tenant)).unwrap(), AppScope::Tenant(tenant));
    for (level, partner, tenant, wrong) in [
        (ScopeLevel::Tenant, None, None, "tenant_id"),
        (ScopeLevel::Tenant, Some(partner), None, "tenant_id"),
        (ScopeLevel::Tenant, Some(partner), Some(tenant), "partner_id"),
        (ScopeLevel::Partner, None, None, "partner_id"),
        (ScopeLevel::Partner, Some(partner), Some(tenant), "tenant_id"),
        (ScopeLevel::Global, Some(partner), None, "partner_id"),
        (ScopeLevel::Global, None, Some(tenant), "tenant_id"),
    ] {
        assert_eq!(field(&AppScope::new(level, partner, tenant).unwrap_err()), wrong, "{level:?}");
    }
}

/// One application in each place, and which of them each admin knows of.
#[test]
fn everybody_sees_what_is_below_and_what_is_shared_above() {
    let world = World::new();
    let all = [
        AppScope::Global,
        AppScope::Partner(world.one),
        AppScope::Partner(world.two),
        AppScope::Tenant(world.home),
        AppScope::Tenant(world.acme),
        AppScope::Tenant(world.other),
    ]
    .map(|scope| world.register(ApplicationType::Service, scope, "").0);
    let tx = world.store.read();
    for (by, sees) in [
        (Place::Platform, [true; 6]),
        (Place::Partner(world.one), [true, true, false, true, true, false]),
        (Place::Partner(world.two), [true, false, true, false, false, true]),
        (world.tenant(world.acme), [true, true, false, false, true, false]),
        (world.tenant(world.other), [true, false, true, false, false, true]),
    ] {
        let listed = list(&tx, &world.may(by), &ListApplications::default(), Paging::default()).unwrap();
        let listed: Vec<_> = listed.items.iter().map(|application| application.id).collect();
        let read = world.may::<permit::ReadApplications>(by);
        for (application, sees) in all.iter().zip(sees) {
            assert_eq!(listed.contains(&application.id), sees, "listed {by:?} {:?}", application.scope);
            assert_eq!(get(&tx, &read, application.id).is_ok(), sees, "got {by:?} {:?}", application.scope);
            // What can be seen and belongs to somebody above says so; what cannot be seen does not exist.
            let new = UpdateApplication { name: Some(name("changed")), ..UpdateApplication::default() };
            let changed = change(&world, by, application.id, new).map(|_| ()).map_err(|problem| problem.kind);
            let mine = by.covers(service_place(&world, application.scope));
            let expected = if mine {
                Ok(())
            } else if sees {
                Err(Kind::Forbidden)
            } else {
                Err(Kind::NotFound)
            };
            assert_eq!(changed, expected, "changed {by:?} {:?}", application.scope);
        }
    }
}

fn service_place(world: &World, scope: AppScope) -> Place {
    match scope {
        AppScope::Global => Place::Platform,
        AppScope::Partner(partner) => Place::Partner(partner),
        AppScope::Tenant(tenant) => world.tenant(tenant),
    }
}

#[test]
fn lists_are_filtered_and_counted() {
    let world = World::new();
    let acme = AppScope::Tenant(world.acme);
    for n in 0..5 {
        let mut new = service(acme);
        new.name = name(&format!("Billing {n}"));
        world.try_register(Place::Platform, new).unwrap();
    }
    world.register(ApplicationType::Web, acme, "");
    world.register(ApplicationType::Web, AppScope::Partner(world.one), "");
    let (global, _) = world.register(ApplicationType::Web, AppScope::Global, "");
    world.register(ApplicationType::Web, AppScope::Tenant(world.other), "");
    let tx = world.store.read();
    let total =
        |which: ListApplications| list(&tx, &world.may(Place::Platform), &which, Paging::default()).unwrap().total;
    let all = ListApplications::default;
    assert_eq!(total(all()), 9);
    assert_eq!(total(ListApplications { tenant_id: Some(world.acme), ..all() }), 6);
    assert_eq!(total(ListApplications { partner_id: Some(world.one), ..all() }), 7);
    assert_eq!(total(ListApplications { scope: Some(ScopeLevel::Tenant), ..all() }), 7);
    assert_eq!(total(ListApplications { application_type: Some(ApplicationType::Web), ..all() }), 4);
    assert_eq!(total(ListApplications { search: Some(" bIllING ".to_owned()), ..all() }), 5);
    assert_eq!(total(ListApplications { search: Some(global.client_id()), ..all() }), 1);
    assert_eq!(total(ListApplications { search: Some("nothing".to_owned()), ..all() }), 0);
    assert_eq!(total(ListApplications { tenant_id: Some(world.acme), partner_id: Some(world.two), ..all() }), 0);
    let tenant = list(
        &tx,
        &world.may(world.tenant(world.acme)),
        &ListApplications { tenant_id: Some(world.other), ..all() },
        Paging::default(),
    );
    assert_eq!(tenant.unwrap().total, 0, "another tenant's are not counted either");
    let page = |page, which: &ListApplications| {
        list(&tx, &world.may(Place::Platform), which, Paging::new(page, 2).unwrap()).unwrap()
    };
    for which in [all(), ListApplications { search: Some("e".to_owned()), ..all() }] {
        let pages: Vec<_> = (1..=6).flat_map(|number| page(number, &which).items).map(|one| one.id).collect();
        assert!(pages.is_sorted() && pages.len() as u64 == page(1, &which).total, "each once, the oldest first");
    }
}

#[test]
fn a_patch_replaces_lists_and_keeps_what_it_does_not_name() {
    let world = World::new();
    let mut new = service(AppScope::Global);
    new.allowed_scopes = scopes("openid admin:read");
    new.description = Some("old".to_owned());
    let (old, _) = world.try_register(Place::Platform, new).unwrap();
    let patch = UpdateApplication {
        allowed_scopes: Some(scopes("users:read")),
        status: Some(ApplicationStatus::Disabled),
        description: Some(None),
        ..UpdateApplication::default()
    };
    let new = change(&world, Place::Platform, old.id, patch.clone()).unwrap();
    assert_eq!(new.allowed_scopes, scopes("users:read"), "replaced, not merged");
    assert_eq!((new.description.as_deref(), new.updated_at), (None, NOW.plus_secs(5)));
    assert_eq!((&new.name, &new.secrets, new.created_at), (&old.name, &old.secrets, old.created_at));
    let event = world.last_event();
    assert_eq!(detail(&event, "changed"), Some("description allowed_scopes status"));
    assert_eq!(detail(&event, "allowed_scopes_before"), Some("openid admin:read"));
    assert_eq!(detail(&event, "status"), Some("DISABLED"));
    let events = world.events().len();
    change(&world, Place::Platform, old.id, patch).unwrap();
    assert_eq!(world.events().len(), events, "what changes nothing is no change");
}

#[test]
fn type_and_scope_are_immutable() {
    let world = World::new();
    let (old, _) = world.register(ApplicationType::Service, AppScope::Global, "");
    let kind = |kind| UpdateApplication { application_type: Some(kind), ..UpdateApplication::default() };
    let scope = |scope| UpdateApplication { scope: Some(scope), ..UpdateApplication::default() };
    let problem = change(&world, Place::Platform, old.id, kind(ApplicationType::Web)).unwrap_err();
    assert_eq!(field(&problem), "application_type");
    assert!(problem.message.contains("immutable"));
    assert_eq!(field(&change(&world, Place::Platform, old.id, scope(ScopeLevel::Tenant)).unwrap_err()), "scope");
    assert!(change(&world, Place::Platform, old.id, kind(ApplicationType::Service)).is_ok());
    assert!(change(&world, Place::Platform, old.id, scope(ScopeLevel::Global)).is_ok());
}

#[test]
fn values_keep_their_rules_on_every_way_in() {
    let world = World::new();
    let own_scheme = || vec![RedirectUri::parse("com.example.app:/cb").unwrap()];
    let too_many = vec![RedirectUri::parse("https://a.example/cb").unwrap(); 51];
    for (wrong, broken) in [
        ("token_lifetime", UpdateApplication { token_lifetime: Some(59), ..UpdateApplication::default() }),
        ("token_lifetime", UpdateApplication { token_lifetime: Some(86_401), ..UpdateApplication::default() }),
        ("redirect_uris.0", UpdateApplication { redirect_uris: Some(own_scheme()), ..UpdateApplication::default() }),
        (
            "post_logout_redirect_uris.0",
            UpdateApplication { post_logout_redirect_uris: Some(own_scheme()), ..UpdateApplication::default() },
        ),
        ("redirect_uris", UpdateApplication { redirect_uris: Some(too_many), ..UpdateApplication::default() }),
        (
            "description",
            UpdateApplication { description: Some(Some("ä".repeat(1001))), ..UpdateApplication::default() },
        ),
    ] {
        let (old, _) = world.register(ApplicationType::Web, AppScope::Global, "");
        let events = world.events().len();
        assert_eq!(field(&change(&world, Place::Platform, old.id, broken.clone()).unwrap_err()), wrong);
        assert_eq!((reread(&world, &old), world.events().len()), (Some(old), events), "nothing changed");
        let mut new = NewApplication::new(name("x"), ApplicationType::Web, AppScope::Global);
        new.token_lifetime = broken.token_lifetime.unwrap_or(new.token_lifetime);
        new.redirect_uris = broken.redirect_uris.unwrap_or_default();
        new.post_logout_redirect_uris = broken.post_logout_redirect_uris.unwrap_or_default();
        new.description = broken.description.flatten();
        assert_eq!(field(&world.try_register(Place::Platform, new).unwrap_err()), wrong);
    }
    let (native, _) = world.register(ApplicationType::Native, AppScope::Global, "");
    let patch = UpdateApplication { redirect_uris: Some(own_scheme()), ..UpdateApplication::default() };
    assert!(change(&world, Place::Platform, native.id, patch).is_ok());
}

#[test]
fn a_deleted_application_is_gone_with_its_secrets() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "");
    let (id, granted) = (application.id, world.may(world.tenant(world.acme)));
    world.write(move |tx| delete(tx, &granted, id, NOW));
    assert_eq!(world.last_event().action, "application.delete");
    assert_eq!(reread(&world, &application), None);
    let tx = world.store.read();
    assert_eq!(get(&tx, &world.may(Place::Platform), id).unwrap_err().code, "application_not_found");
    assert_eq!(
        list(&tx, &world.may(Place::Platform), &ListApplications::default(), Paging::default()).unwrap().total,
        0
    );
    let granted = world.may(Place::Platform);
    assert_eq!(world.try_write(move |tx| delete(tx, &granted, id, NOW)).unwrap_err().kind, Kind::NotFound);
    assert_eq!(rotate(&world, id, None, NOW).unwrap_err().kind, Kind::NotFound);
}

#[test]
fn the_partners_limit_holds_for_each_tenant() {
    let world = World::new();
    let (granted, one) = (world.may(Place::Platform), world.one);
    world.write(move |tx| {
        let patch = PartnerPatch { max_applications_per_tenant: Some(Some(2)), ..PartnerPatch::default() };
        tenancy::update_partner(tx, &granted, one, &patch, NOW)
    });
    let acme = || world.try_register(world.tenant(world.acme), service(AppScope::Tenant(world.acme)));
    let (first, _) = acme().unwrap();
    acme().unwrap();
    let problem = acme().unwrap_err();
    assert_eq!((problem.code, problem.kind), ("quota_exceeded", Kind::Conflict));
    assert!(world.try_register(Place::Platform, service(AppScope::Tenant(world.home))).is_ok(), "another tenant's own");
    assert!(world.try_register(Place::Platform, service(AppScope::Tenant(world.other))).is_ok(), "another partner's");
    let (granted, id) = (world.may(Place::Platform), first.id);
    world.write(move |tx| delete(tx, &granted, id, NOW));
    assert!(acme().is_ok(), "a deleted one makes room");
}

#[test]
fn applications_go_where_their_tenant_goes() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Tenant(world.acme), "");
    let (granted, acme, two) = (world.may(Place::Platform), world.acme, world.two);
    world.write(move |tx| {
        let patch = TenantPatch { partner: Some(two), ..TenantPatch::default() };
        tenancy::update_tenant(tx, &granted, acme, &patch, NOW)
    });
    let tx = world.store.read();
    let sees = |place| get(&tx, &world.may(place), application.id).is_ok();
    assert!(!sees(Place::Partner(world.one)) && sees(Place::Partner(world.two)));
    let old_partner = change(&world, Place::Partner(world.one), application.id, UpdateApplication::default());
    assert_eq!(old_partner.unwrap_err().kind, Kind::NotFound);
    let granted = world.may(Place::Platform);
    world.write(move |tx| tenancy::delete_tenant(tx, &granted, acme, NOW));
    let gone = get(&world.store.read(), &world.may(Place::Platform), application.id);
    assert_eq!(gone.unwrap_err().kind, Kind::NotFound, "gone with its tenant");
}

#[test]
fn nobody_hands_on_a_scope_that_he_lacks() {
    let world = World::new();
    let acme = AppScope::Tenant(world.acme);
    let (partner, tenant) = (Place::Partner(world.one), world.tenant(world.acme));
    world.name_permission("files:read");
    let with = |allowed: &str| NewApplication { allowed_scopes: scopes(allowed), ..service(acme) };
    let code = |result: Result<(Application, String), Problem>| result.map(|_| ()).map_err(|problem| problem.code);
    assert_eq!(code(world.try_register(partner, with("openid admin:write files:read"))), Ok(()));
    // A partner's admin reads no secret of a tenant, so no program of theirs does either.
    assert_eq!(code(world.try_register(partner, with("openid secrets:read"))), Err("scope_not_held"));
    let (application, _) = world.try_register(tenant, with("openid secrets:read")).unwrap();
    let patch = |allowed: &str| UpdateApplication { allowed_scopes: Some(scopes(allowed)), ..Default::default() };
    let add = change(&world, partner, application.id, patch("openid secrets:read secrets:write"));
    assert_eq!(add.unwrap_err().code, "scope_not_held");
    assert!(
        change(&world, partner, application.id, patch("openid secrets:read admin:read")).is_ok(),
        "it had that one"
    );
    let (granted, id) = (world.may(partner), application.id);
    let (new, _) = NewSecret::make(world.id());
    let rotated = world.try_write(move |tx| rotate_secret(tx, &granted, id, &new, None, NOW));
    assert_eq!(rotated.unwrap_err().code, "scope_not_held", "its secret would be a way to the scope");
    // A narrowed credential is held to its scopes.
    let mut narrowed = Actor::clone(world.may::<permit::WriteApplications>(tenant).actor());
    narrowed.scopes = Some(scopes("admin:write"));
    let granted: Granted<permit::WriteApplications> = Arc::new(narrowed).grant(tenant).unwrap();
    for (allowed, expected) in [("admin:read users:read files:read", Ok(())), ("secrets:read", Err("scope_not_held"))] {
        let (new, id, granted) = (with(allowed), world.id(), granted.clone());
        let (secret, _) = NewSecret::make(world.id());
        let made = world.try_write(move |tx| create(tx, &granted, &new, id, &secret, NOW));
        assert_eq!(made.map(|_| ()).map_err(|problem| problem.code), expected, "{allowed}");
    }
}

#[test]
fn rows_of_older_versions_are_read() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Global, "openid");
    let whole = crate::store::encoded::<Application>(&application).unwrap();
    let now = whole.get(1..).unwrap();
    // Version 4 ended before the grants (their number and a byte for each) and an empty Option; the others before a bool, a bool,
    // and a bool and an empty Option more.
    let last = 1 + application.grant_types.len() + 1;
    for (version, cut) in [(4, last), (3, last + 2), (2, last + 3), (1, last + 4)] {
        let old = &now[..now.len() - cut];
        assert_eq!(<Application as crate::store::Row>::upgrade(version, old).unwrap(), application, "{version}");
        assert!(<Application as crate::store::Row>::upgrade(version, &old[..9]).is_err());
    }
    assert!(<Application as crate::store::Row>::upgrade(5, now).is_err(), "a version that is no older one");
}

#[test]
fn what_people_sign_in_to_may_know_who_they_are_and_a_device_always_asks() {
    let new = |kind| NewApplication::new(testkit::name("Notes"), kind, AppScope::Global);
    assert!(new(ApplicationType::Service).allowed_scopes.is_empty());
    for kind in [ApplicationType::Web, ApplicationType::Spa, ApplicationType::Native] {
        assert_eq!(new(kind).allowed_scopes.to_string(), "openid profile email");
    }
    let world = World::new();
    let mut native = new(ApplicationType::Native);
    native.first_party = true;
    let refused = world.try_register(Place::Platform, native).unwrap_err();
    assert_eq!(refused.fields[0].field, "first_party");
    // Nor one whose codes any program on the user's machine could fetch, as it shows no secret for them.
    for (kind, uri, holds) in [
        (ApplicationType::Spa, "http://localhost:5173/cb", false),
        (ApplicationType::Spa, "http://127.0.0.1/cb", false),
        (ApplicationType::Spa, "https://app.example/cb", true),
        (ApplicationType::Web, "http://localhost:3000/cb", true),
    ] {
        let mut ours = new(kind);
        (ours.first_party, ours.redirect_uris) = (true, vec![RedirectUri::parse(uri).unwrap()]);
        let made = world.try_register(Place::Platform, ours).map_err(|refused| refused.fields[0].field.clone());
        assert_eq!(made.is_ok(), holds, "{kind:?} {uri}");
        assert!(made.is_ok() || made.is_err_and(|field| field == "first_party"));
    }
}

#[test]
fn grants_are_those_that_the_type_can_use() {
    use GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
    let world = World::new();
    let made = |kind, grants: &[GrantType], lifetime| {
        let mut new = NewApplication::new(testkit::name("Notes"), kind, AppScope::Global);
        (new.grant_types, new.refresh_token_lifetime) = (grants.iter().copied().collect(), lifetime);
        world.try_register(Place::Platform, new).map(|_| ()).map_err(|refused| refused.fields[0].field.clone())
    };
    let wrong = |field: &str| Err(field.to_owned());
    for kind in ApplicationType::ALL {
        let usual: Vec<_> = kind.usual_grants().into_iter().collect();
        assert_eq!(made(kind, &usual, None), Ok(()), "{kind:?}");
        assert_eq!(made(kind, &[AuthorizationCode], Some(60)), Ok(()), "{kind:?}");
        assert_eq!(made(kind, &[], None), wrong("grant_types"), "{kind:?}");
        assert_eq!(made(kind, &[RefreshToken], None), wrong("grant_types"), "{kind:?}");
        for secs in [0, 59, MAX_REFRESH_LIFETIME + 1] {
            assert_eq!(made(kind, &usual, Some(secs)), wrong("refresh_token_lifetime"), "{kind:?} {secs}");
        }
        let itself = made(kind, &[ClientCredentials], None);
        assert_eq!(itself.is_ok(), kind.is_confidential(), "RFC 6749 §4.4: {kind:?} {itself:?}");
    }
}
