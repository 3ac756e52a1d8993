//! The rules of custom roles, of what users are given, and of mappings.

mod escalation;
mod mappings;
mod named;
mod taken;

use super::*;
use crate::access::Role;
use crate::access::{Actor, CORE_PERMISSIONS, CoreSet, Granted, PERMISSIONS, Place, Principal, permit};
use crate::base::id::{CustomRoleId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::people::NewMembership;
use crate::people::{self, User, groups};
use crate::store::WriteTx;
use crate::tenancy::testkit::*;
use std::sync::Arc;

fn tenant(place: Place) -> TenantId {
    place.tenant().unwrap()
}

fn role_id(id: u64) -> CustomRoleId {
    CustomRoleId::from_raw(id)
}

fn core(names: &[&str]) -> CoreSet {
    names.iter().fold(CoreSet::default(), |set, name| set.and(CoreSet::named(name).unwrap()))
}

fn modules(names: &[&str]) -> ModuleSet {
    ModuleSet::parse(names.iter().copied()).unwrap()
}

fn new(text: &str, core_names: &[&str], module_names: &[&str]) -> NewCustomRole {
    NewCustomRole {
        name: name(text),
        slug: None,
        description: None,
        core: core(core_names),
        modules: modules(module_names),
    }
}

/// A user as a request of theirs has them: roles, and what custom roles give.
fn acts(world: &World, user: &User, place: Place) -> Arc<Actor> {
    let mut actor = Arc::unwrap_or_clone(acting(&world.store, user, place, NOW));
    actor.custom = custom_of(&world.store.read(), &actor.roles, tenant(place), user.id).unwrap();
    Arc::new(actor)
}

/// Tries something with what an actor may do at home.
fn try_as<T: Send + 'static>(
    world: &World,
    actor: &Arc<Actor>,
    mut run: impl FnMut(&mut WriteTx<'_>, &Granted<permit::ManageUsers>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, &'static str> {
    let granted = actor.grant::<permit::ManageUsers>(actor.home()).map_err(|_| "denied")?;
    world.write(move |tx| run(tx, &granted)).map_err(|problem| problem.code)
}

fn admin(world: &World) -> Arc<Actor> {
    holder(Role::TenantAdmin, world.a)
}

fn make(world: &World, id: u64, role: NewCustomRole) -> CustomRole {
    try_as(world, &admin(world), move |tx, g| create(tx, g, &role, role_id(id), NOW)).unwrap()
}

fn give(world: &World, user: &User, roles: &[Role], custom: &[u64]) {
    let (id, wanted) = (user.id, wanted(roles, custom));
    try_as(world, &admin(world), move |tx, g| assign(tx, g, id, &wanted, NOW)).unwrap();
}

fn wanted(roles: &[Role], custom: &[u64]) -> Wanted {
    Wanted { roles: roles.to_vec(), custom: custom.iter().copied().map(role_id).collect(), instance: None }
}

fn can(world: &World, user: &User) -> Permissions {
    let user = people::user(&world.store.read(), user.id).unwrap().unwrap();
    of_actor(&world.store.read(), &acting(&world.store, &user, world.a, NOW), world.a).unwrap()
}

#[test]
fn the_bundles_and_the_permission_table_say_the_same() {
    for permission in CORE_PERMISSIONS {
        let rule = PERMISSIONS.iter().find(|rule| rule.name == permission).unwrap();
        for role in Role::ALL {
            assert_eq!(rule.roles.contains(&role), CoreSet::bundle(role).has(permission), "{permission} {role:?}");
        }
    }
}

#[test]
fn what_a_user_may_do_is_the_union_of_all_that_they_hold() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    make(&world, 1, new("Reporting", &["accounting:view_tenant"], &["scaibot:bots:read"]));
    make(&world, 2, new("Callers", &["models:use"], &[]));
    give(&world, &bob, &[Role::TenantViewer], &[1, 2]);
    let (id, given) = (bob.id, modules(&["scaimatrix:ingest"]));
    try_as(&world, &admin(&world), move |tx, g| set_module_permissions(tx, g, id, &given, NOW)).unwrap();
    let has = can(&world, &bob);
    assert_eq!(has.roles, [Role::TenantViewer]);
    assert_eq!(has.custom, [role_id(1), role_id(2)]);
    let all = core(&["models:list", "accounting:view_own", "accounting:view_tenant", "models:use"]);
    assert_eq!(has.core, all);
    assert_eq!(has.module_names(), ["scaibot:bots:read", "scaimatrix:ingest"]);
    assert!(
        has.hold(CoreSet::default(), &modules(&["scaimatrix:ingest"]))
            && !has.hold(CoreSet::default(), &modules(&["scaimatrix:delete"]))
    );
    assert!(
        can(&world, &world.user(101, "eve@a.example", world.a, Role::TenantAdmin))
            .hold(CoreSet::default(), &modules(&["any:thing"]))
    );
    let roles = people::assignments_in(&world.store.read(), &bob, world.a, NOW).unwrap();
    assert_eq!(custom_of(&world.store.read(), &roles, tenant(world.a), bob.id).unwrap().names().count(), 2);
    assert_eq!(custom_of(&world.store.read(), &[], tenant(world.a), bob.id).unwrap().names().count(), 0);
}

#[test]
fn a_change_counts_for_the_very_next_question() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    make(&world, 1, new("Callers", &["models:use"], &[]));
    give(&world, &bob, &[Role::TenantViewer], &[1]);
    assert!(can(&world, &bob).core.has("models:use"));
    let patch = CustomRolePatch { core: Some(core(&["routing:view"])), ..CustomRolePatch::default() };
    try_as(&world, &admin(&world), move |tx, g| update(tx, g, role_id(1), &patch, NOW)).unwrap();
    assert!(!can(&world, &bob).core.has("models:use") && can(&world, &bob).core.has("routing:view"));
    let granted = grant::<permit::ManageUsers>(&admin(&world), world.a);
    assert_eq!(holders(&world.store.read(), &granted, role_id(1)).unwrap(), [bob.id]);
    try_as(&world, &admin(&world), |tx, g| delete(tx, g, role_id(1), NOW)).unwrap();
    assert_eq!(can(&world, &bob).core, CoreSet::bundle(Role::TenantViewer));
    assert_eq!(code(get(&world.store.read(), &granted, role_id(1))), "role_not_found");
    // The next role of that name is another one.
    make(&world, 2, new("Callers", &["models:use"], &[]));
    assert!(!can(&world, &bob).core.has("models:use"));
}

