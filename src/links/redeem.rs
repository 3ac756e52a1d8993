//! Using a link: once, and only by a press of a button.

use super::{Link, Purpose, table};
use crate::access::Origin;
use crate::base::{DisplayName, Problem, Secret, Timestamp};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::mail::{self, Envelope, Facts, NewMail, Template};
use crate::people::{self, Status, User};
use crate::sessions::Limits;
use crate::signin;
use crate::stack::Stack;
use crate::store::{Read, WriteTx};
use crate::tenancy;

fn dead() -> Problem {
    Problem::malformed("link_invalid", "The link does not work any more: it was used, replaced, or is too old")
}

fn digest(text: &str) -> Result<TokenDigest, Problem> {
    token::parse(TokenKind::MailLink, text).map_err(|_| dead())
}

/// The link and its user, if both are still as they were when it was made.
fn open(tx: &impl Read, purpose: Purpose, digest: &TokenDigest, now: Timestamp) -> Result<(Link, User), Problem> {
    let link = table::live(tx, purpose, digest, now)?.ok_or_else(dead)?;
    let user = people::user(tx, link.user)?.filter(|user| user.email == link.email).ok_or_else(dead)?;
    let waits = |tx| people::belonging(tx, link.tenant, user.id).map(|row| row.is_some_and(|row| row.is_pending()));
    let (wanted, tenant) = match (purpose, user.status) {
        // An account that waits is finished by whichever invitation is accepted first.
        (Purpose::Invitation, Status::Invited) => (true, link.tenant),
        (Purpose::Invitation, Status::Active) => (waits(tx)?, link.tenant),
        (Purpose::ResetPassword | Purpose::VerifyEmail, Status::Active) => (true, user.home_tenant),
        _ => (false, user.home_tenant),
    };
    if wanted && tenancy::is_active(tx, tenant)? { Ok((link, user)) } else { Err(dead()) }
}

/// As [`open`], and the link is used up.
fn use_up(
    tx: &mut WriteTx<'_>,
    purpose: Purpose,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<(Link, User), Problem> {
    let (link, user) = open(tx, purpose, digest, now)?;
    tx.save(&Link { used_at: Some(now), ..link.clone() })?;
    Ok((link, user))
}

/// What the page behind a link shows before its button is pressed.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whose.
    pub user: User,
    /// In whose name.
    pub tenant: String,
}

impl Found {
    /// Whether who accepts an invitation sets a password thereby; otherwise they have an account already.
    pub fn makes_account(&self) -> bool {
        self.user.status == Status::Invited
    }
}

/// Looks a link up and changes nothing.
///
/// # Errors
/// `link_invalid`.
pub fn look(stack: &Stack, purpose: Purpose, token: &str) -> Result<Found, Problem> {
    let snapshot = stack.store.read();
    let (link, user) = open(&snapshot, purpose, &digest(token)?, stack.now())?;
    let tenant = tenancy::tenant(&snapshot, link.tenant)?.map(|tenant| tenant.name.to_string());
    Ok(Found { user, tenant: tenant.unwrap_or_default() })
}

/// Sets a new password: all sessions end, and a mail tells of it.
///
/// # Errors
/// `link_invalid`; invalid at `password`; busy.
pub async fn reset_password(
    stack: &Stack,
    token: &str,
    password: Secret<String>,
    origin: &Origin,
) -> Result<User, Problem> {
    let found = look(stack, Purpose::ResetPassword, token)?;
    let email = found.user.email.clone();
    let phc = signin::new_password(stack, "password", password, &email).await?;
    let (digest, origin, from, now) = (digest(token)?, origin.clone(), origin.ip, stack.now());
    let name = found.user.called();
    let facts = Facts { name: &name, tenant: &found.tenant, email: email.as_str(), link: None, life: "" };
    let envelope =
        Envelope { id: stack.new_id(), tenant: found.user.home_tenant, user: found.user.id, to: email.clone() };
    let told = NewMail::compose(&stack.keyring, envelope, Template::PasswordChanged, &facts, None);
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let (link, _) = use_up(tx, Purpose::ResetPassword, &digest, now)?;
        let user = people::set_password_by_link(tx, link.user, &phc, &origin, now)?;
        mail::enqueue(tx, &told, now)?;
        Ok(user)
    };
    let user = stack.store.write(write).await?;
    // Whoever has the mailbox need not wait for the wrong tries of others.
    stack.attempts.forgive(email.as_str(), from, Limits::of_passwords(&stack.config.auth));
    Ok(user)
}

/// Notes that an address is its user's.
///
/// # Errors
/// `link_invalid`.
pub async fn verify_email(stack: &Stack, token: &str, origin: &Origin) -> Result<User, Problem> {
    let (digest, origin, now) = (digest(token)?, origin.clone(), stack.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let (link, _) = use_up(tx, Purpose::VerifyEmail, &digest, now)?;
        people::verify_email_by_link(tx, link.user, &origin, now)
    };
    stack.store.write(write).await
}

/// What somebody who accepts an invitation says about themselves.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Given name; none: as it was.
    pub first_name: Option<DisplayName>,
    /// Family name; none: as it was.
    pub last_name: Option<DisplayName>,
    /// What to call them; none: as it was.
    pub display_name: Option<DisplayName>,
}

/// Accepts an invitation: the reader is a member of the tenant that asked. An account that waited gets a password and is
/// active; who has one already keeps it as it is, and needs no password here.
///
/// # Errors
/// `link_invalid`; invalid at `password`; busy.
pub async fn accept_invitation(
    stack: &Stack,
    token: &str,
    password: Option<Secret<String>>,
    names: Names,
    origin: &Origin,
) -> Result<User, Problem> {
    let found = look(stack, Purpose::Invitation, token)?;
    let phc = match (found.makes_account(), password) {
        (true, Some(password)) => Some(signin::new_password(stack, "password", password, &found.user.email).await?),
        (true, None) => return Err(Problem::invalid("password", "is required: the account has none yet")),
        (false, _) => None,
    };
    let (digest, origin, now) = (digest(token)?, origin.clone(), stack.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let (link, user) = use_up(tx, Purpose::Invitation, &digest, now)?;
        people::accept_by_link(tx, link.user, link.tenant, &origin, now)?;
        match &phc {
            Some(phc) if user.status == Status::Invited => {
                let Names { first_name, last_name, display_name } = names.clone();
                people::name_by_link(tx, link.user, first_name, last_name, display_name)?;
                people::set_password_by_link(tx, link.user, phc, &origin, now)
            }
            _ => Ok(user),
        }
    };
    stack.store.write(write).await
}
