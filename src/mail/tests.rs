//! The rules of the outbox.

use super::*;
use crate::access::permit;
use crate::base::{Id, Problem};
use crate::store::{Entity, Paging, Read, encoded};
use crate::tenancy::testkit::*;

const LINK: &str = "https://id.example/login/reset-password?token=slk_CANARY";

fn keyring() -> Keyring {
    Keyring::new(&[7; 32])
}

fn id(id: u64) -> MailId {
    MailId::from_raw(id)
}

fn new(number: u64, user: u64, template: Template) -> NewMail {
    let envelope = Envelope {
        id: id(number),
        tenant: TenantId::from_raw(11),
        user: UserId::from_raw(user),
        to: email(&format!("u{user}@a.example")),
    };
    let facts = Facts { name: "Ann", tenant: "Acme", email: "ann@a.example", link: Some(LINK), life: "1 hour" };
    NewMail::compose(&keyring(), envelope, template, &facts, Some(3600))
}

fn put(world: &World, mail: NewMail) {
    world.write(move |tx| Ok(enqueue(tx, &mail, NOW)?)).unwrap();
}

fn listed(world: &World, filter: &OutboxFilter) -> Vec<u64> {
    let granted = all::<permit::ManageOutbox>();
    let found = list(&world.store.read(), &granted, filter, Paging::default()).unwrap();
    found.items.iter().map(|mail| mail.id.raw()).collect()
}

fn one(world: &World, number: u64) -> Mail {
    get(&world.store.read(), &all(), id(number)).unwrap()
}

/// What was sealed for one kind of row opens in no other, and in no other row of its own.
#[test]
fn a_mails_text_opens_in_its_own_row_and_table_only() {
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    let mail = one(&world, 1);
    assert!(open(&keyring(), &mail).is_ok());
    assert!(open(&keyring(), &Mail { id: id(2), ..mail.clone() }).is_err(), "another mail's row");
    let as_factor = crate::mfa::setup_of(&keyring(), UserId::from_raw(1), &mail.sealed, "id", &email("a@b.example"));
    assert!(as_factor.is_err(), "a second factor's row");
    assert!(keyring().open_tenant_key(1, &mail.sealed).is_err(), "a tenant's key");
    let factor = crate::mfa::seal_secret(&keyring(), UserId::from_raw(1), &[7; 20]);
    assert!(open(&keyring(), &Mail { sealed: factor, ..mail }).is_err(), "a second factor in a mail's row");
}

#[test]
fn a_mail_lies_sealed_and_its_text_goes_when_it_has_gone() {
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    let row = encoded::<Mail>(&one(&world, 1)).unwrap();
    assert!(!row.windows(6).any(|bytes| bytes == b"CANARY"), "what the store holds is sealed");
    assert_eq!(open(&keyring(), &one(&world, 1)).unwrap().link.as_deref(), Some(LINK));
    let moved = Mail { id: id(2), ..one(&world, 1) };
    assert!(open(&keyring(), &moved).is_err(), "it opens in its own place only");
    world.write(|tx| Ok(note_sent(tx, id(1), NOW)?)).unwrap();
    let mail = one(&world, 1);
    assert_eq!((mail.state, mail.sent_at, mail.sealed.len()), (State::Sent, Some(NOW), 0));
    assert_eq!(open(&keyring(), &mail).unwrap_err().code, "mail_gone");
    assert!(due(&world.store.read(), NOW.plus_secs(86_400), 9).unwrap().is_empty());
}

#[test]
fn a_newer_mail_takes_the_place_of_one_that_waits() {
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    put(&world, new(2, 100, Template::VerifyEmail));
    put(&world, new(3, 101, Template::ResetPassword));
    put(&world, new(4, 100, Template::ResetPassword));
    assert_eq!(listed(&world, &OutboxFilter::default()), [2, 3, 4]);
    assert_eq!(listed(&world, &OutboxFilter { search: Some("u101".into()), ..Default::default() }), [3]);
    assert_eq!(listed(&world, &OutboxFilter { state: Some(State::Sent), ..Default::default() }), [0; 0]);
}

