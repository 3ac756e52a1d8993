//! Second factors, on a store in memory and a clock that stands still.

use super::*;
use crate::access::Role;
use crate::audit;
use crate::base::{Id, Problem};
use crate::crypto::keyring::Keyring;
use crate::crypto::totp::{self, step_at};
use crate::store::Store;
use crate::tenancy::testkit::{NOW, World, code, grant, holder, origin, store};
use std::sync::Arc;

const SECRET: [u8; 20] = *b"12345678901234567890";
/// The attempt to set an app up.
const MINE: Setting = [1; 32];

fn ring() -> Arc<Keyring> {
    Arc::new(Keyring::new(&[7; 32]))
}

fn who(raw: u64) -> Who {
    Who {
        user: UserId::from_raw(raw),
        email: Email::parse("alice@acme.example").unwrap(),
        home: Place::Platform,
        origin: origin(),
    }
}

/// A code of the app.
fn app_code(at: Timestamp) -> String {
    totp::code(&SECRET, step_at(at))
}

/// Enrols; gives the recovery codes. The code of `NOW` is spent by it.
fn enrol(store: &Store, who: &Who) -> Vec<String> {
    let ring = ring();
    let sealed = seal_secret(&ring, who.user, &SECRET);
    let made = new_recovery_codes(&ring, who.user);
    let codes = made.codes.iter().map(|code| code.expose().clone()).collect();
    let who = who.clone();
    store
        .write_blocking(move |tx| {
            begin(tx, who.user, MINE, &sealed, NOW)?;
            confirm(tx, &ring, &who, MINE, &app_code(NOW), &made, NOW)
        })
        .unwrap();
    codes
}

fn checked(store: &Store, who: &Who, code: &str, now: Timestamp) -> Option<CheckedCode> {
    let factors = factors(&store.read(), who.user).unwrap();
    check(&ring(), &factors, code, now).unwrap()
}

fn spent(store: &Store, who: &Who, shown: CheckedCode) -> Result<Factors, Problem> {
    let who = who.clone();
    store.write_blocking(move |tx| spend(tx, &who, shown, NOW))
}

#[test]
fn a_code_of_the_app_is_taken_once_even_by_two_at_the_same_moment() {
    let (store, alice) = (store(), who(1));
    enrol(&store, &alice);
    assert_eq!(checked(&store, &alice, &app_code(NOW), NOW), None, "the code of the enrolment is spent");
    let later = NOW.plus_secs(30);
    let shown = checked(&store, &alice, &app_code(later), later).unwrap();
    // Both have looked before either has written.
    assert!(spent(&store, &alice, shown).is_ok());
    assert_eq!(spent(&store, &alice, shown).unwrap_err().code, "invalid_code");
    assert_eq!(checked(&store, &alice, &app_code(later), later), None);
    assert_eq!(checked(&store, &alice, &app_code(NOW), later), None, "nor one of an earlier step");
    let next = later.plus_secs(30);
    assert!(checked(&store, &alice, &app_code(next), later).is_some(), "a clock half a minute fast");
}

#[test]
fn a_recovery_code_is_taken_once_and_only_its_hash_is_kept() {
    let (store, alice) = (store(), who(1));
    let codes = enrol(&store, &alice);
    assert_eq!(codes.len(), RECOVERY_CODES);
    let code = &codes[3];
    let upper = code.to_uppercase().replace('-', "");
    let shown = checked(&store, &alice, &upper, NOW).expect("with or without the hyphen, in either case");
    assert_eq!(Some(shown), checked(&store, &alice, code, NOW));
    assert_eq!(spent(&store, &alice, shown).unwrap().recovery_left(), RECOVERY_CODES - 1);
    assert_eq!(spent(&store, &alice, shown).unwrap_err().code, "invalid_code");
    assert_eq!(checked(&store, &alice, code, NOW), None);
    assert!(checked(&store, &alice, &codes[4], NOW).is_some(), "the others still work");
    let row = factors(&store.read(), alice.user).unwrap();
    let bytes = postcard::to_allocvec(&row).unwrap();
    for code in &codes {
        let letters = code.replace('-', "");
        for text in [code.as_bytes(), letters.as_bytes(), &SECRET[..]] {
            assert!(!bytes.windows(text.len()).any(|part| part == text), "in the clear in the row");
        }
    }
}

