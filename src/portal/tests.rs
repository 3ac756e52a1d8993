//! The rules of links to the portal.

use super::*;
use crate::access::{Role, permit};
use crate::base::Id;
use crate::crypto::token::TokenDigest;
use crate::tenancy::testkit::*;
use crate::tenancy::{self, DetailsPatch, Feature, TenantPatch};

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
    let own = grant::<permit::ManagePortalLinks>(&holder(Role::TenantAdmin, world.a), world.a);
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
