//! Mail: written into the outbox in the transaction of what causes it, sent by a job, kept until it has gone.
//!
//! A mail carries a link that lets somebody in, so its text lies sealed in the store and is wiped when the mail has gone.
//! Without a mail server it waits, and an administrator finds the link in the outbox.

mod compose;
mod service;
mod smtp;
mod table;
#[cfg(test)]
mod tests;

pub use compose::{Content, Facts, Template, test_mail};
pub use service::{
    OutboxFilter, Sending, delete, due, enqueue, get, list, note_failure, note_sent, note_test, open, retry, reveal,
    slice, sweep,
};
pub use smtp::{Mailer, SendError};
pub use table::check_rows;
pub use table::{count_blocks, fold_fully};

use crate::base::id::{MailId, TenantId, UserId};
use crate::base::{Email, Timestamp};
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::seal::aad;
use serde::{Deserialize, Serialize};

/// How long to wait after each failure, in seconds: a minute at first, 12 hours in the end; about two days in all.
pub const BACKOFF_SECS: [i64; 9] = [60, 120, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 12 * 3600];
/// How long a mail stays in the outbox after it has gone, or has been given up, or its link has ended.
pub const KEEP_SECS: i64 = 7 * 86_400;

/// What has become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "MailState"))]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It is to be sent, or tried again.
    Waiting,
    /// The mail server has taken it.
    Sent,
    /// It was given up.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Failed];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
        }
    }

    /// Reads a name in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(text))
    }

    const fn number(self) -> u8 {
        match self {
            Self::Waiting => 1,
            Self::Sent => 2,
            Self::Failed => 3,
        }
    }
}

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Which; also its Message-ID, so that a second copy after a crash is known as one.
    pub id: MailId,
    /// In whose name.
    pub tenant: TenantId,
    /// The user that the mail is for.
    pub user: UserId,
    /// The address that it is sent to.
    pub to: Email,
    /// What it is about.
    pub template: Template,
    /// The line that the reader sees first. Holds nothing secret.
    pub subject: String,
    /// [`Content`], sealed under the instance's key for waiting jobs with the mail's id; empty when it has gone.
    pub sealed: Vec<u8>,
    /// What has become of it.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, if it waits.
    pub next_at: Timestamp,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// When the link in it ends; none: there is none.
    pub expires_at: Option<Timestamp>,
}

/// A mail to put into the outbox, composed and sealed before the transaction.
#[derive(Clone, Debug)]
pub struct NewMail {
    id: MailId,
    tenant: TenantId,
    user: UserId,
    to: Email,
    template: Template,
    subject: String,
    sealed: Vec<u8>,
    life_secs: Option<i64>,
}

/// Whose mail it is.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The id that the mail gets.
    pub id: MailId,
    /// In whose name.
    pub tenant: TenantId,
    /// The user that the mail is for.
    pub user: UserId,
    /// The address that it is sent to.
    pub to: Email,
}

fn seal_place(id: MailId) -> Vec<u8> {
    use crate::base::Id as _;
    aad(&[b"mail", &id.raw().to_be_bytes()])
}

impl NewMail {
    /// Composes and seals a mail. `life_secs` is how long the link in it works.
    pub fn compose(
        keyring: &Keyring,
        envelope: Envelope,
        template: Template,
        facts: &Facts<'_>,
        life_secs: Option<i64>,
    ) -> Self {
        let (subject, content) = template.compose(facts);
        // Texts always encode; an empty one opens as nothing.
        let bytes = zeroize::Zeroizing::new(postcard::to_allocvec(&content).unwrap_or_default());
        let Envelope { id, tenant, user, to } = envelope;
        let sealed = keyring.seal_key(Purpose::Job).seal(&seal_place(id), &bytes);
        Self { id, tenant, user, to, template, subject, sealed, life_secs }
    }
}
