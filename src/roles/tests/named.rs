//! Roles by name, permissions of applications, and default roles.

use super::*;
use crate::access::Role;
use crate::base::id::AppPermissionId;
use crate::base::id::UserId;
use crate::roles::named::{self, NewRole, RolePatch};
use crate::store::Row;
use crate::tenancy;

pub(super) fn role_name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

fn permission(text: &str) -> PermissionName {
    PermissionName::parse(text).unwrap()
}

fn at(place: Place) -> Granted<permit::WriteRoles> {
    operator().grant(place).unwrap()
}

fn seen(place: Place) -> Granted<permit::ReadRoles> {
    operator().grant(place).unwrap()
}

pub(super) fn new_role(text: &str, extends: Option<&str>, permissions: &[&str]) -> NewRole {
    NewRole {
        name: role_name(text),
        display_name: name(text),
        description: None,
        extends: extends.map(role_name),
        permissions: permissions.iter().copied().map(permission).collect(),
    }
}

/// The code of what went wrong, and the field.
fn wrong(problem: &Problem) -> (&'static str, &str) {
    (problem.code, problem.fields.first().map_or("", |field| field.field.as_str()))
}

fn try_make(world: &World, place: Place, id: u64, new: NewRole) -> Result<CustomRole, Problem> {
    world.write(move |tx| named::create(tx, &at(place), &new, role_id(id), NOW))
}

pub(super) fn made(world: &World, place: Place, id: u64, new: NewRole) -> CustomRole {
    try_make(world, place, id, new).unwrap()
}

pub(super) fn permit_named(world: &World, id: u64, text: &str) {
    let new = permission(text);
    let make = move |tx: &mut WriteTx<'_>| {
        permissions::create(tx, &at(Place::Platform), (&new, ""), AppPermissionId::from_raw(id), NOW)
    };
    world.write(make).unwrap();
}

/// The names of what a user may do in applications of `world.a`.
fn may(world: &World, user: &User) -> Vec<String> {
    let tx = world.store.read();
    let user = people::user(&tx, user.id).unwrap().unwrap();
    let roles = roles_of(&tx, &user, world.a, NOW).unwrap();
    app_permissions(&tx, &roles).unwrap().into_iter().map(|permission| permission.name.to_string()).collect()
}

/// The names of a user's roles in `world.a`.
fn has(world: &World, user: &User) -> Vec<String> {
    let tx = world.store.read();
    let user = people::user(&tx, user.id).unwrap().unwrap();
    roles_of(&tx, &user, world.a, NOW).unwrap().into_iter().map(|role| role.key.to_string()).collect()
}

fn assign_to(world: &World, user: &User, names: &[&str]) -> Result<(), Problem> {
    let (id, place) = (user.id, world.a);
    let ids: Vec<_> = names
        .iter()
        .map(|text| by_name(&world.store.read(), place.tenant(), &role_name(text)).unwrap().unwrap().id)
        .collect();
    world.write(move |tx| {
        let granted: Granted<permit::WriteUsers> = operator().grant(place).unwrap();
        assign_named(tx, &granted, id, &ids, NOW)
    })
}

#[test]
fn a_role_has_what_the_roles_below_it_have() {
    let world = World::new();
    for (id, text) in [(1, "doc:read"), (2, "doc:write"), (3, "doc:share")] {
        permit_named(&world, id, text);
    }
    made(&world, Place::Platform, 1, new_role("reader", None, &["doc:read"]));
    made(&world, Place::Platform, 2, new_role("writer", Some("reader"), &["doc:write"]));
    made(&world, world.a, 3, new_role("chief", Some("writer"), &["doc:share"]));
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    assert_eq!((has(&world, &bob), may(&world, &bob)), (vec!["member".to_owned()], vec![]));
    assign_to(&world, &bob, &["chief", "admin"]).unwrap();
    assert_eq!(has(&world, &bob), ["admin", "chief"]);
    assert_eq!(may(&world, &bob), ["doc:read", "doc:share", "doc:write"]);
    assert_eq!(
        people::membership(&world.store.read(), tenant(world.a), bob.id).unwrap().unwrap().role,
        Role::TenantAdmin
    );
    // The names of an organisation's own roles mean nothing elsewhere.
    assert!(by_name(&world.store.read(), world.b.tenant(), &role_name("chief")).unwrap().is_none());
    assert!(by_name(&world.store.read(), None, &role_name("chief")).unwrap().is_none());
    // Without a built-in role the least one stays, and is not named.
    assign_to(&world, &bob, &["reader"]).unwrap();
    assert_eq!(has(&world, &bob), ["reader"]);
    assert_eq!(
        people::membership(&world.store.read(), tenant(world.a), bob.id).unwrap().unwrap().role,
        Role::TenantViewer
    );
    assign_to(&world, &bob, &[]).unwrap();
    assert_eq!(has(&world, &bob), ["viewer"]);
}

