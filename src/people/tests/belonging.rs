//! Who belongs to a tenant: whoever accepted a membership of it, and nobody by home.

use super::*;
use crate::access::{Place, Role};
use crate::base::Timestamp;
use crate::base::id::TenantId;
use crate::base::id::UserId;

fn join(world: &World, user: &User, place: Place, invited: bool) {
    let (id, tenant) = (user.id, tenant_of(place));
    let mut new = NewMembership::at_once(Role::TenantUser);
    new.invited_until = invited.then(|| NOW.plus_secs(3600));
    world.write(move |tx| add_membership(tx, &all(), &id.into(), tenant, &new, NOW)).unwrap();
}

fn leave(world: &World, user: &User, place: Place) {
    let (id, tenant) = (user.id, tenant_of(place));
    world.write(move |tx| remove_membership(tx, &all(), id, tenant, NOW)).unwrap();
}

fn open_to(world: &World, user: &User) -> Vec<TenantId> {
    tenants_open_to(&world.store.read(), user, NOW).unwrap()
}

fn listed(world: &World, place: Place) -> Vec<UserId> {
    let admin = holder(Role::TenantAdmin, place);
    let filter = UserFilter { tenant: place.tenant(), ..UserFilter::default() };
    let page = Paging::new(1, 100).unwrap();
    list(&world.store.read(), &grant(&admin, place), &filter, page).unwrap().items.iter().map(|user| user.id).collect()
}

#[test]
fn a_home_without_a_membership_lets_nobody_in_and_lists_nobody() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    join(&world, &alice, world.b, false);
    assert_eq!(open_to(&world, &alice), [tenant_of(world.a), tenant_of(world.b)]);
    leave(&world, &alice, world.a);
    let alice = user(&world.store.read(), alice.id).unwrap().unwrap();
    assert_eq!(open_to(&world, &alice), [tenant_of(world.b)]);
    assert_eq!(listed(&world, world.a), []);
    assert_eq!(listed(&world, world.b), [alice.id]);
    let admin = holder(Role::TenantAdmin, world.a);
    assert_eq!(code(get(&world.store.read(), &grant(&admin, world.a), alice.id)), "user_not_found");
    leave(&world, &alice, world.b);
    let alice = user(&world.store.read(), alice.id).unwrap().unwrap();
    assert_eq!(tenant_to_enter(&world.store.read(), &alice, NOW).unwrap(), None);
    // The platform still knows them, and can let them in again.
    assert_eq!(get(&world.store.read(), &all(), alice.id).unwrap().id, alice.id);
    join(&world, &alice, world.c, false);
    assert_eq!(open_to(&world, &alice), [tenant_of(world.c)]);
}

#[test]
fn a_role_above_a_tenant_counts_at_its_own_place() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let alice = world.give(&alice, Role::PartnerAdmin, Place::Partner(p()), Some(NOW.plus_secs(60)));
    leave(&world, &alice, world.a);
    let alice = user(&world.store.read(), alice.id).unwrap().unwrap();
    assert_eq!(open_to(&world, &alice), [tenant_of(world.a)], "their partner reaches the home");
    assert_eq!(tenants_open_to(&world.store.read(), &alice, NOW.plus_secs(60)).unwrap(), [], "until the role ends");
    // A role of another tenant is none here.
    let bob = world.user(101, "bob@a.example", world.a, Role::TenantUser);
    let bob = world.give(&bob, Role::TenantAdmin, world.c, None);
    leave(&world, &bob, world.a);
    assert_eq!(open_to(&world, &bob), []);
    let held = assignments_in(&world.store.read(), &bob, world.a, NOW).unwrap();
    assert!(!may_enter(&held, world.a) && may_enter(&held, world.c));
}

