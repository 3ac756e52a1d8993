//! The rules of links to the portal.

use super::*;
use crate::access::{Actor, Assignment, Place, Principal, Proof, Role, permit};
use crate::apps::{self, AppScope, ApplicationStatus, ApplicationType, NewApplication, NewSecret, UpdateApplication};
use crate::base::Id;
use crate::base::id::ClientSecretId;
use crate::crypto::token::TokenDigest;
use crate::people;
use crate::tenancy::testkit::*;
use crate::tenancy::{self, DetailsPatch, Feature, TenantPatch};
use std::sync::Arc;

fn digest(id: u64) -> TokenDigest {
    TokenDigest::of(&format!("link {id}"))
}

fn link(world: &World, id: u64, features: Option<Features>) {
    let tenant = world.a.tenant().unwrap();
    let new = NewLink { id: PortalLinkId::from_raw(id), digest: digest(id), tenant, features };
    world.write(move |tx| create(tx, &all(), &new, NOW)).unwrap();
}

fn switch(world: &World, features: &[(Feature, bool)]) {
    let details = DetailsPatch { features: features.to_vec(), ..DetailsPatch::default() };
    let (id, patch) = (world.a.tenant().unwrap(), TenantPatch { details, ..TenantPatch::default() });
    world.write(move |tx| tenancy::update_tenant(tx, &all(), id, &patch, NOW)).unwrap();
}

/// What a link shows: there and off by name, or its state.
fn shown(world: &World, id: u64, now: Timestamp) -> String {
    words(look(&world.store.read(), &digest(id), now).unwrap())
}

fn words(looked: Looked) -> String {
    let names = |features: Features| features.on().map(Feature::name).collect::<Vec<_>>().join(" ");
    match looked {
        Looked::Open(portal) => format!("{}/{}", names(portal.there), names(portal.off)),
        Looked::Used => "used".to_owned(),
        Looked::Expired => "expired".to_owned(),
        Looked::Unknown => "unknown".to_owned(),
    }
}

fn press(world: &World, id: u64, now: Timestamp) -> String {
    words(world.write(move |tx| Ok(use_up(tx, &digest(id), &origin(), now)?)).unwrap())
}

#[test]
fn it_works_once_and_looking_does_not_spend_it() {
    let world = World::new();
    link(&world, 1, None);
    for _ in 0..3 {
        assert_eq!(shown(&world, 1, NOW), "/");
    }
    assert_eq!(press(&world, 1, NOW), "/");
    assert_eq!((press(&world, 1, NOW).as_str(), shown(&world, 1, NOW).as_str()), ("used", "used"));
    assert_eq!(shown(&world, 2, NOW), "unknown");
    let log = actions(&world.store.read());
    assert_eq!(log.iter().filter(|action| *action == "portal_link.use").count(), 1);
    assert_eq!(log.iter().filter(|action| *action == "portal_link.create").count(), 1);
}

#[test]
fn it_ends_after_a_week_and_is_forgotten_a_month_later() {
    let world = World::new();
    link(&world, 1, None);
    link(&world, 2, None);
    assert_eq!(press(&world, 2, NOW), "/");
    let end = NOW.plus_secs(LIFE_SECS);
    assert_eq!(shown(&world, 1, end.plus_secs(-1)), "/");
    assert_eq!((shown(&world, 1, end).as_str(), press(&world, 1, end).as_str()), ("expired", "expired"));
    let later = end.plus_secs(KEEP_SECS);
    assert_eq!(world.write(move |tx| Ok(sweep(tx, later, 10)?)).unwrap(), 0);
    let later = later.plus_secs(1);
    assert_eq!(world.write(move |tx| Ok(sweep(tx, later, 10)?)).unwrap(), 2);
    assert_eq!(shown(&world, 1, end), "unknown");
}

#[test]
fn what_is_there_follows_what_is_switched_on() {
    let world = World::new();
    let sso = Features { sso: true, dir_sync: false };
    link(&world, 1, None);
    link(&world, 2, Some(sso));
    link(&world, 3, Some(Features { sso: true, dir_sync: true }));
    let all_of = |world: &World| [1, 2, 3].map(|id| shown(world, id, NOW));
    assert_eq!(all_of(&world), ["/", "/sso", "/sso dir_sync"]);
    switch(&world, &[(Feature::DirSync, true)]);
    assert_eq!(all_of(&world), ["dir_sync/", "/sso", "dir_sync/sso"]);
    switch(&world, &[(Feature::Sso, true)]);
    assert_eq!(all_of(&world), ["sso dir_sync/", "sso/", "sso dir_sync/"]);
}

