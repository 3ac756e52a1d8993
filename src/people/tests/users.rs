//! Accounts and memberships.

use super::*;
use crate::access::{Place, Role};
use crate::base::id::UserId;
use crate::base::{DisplayName, ExternalId};

#[test]
fn one_user_per_email_whatever_its_case_and_for_good() {
    let world = World::new();
    world.user(100, "Alice@Example.com", world.a, Role::TenantUser);
    let again = new_user("aLICE@example.COM", world.c, Role::TenantUser);
    let refused = world.write(move |tx| create(tx, &all(), &again, user_id(101), NOW)).unwrap_err();
    assert_eq!((refused.code, refused.kind), ("email_taken", crate::base::Kind::Conflict));
    assert!(!refused.message.to_lowercase().contains("alice"));
    let tx = world.store.read();
    assert_eq!(by_email(&tx, &email("ALICE@example.com")).unwrap().unwrap().id, user_id(100));
    assert_eq!(membership(&tx, tenant_of(world.c), user_id(101)).unwrap(), None, "nothing is left of the attempt");
    let bob = world.user(102, "bob@example.com", world.a, Role::TenantUser);
    let patch = UserPatch { email: Some(email("alice@example.com")), ..UserPatch::default() };
    assert_eq!(code(world.write(move |tx| update(tx, &all(), bob.id, &patch, NOW))), "email_taken");
    world.write(|tx| delete(tx, &all(), user_id(100), NOW)).unwrap();
    let again = new_user("alice@example.com", world.c, Role::TenantUser);
    assert_eq!(code(world.write(move |tx| create(tx, &all(), &again, user_id(103), NOW))), "email_taken");
}

#[test]
fn users_of_other_tenants_are_not_found() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let tx = world.store.read();
    let sees = |place, role| {
        let actor = holder(role, place);
        get(&tx, &grant(&actor, place), alice.id).map(|user| user.id).map_err(|problem| problem.code)
    };
    assert_eq!(sees(world.a, Role::TenantAdmin), Ok(alice.id));
    assert_eq!(sees(Place::Partner(p()), Role::PartnerViewer), Ok(alice.id));
    assert_eq!(sees(world.b, Role::TenantAdmin), Err("user_not_found"));
    assert_eq!(sees(Place::Partner(q()), Role::PartnerAdmin), Err("user_not_found"));
    let foreign = holder(Role::TenantAdmin, world.b);
    let id = alice.id;
    let tries = [
        as_at(&world, &foreign, world.b, move |tx, g| update(tx, g, id, &UserPatch::default(), NOW).map(|_| ())),
        as_at(&world, &foreign, world.b, move |tx, g| delete(tx, g, id, NOW)),
        as_at(&world, &foreign, world.b, move |tx, g| set_password(tx, g, id, "phc", NOW)),
        as_at(&world, &foreign, world.b, move |tx, g| {
            grant_role(tx, g, id, Role::TenantAdmin, g.place(), None, NOW).map(|_| ())
        }),
    ];
    for (at, tried) in tries.into_iter().enumerate() {
        assert_eq!(code(tried), "user_not_found", "try {at}");
    }
    let new = new_user("x@a.example", world.a, Role::TenantUser);
    let tried = as_at(&world, &foreign, world.b, move |tx, g| create(tx, g, &new, user_id(1), NOW));
    assert_eq!(code(tried), "tenant_not_found");
    let tenant = tenant_of(world.a);
    let tried = as_at(&world, &foreign, world.b, move |tx, g| remove_membership(tx, g, id, tenant, NOW));
    assert_eq!(code(tried), "tenant_not_found");
}

