//! Deleted users: shown, restored within the retention, and gone with their address afterwards.

use super::*;
use crate::access::{Place, Role};
use crate::base::id::UserId;
use crate::store::Entity;

fn remove(world: &World, id: UserId) {
    world.write(move |tx| delete(tx, &all(), id, NOW)).unwrap();
}

fn shown(world: &World, place: Place) -> Vec<UserId> {
    found(world, place, &UserFilter::default())
}

fn found(world: &World, place: Place, filter: &UserFilter) -> Vec<UserId> {
    let role = if place.tenant().is_some() { Role::TenantAdmin } else { Role::PartnerAdmin };
    let admin = holder(role, place);
    let page = Paging::new(1, 100).unwrap();
    let listed = deleted(&world.store.read(), &grant(&admin, place), filter, page).unwrap();
    listed.items.iter().map(|user| user.id).collect()
}

fn bring_back(world: &World, actor: &Arc<Actor>, place: Place, id: UserId) -> Result<User, Problem> {
    as_at(world, actor, place, move |tx, granted: &Granted<permit::DeleteUsers>| restore(tx, granted, id, NOW))
}

#[test]
fn who_was_deleted_is_shown_to_those_who_knew_them_and_comes_back() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let admin = holder(Role::TenantAdmin, world.a);
    assert_eq!(code(bring_back(&world, &admin, world.a, alice.id)), "user_not_found");
    remove(&world, alice.id);
    assert_eq!((shown(&world, world.a), shown(&world, world.b)), (vec![alice.id], vec![]));
    let again = new_user("alice@a.example", world.b, Role::TenantUser);
    let taken = world.write(move |tx| create(tx, &all(), &again, user_id(101), NOW)).unwrap_err();
    assert!(taken.code == "email_taken" && taken.message.contains("deleted user"), "{taken:?}");
    let other = holder(Role::TenantAdmin, world.b);
    assert_eq!(code(bring_back(&world, &other, world.b, alice.id)), "user_not_found");
    let back = bring_back(&world, &admin, world.a, alice.id).unwrap();
    assert_eq!((back.status, back.deleted_at, back.password_hash), (Status::Active, None, None));
    assert_eq!(
        tenants_open_to(&world.store.read(), &user(&world.store.read(), alice.id).unwrap().unwrap(), NOW)
            .unwrap()
            .len(),
        1
    );
    assert!(shown(&world, world.a).is_empty());
    assert!(get(&world.store.read(), &grant(&admin, world.a), alice.id).is_ok());
}

#[test]
fn a_deleted_user_who_cannot_be_read_takes_the_list_from_nobody() {
    let world = World::new();
    for id in [100, 101] {
        let user = world.user(id, &format!("u{id}@a.example"), world.a, Role::TenantUser);
        remove(&world, user.id);
    }
    assert_eq!(shown(&world, world.a), [user_id(100), user_id(101)]);
    world.write(|tx| Ok(tx.put_encoded(&User::TABLE, &user_id(101), &[0xff])?)).unwrap();
    assert_eq!(shown(&world, world.a), [user_id(100)]);
}

#[test]
fn the_deleted_are_searched_as_the_others_are() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    remove(&world, alice.id);
    let search = |text: &str| {
        let filter = UserFilter { search: Some(text.to_owned()), tenant: world.a.tenant(), ..UserFilter::default() };
        found(&world, world.a, &filter)
    };
    assert_eq!((search("alice"), search("bob")), (vec![alice.id], vec![]));
    let elsewhere = UserFilter { tenant: world.b.tenant(), ..UserFilter::default() };
    assert_eq!(found(&world, Place::Partner(p()), &elsewhere), []);
    let there = UserFilter { tenant: world.a.tenant(), ..UserFilter::default() };
    assert_eq!(found(&world, Place::Partner(p()), &there), [alice.id]);
}

#[test]
fn nobody_restores_who_stands_above_them() {
    let world = World::new();
    let boss = world.user(100, "boss@a.example", world.a, Role::TenantUser);
    world.give(&boss, Role::PartnerAdmin, Place::Partner(p()), None);
    remove(&world, boss.id);
    let admin = holder(Role::TenantAdmin, world.a);
    assert_eq!(code(bring_back(&world, &admin, world.a, boss.id)), "outranked");
}

#[test]
fn after_the_retention_the_address_is_free() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    remove(&world, alice.id);
    let purge = |before| world.write(move |tx| Ok(purge_deleted(tx, before, NOW, 10)?)).unwrap();
    assert_eq!(purge(NOW), 0, "not before its time");
    assert_eq!(purge(NOW.plus_secs(1)), 1);
    assert_eq!(code(bring_back(&world, &operator(), Place::Platform, alice.id)), "user_not_found");
    let again = new_user("alice@a.example", world.b, Role::TenantUser);
    world.write(move |tx| create(tx, &all(), &again, user_id(101), NOW)).unwrap();
    assert!(actions(&world.store.read()).contains(&"user.purge".to_owned()));
    assert_eq!(all_tenants_of(&world.store.read(), alice.id).unwrap(), []);
}

#[test]
fn who_was_only_invited_is_neither_shown_nor_restored_by_the_inviter() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let (id, b) = (alice.id, tenant_of(world.b));
    let invited =
        NewMembership { invited_until: Some(NOW.plus_secs(3600)), ..NewMembership::at_once(Role::TenantUser) };
    world.write(move |tx| add_membership(tx, &all(), &id.into(), b, &invited, NOW)).unwrap();
    remove(&world, id);
    assert_eq!((shown(&world, world.a), shown(&world, world.b)), (vec![id], vec![]));
    let inviter = holder(Role::TenantAdmin, world.b);
    assert_eq!(code(bring_back(&world, &inviter, world.b, id)), "user_not_found");
    assert!(bring_back(&world, &holder(Role::TenantAdmin, world.a), world.a, id).is_ok());
}

#[test]
fn nobody_restores_the_member_of_another_tenant_alone() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let (id, b) = (alice.id, tenant_of(world.b));
    world
        .write(move |tx| add_membership(tx, &all(), &id.into(), b, &NewMembership::at_once(Role::TenantUser), NOW))
        .unwrap();
    remove(&world, id);
    let of = |place| bring_back(&world, &holder(Role::TenantAdmin, place), place, id);
    assert_eq!((code(of(world.a)), code(of(world.b))), ("member_elsewhere", "not_home_tenant"));
    let partner = holder(Role::PartnerAdmin, Place::Partner(p()));
    assert!(bring_back(&world, &partner, Place::Partner(p()), id).is_ok());
}

#[test]
fn who_comes_back_needs_room() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    remove(&world, alice.id);
    let few = PartnerPatch { max_users_per_tenant: Some(Some(1)), ..PartnerPatch::default() };
    world.write(move |tx| tenancy::update_partner(tx, &all(), p(), &few, NOW)).unwrap();
    let bob = world.user(101, "bob@a.example", world.a, Role::TenantUser);
    assert_eq!(code(bring_back(&world, &operator(), Place::Platform, alice.id)), "quota_exceeded");
    remove(&world, bob.id);
    assert!(bring_back(&world, &operator(), Place::Platform, alice.id).is_ok());
}

#[test]
fn what_was_mailed_for_a_password_does_not_outlive_a_deletion() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let before = alice.password_mark();
    remove(&world, alice.id);
    let back = bring_back(&world, &operator(), Place::Platform, alice.id).unwrap();
    assert_ne!(back.password_mark(), before);
    assert!(!back.password_mark().was_there(NOW.plus_secs(-1)));
}
