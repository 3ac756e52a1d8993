//! Remembered consent.

use super::person::Person;
use super::*;
use crate::access::{Actor, Evidence, Method, Place, Role};
use crate::apps::{AppScope, ApplicationType, testkit};
use crate::base::Email;
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId};
use crate::oauth::consent;
use crate::people::{self, NewUser};
use crate::token_families::{self, EndReason, Family};
use std::sync::Arc;

/// Somebody who is signed in to the tenant `default`.
fn ann(world: &World) -> Arc<Actor> {
    let (granted, id) = (world.may(Place::Platform), world.id());
    let new = NewUser::local(Email::parse(&format!("{id}@example.com")).unwrap(), world.home, Role::TenantUser);
    let user = world.write(move |tx| people::create(tx, &granted, &new, id, NOW));
    let template = world.may::<crate::access::permit::ReadUsers>(world.tenant(world.home));
    Arc::new(Actor {
        principal: crate::access::Principal::User { id: user.id, email: user.email },
        ..Actor::clone(template.actor())
    })
}

fn user(actor: &Actor) -> crate::base::id::UserId {
    match &actor.principal {
        crate::access::Principal::User { id, .. } => *id,
        _ => unreachable!(),
    }
}

fn covers(world: &World, actor: &Actor, application: ApplicationId, tenant: TenantId, scopes: &str) -> bool {
    consent::covers(&world.store.read(), user(actor), application, tenant, &testkit::scopes(scopes)).unwrap()
}

#[test]
fn a_consent_is_for_one_user_one_application_one_tenant_and_what_was_shown() {
    let world = World::new();
    let (notes, _) = world.register(ApplicationType::Web, AppScope::Global, "openid profile email");
    let (other, _) = world.register(ApplicationType::Web, AppScope::Global, "openid");
    let (ann, ben) = (ann(&world), ann(&world));
    let give = |scopes: &'static str| {
        let (actor, application, home) = (Arc::clone(&ann), notes.clone(), world.home);
        let scopes = testkit::scopes(scopes);
        world.write(move |tx| consent::give(tx, &actor, &application, home, &scopes, NOW))
    };
    assert!(!covers(&world, &ann, notes.id, world.home, "openid"));
    give("openid profile");
    let event = world.last_event();
    assert_eq!((event.action.as_str(), testkit::detail(&event, "scope")), ("consent.grant", Some("openid profile")));
    assert!(covers(&world, &ann, notes.id, world.home, "openid"));
    assert!(covers(&world, &ann, notes.id, world.home, "profile openid"));
    assert!(!covers(&world, &ann, notes.id, world.home, "openid email"), "one more asks again");
    assert!(!covers(&world, &ann, notes.id, world.acme, "openid"));
    assert!(!covers(&world, &ann, other.id, world.home, "openid"));
    assert!(!covers(&world, &ben, notes.id, world.home, "openid"));
    give("openid email");
    assert!(covers(&world, &ann, notes.id, world.home, "openid profile email"), "what was agreed to stays");
    let listed = consent::list_own(&world.store.read(), &ann).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].0.scopes.to_string().as_str(), listed[0].1.id), ("openid profile email", notes.id));
    assert!(consent::list_own(&world.store.read(), &ben).unwrap().is_empty());
}

fn family(actor: &Actor, application: ApplicationId, tenant: TenantId, id: u64) -> Family {
    Family {
        id: FamilyId::from_raw(id),
        application,
        user: user(actor),
        session: SessionId::from_raw(4),
        tenant,
        scope: testkit::scopes("openid"),
        evidence: Evidence::of(&[Method::Password], NOW),
        offline: false,
        refresh: None,
        created_at: NOW,
        expires_at: NOW.plus_secs(3600),
        ended: None,
        forbidden: Vec::new(),
        environment: false,
    }
}

#[test]
fn taking_a_consent_back_ends_what_the_application_holds() {
    let world = World::new();
    let (notes, _) = world.register(ApplicationType::Web, AppScope::Global, "openid");
    let (other, _) = world.register(ApplicationType::Web, AppScope::Global, "openid");
    let (ann, ben) = (ann(&world), ann(&world));
    for tenant in [world.home, world.acme] {
        let (actor, application) = (Arc::clone(&ann), notes.clone());
        world.write(move |tx| consent::give(tx, &actor, &application, tenant, &testkit::scopes("openid"), NOW));
    }
    let rows = [
        family(&ann, notes.id, world.home, 1),
        family(&ann, other.id, world.home, 2),
        family(&ben, notes.id, world.home, 3),
    ];
    world.write(move |tx| rows.iter().try_for_each(|row| token_families::create(tx, row)).map_err(Problem::from));
    let revoke = |actor: &Arc<Actor>| {
        let (actor, id) = (Arc::clone(actor), notes.id);
        world.try_write(move |tx| consent::revoke_own(tx, &actor, id, NOW))
    };
    assert_eq!(revoke(&ben).unwrap_err().code, "consent_not_found");
    revoke(&ann).unwrap();
    assert_eq!(revoke(&ann).unwrap_err().code, "consent_not_found");
    assert!(
        !covers(&world, &ann, notes.id, world.home, "openid") && !covers(&world, &ann, notes.id, world.acme, "openid")
    );
    let ended = |id| token_families::get(&world.store.read(), FamilyId::from_raw(id)).unwrap().unwrap().ended;
    assert_eq!(ended(1), Some((NOW, EndReason::ConsentRevoked)));
    assert_eq!((ended(2), ended(3)), (None, None), "another application's and another user's stay");
    let mut told: Vec<_> = world.events().into_iter().filter(|event| event.action == "consent.revoke").collect();
    told.sort_by_key(|event| event.tenant);
    let told: Vec<_> = told.iter().map(|event| (event.tenant, testkit::detail(event, "families_ended"))).collect();
    assert_eq!(told, [(Some(world.home), Some("1")), (Some(world.acme), Some("0"))]);
}

