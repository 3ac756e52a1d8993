//! The outbox: what goes in, what the job does with it, what an administrator sees.

use super::table::{self, LISTING};
use super::{BACKOFF_SECS, Content, Mail, NewMail, State, Template, seal_place};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::MailId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::store::listing::EVERYWHERE;
use crate::store::{Listed, Paging, Read, Slice, StoreError, Window, WriteTx};

fn no_mail() -> Problem {
    Problem::not_found("mail_not_found", "There is no such mail in the outbox")
}

fn within(tx: &impl Read, place: Place, id: MailId) -> Result<Mail, Problem> {
    // The outbox is the instance's: who sees it sees all of it.
    table::one(tx, id)?.filter(|_| place == Place::Platform).ok_or_else(no_mail)
}

/// Puts a mail into the outbox, in the transaction of what causes it. One of the same kind to the same user that still
/// waits is taken back: its link is dead. Invitations of other tenants are other mails.
///
/// # Errors
/// When the file cannot be read or written.
pub fn enqueue(tx: &mut WriteTx<'_>, new: &NewMail, now: Timestamp) -> Result<(), StoreError> {
    let same = |old: &&Mail| {
        old.template == new.template && (new.template != Template::Invitation || old.tenant == new.tenant)
    };
    for old in table::waiting_for(tx, new.user)?.iter().filter(same) {
        table::remove(tx, old)?;
    }
    let mail = Mail {
        id: new.id,
        tenant: new.tenant,
        user: new.user,
        to: new.to.clone(),
        template: new.template,
        subject: new.subject.clone(),
        sealed: new.sealed.clone(),
        state: State::Waiting,
        attempts: 0,
        next_at: now,
        last_error: None,
        created_at: now,
        sent_at: None,
        expires_at: new.life_secs.map(|life| now.plus_secs(life)),
    };
    table::save(tx, &mail)
}

/// Opens what a mail says.
///
/// # Errors
/// `mail_gone` when it was sent, for its text is wiped then.
pub fn open(keyring: &Keyring, mail: &Mail) -> Result<Content, Problem> {
    if mail.sealed.is_empty() {
        return Err(Problem::conflict("mail_gone", "The mail was sent, and its text is not kept"));
    }
    let broken = || Problem::internal("a mail in the outbox cannot be opened");
    let bytes = keyring.seal_key(Purpose::Job).open(&seal_place(mail.id), &mail.sealed).map_err(|_| broken())?;
    postcard::from_bytes(&bytes).map_err(|_| broken())
}

/// Which mails to list.
#[derive(Clone, Debug, Default)]
pub struct OutboxFilter {
    /// The front of the address, or of a word of it or of the subject.
    pub search: Option<String>,
    /// Only mails in this state.
    pub state: Option<State>,
}

/// The outbox, the oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ManageOutbox>,
    filter: &OutboxFilter,
    paging: Paging,
) -> Result<Listed<Mail>, Problem> {
    if granted.place() != Place::Platform {
        return Ok(Listed::empty(paging));
    }
    let (state, search) = (filter.state.map(State::number), filter.search.as_deref());
    let listed = LISTING.page(tx, EVERYWHERE, state, search, paging, |id| table::texts_of(tx, id))?;
    Ok(listed.rows("mail", |id| table::one(tx, id))?)
}

/// As [`list`], a stretch of it.
///
/// # Errors
/// When the file cannot be read.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ManageOutbox>,
    filter: &OutboxFilter,
    window: Window,
) -> Result<Slice<Mail>, Problem> {
    if granted.place() != Place::Platform {
        return Ok(Slice::empty());
    }
    let (state, search) = (filter.state.map(State::number), filter.search.as_deref());
    let found = LISTING.slice(tx, EVERYWHERE, state, search, window, |id| table::texts_of(tx, id))?;
    Ok(found.rows("mail", |id| table::one(tx, id))?)
}

/// One mail, without its text.
///
/// # Errors
/// `mail_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ManageOutbox>, id: MailId) -> Result<Mail, Problem> {
    within(tx, granted.place(), id)
}

