//! What users do with their own accounts, and what a sign-in leaves behind.

use super::super::password::changed_meanwhile;
use super::super::{AdminRole, Membership, NewMembership, NewUser, PasswordMark, ProfilePatch, Status, User, table};
use super::anyone;
use super::home::settle_home;
use super::no_user;
use crate::access::{Actor, Origin, Place, Principal, Role};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{SessionId, UserId};
use crate::base::{DisplayName, Email, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::{StoreError, WriteTx};

fn oneself(actor: &Actor) -> Result<UserId, Problem> {
    match &actor.principal {
        Principal::User { id, .. } => Ok(*id),
        Principal::Operator | Principal::Application { .. } => {
            Err(Problem::forbidden("not_a_user", "Only a user has an account of their own"))
        }
    }
}

/// Sets one's own password and ends one's other sessions. That the old password was given is checked before: `was` is its
/// mark.
///
/// # Errors
/// `not_a_user`, `user_not_found`; `password_changed` when the old password is another one by now.
pub fn set_own_password(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    was: PasswordMark,
    phc: &str,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<(), Problem> {
    let (mut user, home) = anyone(tx, oneself(actor)?)?;
    if user.password_mark() != was {
        return Err(changed_meanwhile());
    }
    user.take_password(phc, now);
    table::save_quietly(tx, &user)?;
    let effects = endings::raise(tx, &Ending::PasswordChanged { user: user.id, spare: keep }, &Cause::by(actor, now))?;
    let event = Event::by(actor, now, home, Action::UserChangePassword).on("user", user.id);
    audit::append(tx, effects.told(event));
    Ok(())
}

/// Changes one's own name and profile.
///
/// # Errors
/// `not_a_user`, `user_not_found`, `validation_error`.
pub fn update_own_profile(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    patch: &ProfilePatch,
    now: Timestamp,
) -> Result<User, Problem> {
    let (mut user, home) = anyone(tx, oneself(actor)?)?;
    let ProfilePatch { first_name, last_name, display_name, profile } = patch.clone();
    if profile.phone_number_verified.is_some() {
        return Err(Problem::invalid("profile.phone_number_verified", "is for admins to say"));
    }
    user.profile = profile.applied_to(&user.profile)?;
    user.first_name = first_name.unwrap_or(user.first_name);
    user.last_name = last_name.unwrap_or(user.last_name);
    user.display_name = display_name.unwrap_or(user.display_name);
    user.updated_at = now;
    table::save(tx, &user)?;
    audit::append(tx, Event::by(actor, now, home, Action::UserUpdate).on("user", user.id));
    Ok(user)
}

/// What a one-time link shows about the mailbox of its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailbox {
    /// They read it, and no other credential of the account is left from before: nobody but its reader comes in from now on.
    Proven,
    /// They read it.
    Read,
    /// Nothing: an administrator had the link, and may know the password that it sets.
    NotRead,
}

/// Sets the password of somebody who came by a one-time link: a reset, or an invitation, which is accepted thereby. The caller
/// has checked and used up the link in this transaction.
///
/// # Errors
/// `user_not_found`; `user_inactive` when an admin has switched them off meanwhile.
pub fn set_password_by_link(
    tx: &mut WriteTx<'_>,
    id: UserId,
    phc: &str,
    shown: Mailbox,
    origin: &Origin,
    now: Timestamp,
) -> Result<User, Problem> {
    let (mut user, home) = anyone(tx, id)?;
    if !matches!(user.status, Status::Active | Status::Invited) {
        return Err(Problem::forbidden("user_inactive", "This account is switched off"));
    }
    let accepted = user.status == Status::Invited;
    user.status = Status::Active;
    user.email_verified |= shown != Mailbox::NotRead;
    user.take_password(phc, now);
    user.mailbox_proven_at = match shown {
        Mailbox::Proven => Some(now),
        Mailbox::Read => user.mailbox_proven_at,
        Mailbox::NotRead => None,
    };
    table::save(tx, &user)?;
    let cause = Cause::of(ActorStamp::user(id, &user.email), origin, now);
    let effects = endings::raise(tx, &Ending::PasswordChanged { user: id, spare: None }, &cause)?;
    let action = if accepted { Action::UserAcceptInvitation } else { Action::UserResetPassword };
    audit::append(tx, effects.told(event_of(&user, origin, home, action, now)));
    Ok(user)
}

/// Takes over what somebody says about themselves while they accept an invitation, before
/// [`set_password_by_link`] in the same transaction, which writes the audit row.
///
/// # Errors
/// `user_not_found`.
pub fn name_by_link(
    tx: &mut WriteTx<'_>,
    id: UserId,
    first_name: Option<DisplayName>,
    last_name: Option<DisplayName>,
    display_name: Option<DisplayName>,
) -> Result<(), Problem> {
    let (mut user, _) = anyone(tx, id)?;
    user.first_name = first_name.or(user.first_name);
    user.last_name = last_name.or(user.last_name);
    user.display_name = display_name.or(user.display_name);
    table::save(tx, &user)
}

/// Notes that an address is the user's, who came by a one-time link that was mailed there. The caller has checked and used
/// up the link in this transaction.
///
/// # Errors
/// `user_not_found`.
pub fn verify_email_by_link(
    tx: &mut WriteTx<'_>,
    id: UserId,
    origin: &Origin,
    now: Timestamp,
) -> Result<User, Problem> {
    let (mut user, home) = anyone(tx, id)?;
    user.email_verified = true;
    user.updated_at = now;
    table::save_quietly(tx, &user)?;
    audit::append(tx, event_of(&user, origin, home, Action::UserVerifyEmail, now));
    Ok(user)
}

/// Notes a sign-in in the user's row. The audit row of the sign-in is the session's.
///
/// # Errors
/// When the file cannot be read or written.
pub fn record_login(tx: &mut WriteTx<'_>, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    if let Some(mut user) = table::user(tx, id)? {
        user.last_login_at = Some(now);
        table::save_quietly(tx, &user)?;
    }
    Ok(())
}