#[test]
fn a_recovery_code_and_a_secret_belong_to_one_user() {
    let (store, alice, bob) = (store(), who(1), who(2));
    let codes = enrol(&store, &alice);
    enrol(&store, &bob);
    assert_eq!(checked(&store, &bob, &codes[0], NOW), None);
    let mut row = factors(&store.read(), alice.user).unwrap();
    row.user = bob.user;
    assert!(check(&ring(), &row, &app_code(NOW.plus_secs(30)), NOW).is_err(), "a moved secret does not open");
    for bad in ["", "x", "aaaaa-aaaaa", "aaaaa aaaaa", &format!("{}a", codes[0]), &"a".repeat(1 << 16)] {
        assert_eq!(checked(&store, &alice, bad, NOW), None);
    }
}

#[test]
fn a_code_is_taken_as_people_paste_it() {
    let (store, alice) = (store(), who(1));
    let codes = enrol(&store, &alice);
    let later = NOW.plus_secs(30);
    let code = app_code(later);
    let wide: String = code.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap()).collect();
    let (front, back) = code.split_at(3);
    for pasted in [
        format!("{front} {back}"),
        format!("{front}-{back}\r\n"),
        format!("\u{a0}{front}\u{2009}{back}\u{200b}"),
        format!("\u{feff}{front}\u{2013}{back}"),
        wide,
    ] {
        assert!(
            is_code(&pasted) && matches!(checked(&store, &alice, &pasted, later), Some(CheckedCode::Totp(_))),
            "{pasted:?}"
        );
    }
    let spaced: String = codes[0].to_uppercase().chars().flat_map(|letter| [letter, ' ']).collect();
    for pasted in [spaced, codes[0].replace('-', "\u{2011}"), codes[0].replace('-', ""), format!("{}\n", codes[0])] {
        let found = checked(&store, &alice, &pasted, later);
        assert!(is_code(&pasted) && matches!(found, Some(CheckedCode::Recovery(_))), "{pasted:?}");
    }
    // What can be no code is none, and no try.
    for bad in ["", " ", "12345", "1234567", "correct horse", "hunter2", "aaaaa-aaaa", "ill0o-ill0o"] {
        assert!(!is_code(bad), "{bad:?}");
    }
}

#[test]
fn an_app_counts_after_its_first_code_and_waits_half_an_hour_for_it() {
    let (store, alice, ring) = (store(), who(1), ring());
    let first = seal_secret(&ring, alice.user, &SECRET);
    let other = seal_secret(&ring, alice.user, &[9; 20]);
    let id = alice.user;
    let begun = |sealed: &Vec<u8>, at| {
        let sealed = sealed.clone();
        store.write_blocking(move |tx| begin(tx, id, MINE, &sealed, at))
    };
    assert_eq!(begun(&first, NOW).unwrap(), first);
    assert_eq!(begun(&other, NOW.plus_secs(60)).unwrap(), first, "a page shown twice shows the same");
    assert!(!factors(&store.read(), id).unwrap().is_enrolled());
    let (theirs, sealed) = ([2; 32], other.clone());
    let elsewhere = store.write_blocking(move |tx| begin(tx, id, theirs, &sealed, NOW)).unwrap();
    assert_eq!(elsewhere, other, "another attempt is not shown the secret of the first");
    let made = new_recovery_codes(&ring, id);
    let (keys, me) = (Arc::clone(&ring), alice.clone());
    let code = totp::code(&[9; 20], step_at(NOW));
    let mixed = store.write_blocking(move |tx| confirm(tx, &keys, &me, MINE, &code, &made, NOW));
    assert_eq!(mixed.unwrap_err().code, "invalid_code", "nor finishes it");
    assert_eq!(begun(&first, NOW).unwrap(), first);
    let late = NOW.plus_secs(SETUP_SECS);
    let made = new_recovery_codes(&ring, id);
    let confirmed = |code: String, at| {
        let (ring, made, alice) = (Arc::clone(&ring), made.clone(), alice.clone());
        store.write_blocking(move |tx| confirm(tx, &ring, &alice, MINE, &code, &made, at))
    };
    assert_eq!(confirmed("000000".to_owned(), NOW).unwrap_err().code, "invalid_code");
    assert_eq!(confirmed(app_code(late), late).unwrap_err().code, "invalid_code", "too late");
    assert_eq!(begun(&other, late).unwrap(), other, "then a new secret");
    assert!(confirmed(totp::code(&[9; 20], step_at(late)), late).unwrap().is_enrolled());
    assert_eq!(begun(&first, late).unwrap_err().code, "totp_already_enabled");
}

