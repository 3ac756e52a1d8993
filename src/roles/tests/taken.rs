//! What is taken, by another door than the one that gives it.

use super::mappings::{group, join, map};
use super::named::{made, new_role, permit_named, role_name};
use super::*;
use crate::access::Proof;
use crate::access::Role;
use crate::base::id::GroupId;
use crate::people::groups::{GroupType, Member};

/// A program of the tenant with these scopes.
fn program(world: &World, scopes: &str) -> Arc<Actor> {
    let id = crate::base::id::ApplicationId::from_raw(1);
    let principal = Principal::Application { id, client_id: "skc_1".to_owned(), name: "worker".to_owned() };
    let roles = vec![crate::access::Assignment { role: Role::TenantAdmin, place: world.a }];
    let narrowed = actor(principal, world.a, roles, Some(scopes));
    Arc::new(Actor { proof: Proof::Program, ..Actor::clone(&narrowed) })
}

#[test]
fn a_group_that_makes_administrators_is_left_and_deleted_only_by_who_makes_them() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let (ops, plain) = (group(&world, 7, world.a, GroupType::Security), group(&world, 8, world.a, GroupType::Security));
    map(&world, 70, ops, Given::Role(Role::TenantAdmin), true).unwrap();
    join(&world, ops, &bob);
    join(&world, plain, &bob);
    let (narrow, member) = (program(&world, "groups:write"), Member::User(bob.id));
    let out = |by: &Arc<Actor>, from: GroupId| {
        let granted = by.grant::<permit::WriteGroups>(world.a).unwrap();
        world.write(move |tx| groups::remove_member(tx, &granted, from, member, NOW)).err().map(|problem| problem.code)
    };
    let gone = |by: &Arc<Actor>, group: GroupId| {
        let granted = by.grant::<permit::WriteGroups>(world.a).unwrap();
        world.write(move |tx| groups::delete(tx, &granted, group, NOW)).err().map(|problem| problem.code)
    };
    let stale = Arc::new(Actor { proof: Proof::Stale, ..Actor::clone(&admin(&world)) });
    assert_eq!((out(&narrow, ops), gone(&narrow, ops)), (Some("cannot_grant"), Some("cannot_grant")));
    assert_eq!((out(&stale, ops), gone(&stale, ops)), (Some("step_up_required"), Some("step_up_required")));
    assert_eq!((out(&narrow, plain), gone(&narrow, plain)), (None, None));
    assert_eq!((out(&admin(&world), ops), gone(&narrow, ops)), (None, None), "an empty group gives nobody anything");
}

#[test]
fn a_membership_ends_with_what_custom_roles_gave_only_by_who_could_give_that() {
    let world = World::new();
    make(&world, 1, new("Auditors", &["admin:access"], &[]));
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    give(&world, &bob, &[Role::TenantUser], &[1]);
    let (id, a) = (bob.id, tenant(world.a));
    let end = |by: &Arc<Actor>| {
        let granted = by.grant::<permit::DeleteUsers>(world.a).unwrap();
        world.write(move |tx| people::remove_membership(tx, &granted, id, a, NOW)).err().map(|problem| problem.code)
    };
    assert_eq!(end(&program(&world, "users:delete")), Some("cannot_grant"));
    assert_eq!(end(&program(&world, "users:delete admin:write")), None);
    let plain = world.user(101, "plain@a.example", world.a, Role::TenantUser).id;
    let granted = program(&world, "users:delete").grant::<permit::DeleteUsers>(world.a).unwrap();
    world.write(move |tx| people::remove_membership(tx, &granted, plain, a, NOW)).unwrap();
}

#[test]
fn holders_of_a_deleted_role_get_and_lose_no_more_than_its_deleter_may_give() {
    let world = World::new();
    permit_named(&world, 1, "doc:read");
    make(&world, 10, new("Auditors", &["admin:access"], &[]));
    for (id, text) in [(2, "reader"), (3, "writer")] {
        made(&world, world.a, id, new_role(text, None, &["doc:read"]));
    }
    let (auditor, reader) = (
        world.user(100, "auditor@a.example", world.a, Role::TenantUser),
        world.user(101, "reader@a.example", world.a, Role::TenantUser),
    );
    give(&world, &auditor, &[Role::TenantUser], &[10]);
    give(&world, &reader, &[Role::TenantUser], &[2]);
    let key = get(&world.store.read(), &grant(&admin(&world), world.a), role_id(10)).unwrap().key;
    let delete = |by: &Arc<Actor>, name: &RoleName, instead: &str| {
        let granted = by.grant::<permit::WriteRoles>(world.a).unwrap();
        let (name, instead) = (name.clone(), role_name(instead));
        let done = world.write(move |tx| crate::roles::named::delete(tx, &granted, &name, Some(&instead), NOW));
        done.err().map(|problem| problem.code)
    };
    let narrow = program(&world, "app_authorization:write");
    assert_eq!(delete(&narrow, &key, "writer"), Some("cannot_grant"), "it would take what it cannot give");
    assert_eq!(delete(&narrow, &role_name("reader"), key.as_str()), Some("cannot_grant"), "nor give it");
    assert_eq!(
        delete(&narrow, &role_name("reader"), "writer"),
        None,
        "roles of applications are what its scope is for"
    );
    assert_eq!(delete(&program(&world, "app_authorization:write admin:write"), &key, "writer"), None);
}

#[test]
fn a_default_role_is_chosen_by_who_could_give_it() {
    let world = World::new();
    permit_named(&world, 1, "doc:read");
    make(&world, 10, new("Auditors", &["admin:access"], &[]));
    made(&world, world.a, 2, new_role("reader", None, &["doc:read"]));
    let key = get(&world.store.read(), &grant(&admin(&world), world.a), role_id(10)).unwrap().key;
    let choose = |by: &Arc<Actor>, at: Place, name: &RoleName| {
        let granted = by.grant::<permit::WriteRoles>(at).unwrap();
        let chosen = defaults::Chosen { creator: None, member: Some(name.clone()) };
        world.write(move |tx| defaults::set(tx, &granted, &chosen, NOW)).err().map(|problem| problem.code)
    };
    let narrow = program(&world, "app_authorization:write");
    assert_eq!(choose(&narrow, world.a, &role_name("admin")), Some("cannot_grant"));
    assert_eq!(choose(&narrow, world.a, &key), Some("cannot_grant"));
    for name in ["reader", "viewer", "member"] {
        assert_eq!(choose(&narrow, world.a, &role_name(name)), None, "{name}");
    }
    let stale = Arc::new(Actor { proof: Proof::Stale, ..Actor::clone(&admin(&world)) });
    assert_eq!(choose(&stale, world.a, &role_name("admin")), Some("step_up_required"));
    assert_eq!(choose(&admin(&world), world.a, &role_name("admin")), None);
    assert_eq!(choose(&narrow, world.a, &role_name("admin")), None, "what is so already");
    assert_eq!(choose(&operator(), Place::Platform, &role_name("admin")), None);
}
