//! Names and addresses in every script: what is taken is listed, opened, found and deleted like any other.

use super::*;
use crate::access::Role;
use crate::base::id::UserId;
use crate::base::{DisplayName, Email};
use crate::store::{Card, Entity, Seek, Table, Window};

fn found(world: &World, text: &str) -> Vec<u64> {
    let filter = UserFilter { search: Some(text.to_owned()), ..UserFilter::default() };
    let listed = list(&world.store.read(), &all(), &filter, Paging::default()).unwrap();
    listed.items.iter().map(|user| user.id.raw()).collect()
}

fn named(world: &World, id: u64, address: &str, first: &str, last: &str) -> User {
    let mut new = new_user(address, world.a, Role::TenantUser);
    (new.first_name, new.last_name) = (DisplayName::parse(first).ok(), DisplayName::parse(last).ok());
    world.write(move |tx| create(tx, &all(), &new, user_id(id), NOW)).unwrap()
}

#[test]
fn an_address_that_was_taken_can_be_listed_opened_changed_and_deleted() {
    let world = World::new();
    for (id, typed) in [
        (100, "İnci@example.org"),
        (101, "ΟΔΟΣ@example.org"),
        (102, "JOSE\u{301}@example.org"),
        (103, "x@B\u{dc}CHER.example"),
        (104, "\u{10400}@example.org"),
        (105, "क्षमा@example.org"),
    ] {
        world.user(id, typed, world.a, Role::TenantUser);
        let tx = world.store.read();
        assert_eq!(by_email(&tx, &email(typed)).unwrap().unwrap().id, user_id(id), "{typed}");
        assert!(
            list(&tx, &all(), &UserFilter::default(), Paging::default())
                .unwrap()
                .items
                .iter()
                .any(|u| u.id == user_id(id))
        );
        assert_eq!(get(&tx, &all(), user_id(id)).unwrap().id, user_id(id));
        let patch = UserPatch { display_name: Some(DisplayName::parse("İ").ok()), ..UserPatch::default() };
        world.write(move |tx| update(tx, &all(), user_id(id), &patch, NOW)).unwrap();
        world.write(move |tx| delete(tx, &all(), user_id(id), NOW)).unwrap();
        assert!(!found(&world, "example").contains(&id));
    }
}

#[test]
fn spellings_of_one_address_are_one_user() {
    let world = World::new();
    world.user(100, "straße@bücher.example", world.a, Role::TenantUser);
    for (id, other) in [(101, "STRASSE@xn--bcher-kva.example"), (102, "Stra\u{1e9e}e@BU\u{308}CHER.example")] {
        let tx = world.store.read();
        assert_eq!(by_email(&tx, &email(other)).unwrap().unwrap().id, user_id(100), "{other}");
        let again = new_user(other, world.c, Role::TenantUser);
        assert_eq!(code(world.write(move |tx| create(tx, &all(), &again, user_id(id), NOW))), "email_taken");
    }
    world.user(103, "strase@bücher.example", world.a, Role::TenantUser);
}

#[test]
fn people_are_found_by_their_names_as_people_type_them() {
    let world = World::new();
    named(&world, 100, "jg@north.example", "Jürgen  Karl", "Straßer-Łukasz");
    named(&world, 101, "cafe@south.example", "René", "Café");
    named(&world, 102, "ann.lee@xn--bcher-kva.example", "İpek", "Σίσυφος");
    for (search, want) in [
        ("STRASSER", vec![100]),
        ("strasser   jurgen", vec![100]),
        ("lukasz karl jürgen", vec![100]),
        ("cafe", vec![101]),
        ("CAFÉ rene", vec![101]),
        ("@north.example", vec![100]),
        ("@NORTH", vec![100]),
        ("south.example", vec![101]),
        ("ipek", vec![102]),
        ("ΣΙΣΥΦΟΣ", vec![102]),
        ("@bücher.example", vec![102]),
        ("jurgen cafe", vec![]),
        ("traßer", vec![]),
    ] {
        assert_eq!(found(&world, search), want, "{search}");
    }
}

