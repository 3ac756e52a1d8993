//! External ids, metadata, and what an invitation is worth before it is accepted.

use super::*;
use crate::access::{Place, Role};
use crate::base::Timestamp;
use crate::base::{ExternalId, Metadata};
use crate::store::{Seek, Window};
use std::collections::BTreeMap;

fn external(text: &str) -> Option<ExternalId> {
    Some(ExternalId::parse(text).unwrap())
}

fn metadata(key: &str, value: &str) -> Metadata {
    Metadata::new(BTreeMap::from([(key.to_owned(), value.to_owned())]), 20).unwrap()
}

fn with_external_id(world: &World, id: u64, address: &str, text: &str) -> Result<User, Problem> {
    let new = NewUser { external_id: external(text), ..new_user(address, world.a, Role::TenantUser) };
    world.write(move |tx| create(tx, &all(), &new, user_id(id), NOW))
}

fn asked(until: Timestamp) -> NewMembership {
    NewMembership { invited_until: Some(until), ..NewMembership::at_once(Role::TenantAdmin) }
}

#[test]
fn an_external_id_belongs_to_one_live_user() {
    let world = World::new();
    with_external_id(&world, 100, "alice@a.example", "crm-1").unwrap();
    let taken = with_external_id(&world, 101, "bob@a.example", "crm-1").unwrap_err();
    assert_eq!((taken.code, taken.fields[0].field.as_str()), ("external_id_taken", "external_id"));
    let taken = with_external_id(&world, 101, "Alice@A.example", "crm-2").unwrap_err();
    assert_eq!((taken.code, taken.fields[0].field.as_str()), ("email_taken", "email"));
    with_external_id(&world, 101, "bob@a.example", "CRM-1").expect("case counts");
    let found = |text| by_external_id(&world.store.read(), &external(text).unwrap()).unwrap().map(|user| user.id);
    assert_eq!((found("crm-1"), found("CRM-1"), found("crm-2")), (Some(user_id(100)), Some(user_id(101)), None));
    let patch = UserPatch { external_id: Some(external("crm-1")), ..UserPatch::default() };
    assert_eq!(code(world.write(move |tx| update(tx, &all(), user_id(101), &patch, NOW))), "external_id_taken");
    let patch = UserPatch { external_id: Some(None), metadata: Some(metadata("team", "x")), ..UserPatch::default() };
    let bob = world.write(move |tx| update(tx, &all(), user_id(101), &patch, NOW)).unwrap();
    assert_eq!((bob.external_id, bob.metadata, found("CRM-1")), (None, metadata("team", "x"), None));
    world.write(|tx| delete(tx, &all(), user_id(100), NOW)).unwrap();
    assert_eq!(found("crm-1"), None);
    with_external_id(&world, 102, "carol@a.example", "crm-1").expect("who is deleted gives it back");
    assert_eq!(code(with_external_id(&world, 103, "alice@a.example", "x")), "email_taken", "but not the e-mail");
}