#[test]
fn only_the_home_tenant_changes_the_account() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let guest_admin = holder(Role::TenantAdmin, world.b);
    let (id, b) = (alice.id, tenant_of(world.b));
    // Who knows the address may invite; then they see the account.
    as_at(&world, &guest_admin, world.b, move |tx, g| {
        add_membership(
            tx,
            g,
            &UserRef::Email(email("alice@a.example")),
            b,
            &NewMembership::at_once(Role::TenantUser),
            NOW,
        )
    })
    .unwrap();
    assert!(get(&world.store.read(), &grant(&guest_admin, world.b), id).is_ok());
    let tries = [
        as_at(&world, &guest_admin, world.b, move |tx, g| set_password(tx, g, id, "phc", NOW)),
        as_at(&world, &guest_admin, world.b, move |tx, g| delete(tx, g, id, NOW)),
        as_at(&world, &guest_admin, world.b, move |tx, g| update(tx, g, id, &UserPatch::default(), NOW).map(|_| ())),
    ];
    for tried in tries {
        assert_eq!(code(tried), "not_home_tenant");
    }
    let seen = memberships_of(&world.store.read(), &grant(&guest_admin, world.b), id).unwrap();
    assert_eq!(seen.iter().map(|membership| membership.tenant).collect::<Vec<_>>(), [b], "not those of others");
    as_at(&world, &guest_admin, world.b, move |tx, g| remove_membership(tx, g, id, b, NOW)).unwrap();
    assert_eq!(code(get(&world.store.read(), &grant(&guest_admin, world.b), id)), "user_not_found");
    let home_admin = holder(Role::TenantAdmin, world.a);
    as_at(&world, &home_admin, world.a, move |tx, g| set_password(tx, g, id, "phc", NOW)).unwrap();
    assert_eq!(user(&world.store.read(), id).unwrap().unwrap().password_hash.as_deref(), Some("phc"));
}

#[test]
fn a_password_ends_sessions_and_ones_own_spares_this_one() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let me = acting(&world.store, &alice, world.a, NOW);
    for id in [1, 2, 3] {
        sign_in(&world, &alice, id);
    }
    let mark = alice.password_mark();
    world.write(move |tx| set_own_password(tx, &me, mark, "mine", Some(SessionId::from_raw(2)), NOW)).unwrap();
    assert_eq!([1, 2, 3].map(|id| is_signed_in(&world, id)), [false, true, false]);
    let again = acting(&world.store, &alice, world.a, NOW);
    let stale = world.write(move |tx| set_own_password(tx, &again, mark, "late", None, NOW));
    assert_eq!(code(stale), "password_changed", "what was proven with a password holds as long as it is the password");
    world.write(move |tx| set_password(tx, &all(), UserId::from_raw(100), "theirs", NOW)).unwrap();
    assert!(!is_signed_in(&world, 2));
    let mark = user(&world.store.read(), UserId::from_raw(100)).unwrap().unwrap().password_mark();
    assert_eq!(code(world.write(move |tx| set_own_password(tx, &operator(), mark, "x", None, NOW))), "not_a_user");
}

#[test]
fn switching_off_and_deleting_end_sessions() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    sign_in(&world, &alice, 1);
    let id = alice.id;
    let patch = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    let off = world.write(move |tx| update(tx, &all(), id, &patch, NOW)).unwrap();
    assert!(!is_signed_in(&world, 1) && !may_use(&off));
    let patch = UserPatch { status: Some(Status::Active), ..UserPatch::default() };
    let on = world.write(move |tx| update(tx, &all(), id, &patch, NOW)).unwrap();
    assert!(may_use(&on));
    sign_in(&world, &on, 2);
    world.write(move |tx| delete(tx, &all(), id, NOW)).unwrap();
    assert!(!is_signed_in(&world, 2));
    let tx = world.store.read();
    assert!(user(&tx, id).unwrap().is_none() && by_email(&tx, &alice.email).unwrap().is_none());
    assert_eq!(code(get(&tx, &all(), id)), "user_not_found");
    assert_eq!(members_count(&tx, tenant_of(world.a)).unwrap(), 0);
    assert_eq!(code(world.write(move |tx| delete(tx, &all(), id, NOW))), "user_not_found");
}