#[test]
fn failures_wait_longer_each_time_and_end() {
    let world = World::new();
    let lasting = NewMail { life_secs: Some(30 * 86_400), ..new(1, 100, Template::Invitation) };
    put(&world, lasting);
    let mut now = NOW;
    for (at, wait) in BACKOFF_SECS.into_iter().enumerate() {
        let again = Sending::Again("no\r\nroute".into());
        let state = world.write(move |tx| Ok(note_failure(tx, id(1), &again, now)?)).unwrap();
        assert_eq!(state, Some(State::Waiting), "after failure {at}");
        assert!(due(&world.store.read(), now.plus_secs(wait - 1), 9).unwrap().is_empty());
        now = now.plus_secs(wait);
        assert_eq!(due(&world.store.read(), now, 9).unwrap().len(), 1);
    }
    let again = Sending::Again("no route".into());
    let state = world.write(move |tx| Ok(note_failure(tx, id(1), &again, now)?)).unwrap();
    assert_eq!((state, one(&world, 1).attempts), (Some(State::Failed), 10));
    assert_eq!(one(&world, 1).last_error.as_deref(), Some("no route"));
    assert!(open(&keyring(), &one(&world, 1)).is_ok(), "an administrator still finds the link");
    world.write(move |tx| retry(tx, &all(), id(1), now)).unwrap();
    assert_eq!(due(&world.store.read(), now, 9).unwrap().len(), 1);
}

#[test]
fn a_mail_is_not_tried_beyond_its_link_nor_after_a_refusal() {
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    let late = NOW.plus_secs(3600 - 59);
    let again = Sending::Again("no route".into());
    let state = world.write(move |tx| Ok(note_failure(tx, id(1), &again, late)?)).unwrap();
    assert_eq!(state, Some(State::Failed), "the next try would come after the link's end");
    put(&world, new(2, 101, Template::ResetPassword));
    let never = Sending::Never("550 no such user".into());
    let state = world.write(move |tx| Ok(note_failure(tx, id(2), &never, NOW)?)).unwrap();
    assert_eq!(state, Some(State::Failed));
}

#[test]
fn the_outbox_is_for_those_who_run_the_instance() {
    use crate::access::Role;
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    let admin = holder(Role::TenantAdmin, world.a);
    assert!(admin.grant::<permit::ManageOutbox>(world.a).is_err());
    assert!(admin.grant::<permit::Operate>(world.a).is_err());
    let keys = keyring();
    let (_, content) = world.write(move |tx| reveal(tx, &keys, &all(), id(1), NOW)).unwrap();
    assert!(content.text.contains(LINK));
    world.write(|tx| delete(tx, &all(), id(1), NOW)).unwrap();
    let gone: Result<(), Problem> = world.write(|tx| delete(tx, &all(), id(1), NOW));
    assert_eq!(code(gone), "mail_not_found");
    let log = actions(&world.store.read());
    assert!(log.iter().any(|row| row == "mail.reveal") && log.iter().any(|row| row == "mail.delete"), "{log:?}");
}

#[test]
fn old_mail_is_swept() {
    let world = World::new();
    put(&world, new(1, 100, Template::ResetPassword));
    let end = NOW.plus_secs(3600 + KEEP_SECS);
    assert_eq!(world.write(move |tx| Ok(sweep(tx, end.plus_secs(-1), 9)?)).unwrap(), 0);
    assert_eq!(world.write(move |tx| Ok(sweep(tx, end, 9)?)).unwrap(), 1);
    assert!(world.store.read().get(&Mail::TABLE, &id(1)).unwrap().is_none());
    assert_eq!(listed(&world, &OutboxFilter::default()), [0; 0]);
}