#[test]
fn whoever_only_invited_somebody_sees_an_address_that_waits() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantAdmin);
    let patch = UserPatch { display_name: Some(Some(name("Alice Example"))), ..UserPatch::default() };
    let id = alice.id;
    world.write(move |tx| update(tx, &all(), id, &patch, NOW)).unwrap();
    let inviter = holder(Role::TenantAdmin, world.b);
    let see = |actor: &Arc<Actor>, place| get(&world.store.read(), &grant(actor, place), id);
    assert_eq!(code(see(&inviter, world.b)), "user_not_found");
    join(&world, &alice, world.b, true);
    let seen = see(&inviter, world.b).unwrap();
    assert_eq!((seen.email.as_str(), seen.status, &seen.display_name), ("alice@a.example", Status::Invited, &None));
    assert_eq!((seen.home_tenant, seen.last_login_at, seen.email_verified), (tenant_of(world.b), None, false));
    assert_eq!(listed(&world, world.b), [id]);
    // Where they belong, and for the platform, they are who they are; and for the inviter too once they have accepted.
    let called = |user: User| user.display_name.map(|name| name.to_string());
    assert_eq!(called(see(&holder(Role::TenantAdmin, world.a), world.a).unwrap()), Some("Alice Example".to_owned()));
    let (origin, b) = (origin(), tenant_of(world.b));
    world.write(move |tx| accept_by_link(tx, id, b, &origin, NOW)).unwrap();
    assert_eq!(called(see(&inviter, world.b).unwrap()), Some("Alice Example".to_owned()));
}

#[test]
fn who_was_made_by_a_tenant_and_waits_is_shown_to_it() {
    let world = World::new();
    let mut new = new_user("new@a.example", world.a, Role::TenantUser);
    new.status = Status::Invited;
    new.membership.invited_until = Some(NOW.plus_secs(3600));
    new.display_name = Some(name("New One"));
    let made = world.write(move |tx| create(tx, &all(), &new, user_id(200), NOW)).unwrap();
    let admin = holder(Role::TenantAdmin, world.a);
    let seen = get(&world.store.read(), &grant(&admin, world.a), made.id).unwrap();
    assert_eq!(seen.called(), "New One");
    assert_eq!(open_to(&world, &seen), []);
}

#[test]
fn nobody_is_given_a_role_who_has_not_accepted() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    join(&world, &alice, world.b, true);
    let (id, b) = (alice.id, world.b);
    let admin = holder(Role::TenantAdmin, world.b);
    let give = |granted: Granted<permit::WriteUsers>| {
        world.write(move |tx| grant_role(tx, &granted, id, Role::TenantAdmin, b, None, NOW))
    };
    assert_eq!(code(give(grant(&admin, b))), "invitation_pending");
    assert!(give(all()).is_ok(), "the platform knows them");
}

#[test]
fn a_role_that_was_given_in_a_tenant_ends_with_the_membership() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    join(&world, &alice, world.b, false);
    world.give(&alice, Role::TenantAdmin, world.a, None);
    world.give(&alice, Role::TenantAdmin, world.b, None);
    let (id, b) = (alice.id, tenant_of(world.b));
    // Who could not take the role by itself does not take it with the membership.
    let admin = holder(Role::TenantAdmin, world.b);
    let narrowed = actor(admin.principal.clone(), world.b, admin.roles.clone(), Some("users:delete"));
    let end = as_at(&world, &narrowed, world.b, move |tx, granted: &Granted<permit::DeleteUsers>| {
        remove_membership(tx, granted, id, b, NOW)
    });
    assert_eq!(code(end), "cannot_grant");
    leave(&world, &alice, world.b);
    let held = |world: &World| {
        let user = user(&world.store.read(), id).unwrap().unwrap();
        user.admin_roles.iter().map(|held| held.place.tenant().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(held(&world), [tenant_of(world.a)], "what they were given elsewhere stays");
    // Whoever lets them in again lets in a plain user.
    join(&world, &alice, world.b, false);
    let alice = user(&world.store.read(), id).unwrap().unwrap();
    let roles = assignments_in(&world.store.read(), &alice, world.b, NOW).unwrap();
    assert!(roles.iter().all(|held| held.place != world.b || held.role == Role::TenantUser), "{roles:?}");
}

#[test]
fn a_role_of_a_tenant_opens_no_home_without_a_membership() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    leave(&world, &alice, world.a);
    let alice = world.give(&alice, Role::TenantAdmin, world.a, None);
    assert_eq!(open_to(&world, &alice), []);
}