#[test]
fn an_invitation_gives_no_right_until_it_is_accepted() {
    let world = World::new();
    let (alice, b) = (world.user(100, "alice@a.example", world.a, Role::TenantUser), tenant_of(world.b));
    let (until, who) = (NOW.plus_secs(100), UserRef::Id(alice.id));
    let made = world.write(move |tx| add_membership(tx, &all(), &who, b, &asked(until), NOW)).unwrap();
    let tx = world.store.read();
    assert!(made.is_pending() && membership(&tx, b, alice.id).unwrap().is_none());
    assert_eq!(belonging(&tx, b, alice.id).unwrap().as_ref(), Some(&made));
    assert_eq!(tenants_of(&tx, alice.id).unwrap(), [tenant_of(world.a)]);
    assert_eq!(all_tenants_of(&tx, alice.id).unwrap(), [tenant_of(world.a), b]);
    let roles = |tx: &crate::store::Snapshot| assignments(tx, &alice, NOW).unwrap();
    assert_eq!(roles(&tx), [Assignment { role: Role::TenantUser, place: world.a }]);
    assert_eq!(assignments_in(&tx, &alice, world.b, NOW).unwrap(), []);
    let standing =
        |tx: &crate::store::Snapshot, now| belonging(tx, b, alice.id).unwrap().unwrap().standing(&alice, now).name();
    assert_eq!((standing(&tx, NOW), standing(&tx, until)), ("PENDING_INVITE", "INVITE_EXPIRED"));
    // Admins of the tenant see whom they have asked.
    let listed = slice(
        &tx,
        &grant(&holder(Role::TenantAdmin, world.b), world.b),
        &UserFilter::default(),
        Window::new(Seek::Start, 10),
    )
    .unwrap();
    assert_eq!(listed.items.iter().map(|user| user.id).collect::<Vec<_>>(), [alice.id]);
    let who = UserRef::Id(alice.id);
    let again = world.write(move |tx| add_membership(tx, &all(), &who, b, &asked(until), NOW));
    assert_eq!(code(again), "already_member");
    let (id, later) = (alice.id, NOW.plus_secs(50));
    world.write(move |tx| renew_invitation(tx, id, b, later.plus_secs(100), later)).unwrap();
    let renewed = belonging(&world.store.read(), b, id).unwrap().unwrap().invitation.unwrap();
    assert_eq!((renewed.created_at, renewed.resent_at, renewed.resent_count), (NOW, Some(later), 1));
    assert!(world.write(move |tx| accept_by_link(tx, id, b, &origin(), later)).unwrap());
    assert!(!world.write(move |tx| accept_by_link(tx, id, b, &origin(), later)).unwrap(), "once");
    let tx = world.store.read();
    assert_eq!(standing(&tx, NOW.plus_secs(9_999)), "ACTIVE");
    assert_eq!(membership(&tx, b, id).unwrap().unwrap().joined_at, later);
    assert!(roles(&tx).contains(&Assignment { role: Role::TenantAdmin, place: world.b }));
    assert_eq!(code(invited(&tx, &all(), id, b)), "not_invited");
}

#[test]
fn whoever_switches_an_invited_account_on_lets_it_into_its_home() {
    let world = World::new();
    let membership =
        NewMembership { invited_until: Some(NOW.plus_secs(9)), ..NewMembership::at_once(Role::TenantUser) };
    let new = NewUser { status: Status::Invited, membership, ..new_user("n@a.example", world.a, Role::TenantUser) };
    let user = world.write(move |tx| create(tx, &all(), &new, user_id(100), NOW)).unwrap();
    let home = tenant_of(world.a);
    let waits = |world: &World| belonging(&world.store.read(), home, user.id).unwrap().unwrap().is_pending();
    assert!(waits(&world));
    let id = user.id;
    let on = UserPatch { status: Some(Status::Active), ..UserPatch::default() };
    world.write(move |tx| update(tx, &all(), id, &on, NOW)).unwrap();
    assert!(!waits(&world));
}

#[test]
fn what_is_kept_about_a_membership_is_its_tenants() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let (id, a) = (alice.id, tenant_of(world.a));
    let patch = MembershipPatch { metadata: Some(metadata("seat", "north")) };
    let admin = holder(Role::TenantAdmin, world.a);
    let kept = patch.clone();
    let changed = as_at(&world, &admin, world.a, move |tx, g| update_membership(tx, g, id, a, &kept, NOW)).unwrap();
    assert_eq!(changed.metadata, metadata("seat", "north"));
    let other = holder(Role::TenantAdmin, world.b);
    let refused = as_at(&world, &other, world.b, move |tx, g| update_membership(tx, g, id, a, &patch, NOW));
    assert_eq!(code(refused), "tenant_not_found");
}

