//! Who may change how somebody signs in.

use super::*;
use crate::access::{Place, Role};
use crate::access::{Proof, StepUp};
use crate::base::id::UserId;
use crate::mfa;
use crate::roles::{self, Given, NewCustomRole};

/// A program of the tenant with these scopes.
fn program(place: Place, scopes: &str) -> Arc<Actor> {
    let id = crate::base::id::ApplicationId::from_raw(1);
    let principal = Principal::Application { id, client_id: "skc_1".to_owned(), name: "worker".to_owned() };
    let role = if place.tenant().is_some() { Role::TenantAdmin } else { Role::SuperAdmin };
    let narrowed = actor(principal, place, vec![Assignment { role, place }], Some(scopes));
    Arc::new(Actor { proof: Proof::Program, ..Actor::clone(&narrowed) })
}

fn with_password(address: &str, place: Place) -> NewUser {
    NewUser { password_hash: Some("phc".to_owned()), ..new_user(address, place, Role::TenantUser) }
}

/// What is refused of all that changes how a user of `world.a` signs in, by its code.
fn secured(world: &World, actor: &Arc<Actor>, at: Place, id: UserId) -> Vec<&'static str> {
    let mine = email("mine@a.example");
    let patches = [
        UserPatch { email: Some(mine), ..UserPatch::default() },
        UserPatch { status: Some(Status::Disabled), ..UserPatch::default() },
    ];
    let mut tried = vec![
        as_at(world, actor, at, move |tx, g| set_password(tx, g, id, "phc", NOW)),
        as_at(world, actor, at, move |tx, g| mfa::reset(tx, g, id, NOW)),
        as_at(world, actor, at, move |tx, g: &Granted<permit::SendResetLinks>| {
            get_to_secure(tx, g, id, NOW).map(|_| ())
        }),
        as_at(world, actor, at, move |tx, g| delete(tx, g, id, NOW)),
    ];
    for patch in patches {
        tried.push(as_at(world, actor, at, move |tx, g| update(tx, g, id, &patch, NOW).map(|_| ())));
    }
    tried.into_iter().map(|tried| tried.err().map_or("done", |problem| problem.code)).collect()
}

#[test]
fn a_narrowed_credential_sets_no_password_but_makes_users_and_sends_links() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser).id;
    let narrow = program(world.a, "users:write");
    let new = with_password("puppet@a.example", world.a);
    let tried = as_at(&world, &narrow, world.a, move |tx, g| create(tx, g, &new, user_id(101), NOW));
    assert_eq!(code(tried), "access_denied", "it would sign in as them");
    let new = new_user("nia@a.example", world.a, Role::TenantUser);
    as_at(&world, &narrow, world.a, move |tx, g| create(tx, g, &new, user_id(101), NOW)).unwrap();
    let denied = as_at(&world, &narrow, world.a, move |tx, g| set_password(tx, g, bob, "phc", NOW)).unwrap_err();
    assert_eq!((denied.code, denied.message.contains("admin:write")), ("access_denied", true));
    let steal = UserPatch { email: Some(email("thief@a.example")), ..UserPatch::default() };
    let tried = as_at(&world, &narrow, world.a, move |tx, g| update(tx, g, bob, &steal, NOW));
    assert_eq!(code(tried), "access_denied", "a link would go to the new address");
    let renamed = UserPatch { display_name: Some(Some(name("Bob"))), ..UserPatch::default() };
    as_at(&world, &narrow, world.a, move |tx, g| update(tx, g, bob, &renamed, NOW)).unwrap();
    assert!(get_to_secure(&world.store.read(), &grant::<permit::SendResetLinks>(&narrow, world.a), bob, NOW).is_ok());
    // With `admin:write` and nobody above it.
    let wide = program(world.a, "users:write admin:write");
    let new = with_password("kim@a.example", world.a);
    as_at(&world, &wide, world.a, move |tx, g| create(tx, g, &new, user_id(102), NOW)).unwrap();
    as_at(&world, &wide, world.a, move |tx, g| set_password(tx, g, bob, "phc", NOW)).unwrap();
    let root = world.user(103, "root@a.example", world.a, Role::TenantUser);
    let root = world.give(&root, Role::SuperAdmin, Place::Platform, None).id;
    assert_eq!(code(as_at(&world, &wide, world.a, move |tx, g| set_password(tx, g, root, "phc", NOW))), "outranked");
}