#[test]
fn what_a_built_in_role_permits_in_applications_can_be_said() {
    let world = World::new();
    permit_named(&world, 1, "doc:read");
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let patch = RolePatch { permissions: Some(vec![permission("doc:read")]), ..RolePatch::default() };
    let changed =
        world.write(move |tx| named::update(tx, &at(Place::Platform), &role_name("member"), &patch, NOW)).unwrap();
    assert_eq!(is_built_in(changed.id), Some(Role::TenantUser));
    assert_eq!(may(&world, &bob), ["doc:read"]);
    let listed = named::list(&world.store.read(), &seen(Place::Platform)).unwrap();
    assert_eq!(listed.iter().map(|role| role.key.as_str()).collect::<Vec<_>>(), ["admin", "member", "viewer"]);
    // Of the organisation it is only to be held.
    let refused = world.write({
        let place = world.a;
        move |tx| named::update(tx, &at(place), &role_name("member"), &RolePatch::default(), NOW)
    });
    assert_eq!(wrong(&refused.unwrap_err()), ("access_denied", ""));
}

#[test]
fn roles_go_in_no_circle_and_not_too_deep() {
    let world = World::new();
    made(&world, Place::Platform, 10, new_role("r0", None, &[]));
    for at in 1..10 {
        made(&world, Place::Platform, 10 + at, new_role(&format!("r{at}"), Some(&format!("r{}", at - 1)), &[]));
    }
    let deeper = try_make(&world, Place::Platform, 30, new_role("r10", Some("r9"), &[])).unwrap_err();
    assert_eq!(wrong(&deeper), ("validation_error", "extends"));
    let circle = RolePatch { extends: Some(role_name("r5")), ..RolePatch::default() };
    let refused =
        world.write(move |tx| named::update(tx, &at(Place::Platform), &role_name("r2"), &circle, NOW)).unwrap_err();
    assert_eq!(wrong(&refused), ("validation_error", "extends"));
    let parted = world.write(|tx| named::remove_base(tx, &at(Place::Platform), &role_name("r5"), NOW)).unwrap();
    assert_eq!(parted.extends, None);
    let again = world.write(|tx| named::remove_base(tx, &at(Place::Platform), &role_name("r5"), NOW)).unwrap_err();
    assert_eq!(wrong(&again), ("role_base_not_found", ""));
}

#[test]
fn a_role_that_somebody_holds_is_deleted_for_another_one() {
    let world = World::new();
    made(&world, Place::Platform, 1, new_role("clerk", None, &[]));
    made(&world, Place::Platform, 2, new_role("agent", None, &[]));
    made(&world, world.a, 3, new_role("own", None, &[]));
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    assign_to(&world, &bob, &["clerk", "own"]).unwrap();
    let count = |text: &str, place: Place| {
        let tx = world.store.read();
        let role = named::get(&tx, &seen(place), &role_name(text)).unwrap();
        named::users_count(&tx, &seen(place), &role).unwrap()
    };
    assert_eq!((count("clerk", Place::Platform), count("clerk", world.b), count("own", world.a)), (1, 0, 1));
    assert_eq!((count("viewer", world.a), count("admin", world.a)), (1, 0));
    let delete = |place: Place, text: &str, instead: Option<&str>| {
        let (text, instead) = (role_name(text), instead.map(role_name));
        world.write(move |tx| named::delete(tx, &at(place), &text, instead.as_ref(), NOW))
    };
    let refused = |place: Place, text: &str, instead: Option<&str>| {
        let problem = delete(place, text, instead).unwrap_err();
        (problem.code, problem.fields.first().map_or(String::new(), |field| field.field.clone()))
    };
    assert_eq!(refused(Place::Platform, "clerk", None), ("role_in_use", "reassign_role_name".to_owned()));
    assert_eq!(refused(Place::Platform, "clerk", Some("nobody")).1, "reassign_role_name");
    assert_eq!(refused(Place::Platform, "admin", None).0, "role_built_in");
    assert_eq!(refused(world.a, "clerk", Some("own")).0, "access_denied");
    delete(Place::Platform, "clerk", Some("agent")).unwrap();
    assert_eq!(has(&world, &bob), ["agent", "own"]);
    delete(world.a, "own", Some("member")).unwrap();
    assert_eq!(has(&world, &bob), ["member", "agent"]);
    delete(Place::Platform, "agent", Some("admin")).unwrap();
    assert_eq!(has(&world, &bob), ["admin"]);
}