#[test]
fn an_admin_sees_and_withdraws_what_was_agreed_to_in_their_tenants() {
    let world = World::new();
    let (notes, _) = world.register(ApplicationType::Web, AppScope::Global, "openid");
    let ann = ann(&world);
    for tenant in [world.home, world.acme] {
        let (actor, application) = (Arc::clone(&ann), notes.clone());
        world.write(move |tx| consent::give(tx, &actor, &application, tenant, &testkit::scopes("openid"), NOW));
    }
    let rows = [family(&ann, notes.id, world.home, 1), family(&ann, notes.id, world.acme, 2)];
    world.write(move |tx| rows.iter().try_for_each(|row| token_families::create(tx, row)).map_err(Problem::from));
    let acme = world.tenant(world.acme);
    let seen = |tenants: &[TenantId]| {
        let read = world.may(acme);
        let listed = consent::list_of(&world.store.read(), &read, user(&ann)).unwrap();
        assert_eq!(listed.iter().map(|(consent, _)| consent.tenant).collect::<Vec<_>>(), tenants);
    };
    seen(&[world.acme]);
    let withdraw = || {
        let (write, whose, id) = (world.may(acme), user(&ann), notes.id);
        world.try_write(move |tx| consent::withdraw(tx, &write, whose, id, NOW))
    };
    withdraw().unwrap();
    seen(&[]);
    assert_eq!(withdraw().unwrap_err().code, "consent_not_found");
    assert!(covers(&world, &ann, notes.id, world.home, "openid"), "another tenant's stays");
    let ended = |id| token_families::get(&world.store.read(), FamilyId::from_raw(id)).unwrap().unwrap().ended;
    assert_eq!((ended(1), ended(2)), (None, Some((NOW, EndReason::ConsentRevoked))));
    let event = world.last_event();
    assert_eq!((event.action.as_str(), testkit::detail(&event, "families_ended")), ("consent.withdraw", Some("1")));
}

#[test]
fn programs_agree_to_nothing() {
    let world = World::new();
    let (notes, _) = world.register(ApplicationType::Web, AppScope::Global, "openid");
    let ann = ann(&world);
    let program = Arc::new(Actor { principal: crate::access::Principal::Operator, ..Actor::clone(&ann) });
    let (application, home) = (notes.clone(), world.home);
    let refused =
        world.try_write(move |tx| consent::give(tx, &program, &application, home, &testkit::scopes("openid"), NOW));
    assert_eq!(refused.unwrap_err().code, "not_a_user");
}

#[test]
fn a_code_dies_with_the_consent_and_with_the_password_that_it_is_from() {
    let ann = Person::new();
    let client = ann.app(ApplicationType::Web);
    let (actor, tenant, application) = (ann.actor(ann.world.acme), ann.world.acme, client.application.id);
    let code = ann.code(&client, "openid offline_access");
    ann.world.write(move |tx| consent::revoke_own(tx, &actor, application, NOW).map(|_| ()));
    let refused = |code: &str, now| ann.redeem(&client, code, now).unwrap_err().code;
    assert_eq!(refused(&code, NOW), ErrorCode::InvalidGrant, "the consent was withdrawn before it was redeemed");
    assert_eq!(refused(&code, NOW), ErrorCode::InvalidGrant, "and it stays dead");
    // A password that was changed in the session spares the session, and not what was under way in it.
    let code = ann.code(&client, "openid");
    let (actor, session, later) = (ann.actor(tenant), ann.session, NOW.plus_secs(1));
    let was = ann.user.password_mark();
    ann.world.write(move |tx| crate::people::set_own_password(tx, &actor, was, "$argon2id$new", Some(session), later));
    assert_eq!(refused(&code, later), ErrorCode::InvalidGrant);
    let code = ann.code_with(&client, "openid", later, |_| ());
    assert!(ann.redeem(&client, &code, later).is_ok(), "the session goes on");
}