#[test]
fn custom_roles_groups_and_roles_elsewhere_count_when_outranking() {
    let world = World::new();
    let role = NewCustomRole {
        name: name("Auditors"),
        slug: None,
        description: None,
        core: crate::access::CoreSet::named("admin:access").unwrap(),
        modules: roles::ModuleSet::default(),
    };
    let role_id = crate::base::id::CustomRoleId::from_raw(1);
    let granted = grant::<permit::ManageUsers>(&operator(), world.a);
    world.write(move |tx| roles::create(tx, &granted, &role, role_id, NOW)).unwrap();
    let auditor = world.user(100, "auditor@a.example", world.a, Role::TenantUser);
    let wanted = roles::Wanted { roles: vec![Role::TenantUser], custom: vec![role_id], instance: None };
    let (granted, id) = (grant::<permit::ManageUsers>(&operator(), world.a), auditor.id);
    world.write(move |tx| roles::assign(tx, &granted, id, &wanted, NOW)).unwrap();
    let mapped = world.user(101, "mapped@a.example", world.a, Role::TenantUser);
    let (group, member) = (crate::base::id::GroupId::from_raw(7), groups::Member::User(mapped.id));
    let new = groups::NewGroup {
        tenant: tenant_of(world.a),
        name: name("Operators"),
        description: None,
        group_type: groups::GroupType::Security,
    };
    let granted = grant::<permit::ManageUsers>(&operator(), world.a);
    let gives = (group, Given::Role(Role::TenantAdmin), true);
    world
        .write(move |tx| {
            groups::create(tx, &all(), &new, group, NOW)?;
            groups::add_member(tx, &all(), group, member, NOW)?;
            roles::create_mapping(tx, &granted, gives, crate::base::id::RoleMappingId::from_raw(70), NOW)
        })
        .unwrap();
    let chief = world.user(102, "chief@a.example", world.a, Role::TenantUser);
    let (b, id) = (tenant_of(world.b), chief.id);
    let join = NewMembership::at_once(Role::TenantAdmin);
    world.write(move |tx| add_membership(tx, &all(), &UserRef::Id(id), b, &join, NOW)).unwrap();
    let rename = UserPatch { display_name: Some(Some(name("X"))), ..UserPatch::default() };
    let renamed = |by: &Arc<Actor>, user: &User| {
        let (id, rename) = (user.id, rename.clone());
        as_at(&world, by, world.a, move |tx, g| update(tx, g, id, &rename, NOW)).err().map(|problem| problem.code)
    };
    let (narrow, wide) = (program(world.a, "users:write"), program(world.a, "admin:write"));
    for above in [&auditor, &mapped, &chief] {
        assert_eq!(renamed(&narrow, above), Some("outranked"), "{}", above.email);
    }
    assert_eq!((renamed(&wide, &auditor), renamed(&wide, &mapped)), (None, None));
    assert_eq!(renamed(&wide, &chief), Some("outranked"), "an admin of another tenant");
    let plain = world.user(103, "plain@a.example", world.a, Role::TenantUser);
    assert_eq!(renamed(&narrow, &plain), None);
}

#[test]
fn a_home_does_not_change_how_a_member_of_another_tenant_signs_in() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser).id;
    let (a, b) = (tenant_of(world.a), tenant_of(world.b));
    let admin = holder(Role::TenantAdmin, world.a);
    // An invitation that waits takes nothing from the home.
    let mut asked = NewMembership::at_once(Role::TenantUser);
    asked.invited_until = Some(NOW.plus_secs(100));
    world.write(move |tx| add_membership(tx, &all(), &UserRef::Id(bob), b, &asked, NOW)).unwrap();
    as_at(&world, &admin, world.a, move |tx, g| set_password(tx, g, bob, "phc", NOW)).unwrap();
    world.write(move |tx| accept_by_link(tx, bob, b, &origin(), NOW)).unwrap();
    assert_eq!(secured(&world, &admin, world.a, bob), ["member_elsewhere"; 6]);
    let other = holder(Role::TenantAdmin, world.b);
    assert_eq!(secured(&world, &other, world.b, bob), ["not_home_tenant"; 6]);
    // The profile is the home's to keep, and the membership its own to end.
    let renamed = UserPatch { display_name: Some(Some(name("Bob"))), ..UserPatch::default() };
    as_at(&world, &admin, world.a, move |tx, g| update(tx, g, bob, &renamed, NOW)).unwrap();
    let partner = holder(Role::PartnerAdmin, Place::Partner(p()));
    as_at(&world, &partner, Place::Partner(p()), move |tx, g| set_password(tx, g, bob, "phc", NOW)).unwrap();
    as_at(&world, &admin, world.a, move |tx, g| remove_membership(tx, g, bob, a, NOW)).unwrap();
    as_at(&world, &other, world.b, move |tx, g| set_password(tx, g, bob, "phc", NOW)).unwrap();
}

