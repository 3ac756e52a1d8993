//! Ciphertext opens in its own place and nowhere else. Here somebody can write rows, but has no key.

use super::super::table::{Content, VERSIONS, Version};
use super::*;
use crate::store::Read;

fn row(house: &House, tenant: u64, at: &str, version: u32) -> Version {
    house.read().get(&VERSIONS, &(TenantId::from_raw(tenant), path(at), version)).unwrap().unwrap()
}

fn plant(house: &House, tenant: u64, at: &'static str, version: u32, row: Version) {
    house
        .store
        .write_blocking(move |tx| tx.put(&VERSIONS, &(TenantId::from_raw(tenant), path(at), version), &row))
        .unwrap();
}

fn attacked() -> House {
    let house = house();
    house.put_number("a", 1);
    house.put_number("a", 2);
    house.put_number("b", 3);
    house.put_in(2, object("a", &json!({"n": 4})), NOW).unwrap();
    house
}

#[test]
fn moved_ciphertext_does_not_open() {
    for (tenant, at, version) in [(1, "a", 2), (1, "b", 1), (2, "a", 1)] {
        let house = attacked();
        let moved = row(&house, tenant, at, version);
        plant(&house, 1, "a", 1, moved);
        assert_eq!(code(house.number("a", Some(1))), "internal_error", "from {tenant} {at} {version}");
        assert_eq!(house.number("a", Some(2)).unwrap(), 2, "the others still open");
    }
}

#[test]
fn a_value_beside_another_versions_key_does_not_open() {
    let house = attacked();
    let (mut one, two) = (row(&house, 1, "a", 1), row(&house, 1, "a", 2));
    let (Content::Sealed(mine), Content::Sealed(other)) = (&mut one.content, two.content) else { panic!("sealed") };
    mine.value = other.value;
    plant(&house, 1, "a", 1, one);
    assert_eq!(code(house.number("a", Some(1))), "internal_error");
}

#[test]
fn a_single_changed_bit_is_seen() {
    let house = attacked();
    let good = row(&house, 1, "b", 1);
    let Content::Sealed(sealed) = &good.content else { panic!("sealed") };
    for at in [0, sealed.key.len() - 1, sealed.key.len(), sealed.key.len() + sealed.value.len() - 1] {
        let mut bad = sealed.clone();
        match at.checked_sub(bad.key.len()) {
            None => bad.key[at] ^= 1,
            Some(at) => bad.value[at] ^= 1,
        }
        plant(&house, 1, "b", 1, Version { content: Content::Sealed(bad), ..good.clone() });
        assert_eq!(code(house.number("b", None)), "internal_error", "byte {at}");
    }
    plant(&house, 1, "b", 1, good);
    assert_eq!(house.number("b", None).unwrap(), 3);
}

#[test]
fn rows_hold_no_value() {
    let house = house();
    house.put(object("a", &json!({"password": "hunter2"}))).unwrap();
    let Content::Sealed(sealed) = row(&house, 1, "a", 1).content else { panic!("sealed") };
    assert!(!sealed.value.windows(7).any(|bytes| bytes == b"hunter2"));
}

#[test]
fn a_shredded_tenant_is_unreadable_for_good() {
    let house = attacked();
    assert_eq!(house.number("a", None).unwrap(), 2, "its key is in memory now");
    house.store.write_blocking(|tx| keys::shred(tx, TenantId::from_raw(1))).unwrap();
    assert_eq!(code(house.number("a", None)), "internal_error");
    house.put_number("a", 5);
    assert_eq!(house.number("a", None).unwrap(), 5, "a new key for new values");
    assert_eq!(code(house.number("a", Some(2))), "internal_error", "which opens no old one");
    assert!(house.get_in(2, "a", None).is_ok(), "the other tenant has its own key");
}

#[test]
fn a_tenant_key_is_unwrapped_once() {
    let house = attacked();
    let tenant = TenantId::from_raw(1);
    let key = || house.keys.get(&house.read(), tenant).unwrap().unwrap();
    assert!(Arc::ptr_eq(&key(), &key()));
    let (first, fresh) = (key(), house.keys.keyring().new_tenant_key(1).1);
    let again = fresh.clone();
    house.store.write_blocking(move |tx| keys::ensure_key(tx, tenant, &again)).unwrap();
    assert!(Arc::ptr_eq(&key(), &first), "a key that is there stays");
    house
        .store
        .write_blocking(move |tx| {
            keys::shred(tx, tenant)?;
            keys::ensure_key(tx, tenant, &fresh)
        })
        .unwrap();
    assert_ne!(key().expose(), first.expose(), "what is in memory holds only as long as the row says the same");
}
