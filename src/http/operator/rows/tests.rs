//! A sound file has no faults; what was broken is named, and mended where the rows say how.

use super::*;
use crate::access::{Evidence, Method, Role, permit};
use crate::base::id::{PartnerId, SessionId, TenantId, UserId};
use crate::base::{Email, Id, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::people::{NewUser, User};
use crate::stack::Stack;
use crate::stack::testkit::stack;
use crate::store::{Entity, Paging, Table, WriteTx};
use crate::tenancy::testkit::{all, origin};
use std::path::Path;
use std::sync::Arc;

/// The index of users by e-mail, and the words of their lists.
const BY_EMAIL: Table<String, UserId> = Table::new(0x0401, "users by e-mail");
const WORDS: Table<(u64, String, u8, UserId), ()> = Table::new(0x0404, "users listed");

fn world() -> (Arc<Stack>, Vec<UserId>) {
    let stack = stack();
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let mut ids = Vec::new();
    for name in ["ann@a.example", "İnci@b.example", "straße@c.example"] {
        let (id, now): (UserId, _) = (stack.new_id(), stack.now());
        let new = NewUser::local(Email::parse(name).unwrap(), tenant, Role::TenantUser);
        write(&stack, move |tx| people::create(tx, &all::<permit::WriteUsers>(), &new, id, now).map(drop));
        ids.push(id);
    }
    (stack, ids)
}

fn write(stack: &Stack, work: impl FnMut(&mut WriteTx<'_>) -> Result<(), Problem> + Send + 'static) {
    stack.store.write_blocking(work).unwrap();
}

fn faults(stack: &Stack) -> Vec<(&'static str, String, bool)> {
    let mut report = Report::default();
    look(&stack.store.read(), &mut report).unwrap();
    assert!(report.rows > 3);
    report.faults.into_iter().map(|fault| (fault.table, fault.row, fault.can_be_mended)).collect()
}

fn mend(stack: &Stack) {
    write(stack, |tx| {
        let mut report = Report::default();
        look(tx, &mut report)?;
        Ok(report.mend(tx)?)
    });
}

fn found(stack: &Stack, search: &str) -> Vec<UserId> {
    let filter = people::UserFilter { search: Some(search.to_owned()), ..Default::default() };
    people::list(&stack.store.read(), &all(), &filter, Paging::default()).unwrap().items.iter().map(|u| u.id).collect()
}

#[test]
fn a_sound_file_has_no_faults() {
    let (stack, _) = world();
    assert_eq!(faults(&stack), []);
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_stays() {
    let (stack, ids) = world();
    let bad = ids[1];
    write(&stack, move |tx| Ok(tx.put_encoded(&User::TABLE, &bad, &[3, 0xff])?));
    let named = faults(&stack);
    assert!(named.contains(&("users", bad.raw().to_string(), false)), "{named:?}");
    mend(&stack);
    assert_eq!(faults(&stack), [("users", bad.raw().to_string(), false)], "the lists are right again");
    assert_eq!(found(&stack, "straße"), [ids[2]]);
}

#[test]
fn indexes_and_lists_are_made_of_the_rows() {
    let (stack, ids) = world();
    let stray = UserId::from_raw(7);
    write(&stack, move |tx| {
        tx.clear(&BY_EMAIL)?;
        tx.clear(&WORDS)?;
        Ok(tx.put(&BY_EMAIL, &"nobody@a.example".to_owned(), &stray)?)
    });
    assert!(found(&stack, "ann").is_empty());
    let named = faults(&stack);
    assert_eq!(
        named.iter().filter(|(table, ..)| *table == "users").count(),
        4,
        "three that lack, one too many: {named:?}"
    );
    assert!(named.iter().any(|(table, ..)| *table == "users listed") && named.iter().all(|(.., can)| *can));
    mend(&stack);
    assert_eq!(faults(&stack), []);
    assert_eq!(found(&stack, "ann"), [ids[0]]);
    let email = Email::parse("STRASSE@c.example").unwrap();
    assert_eq!(people::by_email(&stack.store.read(), &email).unwrap().unwrap().id, ids[2]);
}

#[test]
fn an_address_in_an_older_form_is_brought_into_that_of_today() {
    let (stack, ids) = world();
    let id = ids[0];
    write(&stack, move |tx| {
        let mut user = people::user(tx, id)?.unwrap();
        user.email = Email::stored("ann@xn--bcher-kva.example".to_owned());
        Ok(tx.save(&user)?)
    });
    assert!(faults(&stack).contains(&("users", id.raw().to_string(), true)));
    mend(&stack);
    assert_eq!(faults(&stack), []);
    assert_eq!(people::user(&stack.store.read(), id).unwrap().unwrap().email.as_str(), "ann@bücher.example");
    assert_eq!(found(&stack, "@bücher"), [id]);
}

/// What the tables below hold is put there as bytes or by key.
const STANDING: Table<TenantId, Vec<u8>> = Table::new(0x0315, "tenants' standing");
const BLOCKS: Table<(u16, u64, u8, u64), u64> = Table::new(0x0002, "blocks of lists");
const BY_DELETED: Table<(Timestamp, UserId), ()> = Table::new(0x0408, "deleted users by time");
const BY_PARTNER: Table<(PartnerId, SessionId), ()> = Table::new(0x0905, "sessions by partner");

#[test]
fn a_standing_that_cannot_be_read_is_made_of_its_tenant() {
    let (stack, ids) = world();
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let place = tenancy::place_of(&stack.store.read(), tenant).unwrap();
    let gone = TenantId::from_raw(7);
    write(&stack, move |tx| {
        tx.put_encoded(&STANDING, &tenant, &[0xff])?;
        Ok(tx.put_encoded(&STANDING, &gone, &[0xff])?)
    });
    let named = faults(&stack);
    for id in [tenant, gone] {
        assert!(named.contains(&("tenants' standing", id.raw().to_string(), true)), "{named:?}");
    }
    mend(&stack);
    assert_eq!(faults(&stack), []);
    assert_eq!(tenancy::place_of(&stack.store.read(), tenant).unwrap(), place);
    assert_eq!(found(&stack, "straße"), [ids[2]]);
    // Without the tenant nothing says what it should be.
    write(&stack, move |tx| {
        tx.put_encoded(&STANDING, &tenant, &[0xff])?;
        Ok(tx.put_encoded(&tenancy::Tenant::TABLE, &tenant, &[0xff])?)
    });
    mend(&stack);
    let named = faults(&stack);
    assert!(named.contains(&("tenants' standing", tenant.raw().to_string(), false)), "{named:?}");
}

#[test]
fn blocks_that_do_not_add_up_are_counted_anew() {
    let (stack, _) = world();
    for (block, count) in [((0x0402, 0, 0, 0), 2), ((0x0402, 0, 0, 900), 1), ((0x0402, 77, 0, 0), 1)] {
        write(&stack, move |tx| Ok(tx.put(&BLOCKS, &block, &count)?));
        assert_eq!(faults(&stack), [("users listed", String::new(), true)], "{block:?}");
        mend(&stack);
        assert_eq!(faults(&stack), []);
    }
    write(&stack, |tx| Ok(tx.delete(&BLOCKS, &(0x0402, 0, 0, 0))?));
    assert_eq!(faults(&stack), [("users listed", String::new(), true)]);
    mend(&stack);
    assert_eq!(faults(&stack), []);
}

#[test]
fn what_an_index_has_too_much_is_found_where_no_row_stands_in_it() {
    let (stack, ids) = world();
    let (live, now) = (ids[0], stack.now());
    write(&stack, move |tx| Ok(tx.put(&BY_DELETED, &(now, live), &())?));
    let named = faults(&stack);
    assert!(matches!(named.as_slice(), [("users", _, true)]), "{named:?}");
    mend(&stack);
    assert_eq!(faults(&stack), []);
}

#[test]
fn sessions_are_listed_under_the_partner_of_their_tenant() {
    let (stack, ids) = world();
    let (tenant, id, now) =
        (tenancy::default_tenant(&stack.store.read()).unwrap().unwrap(), stack.new_id::<SessionId>(), stack.now());
    let user = people::user(&stack.store.read(), ids[0]).unwrap().unwrap();
    let new = sessions::NewSession {
        id,
        digest: TokenDigest::of("cookie"),
        user: user.id,
        tenant: tenant.id,
        csrf_secret: sessions::CsrfSecret([9; 32]),
        life_secs: None,
        email: user.email,
        evidence: Evidence::of(&[Method::Password], now),
        origin: origin(),
    };
    write(&stack, move |tx| sessions::create(tx, &new, now).map(drop));
    assert_eq!(faults(&stack), []);
    let (partner, other, gone) = (tenant.partner, PartnerId::from_raw(77), SessionId::from_raw(7));
    write(&stack, move |tx| {
        tx.delete(&BY_PARTNER, &(partner, id))?;
        tx.put(&BY_PARTNER, &(other, id), &())?;
        Ok(tx.put(&BY_PARTNER, &(partner, gone), &())?)
    });
    let [one, stray] = [id, gone].map(|id| ("sessions", id.raw().to_string(), true));
    let mut named = faults(&stack);
    named.sort();
    let mut wanted = [one.clone(), one, stray];
    wanted.sort();
    assert_eq!(named, wanted);
    mend(&stack);
    assert_eq!(faults(&stack), []);
}

#[test]
fn two_addresses_that_are_one_are_named() {
    let (stack, ids) = world();
    let (younger, older) = (ids[2], ids[0]);
    write(&stack, move |tx| {
        let mut user = people::user(tx, older)?.unwrap();
        user.email = Email::stored("strasse@c.example".to_owned());
        tx.put(&User::TABLE, &older, &user)?;
        Ok(people::fold_fully(tx)?)
    });
    assert_eq!(faults(&stack), [("users", younger.raw().to_string(), false)]);
}

#[test]
fn every_kind_of_row_is_looked_at() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") && !path.to_string_lossy().contains("/tests/") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    // The name of the table tells kinds of rows apart that are called alike in two domains.
    let tables: Vec<&str> = all
        .split("impl Entity for ")
        .skip(1)
        .filter_map(|rest| rest.split_once("= Table::new(0x")?.1.split('"').nth(1))
        .collect();
    assert!(tables.len() > 20);
    let mut report = Report::default();
    look(&stack().store.read(), &mut report).unwrap();
    for table in tables {
        assert!(report.tables.contains(table), "{table} is looked at in no check_rows");
    }
}