#[test]
fn one_changes_ones_own_account_wherever_one_belongs() {
    let world = World::new();
    let boss = world.user(100, "boss@a.example", world.a, Role::TenantAdmin);
    let (id, b) = (boss.id, tenant_of(world.b));
    let join = NewMembership::at_once(Role::TenantUser);
    world.write(move |tx| add_membership(tx, &all(), &UserRef::Id(id), b, &join, NOW)).unwrap();
    let me = acting(&world.store, &boss, world.a, NOW);
    let moved = UserPatch { email: Some(email("boss@new.example")), ..UserPatch::default() };
    as_at(&world, &me, world.a, move |tx, g| update(tx, g, id, &moved, NOW)).unwrap();
}

#[test]
fn a_tenants_administrator_does_not_say_whose_an_address_is() {
    let world = World::new();
    let verified = |address: &str| NewUser { email_verified: true, ..new_user(address, world.a, Role::TenantUser) };
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser).id;
    let say = UserPatch { email_verified: Some(true), ..UserPatch::default() };
    for by in [holder(Role::TenantAdmin, world.a), program(world.a, "admin:write")] {
        let (new, say) = (verified("eve@b.example"), say.clone());
        let made = as_at(&world, &by, world.a, move |tx, g| create(tx, g, &new, user_id(101), NOW)).unwrap_err();
        assert_eq!((made.code, made.fields[0].field.as_str()), ("validation_error", "email_verified"));
        let said = as_at(&world, &by, world.a, move |tx, g| update(tx, g, bob, &say, NOW)).unwrap_err();
        assert_eq!((said.code, said.fields[0].field.as_str()), ("validation_error", "email_verified"));
    }
    let (new, partner) = (verified("nia@a.example"), Place::Partner(p()));
    let by = holder(Role::PartnerAdmin, partner);
    let made = as_at(&world, &by, partner, move |tx, g| create(tx, g, &new, user_id(101), NOW)).unwrap();
    assert!(made.email_verified);
    let by = program(Place::Platform, "admin:write");
    assert!(as_at(&world, &by, Place::Platform, move |tx, g| update(tx, g, bob, &say, NOW)).unwrap().email_verified);
    // What was shown already stays so, whoever changes the rest; a new address is unconfirmed.
    let admin = holder(Role::TenantAdmin, world.a);
    let same = UserPatch { email_verified: Some(true), last_name: Some(Some(name("B"))), ..UserPatch::default() };
    as_at(&world, &admin, world.a, move |tx, g| update(tx, g, bob, &same, NOW)).unwrap();
    let moved = UserPatch { email: Some(email("bob@b.example")), ..UserPatch::default() };
    assert!(!as_at(&world, &admin, world.a, move |tx, g| update(tx, g, bob, &moved, NOW)).unwrap().email_verified);
}

#[test]
fn giving_and_taking_what_is_more_than_plain_wants_a_recent_sign_in() {
    let world = World::new();
    let (boss, bob) = (
        world.user(100, "boss@a.example", world.a, Role::TenantAdmin),
        world.user(101, "bob@a.example", world.a, Role::TenantUser).id,
    );
    let fresh = acting(&world.store, &boss, world.a, NOW);
    let stale = Arc::new(Actor { proof: Proof::Stale, ..Actor::clone(&fresh) });
    let a = tenant_of(world.a);
    let set = |by: &Arc<Actor>, role| {
        let set = as_at(&world, by, world.a, move |tx, g| set_membership_role(tx, g, bob, a, role, NOW));
        set.err().map(|problem| problem.code)
    };
    assert_eq!(permit::AssignRoles::RULE.step_up, StepUp::SignIn);
    assert_eq!(set(&stale, Role::TenantViewer), None, "the plain roles ask for nothing");
    assert_eq!(set(&stale, Role::TenantAdmin), Some("step_up_required"));
    assert_eq!(set(&fresh, Role::TenantAdmin), None);
    assert_eq!(set(&stale, Role::TenantUser), Some("step_up_required"), "nor is it taken");
    let removed = as_at(&world, &stale, world.a, move |tx, g| remove_membership(tx, g, bob, a, NOW));
    assert_eq!(code(removed), "step_up_required");
    let new = with_password("nia@a.example", world.a);
    let made = as_at(&world, &stale, world.a, move |tx, g| create(tx, g, &new, user_id(102), NOW));
    assert_eq!(code(made), "step_up_required");
}