#[test]
fn a_role_takes_no_place_of_a_built_in_one() {
    let world = World::new();
    // In another spelling the name is free.
    let alike = made(&world, Place::Platform, 1, new_role("Admin", None, &[]));
    assert_eq!(alike.slug.as_str(), "role-1");
    permit_named(&world, 2, "doc:read");
    let patch = RolePatch { permissions: Some(vec![permission("doc:read")]), ..RolePatch::default() };
    let change = move |tx: &mut WriteTx<'_>| named::update(tx, &at(Place::Platform), &role_name("admin"), &patch, NOW);
    assert_eq!(world.write(change).unwrap().permissions.len(), 1);
}

#[test]
fn who_is_gone_holds_nothing() {
    let world = World::new();
    made(&world, Place::Platform, 1, new_role("clerk", None, &[]));
    let bob = world.user(100, "bob@b.example", world.b, Role::TenantUser);
    let eve = world.user(101, "eve@a.example", world.a, Role::TenantUser);
    let (id, place, clerk) = (bob.id, world.b, role_id(1));
    let give = move |tx: &mut WriteTx<'_>| {
        let granted: Granted<permit::WriteUsers> = operator().grant(place).unwrap();
        assign_named(tx, &granted, id, &[clerk], NOW)
    };
    world.write(give).unwrap();
    let members = |place: Place| {
        let tx = world.store.read();
        let role = named::get(&tx, &seen(place), &role_name("member")).unwrap();
        named::users_count(&tx, &seen(place), &role).unwrap()
    };
    let (before, here) = (members(Place::Platform), members(world.a));
    let (eve, gone) = (eve.id, tenant(world.b));
    world.write(move |tx| people::delete(tx, &all(), eve, NOW)).unwrap();
    assert_eq!((members(Place::Platform), members(world.a)), (before - 1, here - 1), "deleted users count no more");
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), gone, NOW)).unwrap();
    // Whoever held it in a tenant that is gone stands in nobody's way.
    let instead = role_name("admin");
    world.write(move |tx| named::delete(tx, &at(Place::Platform), &role_name("clerk"), Some(&instead), NOW)).unwrap();
}

#[test]
fn nobody_gives_what_they_lack_in_applications() {
    let world = World::new();
    permit_named(&world, 1, "doc:read");
    permit_named(&world, 2, "doc:erase");
    made(&world, Place::Platform, 1, new_role("reader", None, &["doc:read"]));
    made(&world, Place::Platform, 2, new_role("eraser", Some("reader"), &["doc:erase"]));
    make(&world, 3, new("Staffing", &["users:manage"], &[]));
    let (boss, bob) = (
        world.user(100, "boss@a.example", world.a, Role::TenantUser),
        world.user(101, "bob@a.example", world.a, Role::TenantViewer),
    );
    assign_to(&world, &boss, &["member", "reader"]).unwrap();
    give(&world, &boss, &[Role::TenantUser], &[3]);
    let acting = acts(&world, &boss, world.a);
    let hand = |roles: &[u64]| {
        let (id, ids) = (bob.id, roles.iter().copied().map(role_id).collect::<Vec<_>>());
        let wanted = Wanted { roles: vec![Role::TenantViewer], custom: vec![], instance: Some(ids) };
        try_as(&world, &acting, move |tx, g| assign(tx, g, id, &wanted, NOW)).map(drop)
    };
    assert_eq!(hand(&[1]), Ok(()), "what they hold themselves");
    assert_eq!(hand(&[1, 2]), Err("cannot_grant"));
    assert_eq!(has(&world, &bob), ["reader"]);
    // Giving roles of ScaiGrid leaves those of the instance alone.
    assert_eq!(has(&world, &boss), ["member", "reader", "Staffing".to_lowercase().as_str()]);
}