/// Replaces a hash by one of the same password with stronger parameters, unless the password was changed meanwhile.
///
/// # Errors
/// When the file cannot be read or written.
pub fn rehash_password(tx: &mut WriteTx<'_>, id: UserId, old: &str, phc: &str) -> Result<(), StoreError> {
    if let Some(mut user) = table::user(tx, id)?
        && user.password_hash.as_deref() == Some(old)
    {
        user.password_hash = Some(phc.to_owned());
        table::save_quietly(tx, &user)?;
    }
    Ok(())
}

/// Makes somebody super_admin who has shown that they have the machine: a new user, or the one with this e-mail, who gets the
/// new password, their account switched on, and their sessions ended. For `setup` only.
///
/// # Errors
/// `email_taken` when the e-mail belonged to a deleted user.
pub(crate) fn install_admin(
    tx: &mut WriteTx<'_>,
    (email, name): (&Email, Option<&DisplayName>),
    phc: &str,
    place: Place,
    id: UserId,
    origin: &Origin,
    now: Timestamp,
) -> Result<User, Problem> {
    let tenant = place.tenant().ok_or_else(no_user)?;
    let mut user = match table::by_email(tx, email)? {
        Some(user) => user,
        None => blank(NewUser::local(email.clone(), tenant, Role::TenantAdmin), id, now),
    };
    user.status = Status::Active;
    user.take_password(phc, now);
    user.mailbox_proven_at = None;
    user.display_name = name.cloned().or(user.display_name);
    user.admin_roles.retain(|held| held.role != Role::SuperAdmin);
    let platform = AdminRole { role: Role::SuperAdmin, place: Place::Platform, expires_at: None, granted_at: now };
    user.admin_roles.push(platform);
    table::save(tx, &user)?;
    let joined_at = table::membership(tx, tenant, user.id)?.map_or(now, |membership| membership.joined_at);
    let membership = NewMembership::at_once(Role::TenantAdmin).of(tenant, user.id, now);
    let membership = Membership { joined_at, ..membership };
    table::save_membership(tx, &membership)?;
    let cause = Cause::of(ActorStamp::user(user.id, email), origin, now);
    // Their home may be a tenant that they have left, or that is gone: nobody could sign them in there.
    settle_home(tx, user.id, &cause)?;
    endings::raise(tx, &Ending::PasswordChanged { user: user.id, spare: None }, &cause)?;
    table::user(tx, user.id)?.ok_or_else(no_user)
}

/// A new user's row.
pub(super) fn blank(new: NewUser, id: UserId, now: Timestamp) -> User {
    User {
        id,
        email: new.email,
        home_tenant: new.tenant,
        first_name: new.first_name,
        last_name: new.last_name,
        display_name: new.display_name,
        status: new.status,
        password_changed_at: new.password_hash.as_ref().map(|_| now),
        password_hash: new.password_hash,
        email_verified: new.email_verified,
        admin_roles: Vec::new(),
        custom_attributes: new.custom_attributes,
        identity_source: new.identity_source,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        last_login_at: None,
        profile: new.profile,
        external_id: new.external_id,
        metadata: new.metadata,
        mailbox_proven_at: None,
    }
}

pub(super) fn event_of(user: &User, origin: &Origin, place: Place, action: Action, now: Timestamp) -> Event {
    Event::of(ActorStamp::user(user.id, &user.email), origin, now, place, action).on("user", user.id)
}