#[test]
fn slugs_are_unique_in_a_tenant_and_made_from_the_name() {
    let world = World::new();
    assert_eq!(make(&world, 1, new("Night  Shift (EU)", &[], &[])).slug.as_str(), "night-shift-eu");
    let again = new("night shift eu", &[], &[]);
    assert_eq!(
        try_as(&world, &admin(&world), move |tx, g| create(tx, g, &again, role_id(2), NOW)).unwrap_err(),
        "slug_conflict"
    );
    let nameless = new("夜", &[], &[]);
    assert_eq!(
        try_as(&world, &admin(&world), move |tx, g| create(tx, g, &nameless, role_id(2), NOW)).unwrap_err(),
        "validation_error"
    );
    let other = holder(Role::TenantAdmin, world.b);
    let same = new("Night Shift EU", &[], &[]);
    try_as(&world, &other, move |tx, g| create(tx, g, &same, role_id(3), NOW)).unwrap();
    make(&world, 4, new("Other", &[], &[]));
    let patch = CustomRolePatch { slug: Some(slug("night-shift-eu")), ..CustomRolePatch::default() };
    let taken = try_as(&world, &admin(&world), move |tx, g| update(tx, g, role_id(4), &patch, NOW));
    assert_eq!(taken.unwrap_err(), "slug_conflict");
}

#[test]
fn what_reaches_beyond_a_tenant_is_refused_whoever_asks() {
    let world = World::new();
    for beyond in ["models:manage", "routing:manage", "accounting:view_partner"] {
        for actor in [admin(&world), holder(Role::SuperAdmin, Place::Platform)] {
            let mut at_a = Arc::unwrap_or_clone(actor);
            (at_a.tenant, at_a.partner) = (tenant(world.a), p());
            let wide = new("Wide", &[beyond], &[]);
            let tried = try_as(&world, &Arc::new(at_a), move |tx, g| create(tx, g, &wide, role_id(1), NOW));
            assert_eq!(tried.unwrap_err(), "validation_error", "{beyond}");
        }
    }
}

