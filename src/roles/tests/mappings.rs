//! What groups give.

use super::*;
use crate::access::Role;
use crate::base::id::{GroupId, RoleMappingId};
use crate::people::groups::{GroupType, Member, NewGroup};

pub(super) fn group(world: &World, id: u64, place: Place, group_type: GroupType) -> GroupId {
    let new = NewGroup { tenant: tenant(place), name: name(&format!("Group {id}")), description: None, group_type };
    let id = GroupId::from_raw(id);
    world.write(move |tx| groups::create(tx, &all::<permit::WriteGroups>(), &new, id, NOW)).unwrap();
    id
}

pub(super) fn join(world: &World, group: GroupId, user: &User) {
    let member = Member::User(user.id);
    world.write(move |tx| groups::add_member(tx, &all::<permit::WriteGroups>(), group, member, NOW)).unwrap();
}

fn leave(world: &World, group: GroupId, user: &User) {
    let member = Member::User(user.id);
    world.write(move |tx| groups::remove_member(tx, &all::<permit::WriteGroups>(), group, member, NOW)).unwrap();
}

pub(super) fn map(
    world: &World,
    id: u64,
    group: GroupId,
    gives: Given,
    auto_revoke: bool,
) -> Result<RoleMapping, &'static str> {
    let id = RoleMappingId::from_raw(id);
    try_as(world, &admin(world), move |tx, g| create_mapping(tx, g, (group, gives, auto_revoke), id, NOW))
}

fn sign_in(world: &World, user: &User) {
    let (a, id) = (tenant(world.a), user.id);
    world.write(move |tx| remember_groups(tx, a, id)).unwrap();
}

#[test]
fn members_of_a_group_get_what_it_maps_to() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    let (ops, inner) = (group(&world, 7, world.a, GroupType::Security), group(&world, 8, world.a, GroupType::Security));
    make(&world, 1, new("Reporting", &["accounting:view_tenant"], &["a:b"]));
    map(&world, 70, ops, Given::Role(Role::TenantUser), true).unwrap();
    map(&world, 71, ops, Given::Custom(role_id(1)), true).unwrap();
    assert_eq!(can(&world, &bob).roles, [Role::TenantViewer]);
    world
        .write(move |tx| groups::add_member(tx, &all::<permit::WriteGroups>(), ops, Member::Group(inner), NOW))
        .unwrap();
    join(&world, inner, &bob);
    let has = can(&world, &bob);
    assert_eq!(has.roles, [Role::TenantUser, Role::TenantViewer], "through a group in the group");
    assert!(has.core.has("accounting:view_tenant") && has.hold(CoreSet::default(), &modules(&["a:b"])));
    let actor = acts(&world, &bob, world.a);
    assert!(actor.grant::<permit::WriteSecrets>(world.a).is_ok(), "a mapped role counts on every surface");
    assert!(actor.grant::<permit::WriteSecrets>(world.b).is_err());
    leave(&world, inner, &bob);
    assert_eq!(
        can(&world, &bob),
        Permissions {
            roles: vec![Role::TenantViewer],
            core: CoreSet::bundle(Role::TenantViewer),
            ..Permissions::default()
        }
    );
}

#[test]
fn without_auto_revoke_who_signed_in_as_a_member_keeps_it() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantViewer);
    let eve = world.user(101, "eve@a.example", world.a, Role::TenantViewer);
    let ops = group(&world, 7, world.a, GroupType::Security);
    map(&world, 70, ops, Given::Role(Role::TenantUser), false).unwrap();
    join(&world, ops, &bob);
    join(&world, ops, &eve);
    sign_in(&world, &bob);
    leave(&world, ops, &bob);
    leave(&world, ops, &eve);
    assert_eq!(can(&world, &bob).roles, [Role::TenantUser, Role::TenantViewer]);
    assert_eq!(can(&world, &eve).roles, [Role::TenantViewer], "who never signed in meanwhile has nothing to keep");
    sign_in(&world, &bob);
    assert!(can(&world, &bob).roles.contains(&Role::TenantUser), "a later sign-in takes nothing away");
    try_as(&world, &admin(&world), |tx, g| delete_mapping(tx, g, RoleMappingId::from_raw(70), NOW)).unwrap();
    assert_eq!(can(&world, &bob).roles, [Role::TenantViewer], "the end of the mapping does");
    // A new mapping for the same group does not bring the old membership back.
    map(&world, 72, ops, Given::Role(Role::TenantUser), false).unwrap();
    assert_eq!(can(&world, &bob).roles, [Role::TenantViewer]);
}

