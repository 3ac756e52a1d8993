//! The rules of groups.

use super::*;
use crate::access::{Place, Role, permit};
use crate::base::id::{GroupId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::people::NewMembership;
use crate::people::{self, NewUser, UserPatch, UserRef};
use crate::store::{Entity, Paging};
use crate::tenancy::testkit::*;
use crate::tenancy::{self, TenantPatch};
use std::collections::BTreeMap;

fn tenant(place: Place) -> TenantId {
    place.tenant().unwrap()
}

fn gid(id: u64) -> GroupId {
    GroupId::from_raw(id)
}

fn make(world: &World, id: u64, text: &str, place: Place, group_type: GroupType) -> Group {
    let new = NewGroup { tenant: tenant(place), name: name(text), description: None, group_type };
    world.write(move |tx| create(tx, &all(), &new, gid(id), NOW)).unwrap()
}

fn security(world: &World, id: u64) -> Group {
    make(world, id, &format!("group {id}"), world.a, GroupType::Security)
}

fn add(world: &World, group: u64, member: Member) -> Result<GroupMember, Problem> {
    world.write(move |tx| add_member(tx, &all(), gid(group), member, NOW))
}

fn inner(id: u64) -> Member {
    Member::Group(gid(id))
}

fn count(world: &World, id: u64) -> u64 {
    group(&world.store.read(), gid(id)).unwrap().unwrap().members
}

#[test]
fn groups_of_a_user_go_through_nested_groups_and_stop_at_address_books() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    for id in [201, 202, 203] {
        security(&world, id);
    }
    make(&world, 204, "everybody", world.a, GroupType::DistributionList);
    make(&world, 205, "all mail", world.a, GroupType::DistributionList);
    add(&world, 201, Member::User(alice.id)).unwrap();
    add(&world, 202, inner(201)).unwrap();
    add(&world, 203, inner(202)).unwrap();
    add(&world, 204, inner(203)).unwrap();
    add(&world, 205, inner(204)).unwrap();
    add(&world, 204, Member::User(alice.id)).unwrap();
    assert_eq!(code(add(&world, 201, inner(204))), "group_cycle");
    assert_eq!(code(add(&world, 201, inner(205))), "group_cycle");
    let tx = world.store.read();
    let of = |tenant| groups_of(&tx, alice.id, tenant).unwrap();
    assert_eq!(of(None), [gid(201), gid(202), gid(203)]);
    assert_eq!(of(Some(tenant(world.a))), [gid(201), gid(202), gid(203)]);
    assert_eq!(of(Some(tenant(world.b))), []);
    let users = |id| effective_users(&tx, &group(&tx, gid(id)).unwrap().unwrap()).unwrap();
    assert_eq!(users(203), BTreeMap::from([(alice.id, false)]));
    assert_eq!(users(204), BTreeMap::from([(alice.id, true)]), "directly counts more than through others");
    assert_eq!(count(&world, 204), 2);
}

#[test]
fn an_address_book_gives_nothing() {
    let world = World::new();
    security(&world, 201);
    make(&world, 202, "list", world.a, GroupType::DistributionList);
    assert_eq!(code(add(&world, 201, inner(202))), "group_type_mismatch");
    add(&world, 202, inner(201)).unwrap();
}

#[test]
fn nesting_has_no_circles_and_a_bottom() {
    let world = World::new();
    for id in 201..=210 {
        security(&world, id);
    }
    assert_eq!(code(add(&world, 201, inner(201))), "group_cycle");
    // Two chains of four make one of eight; another link is too much.
    for outer in [201, 202, 203, 205, 206, 207] {
        add(&world, outer, inner(outer + 1)).unwrap();
    }
    add(&world, 204, inner(205)).unwrap();
    assert_eq!(code(add(&world, 208, inner(209))), "group_too_deep");
    assert_eq!(code(add(&world, 209, inner(201))), "group_too_deep");
    assert_eq!(code(add(&world, 208, inner(203))), "group_cycle");
    let bob = world.user(101, "bob@a.example", world.a, Role::TenantUser);
    add(&world, 208, Member::User(bob.id)).unwrap();
    assert_eq!(groups_of(&world.store.read(), bob.id, None).unwrap().len(), MAX_DEPTH);
}