#[test]
fn a_patch_tells_absent_from_null() {
    let world = World::new();
    let id = world.user(100, "alice@a.example", world.a, Role::TenantUser).id;
    let patch = UserPatch {
        first_name: Some(Some(name("Alice"))),
        last_name: Some(Some(name("Smith"))),
        email_verified: Some(true),
        custom_attributes: Some(json!({"department": "sales", "floor": 3})),
        ..UserPatch::default()
    };
    let row = world.write(move |tx| update(tx, &all(), id, &patch, NOW)).unwrap();
    assert_eq!((row.called().as_str(), row.email_verified), ("Alice Smith", true));
    let patch = UserPatch {
        last_name: Some(None),
        email: Some(email("a.smith@a.example")),
        custom_attributes: Some(json!({"floor": null})),
        ..UserPatch::default()
    };
    let row = world.write(move |tx| update(tx, &all(), id, &patch, NOW)).unwrap();
    assert_eq!((row.called().as_str(), row.last_name.is_none()), ("Alice", true));
    assert!(!row.email_verified, "nobody has shown that the new address is theirs");
    assert_eq!(row.custom_attributes.value(), json!({"department": "sales"}));
    let tx = world.store.read();
    assert!(by_email(&tx, &email("alice@a.example")).unwrap().is_none());
    let me = acting(&world.store, &row, world.a, NOW);
    let patch = ProfilePatch { display_name: Some(Some(name("Al"))), ..ProfilePatch::default() };
    assert_eq!(world.write(move |tx| update_own_profile(tx, &me, &patch, NOW)).unwrap().called(), "Al");
}

#[test]
fn a_quota_counts_home_and_members_once() {
    let world = World::new();
    let patch = PartnerPatch { max_users_per_tenant: Some(Some(2)), ..PartnerPatch::default() };
    world.write(move |tx| tenancy::update_partner(tx, &all(), p(), &patch, NOW)).unwrap();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let guest = world.user(101, "guest@c.example", world.c, Role::TenantUser);
    let (a, id) = (tenant_of(world.a), alice.id);
    // Her own membership ends and comes back: that takes no place.
    world.write(move |tx| remove_membership(tx, &all(), id, a, NOW)).unwrap();
    let invite = move |who: UserId| {
        move |tx: &mut crate::store::WriteTx<'_>| {
            add_membership(tx, &all(), &UserRef::Id(who), a, &NewMembership::at_once(Role::TenantUser), NOW)
        }
    };
    world.write(invite(guest.id)).unwrap();
    world.write(invite(alice.id)).unwrap();
    assert_eq!(code(world.write(invite(alice.id))), "already_member");
    assert_eq!(members_count(&world.store.read(), a).unwrap(), 2);
    let new = new_user("third@a.example", world.a, Role::TenantUser);
    assert_eq!(code(world.write(move |tx| create(tx, &all(), &new, user_id(102), NOW))), "quota_exceeded");
    let third = world.user(103, "third@c.example", world.c, Role::TenantUser);
    assert_eq!(code(world.write(invite(third.id))), "quota_exceeded");
    world.write(move |tx| remove_membership(tx, &all(), guest.id, a, NOW)).unwrap();
    world.write(invite(third.id)).unwrap();
}