#[test]
fn who_was_only_invited_is_found_by_what_is_shown_of_them() {
    let world = World::new();
    let new = NewUser {
        first_name: Some(name("Alice")),
        last_name: Some(name("Liddell")),
        external_id: external("crm-77"),
        ..new_user("wonder@a.example", world.a, Role::TenantUser)
    };
    let alice = world.write(move |tx| create(tx, &all(), &new, user_id(100), NOW)).unwrap().id;
    let (b, until) = (tenant_of(world.c), NOW.plus_secs(100));
    world.write(move |tx| add_membership(tx, &all(), &alice.into(), b, &asked(until), NOW)).unwrap();
    let find = |place: Place, search: Option<&str>, status| {
        let role = if place.tenant().is_some() { Role::TenantAdmin } else { Role::PartnerAdmin };
        let filter = UserFilter { search: search.map(str::to_owned), status, ..UserFilter::default() };
        let (tx, granted) = (world.store.read(), grant(&holder(role, place), place));
        let listed = list(&tx, &granted, &filter, Paging::new(1, 10).unwrap()).unwrap();
        let slice = slice(&tx, &granted, &filter, Window::new(Seek::Start, 10)).unwrap();
        assert_eq!((listed.total, listed.items.len()), (slice.total, slice.items.len()));
        listed.items.iter().map(|user| (user.email.to_string(), user.status)).collect::<Vec<_>>()
    };
    let row = |status| vec![("wonder@a.example".to_owned(), status)];
    // Where they were invited, and at the partner of that tenant.
    for place in [world.c, Place::Partner(q())] {
        for hidden in ["alice", "liddell", "crm-77"] {
            assert_eq!(find(place, Some(hidden), None), [], "{hidden} at {place:?}");
        }
        assert_eq!(find(place, Some("wonder@a"), None), row(Status::Invited));
        assert_eq!(find(place, None, Some(Status::Invited)), row(Status::Invited));
        assert_eq!(find(place, None, Some(Status::Active)), []);
    }
    // At home they are as they are.
    assert_eq!(find(world.a, Some("liddell"), Some(Status::Active)), row(Status::Active));
    assert_eq!(find(world.a, None, Some(Status::Invited)), []);
    // Accepted, they are as they are in the other place too; switched off as well.
    world.write(move |tx| accept_by_link(tx, alice, b, &origin(), NOW)).unwrap();
    assert_eq!(find(world.c, Some("alice liddell"), Some(Status::Active)), row(Status::Active));
    assert_eq!(find(world.c, None, Some(Status::Invited)), []);
    assert!(table::LISTING.agrees_with(&world.store.read(), &table::cards(&world.store.read()).unwrap()).unwrap());
}

#[test]
fn lists_stay_true_when_the_home_of_somebody_who_waits_moves() {
    let world = World::new();
    let new = NewUser {
        status: Status::Invited,
        display_name: Some(name("Alice")),
        ..new_user("x@a.example", world.a, Role::TenantUser)
    };
    let new = NewUser { membership: asked(NOW.plus_secs(100)), ..new };
    let alice = world.write(move |tx| create(tx, &all(), &new, user_id(100), NOW)).unwrap().id;
    let c = tenant_of(world.c);
    world.write(move |tx| add_membership(tx, &all(), &alice.into(), c, &asked(NOW.plus_secs(100)), NOW)).unwrap();
    world.write(move |tx| accept_by_link(tx, alice, c, &origin(), NOW)).unwrap();
    assert_eq!(user(&world.store.read(), alice).unwrap().unwrap().home_tenant, c);
    assert!(table::LISTING.agrees_with(&world.store.read(), &table::cards(&world.store.read()).unwrap()).unwrap());
}

/// Before, the lists of a tenant knew all of whom it had invited.
#[test]
fn an_older_files_lists_are_made_anew() {
    let world = World::new();
    let alice = world.user(100, "wonder@a.example", world.a, Role::TenantUser).id;
    let c = tenant_of(world.c);
    world.write(move |tx| add_membership(tx, &all(), &alice.into(), c, &asked(NOW.plus_secs(100)), NOW)).unwrap();
    world
        .write(move |tx| {
            let now = table::cards_of(tx, &[alice])?.remove(0);
            let mut before = now.clone();
            before.scopes.extend(before.partly.take().unwrap().scopes);
            Ok(table::LISTING.update(tx, Some(&now), Some(&before))?)
        })
        .unwrap();
    world.write(|tx| Ok(list_invited(tx)?)).unwrap();
    assert!(table::LISTING.agrees_with(&world.store.read(), &table::cards(&world.store.read()).unwrap()).unwrap());
}
