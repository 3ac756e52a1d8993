//! Using a link: once, and only by a press of a button.

use super::{Link, Purpose, table};
use crate::access::Origin;
use crate::audit::ActorStamp;
use crate::authentication;
use crate::base::{DisplayName, Problem, Secret, Timestamp};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::endings::{self, Cause, Ending};
use crate::keys;
use crate::mail::{self, Envelope, Facts, NewMail, Template};
use crate::mfa;
use crate::people::{self, Mailbox, Status, User};
use crate::sessions::Limits;
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

fn dead() -> Problem {
    Problem::malformed("link_invalid", "The link does not work any more: it was used, replaced, or is too old")
}

fn digest(text: &str) -> Result<TokenDigest, Problem> {
    token::parse(TokenKind::MailLink, text).map_err(|_| dead())
}

/// The link and its user, if what was so when it was made still is.
fn open(tx: &impl Read, purpose: Purpose, digest: &TokenDigest, now: Timestamp) -> Result<(Link, User), Problem> {
    let link = table::live(tx, purpose, digest, now)?.ok_or_else(dead)?;
    let user = people::user(tx, link.user)?.filter(|user| user.email == link.email).ok_or_else(dead)?;
    let holds = match purpose {
        Purpose::Invitation => is_still_asked(tx, &link, &user)?,
        Purpose::ResetPassword => {
            let same = match &link.made {
                Some(made) => made.password == user.password_mark(),
                None => user.password_mark().was_there(link.created_at),
            };
            same && user.status == Status::Active && belongs(tx, &user, now)?
        }
        Purpose::VerifyEmail => user.status == Status::Active && belongs(tx, &user, now)?,
    };
    if holds { Ok((link, user)) } else { Err(dead()) }
}

/// Whether somebody belongs to a tenant, or is asked to.
fn belongs(tx: &impl Read, user: &User, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!people::tenants_open_to(tx, user, now)?.is_empty() || !people::waiting(tx, user, now)?.is_empty())
}

/// Whether the invitation that the link is of still waits: the membership was not withdrawn, not accepted, and not invited
/// anew.
fn is_still_asked(tx: &impl Read, link: &Link, user: &User) -> Result<bool, StoreError> {
    // An account that waits is finished by whichever invitation is accepted first.
    let same_status = match (link.made.map(|made| made.status), user.status) {
        (Some(Status::Invited) | None, now) => matches!(now, Status::Invited | Status::Active),
        (Some(_), now) => now == Status::Active,
    };
    let Some(membership) = people::belonging(tx, link.tenant, user.id)? else { return Ok(false) };
    let waits = match &membership.invitation {
        Some(invitation) if membership.is_pending() => {
            let invited_at = link.made.and_then(|made| made.invited_at).unwrap_or(link.created_at);
            invitation.sent_at() == invited_at
        }
        // They were invited before memberships knew of it, or were put back to invited.
        _ => user.status == Status::Invited,
    };
    Ok(waits && same_status && tenancy::is_active(tx, link.tenant)?)
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
    /// The user that the link is for.
    pub user: User,
    /// In whose name.
    pub tenant: String,
}

impl Found {
    /// Whether the account only waits for this: who accepts makes it theirs.
    pub fn makes_account(&self) -> bool {
        self.user.status == Status::Invited
    }

    /// Whether who accepts an invitation sets a new password thereby.
    pub fn sets_password(&self) -> bool {
        begins_afresh(&self.user)
    }
}