#[test]
fn two_thousand_users_page_and_search() {
    let world = World::new();
    world
        .write({
            let (a, b) = (world.a, world.b);
            move |tx| {
                for n in 0..2000 {
                    let mut new =
                        new_user(&format!("user{n}@mail.example"), if n % 4 == 0 { b } else { a }, Role::TenantUser);
                    new.first_name = Some(name("Maria"));
                    new.last_name = Some(name(&format!("Groß{n}")));
                    new.status = if n % 10 == 0 { Status::Invited } else { Status::Active };
                    create(tx, &all(), &new, user_id(10_000 + n), NOW)?;
                }
                // One of b is a guest of a.
                let guest = UserRef::Id(user_id(10_004));
                add_membership(
                    tx,
                    &all(),
                    &guest,
                    a.tenant().unwrap(),
                    &NewMembership::at_once(Role::TenantViewer),
                    NOW,
                )
                .map(|_| ())
            }
        })
        .unwrap();
    let tx = world.store.read();
    let list = |granted: &Granted<permit::ReadUsers>, filter: UserFilter, page| {
        list(&tx, granted, &filter, Paging::new(page, 100).unwrap()).unwrap()
    };
    let search = |text: &str| UserFilter { search: Some(text.to_owned()), ..UserFilter::default() };
    let everything = list(&all(), UserFilter::default(), 20);
    assert_eq!((everything.total, everything.items.len()), (2000, 100));
    assert_eq!(everything.items[99].email.as_str(), "user1999@mail.example");
    assert_eq!(list(&all(), UserFilter { tenant: world.a.tenant(), ..UserFilter::default() }, 1).total, 1501);
    assert_eq!(
        list(&all(), UserFilter { partner: Some(p()), ..UserFilter::default() }, 1).total,
        2000,
        "the guest once"
    );
    assert_eq!(list(&all(), UserFilter { partner: Some(q()), ..UserFilter::default() }, 1).total, 0);
    assert_eq!(list(&all(), UserFilter { status: Some(Status::Invited), ..UserFilter::default() }, 2).items.len(), 100);
    assert_eq!(list(&all(), search("USER199"), 1).total, 11);
    assert_eq!(list(&all(), search("groß17"), 1).total, 111);
    assert_eq!(list(&all(), search("maria groß1999"), 1).total, 1);
    assert_eq!(list(&all(), UserFilter { status: Some(Status::Active), ..search("maria") }, 1).total, 1800);
    assert_eq!(list(&all(), search("aria"), 1).total, 0);
    let admin = holder(Role::TenantAdmin, world.b);
    let granted = grant(&admin, world.b);
    assert_eq!(list(&granted, UserFilter::default(), 1).total, 500);
    assert_eq!(
        list(&granted, search("user5"), 1).total,
        27,
        "user52, user56, and the fives with three and none with four"
    );
    let refused = super::list(
        &tx,
        &granted,
        &UserFilter { tenant: world.a.tenant(), ..UserFilter::default() },
        Paging::default(),
    );
    assert_eq!(code(refused), "tenant_not_found");
    let partner = holder(Role::PartnerViewer, Place::Partner(p()));
    assert_eq!(list(&grant(&partner, Place::Partner(p())), search("user1999"), 1).total, 1);
}

#[test]
fn users_are_found_by_what_another_program_calls_them() {
    let world = World::new();
    let mut new = new_user("alice@a.example", world.a, Role::TenantUser);
    new.external_id = Some(ExternalId::parse("crm-4711").unwrap());
    world.write(move |tx| create(tx, &all(), &new, user_id(100), NOW)).unwrap();
    world.user(101, "bob@a.example", world.a, Role::TenantUser);
    let found = |text: &str| {
        let filter = UserFilter { search: Some(text.to_owned()), ..UserFilter::default() };
        let listed = list(&world.store.read(), &all(), &filter, Paging::default()).unwrap();
        (listed.items.iter().map(|user| user.id).collect::<Vec<_>>(), listed.total)
    };
    assert_eq!(found("CRM-47"), (vec![user_id(100)], 1));
    assert_eq!(found("4711"), (vec![user_id(100)], 1));
    // As a file from before is: the word is not there.
    let forget = |tx: &mut crate::store::WriteTx<'_>| {
        let [now] = table::cards_of(tx, &[user_id(100)])?.try_into().unwrap();
        let mut before = now.clone();
        before.texts.retain(|text| text != "crm-4711");
        Ok(table::LISTING.update(tx, Some(&now), Some(&before))?)
    };
    world.write(forget).unwrap();
    assert_eq!(found("crm"), (vec![], 0));
    world.write(|tx| Ok(find_by_external_id(tx)?)).unwrap();
    assert_eq!(found("crm"), (vec![user_id(100)], 1));
    let patch = UserPatch { external_id: Some(None), ..UserPatch::default() };
    world.write(move |tx| update(tx, &all(), user_id(100), &patch, NOW)).unwrap();
    assert_eq!((found("crm"), found("alice")), ((vec![], 0), (vec![user_id(100)], 1)));
}

#[test]
fn a_mailed_link_accepts_an_invitation_or_resets() {
    let world = World::new();
    let mut new = new_user("new@a.example", world.a, Role::TenantUser);
    new.status = Status::Invited;
    world.write(move |tx| create(tx, &all(), &new, user_id(100), NOW)).unwrap();
    let link = move |tx: &mut crate::store::WriteTx<'_>| {
        set_password_by_link(tx, user_id(100), "phc", Mailbox::Proven, &origin(), NOW)
    };
    let user = world.write(link).unwrap();
    assert_eq!((user.status, user.email_verified, user.password_hash.as_deref()), (Status::Active, true, Some("phc")));
    let off = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    world.write(move |tx| update(tx, &all(), user_id(100), &off, NOW)).unwrap();
    assert_eq!(code(world.write(link)), "user_inactive");
    let log =
        crate::audit::list(&world.store.read(), Place::Platform, &crate::audit::Filter::default(), None, 0, 9).unwrap();
    let events: Vec<_> = log.rows.iter().map(|(_, row)| row.event.action.as_str()).collect();
    assert!(events.contains(&"user.accept_invitation"));
    assert_eq!(log.rows[1].1.event.request, Some(RequestId::from_raw(1)));
}