/// Shows what a mail says, with its link: an audited read, in the hands of those who run the instance.
///
/// # Errors
/// `mail_not_found`, `mail_gone`.
pub fn reveal(
    tx: &mut WriteTx<'_>,
    keyring: &Keyring,
    granted: &Granted<permit::RevealMail>,
    id: MailId,
    now: Timestamp,
) -> Result<(Mail, Content), Problem> {
    let mail = within(tx, granted.place(), id)?;
    let content = open(keyring, &mail)?;
    let event = Event::by(granted.actor(), now, granted.place(), Action::MailReveal).on("mail", id);
    audit::append(tx, event.with("to", &mail.to).with("template", mail.template.name()));
    Ok((mail, content))
}

/// Takes a mail out of the outbox, sent or not. The link in it still works until it ends.
///
/// # Errors
/// `mail_not_found`.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageOutbox>,
    id: MailId,
    now: Timestamp,
) -> Result<(), Problem> {
    let mail = within(tx, granted.place(), id)?;
    table::remove(tx, &mail)?;
    let event = Event::by(granted.actor(), now, granted.place(), Action::MailDelete).on("mail", id);
    audit::append(tx, event.with("to", &mail.to).with("state", mail.state.name()));
    Ok(())
}

/// Tries a mail again at once that waits or was given up.
///
/// # Errors
/// `mail_not_found`, `mail_gone`.
pub fn retry(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageOutbox>,
    id: MailId,
    now: Timestamp,
) -> Result<Mail, Problem> {
    let mut mail = within(tx, granted.place(), id)?;
    if mail.state == State::Sent {
        return Err(Problem::conflict("mail_gone", "The mail was sent already"));
    }
    mail.state = State::Waiting;
    mail.attempts = 0;
    mail.next_at = now;
    table::save(tx, &mail)?;
    let event = Event::by(granted.actor(), now, granted.place(), Action::MailRetry).on("mail", id);
    audit::append(tx, event.with("to", &mail.to));
    Ok(mail)
}

/// Notes that a test mail was tried, and whether the mail server took it.
///
/// # Errors
/// When the file cannot be written.
pub fn note_test(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageOutbox>,
    id: MailId,
    sent: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = Event::by(granted.actor(), now, granted.place(), Action::MailTest).on("mail", id);
    audit::append(tx, event.with("sent", sent.to_string()));
    Ok(())
}

/// What the job is to send now.
///
/// # Errors
/// When the file cannot be read.
pub fn due(tx: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<Mail>, StoreError> {
    let mut found = Vec::new();
    for id in table::due(tx, now, limit)? {
        found.extend(table::one(tx, id)?);
    }
    Ok(found)
}

/// How a try went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It may go better next time.
    Again(String),
    /// It will not: the address is refused, or the link in the mail has ended.
    Never(String),
}

/// Notes that the mail server took a mail, and wipes its text.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_sent(tx: &mut WriteTx<'_>, id: MailId, now: Timestamp) -> Result<(), StoreError> {
    let Some(mut mail) = table::one(tx, id)? else { return Ok(()) };
    mail.sealed = Vec::new();
    mail.state = State::Sent;
    mail.attempts += 1;
    mail.sent_at = Some(now);
    mail.last_error = None;
    table::save(tx, &mail)
}

/// Notes a failure: the mail is tried again later, longer each time, until it is given up. Gives what became of it.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_failure(
    tx: &mut WriteTx<'_>,
    id: MailId,
    failure: &Sending,
    now: Timestamp,
) -> Result<Option<State>, StoreError> {
    let Some(mut mail) = table::one(tx, id)?.filter(|mail| mail.state == State::Waiting) else { return Ok(None) };
    let wait = BACKOFF_SECS.get(mail.attempts as usize).copied();
    mail.attempts += 1;
    let (error, next) = match failure {
        Sending::Again(error) => (error, wait.map(|wait| now.plus_secs(wait))),
        Sending::Never(error) => (error, None),
    };
    mail.last_error = Some(error.chars().filter(|c| !c.is_control()).take(300).collect());
    match next.filter(|next| mail.expires_at.is_none_or(|end| *next < end)) {
        Some(next) => mail.next_at = next,
        None => mail.state = State::Failed,
    }
    table::save(tx, &mail)?;
    Ok(Some(mail.state))
}

/// Takes away up to `limit` mails whose time in the outbox has passed. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let old = table::ended(tx, now, limit)?;
    for id in &old {
        if let Some(mail) = table::one(tx, *id)? {
            table::remove(tx, &mail)?;
        }
    }
    Ok(old.len())
}