#[test]
fn an_invitation_that_waits_is_no_consent_to_belong_to_a_sibling() {
    let world = World::new();
    let carol = world.user(100, "carol@c.example", world.c, Role::TenantUser);
    let partner = holder(Role::PartnerAdmin, Place::Partner(p()));
    let (id, b) = (carol.id, tenant_of(world.b));
    let add = |world: &World, until: Option<Timestamp>| {
        as_at(world, &partner, Place::Partner(p()), move |tx, granted: &Granted<permit::WriteUsers>| {
            let new = NewMembership { invited_until: until, ..NewMembership::at_once(Role::TenantUser) };
            add_membership(tx, granted, &id.into(), b, &new, NOW)
        })
    };
    assert_eq!(code(add(&world, None)), "user_not_found", "a stranger");
    join(&world, &carol, world.a, true);
    assert_eq!(code(add(&world, None)), "invitation_pending");
    assert!(add(&world, Some(NOW.plus_secs(3600))).unwrap().is_pending(), "they can be asked there too");
    let (origin, a) = (origin(), tenant_of(world.a));
    world.write(move |tx| accept_by_link(tx, id, a, &origin, NOW)).unwrap();
    let dave = world.user(101, "dave@c.example", world.c, Role::TenantUser);
    join(&world, &dave, world.a, false);
    let dave = dave.id;
    let added = as_at(&world, &partner, Place::Partner(p()), move |tx, granted: &Granted<permit::WriteUsers>| {
        add_membership(tx, granted, &dave.into(), b, &NewMembership::at_once(Role::TenantUser), NOW)
    });
    assert!(!added.unwrap().is_pending(), "somebody of a sibling tenant");
}

#[test]
fn an_account_is_a_tenants_alone_only_while_its_owner_belongs_there() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let a = tenant_of(world.a);
    let alone = |world: &World| {
        let tx = world.store.read();
        is_account_of(&tx, a, alice.id).unwrap()
    };
    assert!(alone(&world));
    join(&world, &alice, world.b, true);
    assert!(alone(&world), "an invitation is none of its business");
    let (origin, id, b) = (origin(), alice.id, tenant_of(world.b));
    world.write(move |tx| accept_by_link(tx, id, b, &origin, NOW)).unwrap();
    assert!(!alone(&world));
    leave(&world, &alice, world.b);
    leave(&world, &alice, world.a);
    join(&world, &alice, world.a, true);
    assert!(!alone(&world), "they were asked to come back, and have not agreed");
}

#[test]
fn an_account_that_waits_at_home_is_not_another_inviters_to_delete() {
    let world = World::new();
    let mut new = new_user("new@a.example", world.a, Role::TenantUser);
    new.status = Status::Invited;
    new.membership.invited_until = Some(NOW.plus_secs(3600));
    let made = world.write(move |tx| create(tx, &all(), &new, user_id(200), NOW)).unwrap();
    join(&world, &made, world.b, true);
    let alone = |place| is_account_of(&world.store.read(), tenant_of(place), made.id).unwrap();
    assert_eq!((alone(world.a), alone(world.b)), (true, false));
    // So deleting them at the other inviter withdraws its invitation.
    let granted = grant(&holder(Role::TenantAdmin, world.b), world.b);
    world.write(move |tx| crate::roles::delete_user(tx, &granted, user_id(200), NOW)).unwrap();
    assert_eq!(all_tenants_of(&world.store.read(), made.id).unwrap(), [tenant_of(world.a)]);
    let granted = grant(&holder(Role::TenantAdmin, world.a), world.a);
    world.write(move |tx| crate::roles::delete_user(tx, &granted, user_id(200), NOW)).unwrap();
    assert!(user(&world.store.read(), made.id).unwrap().is_none());
}

#[test]
fn that_a_stranger_is_switched_off_is_not_their_inviters_to_know() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    join(&world, &alice, world.b, true);
    let off = UserPatch { status: Some(Status::Suspended), ..UserPatch::default() };
    let id = alice.id;
    let alice = world.write(move |tx| update(tx, &all(), id, &off, NOW)).unwrap();
    let inviter = |place| grant(&holder(Role::TenantAdmin, place), place);
    let tx = world.store.read();
    assert!(invited(&tx, &inviter(world.b), id, tenant_of(world.b)).is_ok(), "the link is dead when it is used");
    assert_eq!(code(invited(&tx, &all(), id, tenant_of(world.b))), "not_invited", "the platform knows");
    let told = |place| check_active(&tx, &alice, tenant_of(place)).unwrap_err().message;
    assert!(told(world.b).contains("not accepted") && told(world.a).contains("switched off"));
}
