//! Deleted users: shown, restored within the retention, and gone with their address afterwards.

use super::*;

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