#[test]
fn another_tenants_roles_are_not_there() {
    let world = World::new();
    make(&world, 1, new("Callers", &["models:use"], &[]));
    let other = holder(Role::TenantAdmin, world.b);
    let carl = world.user(200, "carl@b.example", world.b, Role::TenantUser).id;
    let granted = grant::<permit::ManageUsers>(&other, world.b);
    assert!(list(&world.store.read(), &granted).unwrap().is_empty());
    assert_eq!(code(get(&world.store.read(), &granted, role_id(1))), "role_not_found");
    let patch = CustomRolePatch::default();
    assert_eq!(
        try_as(&world, &other, move |tx, g| update(tx, g, role_id(1), &patch, NOW)).unwrap_err(),
        "role_not_found"
    );
    assert_eq!(try_as(&world, &other, |tx, g| delete(tx, g, role_id(1), NOW)).unwrap_err(), "role_not_found");
    let foreign = wanted(&[Role::TenantUser], &[1]);
    let tried = try_as(&world, &other, move |tx, g| assign(tx, g, carl, &foreign, NOW));
    assert_eq!(tried.unwrap_err(), "validation_error");
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser).id;
    let wanted = wanted(&[Role::TenantUser], &[]);
    let tried = try_as(&world, &other, move |tx, g| assign(tx, g, bob, &wanted, NOW));
    assert_eq!(tried.unwrap_err(), "user_not_found");
    assert_eq!(try_as(&world, &other, move |tx, g| delete_user(tx, g, bob, NOW)).unwrap_err(), "user_not_found");
}

#[test]
fn roles_are_replaced_as_a_whole() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let direct = |world: &World| {
        let user = people::user(&world.store.read(), bob.id).unwrap().unwrap();
        assigned(&world.store.read(), &user, world.a, NOW).unwrap().roles
    };
    assert_eq!(direct(&world), [Role::TenantUser]);
    give(&world, &bob, &[Role::TenantViewer, Role::TenantAdmin], &[]);
    assert_eq!(direct(&world), [Role::TenantAdmin, Role::TenantViewer]);
    let membership = people::membership(&world.store.read(), tenant(world.a), bob.id).unwrap().unwrap();
    assert_eq!(membership.role, Role::TenantAdmin, "the widest one stands in the membership");
    give(&world, &bob, &[Role::TenantViewer], &[]);
    assert_eq!(direct(&world), [Role::TenantViewer]);
    assert!(people::user(&world.store.read(), bob.id).unwrap().unwrap().admin_roles.is_empty());
    let (id, none) = (bob.id, wanted(&[], &[]));
    let tried = try_as(&world, &admin(&world), move |tx, g| assign(tx, g, id, &none, NOW));
    assert_eq!(tried.unwrap_err(), "validation_error", "a member has a role of the tenant");
    let mut above = Arc::unwrap_or_clone(holder(Role::PartnerAdmin, Place::Partner(p())));
    (above.tenant, above.partner) = (tenant(world.a), p());
    let wide = wanted(&[Role::PartnerAdmin, Role::TenantUser], &[]);
    try_as(&world, &Arc::new(above), move |tx, g| assign(tx, g, id, &wide, NOW)).unwrap();
    assert_eq!(direct(&world), [Role::PartnerAdmin, Role::TenantUser]);
    // Who cannot take a role away may leave it where it is, and change the others.
    give(&world, &bob, &[Role::PartnerAdmin, Role::TenantViewer], &[]);
    let less = wanted(&[Role::TenantViewer], &[]);
    let tried = try_as(&world, &admin(&world), move |tx, g| assign(tx, g, id, &less, NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    assert_eq!(direct(&world), [Role::PartnerAdmin, Role::TenantViewer]);
}

#[test]
fn leaving_a_tenant_leaves_everything_behind() {
    let world = World::new();
    let bob = world.user(100, "bob@b.example", world.b, Role::TenantUser);
    let a = tenant(world.a);
    let join = move |world: &World| {
        let who = people::UserRef::Id(UserId::from_raw(100));
        let joined = move |tx: &mut WriteTx<'_>| {
            people::add_membership(
                tx,
                &all::<permit::WriteUsers>(),
                &who,
                a,
                &NewMembership::at_once(Role::TenantUser),
                NOW,
            )
        };
        world.write(joined).unwrap();
    };
    join(&world);
    make(&world, 1, new("Reporting", &["accounting:view_tenant"], &[]));
    give(&world, &bob, &[Role::TenantUser], &[1]);
    assert!(can(&world, &bob).core.has("accounting:view_tenant"));
    let id = bob.id;
    // For somebody at home elsewhere, being deleted here is the end of the membership.
    try_as(&world, &admin(&world), move |tx, g| delete_user(tx, g, id, NOW)).unwrap();
    assert!(people::user(&world.store.read(), id).unwrap().is_some());
    assert_eq!(can(&world, &bob).core, CoreSet::default());
    join(&world);
    assert!(!can(&world, &bob).core.has("accounting:view_tenant"), "coming back brings nothing back");
}