#[test]
fn removing_and_renewing_want_a_code_and_are_in_the_log() {
    let (store, alice, ring) = (store(), who(1), ring());
    let codes = enrol(&store, &alice);
    let made = new_recovery_codes(&ring, alice.user);
    let fresh = made.codes[0].expose().clone();
    let shown = checked(&store, &alice, &app_code(NOW.plus_secs(30)), NOW).unwrap();
    let me = alice.clone();
    store.write_blocking(move |tx| regenerate(tx, &me, shown, &made, NOW)).unwrap();
    assert_eq!(checked(&store, &alice, &codes[0], NOW), None, "the old ones are dead");
    let me = alice.clone();
    assert_eq!(store.write_blocking(move |tx| disable(tx, &me, shown, NOW)).unwrap_err().code, "invalid_code");
    let shown = checked(&store, &alice, &fresh, NOW).unwrap();
    let me = alice.clone();
    store.write_blocking(move |tx| disable(tx, &me, shown, NOW)).unwrap();
    assert_eq!(factors(&store.read(), alice.user).unwrap(), Factors::none(alice.user));
    let me = alice.clone();
    assert_eq!(store.write_blocking(move |tx| disable(tx, &me, shown, NOW)).unwrap_err().code, "totp_not_enabled");
    let page = audit::list(&store.read(), Place::Platform, &audit::Filter::default(), None, 0, 10).unwrap();
    let actions: Vec<_> = page.rows.iter().rev().map(|(_, row)| row.event.action.as_str()).collect();
    assert_eq!(actions, ["mfa.enable", "mfa.regenerate_recovery_codes", "mfa.recovery_code_used", "mfa.disable"]);
}

#[test]
fn an_admin_resets_the_factors_of_a_user_of_the_own_tenant_only() {
    let world = World::new();
    let user = world.user(77, "a@b.example", world.a, Role::TenantUser);
    let (store, id, alice) = (&world.store, user.id, Who { user: user.id, ..who(1) });
    enrol(store, &alice);
    let stranger = grant(&holder(Role::TenantAdmin, world.b), world.b);
    assert_eq!(code(world.write(move |tx| reset(tx, &stranger, id, NOW))), "user_not_found");
    assert!(factors(&store.read(), id).unwrap().is_enrolled());
    let admin = grant(&holder(Role::TenantAdmin, world.a), world.a);
    world.write(move |tx| reset(tx, &admin, id, NOW)).unwrap();
    assert!(!factors(&store.read(), id).unwrap().is_enrolled());
    let page = audit::list(&store.read(), Place::Platform, &audit::Filter::default(), None, 0, 1).unwrap();
    assert_eq!(page.rows[0].1.event.action, "mfa.reset");
}

#[test]
fn the_uri_is_what_apps_read() {
    let (ring, user) = (ring(), UserId::from_raw(1));
    let sealed = seal_secret(&ring, user, &SECRET);
    let email = Email::parse("alice+test@acme.example").unwrap();
    let setup = setup_of(&ring, user, &sealed, "keys.example:8443", &email).unwrap();
    assert_eq!(setup.secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(
        setup.uri.expose(),
        "otpauth://totp/keys.example%208443:alice%2Btest%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=keys.example%208443&algorithm=SHA1&digits=6&period=30"
    );
    assert!(!format!("{setup:?}").contains("GEZD"));
}

#[test]
fn a_factors_secret_opens_in_its_own_row_only() {
    let sealed = seal_secret(&ring(), UserId::from_raw(1), &SECRET);
    let shown = |user: u64| setup_of(&ring(), UserId::from_raw(user), &sealed, "id", &who(user).email);
    assert!(shown(1).is_ok() && shown(2).is_err());
    assert!(setup_of(&Keyring::new(&[8; 32]), UserId::from_raw(1), &sealed, "id", &who(1).email).is_err());
}