/// Looks a link up and changes nothing.
///
/// # Errors
/// `link_invalid`.
pub fn look(env: &Env, purpose: Purpose, token: &str) -> Result<Found, Problem> {
    let snapshot = env.store.read();
    let (link, user) = open(&snapshot, purpose, &digest(token)?, env.now())?;
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
    let phc = authentication::new_password(stack, "password", password, &email).await?;
    let (digest, origin, from, now) = (digest(token)?, origin.clone(), origin.ip, stack.now());
    let name = found.user.called();
    let facts = Facts { name: &name, tenant: &found.tenant, email: email.as_str(), link: None, life: "" };
    let envelope =
        Envelope { id: stack.new_id(), tenant: found.user.home_tenant, user: found.user.id, to: email.clone() };
    let told = NewMail::compose(&stack.keyring, envelope, Template::PasswordChanged, &facts, None);
    let write = move |tx: &mut WriteTx<'_>| -> Result<(User, bool), Problem> {
        let (link, user) = use_up(tx, Purpose::ResetPassword, &digest, now)?;
        // A second factor stays: a lost mailbox is no way around it. With it stays the question who set it up.
        let shown = match link.handed_over {
            true => Mailbox::NotRead,
            false if user.mailbox_proven_at.is_some() || is_alone(tx, &user, now)? => Mailbox::Proven,
            false => Mailbox::Read,
        };
        let user = people::set_password_by_link(tx, link.user, &phc, shown, &origin, now)?;
        mail::enqueue(tx, &told, now)?;
        Ok((user, link.handed_over))
    };
    let (user, handed_over) = stack.store.write(write).await?;
    if handed_over {
        return Ok(user);
    }
    // Whoever has the mailbox need not wait for the wrong tries of others.
    stack.attempts.forgive(email.as_str(), from, Limits::of_passwords(&stack.config.auth));
    Ok(user)
}

/// Notes that an address is its user's.
///
/// # Errors
/// `link_invalid`.
pub async fn verify_email(env: &Env, token: &str, origin: &Origin) -> Result<User, Problem> {
    let (digest, origin, now) = (digest(token)?, origin.clone(), env.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let (link, _) = use_up(tx, Purpose::VerifyEmail, &digest, now)?;
        people::verify_email_by_link(tx, link.user, &origin, now)
    };
    env.store.write(write).await
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

/// Whether the account begins anew when its reader of mail accepts an invitation: it only waited for this, or nobody who reads
/// the mailbox has ever set its password. Then whoever made it, in another tenant perhaps, knows the password, and would come
/// in with it wherever the account is invited (CVE-2026-27946).
fn begins_afresh(user: &User) -> bool {
    user.status == Status::Invited || user.mailbox_proven_at.is_none()
}

/// Whether the password is the account's only credential.
fn is_alone(tx: &impl Read, user: &User, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!mfa::factors(tx, user.id)?.is_enrolled() && !keys::any_of(tx, user.id, now)?)
}

/// Accepts an invitation: the reader is a member of the tenant that asked. An account that waited, or whose mailbox was never
/// proven, gets a new password, and all that it had before is gone; who has set a password by mail before keeps everything as
/// it is, and needs no password here.
///
/// # Errors
/// `link_invalid`; invalid at `password`, also when it is missing and needed; busy.
pub async fn accept_invitation(
    stack: &Stack,
    token: &str,
    password: Option<Secret<String>>,
    names: Names,
    origin: &Origin,
) -> Result<User, Problem> {
    let found = look(stack, Purpose::Invitation, token)?;
    let needed = || Problem::invalid("password", "is required: whoever accepts sets a new one");
    let phc = match (found.sets_password(), password) {
        (true, Some(password)) => {
            Some(authentication::new_password(stack, "password", password, &found.user.email).await?)
        }
        (true, None) => return Err(needed()),
        (false, _) => None,
    };
    let (digest, origin, now) = (digest(token)?, origin.clone(), stack.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let (link, user) = use_up(tx, Purpose::Invitation, &digest, now)?;
        let shown = if link.handed_over { Mailbox::NotRead } else { Mailbox::Proven };
        if link.handed_over {
            people::accept_by_handed_link(tx, link.user, link.tenant, &origin, now)?;
        } else {
            people::accept_by_link(tx, link.user, link.tenant, &origin, now)?;
        }
        if !begins_afresh(&user) {
            return Ok(user);
        }
        let phc = phc.as_ref().ok_or_else(needed)?;
        if user.status == Status::Invited {
            let Names { first_name, last_name, display_name } = names.clone();
            people::name_by_link(tx, link.user, first_name, last_name, display_name)?;
        }
        let cause = Cause::of(ActorStamp::user(user.id, &user.email), &origin, now);
        endings::raise(tx, &Ending::AccountTakenOver { user: user.id }, &cause)?;
        people::set_password_by_link(tx, link.user, phc, shown, &origin, now)
    };
    stack.store.write(write).await
}