#[test]
fn mappings_are_checked_when_they_are_made() {
    let world = World::new();
    let ops = group(&world, 7, world.a, GroupType::Security);
    let (list, foreign) =
        (group(&world, 8, world.a, GroupType::DistributionList), group(&world, 9, world.b, GroupType::Security));
    make(&world, 1, new("Reporting", &["accounting:view_tenant"], &[]));
    let user = Given::Role(Role::TenantUser);
    assert_eq!(map(&world, 70, list, user, true).unwrap_err(), "validation_error");
    assert_eq!(map(&world, 70, foreign, user, true).unwrap_err(), "group_not_found");
    assert_eq!(map(&world, 70, ops, Given::Custom(role_id(99)), true).unwrap_err(), "role_not_found");
    for beyond in [Role::SuperAdmin, Role::PartnerAdmin, Role::PartnerViewer] {
        assert_eq!(map(&world, 70, ops, Given::Role(beyond), true).unwrap_err(), "validation_error");
    }
    map(&world, 70, ops, user, true).unwrap();
    assert_eq!(map(&world, 71, ops, user, false).unwrap_err(), "already_exists");
    map(&world, 72, ops, Given::Custom(role_id(1)), true).unwrap();
    try_as(&world, &admin(&world), |tx, g| delete(tx, g, role_id(1), NOW)).unwrap();
    let granted = grant::<permit::ManageUsers>(&admin(&world), world.a);
    let left: Vec<_> = list_mappings(&world.store.read(), &granted).unwrap().iter().map(|one| one.id.raw()).collect();
    assert_eq!(left, [70], "a deleted role takes its mappings along");
    let other = holder(Role::TenantAdmin, world.b);
    let tried = try_as(&world, &other, |tx, g| delete_mapping(tx, g, RoleMappingId::from_raw(70), NOW));
    assert_eq!(tried.unwrap_err(), "role_mapping_not_found");
}

#[test]
fn neither_mappings_nor_groups_give_what_the_actor_lacks() {
    let world = World::new();
    let ops = group(&world, 7, world.a, GroupType::Security);
    let outer = group(&world, 8, world.a, GroupType::Security);
    make(&world, 1, new("Auditors", &["admin:access"], &[]));
    make(&world, 50, new("User managers", &["users:manage"], &[]));
    let manager = world.user(500, "manager@a.example", world.a, Role::TenantUser);
    give(&world, &manager, &[Role::TenantUser], &[50]);
    let as_manager = acts(&world, &manager, world.a);
    let map_as = |id: u64, gives: Given| {
        let id = RoleMappingId::from_raw(id);
        try_as(&world, &as_manager, move |tx, g| create_mapping(tx, g, (ops, gives, true), id, NOW)).map(|_| ())
    };
    assert_eq!(map_as(70, Given::Role(Role::TenantAdmin)), Err("cannot_grant"));
    assert_eq!(map_as(70, Given::Custom(role_id(1))), Err("cannot_grant"));
    assert_eq!(map_as(70, Given::Role(Role::TenantUser)), Ok(()));
    map(&world, 71, outer, Given::Role(Role::TenantAdmin), true).unwrap();
    let tried = try_as(&world, &as_manager, |tx, g| delete_mapping(tx, g, RoleMappingId::from_raw(71), NOW));
    assert_eq!(tried.unwrap_err(), "cannot_grant");
    // A token for groups alone makes no admins through a group, nor through a group in it.
    world
        .write(move |tx| groups::add_member(tx, &all::<permit::WriteGroups>(), outer, Member::Group(ops), NOW))
        .unwrap();
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    let roles = people::assignments(&world.store.read(), &boss, NOW).unwrap();
    let principal = Principal::User { id: boss.id, email: boss.email.clone() };
    for (scope, outcome) in [("groups:write", Err("cannot_grant")), ("admin:write", Ok(()))] {
        let narrow = actor(principal.clone(), world.a, roles.clone(), Some(scope));
        let granted = grant::<permit::WriteGroups>(&narrow, world.a);
        let member = Member::User(manager.id);
        let tried = world.write(move |tx| groups::add_member(tx, &granted, ops, member, NOW));
        assert_eq!(tried.map(|_| ()).map_err(|problem| problem.code), outcome, "{scope}");
    }
}