#[test]
fn permissions_are_renamed_and_deleted_in_every_role() {
    let world = World::new();
    permit_named(&world, 1, "doc:read");
    permit_named(&world, 2, "doc:write");
    made(&world, Place::Platform, 1, new_role("reader", None, &["doc:read"]));
    made(&world, world.a, 2, new_role("own", None, &["doc:read", "doc:write"]));
    let change = |from: &str, to: &str| {
        let (from, to) = (permission(from), permission(to));
        world.write(move |tx| permissions::update(tx, &at(Place::Platform), &from, (&to, "x"), NOW))
    };
    assert_eq!(wrong(&change("doc:read", "doc:write").unwrap_err()), ("permission_exists", "name"));
    change("doc:read", "doc:see").unwrap();
    let of = |place: Place, text: &str| {
        let tx = world.store.read();
        let role = named::get(&tx, &seen(place), &role_name(text)).unwrap();
        let permissions = named::permissions_of(&tx, &role, true).unwrap();
        permissions.into_iter().map(|(permission, _)| permission.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((of(Place::Platform, "reader"), of(world.a, "own").len()), (vec!["doc:see".to_owned()], 2));
    world.write(|tx| permissions::delete(tx, &at(Place::Platform), &permission("doc:see"), NOW)).unwrap();
    assert_eq!((of(Place::Platform, "reader").len(), of(world.a, "own")), (0, vec!["doc:write".to_owned()]));
    let place = world.a;
    let refused =
        world.write(move |tx| permissions::delete(tx, &at(place), &permission("doc:write"), NOW)).unwrap_err();
    assert_eq!(wrong(&refused), ("access_denied", ""), "the list is the instance's");
}

#[test]
fn a_tenant_chooses_the_role_of_its_newcomers() {
    let world = World::new();
    made(&world, world.a, 1, new_role("guest", None, &[]));
    let chosen = |member: &str| defaults::Chosen { creator: None, member: Some(role_name(member)) };
    let set =
        |place: Place, chosen: defaults::Chosen| world.write(move |tx| defaults::set(tx, &at(place), &chosen, NOW));
    let now = |place: Place| {
        let roles = defaults::of(&world.store.read(), place.tenant()).unwrap();
        (roles.creator.key.to_string(), roles.member.key.to_string())
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!((now(Place::Platform), now(world.a)), (pair("admin", "member"), pair("admin", "member")));
    set(world.a, chosen("guest")).unwrap();
    assert_eq!((now(world.b), now(world.a)), (pair("admin", "member"), pair("admin", "guest")));
    assert_eq!(wrong(&set(world.b, chosen("guest")).unwrap_err()), ("validation_error", "default_member_role"));
    let creator = defaults::Chosen { creator: Some(role_name("admin")), member: None };
    assert_eq!(wrong(&set(world.a, creator).unwrap_err()), ("validation_error", "default_creator_role"));
    let place = world.a;
    let kept = world.write(move |tx| named::delete(tx, &at(place), &role_name("guest"), None, NOW)).unwrap_err();
    assert_eq!(wrong(&kept), ("role_is_default", ""));
}

#[test]
fn scaigrids_roles_get_a_name_and_can_be_built_on() {
    let world = World::new();
    let one = make(&world, 1, new("Report readers", &[], &[]));
    let two = make(&world, 2, new("Admin", &[], &[]));
    let three = make(
        &world,
        3,
        NewCustomRole { slug: Some(crate::base::Slug::parse("report.readers").unwrap()), ..new("x", &[], &[]) },
    );
    assert_eq!(
        (one.key.as_str(), two.key.as_str(), three.key.as_str()),
        ("report_readers", "admin_2", "report_readers_2")
    );
    made(&world, world.a, 4, new_role("lead", Some("report_readers"), &[]));
    let gone = try_as(&world, &admin(&world), |tx, g| delete(tx, g, role_id(1), NOW));
    assert_eq!(gone.unwrap_err(), "role_has_dependents");
    // And the other way round: a role made by name is one of ScaiGrid's.
    let seen = try_as(&world, &admin(&world), |tx, g| list(tx, g)).unwrap();
    assert!(seen.iter().any(|role| role.id == role_id(4) && role.slug.as_str() == "lead"));
    let twice = made(&world, world.a, 5, new_role("LEAD", None, &[]));
    assert_eq!(twice.slug.as_str(), "role-5", "the slug was taken");
}

#[test]
fn rows_from_before_are_read() {
    let world = World::new();
    let role = make(&world, 1, new("Report readers", &["users:manage"], &["a:b"]));
    let before = (
        role.id,
        tenant(world.a),
        &role.name,
        &role.slug,
        &role.description,
        role.core,
        &role.modules,
        &role.created_by,
        role.created_at,
        role.updated_at,
    );
    let old = postcard::to_allocvec(&before).unwrap();
    assert_eq!(CustomRole::upgrade(1, &old).unwrap(), role);
    assert!(CustomRole::upgrade(3, &old).is_err() && CustomRole::upgrade(1, &old[..9]).is_err());
    let held = Held { custom: vec![role.id], ..Held::nothing(tenant(world.a), UserId::from_raw(7)) };
    let mut old = postcard::to_allocvec(&held).unwrap();
    assert_eq!(old.pop(), Some(0));
    assert_eq!(Held::upgrade(1, &old).unwrap(), held);
}