#[test]
fn members_belong_to_the_tenant() {
    let world = World::new();
    security(&world, 201);
    make(&world, 202, "b", world.b, GroupType::Security);
    let bob = world.user(101, "bob@b.example", world.b, Role::TenantUser);
    for foreign in [Member::User(bob.id), inner(202), inner(999), Member::User(UserId::from_raw(999))] {
        assert_eq!(code(add(&world, 201, foreign)), "member_not_found");
    }
    let a = tenant(world.a);
    world
        .write(move |tx| {
            people::add_membership(tx, &all(), &UserRef::Id(bob.id), a, &NewMembership::at_once(Role::TenantUser), NOW)
        })
        .unwrap();
    let first = add(&world, 201, Member::User(bob.id)).unwrap();
    assert_eq!(add(&world, 201, Member::User(bob.id)).unwrap(), first, "a second time changes nothing");
    assert_eq!(count(&world, 201), 1);
    world.write(move |tx| people::remove_membership(tx, &all(), bob.id, a, NOW)).unwrap();
    assert_eq!(count(&world, 201), 0, "who leaves the tenant leaves its groups");
    add(&world, 202, Member::User(bob.id)).unwrap();
    world.write(move |tx| people::delete(tx, &all(), bob.id, NOW)).unwrap();
    assert_eq!(count(&world, 202), 0);
}

#[test]
fn groups_of_other_tenants_are_not_found() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    security(&world, 201);
    let foreign = holder(Role::TenantAdmin, world.b);
    let place = world.b;
    let tries: [Result<(), Problem>; 5] = [
        get(&world.store.read(), &grant(&foreign, place), gid(201)).map(drop),
        list_members(&world.store.read(), &grant(&foreign, place), gid(201), MemberFilter::Direct, Paging::default())
            .map(drop),
        {
            let granted = grant::<permit::WriteGroups>(&foreign, place);
            world.write(move |tx| update(tx, &granted, gid(201), &GroupPatch::default(), NOW).map(drop))
        },
        {
            let granted = grant::<permit::WriteGroups>(&foreign, place);
            world.write(move |tx| delete(tx, &granted, gid(201), NOW))
        },
        {
            let granted = grant::<permit::WriteGroups>(&foreign, place);
            world.write(move |tx| add_member(tx, &granted, gid(201), Member::User(alice.id), NOW).map(drop))
        },
    ];
    for tried in tries {
        assert_eq!(code(tried), "group_not_found");
    }
    let tx = world.store.read();
    let seen = |place, role, filter: GroupFilter| {
        let actor = holder(role, place);
        list(&tx, &grant(&actor, place), &filter, Paging::default()).map(|listed| listed.total)
    };
    assert_eq!(seen(world.b, Role::TenantAdmin, GroupFilter::default()).unwrap(), 0);
    assert_eq!(seen(Place::Partner(p()), Role::PartnerViewer, GroupFilter::default()).unwrap(), 1);
    assert_eq!(seen(Place::Partner(q()), Role::PartnerViewer, GroupFilter::default()).unwrap(), 0);
    let of_a = GroupFilter { tenant: world.a.tenant(), ..GroupFilter::default() };
    assert_eq!(seen(world.b, Role::TenantAdmin, of_a).unwrap_err().code, "tenant_not_found");
}

#[test]
fn names_are_unique_in_a_tenant_whatever_their_case_until_deleted() {
    let world = World::new();
    make(&world, 201, "Sales", world.a, GroupType::Security);
    make(&world, 202, "sales", world.b, GroupType::Security);
    let again =
        NewGroup { tenant: tenant(world.a), name: name("SALES"), description: None, group_type: GroupType::Security };
    let twice = again.clone();
    assert_eq!(code(world.write(move |tx| create(tx, &all(), &twice, gid(203), NOW))), "name_taken");
    security(&world, 204);
    add(&world, 204, inner(201)).unwrap();
    world.write(|tx| delete(tx, &all(), gid(201), NOW)).unwrap();
    assert_eq!(count(&world, 204), 0, "a deleted group is in no other");
    world.write(move |tx| create(tx, &all(), &again, gid(203), NOW)).unwrap();
    let tx = world.store.read();
    let found = |filter: GroupFilter| {
        let listed = list(&tx, &all(), &filter, Paging::default()).unwrap();
        listed.items.iter().map(|group| group.id.raw()).collect::<Vec<_>>()
    };
    assert_eq!(found(GroupFilter::default()), [202, 203, 204]);
    assert_eq!(found(GroupFilter { search: Some("sal".into()), ..GroupFilter::default() }), [202, 203]);
    assert_eq!(found(GroupFilter { partner: Some(q()), ..GroupFilter::default() }), [0; 0]);
    assert_eq!(found(GroupFilter { group_type: Some(GroupType::DistributionList), ..GroupFilter::default() }), [0; 0]);
}