#[test]
fn what_nobody_sees_is_refused_in_names() {
    for bad in ["Ann\u{202e}nimda", "A\u{200b}nn", "\u{2066}Ann\u{2069}", "Ann\u{e0041}"] {
        assert!(DisplayName::parse(bad).unwrap_err().contains("U+"), "{bad:?}");
        assert!(Username::parse(bad).is_err() && GroupName::parse(bad).is_err() && AddressText::parse(bad).is_err());
    }
    assert_eq!(DisplayName::parse(" Jose\u{301} ").unwrap().as_str(), "José");
    assert!(DisplayName::parse("علی\u{200c}رضا").is_ok());
}

#[test]
fn one_row_that_cannot_be_read_does_not_take_the_list_away() {
    let world = World::new();
    for id in 100..103 {
        world.user(id, &format!("u{id}@a.example"), world.a, Role::TenantUser);
    }
    world.write(|tx| Ok(tx.put_encoded(&User::TABLE, &user_id(101), &[3, 0xff, 0xff])?)).unwrap();
    let tx = world.store.read();
    let listed = list(&tx, &all(), &UserFilter::default(), Paging::default()).unwrap();
    assert_eq!(listed.items.iter().map(|user| user.id.raw()).collect::<Vec<_>>(), [100, 102]);
    let stretch = slice(&tx, &all(), &UserFilter::default(), Window::new(Seek::Start, 9)).unwrap();
    assert_eq!(stretch.items.iter().map(|user| user.id.raw()).collect::<Vec<_>>(), [102, 100]);
    let granted = grant(&holder(Role::TenantAdmin, world.a), world.a);
    assert_eq!(list_behind(&tx, &granted, None, None, 9).unwrap().len(), 2);
    assert!(get(&tx, &all(), user_id(101)).is_err(), "one alone is an error");
}

/// Until now the index had addresses in lower case, and the words of searches were in lower case too.
#[test]
fn an_older_file_is_brought_up_and_of_two_that_are_one_the_older_is_found() {
    const OLD: Table<String, UserId> = Table::new(0x0401, "users by e-mail");
    let world = World::new();
    named(&world, 100, "strasse@a.example", "Ann", "Weiß");
    world.user(101, "other@a.example", world.a, Role::TenantUser);
    world
        .write(|tx| {
            // As the older program left it: two addresses that it took for different.
            let mut other = user(tx, user_id(101))?.unwrap();
            other.email = Email::stored("straße@a.example".to_owned());
            tx.put(&User::TABLE, &other.id, &other)?;
            tx.clear(&OLD)?;
            tx.put(&OLD, &"strasse@a.example".to_owned(), &user_id(100))?;
            tx.put(&OLD, &"straße@a.example".to_owned(), &user_id(101))?;
            let before = table::cards_of(tx, &[user_id(100)])?;
            let bare: Vec<_> = before.iter().cloned().map(|card| Card { texts: Vec::new(), ..card }).collect();
            Ok(table::LISTING.update(tx, Some(&before[0]), Some(&bare[0]))?)
        })
        .unwrap();
    assert!(found(&world, "weiss").is_empty());
    world.write(|tx| Ok(fold_fully(tx)?)).unwrap();
    assert_eq!(found(&world, "weiss"), [100]);
    for typed in ["straße@a.example", "STRASSE@a.example"] {
        assert_eq!(by_email(&world.store.read(), &email(typed)).unwrap().unwrap().id, user_id(100), "{typed}");
    }
    // Both are there; the younger one can be changed, and gets out of the way without taking the older one's entry along.
    assert_eq!(found(&world, "@a.example"), [100, 101]);
    let patch = UserPatch { email: Some(email("weg@a.example")), ..UserPatch::default() };
    world.write(move |tx| update(tx, &all(), user_id(101), &patch, NOW)).unwrap();
    let tx = world.store.read();
    assert_eq!(by_email(&tx, &email("strasse@a.example")).unwrap().unwrap().id, user_id(100));
    assert_eq!(by_email(&tx, &email("weg@a.example")).unwrap().unwrap().id, user_id(101));
}
