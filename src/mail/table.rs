//! The rows of the outbox.
//!
//! By id alone: the job and the administrator go through the mail of all tenants in the order of time.

use super::{KEEP_SECS, Mail, State};
use crate::base::Timestamp;
use crate::base::id::{MailId, UserId};
use crate::store::{Card, Direction, Entity, IndexEntries, Listing, Read, Report, Row, StoreError, Table, WriteTx};
use std::ops::ControlFlow;

/// What waits, by when it is tried next.
const DUE: Table<(Timestamp, MailId), ()> = Table::new(0x0D01, "mail due");
/// All, by when they may go.
const BY_END: Table<(Timestamp, MailId), ()> = Table::new(0x0D02, "mail by end");
/// All, by state; numbers 0x0D03 to 0x0D05.
pub(super) const LISTING: Listing<MailId> = Listing::new(0x0D03, "mail listed");
/// The mails of each user.
const BY_USER: Table<(UserId, MailId), ()> = Table::new(0x0D06, "mail by user");

impl Row for Mail {}

impl Entity for Mail {
    type Key = MailId;
    const TABLE: Table<MailId, Self> = Table::new(0x0D00, "mail");
    const SPARSE: &'static [u16] = &[DUE.number];
    fn key(&self) -> MailId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        if self.state == State::Waiting {
            entries.many(&DUE, &(self.next_at, self.id));
        }
        let end = self.expires_at.unwrap_or(self.created_at).max(self.sent_at.unwrap_or(self.created_at));
        entries.many(&BY_END, &(end.plus_secs(KEEP_SECS), self.id));
        entries.many(&BY_USER, &(self.user, self.id));
    }
}

fn card(mail: &Mail) -> Card<MailId> {
    Card { id: mail.id, scopes: Vec::new(), status: mail.state.number(), texts: texts(mail), partly: None }
}

fn texts(mail: &Mail) -> Vec<String> {
    vec![mail.to.to_string(), mail.subject.clone()]
}

/// What a mail is found by.
pub(super) fn texts_of(tx: &impl Read, id: MailId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(one(tx, id)?.as_ref().map(texts))
}

/// Saves a mail with its place in the lists.
pub(super) fn save(tx: &mut WriteTx<'_>, mail: &Mail) -> Result<(), StoreError> {
    let before = one(tx, mail.id)?.as_ref().map(card);
    tx.save(mail)?;
    LISTING.update(tx, before.as_ref(), Some(&card(mail)))
}

/// Takes a mail away.
pub(super) fn remove(tx: &mut WriteTx<'_>, mail: &Mail) -> Result<(), StoreError> {
    tx.remove::<Mail>(&mail.id)?;
    LISTING.update(tx, Some(&card(mail)), None)
}

pub(super) fn one(tx: &impl Read, id: MailId) -> Result<Option<Mail>, StoreError> {
    tx.get(&Mail::TABLE, &id)
}

/// What is to be tried by now, the most overdue first.
pub(super) fn due(tx: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<MailId>, StoreError> {
    tx.due(&DUE, ..=now, limit)
}

/// What may go by now.
pub(super) fn ended(tx: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<MailId>, StoreError> {
    tx.due(&BY_END, ..=now, limit)
}

/// A user's mails that wait.
pub(super) fn waiting_for(tx: &impl Read, user: UserId) -> Result<Vec<Mail>, StoreError> {
    let mut ids = Vec::new();
    tx.scan_front(&BY_USER, &(user,), Direction::Forward, |(_, id), ()| {
        ids.push(id);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(one(tx, id)?.filter(|mail| mail.state == State::Waiting));
    }
    Ok(found)
}

/// A step of the schema: mails are found without accents and by all their words.
///
/// # Errors
/// When the file cannot be read or written.
pub fn fold_fully(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let cards = cards(tx)?;
    LISTING.rebuild(tx, &cards)
}

fn cards(tx: &impl Read) -> Result<Vec<Card<MailId>>, StoreError> {
    Ok(tx.readable_rows(&Mail::TABLE)?.iter().map(card).collect())
}

/// A step of the schema: the lists of mails are counted in blocks.
///
/// # Errors
/// When the file cannot be read or written.
pub fn count_blocks(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    LISTING.build_blocks(tx)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Mail>(tx)?;
    report.listing(tx, &LISTING, cards(tx), fold_fully)
}