#[test]
fn it_is_for_those_who_may_and_dies_with_the_organisation() {
    let world = World::new();
    let admin = holder(Role::TenantAdmin, world.b);
    let tenant = world.a.tenant().unwrap();
    let new = NewLink { id: PortalLinkId::from_raw(1), digest: digest(1), tenant, features: None };
    let granted = grant::<permit::ManagePortalLinks>(&admin, world.b);
    let foreign = new.clone();
    assert_eq!(code(world.write(move |tx| create(tx, &granted, &foreign, NOW))), "tenant_not_found");
    assert!(holder(Role::TenantUser, world.a).grant::<permit::ManagePortalLinks>(world.a).is_err());
    let ann = world.user(100, "ann@a.example", world.a, Role::TenantAdmin);
    let own = grant::<permit::ManagePortalLinks>(&acting(&world.store, &ann, world.a, NOW), world.a);
    world.write(move |tx| create(tx, &own, &new, NOW)).unwrap();
    let suspend = |status| {
        let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
        world.write(move |tx| tenancy::update_tenant(tx, &all(), tenant, &patch, NOW)).unwrap();
    };
    suspend(tenancy::Status::Suspended);
    assert_eq!(press(&world, 1, NOW), "unknown");
    suspend(tenancy::Status::Active);
    assert_eq!(shown(&world, 1, NOW), "/");
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), tenant, NOW)).unwrap();
    assert_eq!(press(&world, 1, NOW), "unknown");
}

/// A link of `world.a` that this actor makes.
fn made_by(world: &World, id: u64, actor: &Arc<Actor>) {
    let (granted, tenant) = (grant::<permit::ManagePortalLinks>(actor, world.a), world.a.tenant().unwrap());
    let new = NewLink { id: PortalLinkId::from_raw(id), digest: digest(id), tenant, features: None };
    world.write(move |tx| create(tx, &granted, &new, NOW)).unwrap();
}

#[test]
fn it_dies_with_the_right_of_the_person_who_made_it() {
    let tenant = |world: &World| world.a.tenant().unwrap();
    type End = fn(&World, people::User, TenantId);
    let ends: [(&str, End); 4] = [
        ("a lesser role", |world, ann, tenant| {
            let id = ann.id;
            world.write(move |tx| people::set_membership_role(tx, &all(), id, tenant, Role::TenantUser, NOW)).unwrap();
        }),
        ("removed", |world, ann, tenant| {
            let id = ann.id;
            world.write(move |tx| people::remove_membership(tx, &all(), id, tenant, NOW)).unwrap();
        }),
        ("switched off", |world, ann, _| {
            let patch = people::UserPatch { status: Some(people::Status::Disabled), ..people::UserPatch::default() };
            let id = ann.id;
            world.write(move |tx| people::update(tx, &all(), id, &patch, NOW)).unwrap();
        }),
        ("deleted", |world, ann, _| {
            let id = ann.id;
            world.write(move |tx| people::delete(tx, &all(), id, NOW)).unwrap();
        }),
    ];
    for (what, end) in ends {
        let world = World::new();
        let ann = world.user(100, "ann@a.example", world.a, Role::TenantAdmin);
        let bob = world.user(101, "bob@a.example", world.a, Role::TenantAdmin);
        made_by(&world, 1, &acting(&world.store, &ann, world.a, NOW));
        made_by(&world, 2, &acting(&world.store, &bob, world.a, NOW));
        assert_eq!(shown(&world, 1, NOW), "/");
        end(&world, ann, tenant(&world));
        assert_eq!((shown(&world, 1, NOW).as_str(), press(&world, 1, NOW).as_str()), ("unknown", "unknown"), "{what}");
        assert_eq!(shown(&world, 2, NOW), "/", "another's stays");
    }
}

#[test]
fn a_programs_link_lives_while_the_program_does() {
    let world = World::new();
    let (secret, _) = NewSecret::make(ClientSecretId::from_raw(1));
    let new = NewApplication::new(name("Backend"), ApplicationType::Service, AppScope::Global);
    let id = ApplicationId::from_raw(300);
    let made = world.write(move |tx| apps::create(tx, &all(), &new, id, &secret, NOW)).unwrap();
    let principal = Principal::Application { id, client_id: made.client_id(), name: made.name.to_string() };
    let roles = vec![Assignment { role: Role::SuperAdmin, place: Place::Platform }];
    let program = actor(principal, world.a, roles, Some("portal_links:manage"));
    made_by(&world, 1, &Arc::new(Actor { proof: Proof::Program, ..Actor::clone(&program) }));
    let switch = |status| {
        let change = UpdateApplication { status: Some(status), ..UpdateApplication::default() };
        world.write(move |tx| apps::update(tx, &all(), &change, id, NOW)).unwrap();
    };
    assert_eq!(shown(&world, 1, NOW), "/");
    switch(ApplicationStatus::Disabled);
    assert_eq!(press(&world, 1, NOW), "unknown");
    switch(ApplicationStatus::Active);
    assert_eq!(shown(&world, 1, NOW), "/");
    world.write(move |tx| apps::delete(tx, &all(), id, NOW)).unwrap();
    assert_eq!(press(&world, 1, NOW), "unknown");
}