#[test]
fn members_are_listed_in_pages() {
    let world = World::new();
    security(&world, 201);
    security(&world, 202);
    for id in 100..105 {
        let user = world.user(id, &format!("u{id}@a.example"), world.a, Role::TenantUser);
        add(&world, if id < 103 { 201 } else { 202 }, Member::User(user.id)).unwrap();
    }
    add(&world, 201, inner(202)).unwrap();
    let tx = world.store.read();
    let page = |filter, page| {
        let listed = list_members(&tx, &all(), gid(201), filter, Paging::new(page, 2).unwrap()).unwrap();
        let ids = listed.items.iter().map(|member| match member {
            Members::User(user, ..) => user.id.raw(),
            Members::Group(group, _) => group.id.raw(),
        });
        (ids.collect::<Vec<_>>(), listed.total)
    };
    assert_eq!(page(MemberFilter::Direct, 1), (vec![100, 101], 4));
    assert_eq!(page(MemberFilter::Direct, 2), (vec![102, 202], 4));
    assert_eq!(page(MemberFilter::Nested, 1), (vec![103, 104], 2));
    assert_eq!(page(MemberFilter::Effective, 3), (vec![104], 5));
}

#[test]
fn a_tenant_that_moves_takes_its_people_and_groups_along_in_the_lists() {
    let world = World::new();
    world.user(100, "alice@a.example", world.a, Role::TenantUser);
    security(&world, 201);
    let totals = |partner| {
        let tx = world.store.read();
        let people = people::UserFilter { partner: Some(partner), ..people::UserFilter::default() };
        let groups = GroupFilter { partner: Some(partner), ..GroupFilter::default() };
        let users = people::list(&tx, &all(), &people, Paging::default()).unwrap().total;
        (users, list(&tx, &all(), &groups, Paging::default()).unwrap().total)
    };
    assert_eq!((totals(p()), totals(q())), ((1, 1), (0, 0)));
    let a = tenant(world.a);
    let patch = TenantPatch { partner: Some(q()), ..TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &all(), a, &patch, NOW)).unwrap();
    assert_eq!((totals(p()), totals(q())), ((0, 0), (1, 1)));
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), a, NOW)).unwrap();
    assert_eq!((totals(p()), totals(q())), ((0, 0), (0, 0)));
}

#[test]
fn sources_that_no_provider_stands_behind_are_mismatches() {
    let world = World::new();
    world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let new = NewUser {
        identity_source: people::IdentitySource::Ldap,
        ..NewUser::local(email("bob@b.example"), tenant(world.b), Role::TenantUser)
    };
    world.write(move |tx| people::create(tx, &all(), &new, UserId::from_raw(101), NOW)).unwrap();
    let found = |tenant| {
        let listed = people::mismatches(&world.store.read(), &all(), tenant, Paging::default()).unwrap();
        listed.items.iter().map(|user| user.id.raw()).collect::<Vec<_>>()
    };
    assert_eq!((found(None), found(world.b.tenant()), found(world.a.tenant())), (vec![101], vec![101], vec![]));
    let new = NewUser {
        identity_source: people::IdentitySource::Ldap,
        ..NewUser::local(email("eve@b.example"), tenant(world.b), Role::TenantUser)
    };
    world.write(move |tx| people::create(tx, &all(), &new, UserId::from_raw(102), NOW)).unwrap();
    assert_eq!(found(None), [101, 102]);
    world.write(|tx| Ok(tx.put_encoded(&people::User::TABLE, &UserId::from_raw(102), &[0xff])?)).unwrap();
    assert_eq!(found(None), [101], "a row that cannot be read takes the list from nobody");
    let patch = UserPatch { identity_source: Some(people::IdentitySource::Local), ..UserPatch::default() };
    world.write(move |tx| people::update(tx, &all(), UserId::from_raw(101), &patch, NOW)).unwrap();
    assert_eq!(found(None), [0; 0]);
}
