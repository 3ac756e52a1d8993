//! The life of a signing key.

use super::*;
use crate::access::{Place, permit};
use crate::base::{Id, Kind};
use crate::crypto::jwt::{Expect, VerifyError};
use crate::oauth::keys::{
    KeySet, Keys, NewSigningKey, SigningKeyRow, When, due, missing, rotate, rotate_on_schedule, sweep,
};
use crate::store::{Entity, Read};

const DAY: i64 = 86_400;

fn new_key(world: &World) -> NewSigningKey {
    generate(SigningAlg::EdDsa, world.id(), &keyring()).unwrap()
}

fn step(world: &World, when: When, now: Timestamp) -> Result<SigningKeyRow, Problem> {
    let (granted, key) = (world.may::<permit::Operate>(Place::Platform), new_key(world));
    world.try_write(move |tx| rotate(tx, &granted, &key, when, now))
}

fn set(world: &World, now: Timestamp) -> KeySet {
    KeySet::load(&world.store.read(), &keyring(), now).unwrap()
}

fn kids(set: &KeySet) -> Vec<String> {
    let keys = set.jwks()["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn signing(set: &KeySet) -> String {
    set.signer(SigningAlg::EdDsa).unwrap().kid().to_owned()
}

fn with_first_key() -> World {
    let world = World::new();
    let key = new_key(&world);
    assert!(world.write(move |tx| ensure(tx, &key, NOW)));
    world
}

#[test]
fn the_first_start_makes_one_key_for_each_algorithm() {
    let world = World::new();
    assert_eq!(missing(&world.store.read()).unwrap(), SigningAlg::ALL);
    let key = new_key(&world);
    assert!(world.write(move |tx| ensure(tx, &key, NOW)));
    assert_eq!(world.last_event().action, "signing_key.create");
    let second = new_key(&world);
    assert!(!world.write(move |tx| ensure(tx, &second, NOW)), "two starts at once make one key");
    assert_eq!(missing(&world.store.read()).unwrap(), [SigningAlg::Rs256, SigningAlg::Es256]);
    assert_eq!(kids(&set(&world, NOW)).len(), 1);
}

#[test]
fn a_key_is_published_then_signs_then_is_kept_for_its_tokens() {
    let world = with_first_key();
    let first = signing(&set(&world, NOW));
    let token =
        set(&world, NOW).signer(SigningAlg::EdDsa).unwrap().sign("JWT", &serde_json::json!({ "iss": "x", "exp": 9e9 }));
    let token = token.unwrap();

    let published = step(&world, When::Staged, NOW).unwrap();
    let keys = set(&world, NOW);
    assert_eq!((signing(&keys), kids(&keys)), (first.clone(), vec![first.clone(), published.kid.clone()]));
    let early = step(&world, When::Staged, NOW.plus_secs(3599)).unwrap_err();
    assert_eq!((early.code, early.kind), ("key_too_young", Kind::Conflict));

    let used = NOW.plus_secs(3600);
    assert_eq!(step(&world, When::Staged, used).unwrap().kid, published.kid, "the one that was published");
    let keys = set(&world, used);
    assert_eq!((signing(&keys), kids(&keys)), (published.kid.clone(), vec![published.kid.clone(), first.clone()]));
    let expect = |now| Expect::new(&["x"], now);
    assert!(keys.verifier().verify::<Value>(&token, &expect(used)).is_ok(), "an older token holds");

    // The longest token that the old key signed lasts a day.
    assert!(kids(&set(&world, used.plus_secs(DAY))).contains(&first));
    assert_eq!(world.write(move |tx| sweep(tx, used.plus_secs(DAY))), 0);
    let later = used.plus_secs(DAY + 300);
    assert_eq!(kids(&set(&world, later)), std::slice::from_ref(&published.kid), "not shown, swept or not");
    assert_eq!(world.write(move |tx| sweep(tx, later)), 1);
    assert_eq!(world.last_event().action, "signing_key.remove");
    assert_eq!(world.store.read().list(&SigningKeyRow::TABLE, &(), 10).unwrap().len(), 1);
}

#[test]
fn a_forced_rotation_keeps_the_old_tokens_or_ends_them_on_purpose() {
    let world = with_first_key();
    let first = signing(&set(&world, NOW));
    let second = step(&world, When::AtOnce, NOW).unwrap().kid;
    assert_eq!(kids(&set(&world, NOW)), [second.clone(), first.clone()]);
    let old =
        set(&world, NOW).signer(SigningAlg::EdDsa).unwrap().sign("JWT", &serde_json::json!({ "iss": "x", "exp": 9e9 }));
    let waiting = step(&world, When::Staged, NOW).unwrap();
    assert_eq!(kids(&set(&world, NOW)), [second, waiting.kid.clone(), first]);
    let third = step(&world, When::Compromised, NOW).unwrap().kid;
    let keys = set(&world, NOW);
    assert_eq!(signing(&keys), third, "a fresh key, not the one that waited beside the stolen one");
    assert_eq!(kids(&keys), std::slice::from_ref(&third), "nothing that was shown before, used or not");
    let verified = keys.verifier().verify::<Value>(&old.unwrap(), &Expect::new(&["x"], NOW));
    assert_eq!(verified, Err(VerifyError::UnknownKey));
    // What waited does not come back, and the usual course begins anew.
    let next = step(&world, When::Staged, NOW.plus_secs(3600)).unwrap();
    assert!(next.kid != waiting.kid && next.state.name() == "published");
    assert_eq!(world.write(move |tx| sweep(tx, NOW)), 3, "with their private halves");
    assert_eq!(kids(&set(&world, NOW.plus_secs(3600))), [third, next.kid]);
}

#[test]
fn a_compromise_of_one_algorithm_leaves_the_others() {
    let world = with_first_key();
    let es256 = generate(SigningAlg::Es256, world.id(), &keyring()).unwrap();
    world.write(move |tx| ensure(tx, &es256, NOW));
    let before = set(&world, NOW).signer(SigningAlg::Es256).unwrap().kid().to_owned();
    step(&world, When::Compromised, NOW).unwrap();
    assert_eq!(set(&world, NOW).signer(SigningAlg::Es256).unwrap().kid(), before);
}

#[test]
fn the_key_set_shows_public_members_only() {
    let keys = KEYS.jwks()["keys"].as_array().unwrap();
    let mut seen = kids(&KEYS);
    seen.sort();
    seen.dedup();
    assert_eq!((keys.len(), seen.len()), (3, 3), "each kid once");
    assert_eq!(keys[0]["alg"], "RS256", "what every client knows comes first");
    for key in keys {
        let names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        for name in ["kty", "use", "alg", "kid"] {
            assert!(names.contains(&name), "{name}");
        }
        assert_eq!(key["use"], "sig");
        let public = ["kty", "use", "alg", "kid", "n", "e", "crv", "x", "y"];
        assert!(names.iter().all(|name| public.contains(name)), "{names:?}");
    }
    assert_eq!(serde_json::from_slice::<Value>(&KEYS.jwks_bytes()).unwrap(), *KEYS.jwks());
}

#[test]
fn a_stored_key_opens_with_its_keyring_and_in_its_row_only() {
    let world = with_first_key();
    let (_, row) = world.store.read().list(&SigningKeyRow::TABLE, &(), 1).unwrap().pop().unwrap();
    assert!(KeySet::load(&world.store.read(), &Keyring::new(&[2; 32]), NOW).is_err(), "another keyring");
    world.write(move |tx| {
        let moved = SigningKeyRow { id: Id::from_raw(1), kid: "another".to_owned(), ..row.clone() };
        Ok(tx.save(&moved)?)
    });
    assert!(KeySet::load(&world.store.read(), &keyring(), NOW).is_err(), "moved into another row");
}

#[test]
fn requests_see_the_new_set_at_once() {
    let world = with_first_key();
    let keys = Keys::new(set(&world, NOW));
    let before = keys.current();
    step(&world, When::AtOnce, NOW).unwrap();
    keys.replace(set(&world, NOW));
    assert_ne!(signing(&before), signing(&keys.current()));
}

#[test]
fn the_schedule_shows_a_successor_a_day_ahead_and_then_uses_it() {
    let world = with_first_key();
    let rotation = 90 * DAY;
    let due_at = |day: i64| due(&world.store.read(), rotation, NOW.plus_secs(day * DAY)).unwrap();
    let first = signing(&set(&world, NOW));
    assert!(due_at(88).is_empty());
    assert_eq!(due_at(89), [SigningAlg::EdDsa]);
    let take = |day: i64| {
        let (key, now) = (new_key(&world), NOW.plus_secs(day * DAY));
        world.write(move |tx| rotate_on_schedule(tx, &key, now))
    };
    take(89);
    assert_eq!(world.last_event().actor.kind, "operator");
    let shown = set(&world, NOW.plus_secs(89 * DAY));
    assert_eq!((signing(&shown), kids(&shown).len()), (first.clone(), 2), "published, not used");
    assert!(due_at(89).is_empty());
    assert_eq!(due_at(90), [SigningAlg::EdDsa]);
    take(90);
    let used = set(&world, NOW.plus_secs(90 * DAY));
    assert_ne!(signing(&used), first);
    assert!(kids(&used).contains(&first), "kept until its last token has ended");
    assert!(due_at(178).is_empty());
    assert_eq!(due_at(179), [SigningAlg::EdDsa]);
}
