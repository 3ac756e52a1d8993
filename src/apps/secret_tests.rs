//! Secrets of an application: how they follow each other, end, and note their use.

use super::testkit::{NOW, World, detail, field, live, reread, rotate};
use super::*;
use crate::access::Place;

#[test]
fn two_secrets_hold_while_one_takes_the_others_place() {
    let world = World::new();
    let (application, first) = world.register(ApplicationType::Service, AppScope::Global, "");
    let id = application.id;
    let day = 86_400;
    let (application, second) = rotate(&world, id, None, NOW).unwrap();
    assert_eq!(live(&application, &[&first, &second], NOW.plus_secs(day - 1)), [true, true]);
    assert_eq!(live(&application, &[&first, &second], NOW.plus_secs(day)), [false, true], "a day of grace");
    // A third while two hold: the oldest goes at once, and nothing that was ending is made to last longer.
    let (application, third) = rotate(&world, id, Some(3 * 86_400), NOW.plus_secs(60)).unwrap();
    assert_eq!(live(&application, &[&first, &second, &third], NOW.plus_secs(60)), [false, true, true]);
    assert!(application.secrets.len() <= MAX_SECRETS);
    let (application, fourth) = rotate(&world, id, Some(30 * 86_400), NOW.plus_secs(2 * day)).unwrap();
    assert_eq!(live(&application, &[&second, &third, &fourth], NOW.plus_secs(2 * day)), [false, true, true]);
    let (application, fifth) = rotate(&world, id, Some(0), NOW.plus_secs(2 * day)).unwrap();
    assert_eq!(live(&application, &[&third, &fourth, &fifth], NOW.plus_secs(2 * day)), [false, false, true]);
    assert_eq!(field(&rotate(&world, id, Some(30 * 86_400 + 1), NOW).unwrap_err()), "keep_old_secs");
    let event = world.last_event();
    assert_eq!((event.action.as_str(), detail(&event, "keep_old_secs")), ("application.rotate_secret", Some("0")));
}

#[test]
fn a_secret_that_was_ending_never_lasts_longer() {
    let world = World::new();
    let (application, first) = world.register(ApplicationType::Service, AppScope::Global, "");
    let (_, second) = rotate(&world, application.id, Some(60), NOW).unwrap();
    let (granted, id) = (world.may(Place::Platform), application.id);
    let newest = reread(&world, &application).unwrap().secrets[1].id;
    let application = world.write(move |tx| revoke_secret(tx, &granted, id, newest, NOW));
    assert_eq!(live(&application, &[&first, &second], NOW), [true, false]);
    let (application, _) = rotate(&world, id, Some(86_400), NOW).unwrap();
    assert_eq!(live(&application, &[&first], NOW.plus_secs(60)), [false]);
}

#[test]
fn a_leaked_secret_ends_at_once() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Global, "");
    let (id, secret) = (application.id, application.secrets[0].id);
    let granted = world.may(Place::Platform);
    let after = world.write(move |tx| revoke_secret(tx, &granted, id, secret, NOW));
    assert!(after.secrets.is_empty());
    assert_eq!(world.last_event().action, "application.revoke_secret");
    let granted = world.may(Place::Platform);
    let again = world.try_write(move |tx| revoke_secret(tx, &granted, id, secret, NOW));
    assert_eq!(again.unwrap_err().code, "client_secret_not_found");
}

#[test]
fn the_last_use_is_noted_now_and_then() {
    let world = World::new();
    let (application, _) = world.register(ApplicationType::Service, AppScope::Global, "");
    let (id, secret) = (application.id, application.secrets[0].id);
    let note = |at: Timestamp| {
        world.store.write_blocking(move |tx| used(tx, id, secret, at)).unwrap();
        reread(&world, &application).unwrap().secrets[0].last_used
    };
    assert_eq!(note(NOW), Some(NOW));
    assert_eq!(note(NOW.plus_secs(USED_EVERY_SECS - 1)), Some(NOW));
    assert_eq!(note(NOW.plus_secs(USED_EVERY_SECS)), Some(NOW.plus_secs(USED_EVERY_SECS)));
    let gone = ApplicationId::from_raw(1);
    assert!(world.store.write_blocking(move |tx| used(tx, gone, secret, NOW)).is_ok());
}