#[test]
fn sign_ins_are_noted_and_hashes_only_replaced_by_their_own() {
    let world = World::new();
    let id = world.user(100, "a@a.example", world.a, Role::TenantUser).id;
    world.write(move |tx| Ok(record_login(tx, id, NOW)?)).unwrap();
    world.write(move |tx| set_password(tx, &all(), id, "one", NOW)).unwrap();
    world.write(move |tx| Ok(rehash_password(tx, id, "other", "wrong")?)).unwrap();
    let row = user(&world.store.read(), id).unwrap().unwrap();
    assert_eq!((row.last_login_at, row.password_hash.as_deref()), (Some(NOW), Some("one")));
    world.write(move |tx| Ok(rehash_password(tx, id, "one", "stronger")?)).unwrap();
    assert_eq!(user(&world.store.read(), id).unwrap().unwrap().password_hash.as_deref(), Some("stronger"));
}

#[test]
fn rows_of_older_versions_are_read_with_what_they_lack() {
    use crate::store::Row;
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let whole = postcard::to_allocvec(&alice).unwrap();
    // Behind the profile stand external id and metadata; in it, groups and metadata came last: each one byte when empty.
    // And at the very end, whether the mailbox was proven.
    let third = &whole[..whole.len() - 1];
    assert_eq!(User::upgrade(3, third).unwrap(), alice);
    let second = &whole[..whole.len() - 5];
    assert_eq!(User::upgrade(2, second).unwrap(), alice);
    let profile = postcard::to_allocvec(&Profile::default()).unwrap();
    let first = &whole[..whole.len() - 3 - profile.len()];
    assert_eq!(User::upgrade(1, first).unwrap(), alice);
    for (version, bytes) in [(1, &first[..first.len() - 1]), (2, &second[..second.len() - 1]), (5, &whole[..])] {
        assert!(User::upgrade(version, bytes).is_err(), "{version}");
    }
    let member = membership(&world.store.read(), tenant_of(world.a), alice.id).unwrap().unwrap();
    let whole = postcard::to_allocvec(&member).unwrap();
    assert_eq!(Membership::upgrade(1, &whole[..whole.len() - 3]).unwrap(), member);
    assert!(Membership::upgrade(1, &whole[..whole.len() - 4]).is_err());
    assert!(Membership::upgrade(3, &whole).is_err());
}

#[test]
fn a_profile_is_changed_field_by_field() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let nickname = Some(Some(DisplayName::parse("Ally").unwrap()));
    let phone_number = Some(Some(PhoneNumber::parse("+31201234567").unwrap()));
    let profile = ProfileChange { nickname, phone_number, phone_number_verified: Some(true), ..Default::default() };
    let patch = UserPatch { profile: profile.clone(), ..UserPatch::default() };
    let changed = world.write(move |tx| update(tx, &all(), alice.id, &patch, NOW)).unwrap();
    assert!(changed.profile.phone_number_verified && changed.profile.nickname.is_some());
    let me = acting(&world.store, &changed, world.a, NOW);
    let own = ProfilePatch { profile, ..ProfilePatch::default() };
    let actor = Arc::clone(&me);
    let refused = world.write(move |tx| update_own_profile(tx, &actor, &own, NOW));
    assert_eq!(code(refused), "validation_error");
    let other = ProfileChange {
        phone_number: Some(Some(PhoneNumber::parse("+31201234568").unwrap())),
        ..ProfileChange::default()
    };
    let own = ProfilePatch { profile: other, ..ProfilePatch::default() };
    let changed = world.write(move |tx| update_own_profile(tx, &me, &own, NOW)).unwrap();
    assert!(!changed.profile.phone_number_verified, "a number that one gives oneself is not checked");
    assert!(changed.profile.nickname.is_some());
}
