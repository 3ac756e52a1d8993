//! Nobody gives what they lack, on every way that gives something.

use super::*;
use crate::access::Role;

/// A tenant_user who manages users by a custom role, and holds nothing else.
fn manager(world: &World) -> (User, Arc<Actor>) {
    let user = world.user(500, "manager@a.example", world.a, Role::TenantUser);
    make(world, 50, new("User managers", &["users:manage"], &["scaibot:bots:read"]));
    give(world, &user, &[Role::TenantUser], &[50]);
    let actor = acts(world, &user, world.a);
    (user, actor)
}

#[test]
fn no_custom_role_is_made_wider_than_its_maker() {
    let world = World::new();
    let (_, manager) = manager(&world);
    let create_as = |id: u64, core_names: &[&str], module_names: &[&str]| {
        let new = new(&format!("Role {id}"), core_names, module_names);
        try_as(&world, &manager, move |tx, g| create(tx, g, &new, role_id(id), NOW)).map(|_| ())
    };
    assert_eq!(create_as(1, &["users:manage", "models:use"], &["scaibot:bots:read"]), Ok(()), "what they hold");
    for held_by_admins in ["admin:access", "webhooks:manage", "modules:manage", "accounting:view_tenant"] {
        assert_eq!(create_as(2, &[held_by_admins], &[]), Err("cannot_grant"), "{held_by_admins}");
    }
    assert_eq!(create_as(2, &[], &["scaibot:bots:write"]), Err("cannot_grant"));
    // Nor made wider afterwards, nor narrower, nor deleted, when it is wider.
    let wider = CustomRolePatch { core: Some(core(&["admin:access"])), ..CustomRolePatch::default() };
    let tried = try_as(&world, &manager, move |tx, g| update(tx, g, role_id(1), &wider, NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    let wider = CustomRolePatch { modules: Some(modules(&["a:b"])), ..CustomRolePatch::default() };
    let tried = try_as(&world, &manager, move |tx, g| update(tx, g, role_id(50), &wider, NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant", "not even one's own role");
    make(&world, 3, new("Auditors", &["admin:access"], &[]));
    let rename = CustomRolePatch { name: Some(name("Mine")), ..CustomRolePatch::default() };
    let tried = try_as(&world, &manager, move |tx, g| update(tx, g, role_id(3), &rename, NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    assert_eq!(try_as(&world, &manager, |tx, g| delete(tx, g, role_id(3), NOW)).unwrap_err(), "cannot_grant");
}

#[test]
fn no_role_is_given_that_the_giver_lacks() {
    let world = World::new();
    let (own, manager) = manager(&world);
    make(&world, 3, new("Auditors", &["admin:access"], &[]));
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    let set = |user: &User, roles: &[Role], custom: &[u64]| {
        let (id, wanted) = (user.id, wanted(roles, custom));
        try_as(&world, &manager, move |tx, g| assign(tx, g, id, &wanted, NOW)).map(|_| ())
    };
    assert_eq!(set(&bob, &[Role::TenantUser], &[50]), Ok(()), "what they hold themselves");
    for role in [Role::TenantAdmin, Role::PartnerAdmin, Role::PartnerViewer, Role::SuperAdmin] {
        assert_eq!(set(&bob, &[Role::TenantUser, role], &[50]), Err("cannot_grant"), "{role:?}");
        assert_eq!(set(&own, &[Role::TenantUser, role], &[50]), Err("cannot_grant"), "{role:?} to oneself");
    }
    assert_eq!(set(&bob, &[Role::TenantUser], &[50, 3]), Err("cannot_grant"));
    assert_eq!(set(&own, &[Role::TenantUser], &[50, 3]), Err("cannot_grant"));
    // Nor taken.
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    assert_eq!(set(&boss, &[Role::TenantUser], &[]), Err("cannot_grant"));
    give(&world, &bob, &[Role::TenantUser], &[3]);
    assert_eq!(set(&bob, &[Role::TenantUser], &[]), Err("cannot_grant"));
    // A viewer who manages users gives no more than viewer.
    let viewer = world.user(102, "viewer@a.example", world.a, Role::TenantViewer);
    give(&world, &viewer, &[Role::TenantViewer], &[50]);
    let (actor, id) = (acts(&world, &viewer, world.a), world.user(103, "v@a.example", world.a, Role::TenantViewer).id);
    let up = wanted(&[Role::TenantUser], &[]);
    assert_eq!(try_as(&world, &actor, move |tx, g| assign(tx, g, id, &up, NOW)).unwrap_err(), "cannot_grant");
}

#[test]
fn no_module_permission_is_given_that_the_giver_lacks() {
    let world = World::new();
    let (own, manager) = manager(&world);
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    let set = |user: &User, names: &[&str]| {
        let (id, given) = (user.id, modules(names));
        try_as(&world, &manager, move |tx, g| set_module_permissions(tx, g, id, &given, NOW)).map(|_| ())
    };
    assert_eq!(set(&bob, &["scaibot:bots:read"]), Ok(()));
    assert_eq!(set(&bob, &["scaibot:bots:read", "scaibot:bots:write"]), Err("cannot_grant"));
    assert_eq!(set(&own, &["scaibot:bots:write"]), Err("cannot_grant"));
    let (id, given) = (bob.id, modules(&["scaibot:bots:write"]));
    try_as(&world, &admin(&world), move |tx, g| set_module_permissions(tx, g, id, &given, NOW)).unwrap();
    assert_eq!(set(&bob, &[]), Err("cannot_grant"), "nor taken");
}

#[test]
fn nobody_is_deleted_who_may_do_more() {
    let world = World::new();
    let (_, manager) = manager(&world);
    make(&world, 3, new("Auditors", &["admin:access"], &[]));
    let delete_as_manager = |user: &User| {
        let id = user.id;
        try_as(&world, &manager, move |tx, g| delete_user(tx, g, id, NOW))
    };
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    assert_eq!(delete_as_manager(&boss), Err("outranked"));
    let auditor = world.user(102, "auditor@a.example", world.a, Role::TenantUser);
    give(&world, &auditor, &[Role::TenantUser], &[3]);
    assert_eq!(delete_as_manager(&auditor), Err("outranked"));
    let plain = world.user(103, "plain@a.example", world.a, Role::TenantUser);
    assert_eq!(delete_as_manager(&plain), Ok(()));
    assert!(people::user(&world.store.read(), plain.id).unwrap().is_none());
}

#[test]
fn a_custom_role_opens_no_other_door() {
    let world = World::new();
    let (_, manager) = manager(&world);
    assert!(manager.grant::<permit::ReadUsers>(world.a).is_ok(), "who manages users sees them");
    assert!(manager.grant::<permit::ManageUsers>(world.b).is_err());
    assert!(manager.grant::<permit::WriteUsers>(world.a).is_err(), "passwords are for built-in roles");
    assert!(manager.grant::<permit::WriteGroups>(world.a).is_err());
    assert!(manager.grant::<permit::ReadAudit>(world.a).is_err());
}

#[test]
fn a_narrowed_credential_gives_no_rights_away() {
    let world = World::new();
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer).id;
    make(&world, 3, new("Auditors", &["admin:access"], &[]));
    let principal = Principal::User { id: boss.id, email: boss.email.clone() };
    let roles = people::assignments(&world.store.read(), &boss, NOW).unwrap();
    let narrow = actor(principal.clone(), world.a, roles.clone(), Some("users:manage"));
    let made = new("Anything", &["models:use"], &[]);
    let tried = try_as(&world, &narrow, move |tx, g| create(tx, g, &made, role_id(9), NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    let up = wanted(&[Role::TenantViewer], &[3]);
    assert_eq!(try_as(&world, &narrow, move |tx, g| assign(tx, g, bob, &up, NOW)).unwrap_err(), "cannot_grant");
    let given = modules(&["a:b"]);
    let tried = try_as(&world, &narrow, move |tx, g| set_module_permissions(tx, g, bob, &given, NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    let wide = actor(principal, world.a, roles, Some("admin:write"));
    let up = wanted(&[Role::TenantViewer], &[3]);
    try_as(&world, &wide, move |tx, g| assign(tx, g, bob, &up, NOW)).unwrap();
}
