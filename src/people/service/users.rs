//! Users, as admins handle them.

use super::super::access::check_hand_out;
use super::super::table::{self, LISTING};
use super::super::{NewUser, Status, User, UserPatch};
use super::guard::{check_may_verify, owned_within, secured_within, secures};
use super::invitations;
use super::lists::listed_user;
use super::own::blank;
use super::{keep_one_super_admin, room_for_user, seen_within, user_within};
use crate::access::{Granted, Permission, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::UserId;
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::listing::readable;
use crate::store::{Read, WriteTx};
use crate::tenancy;

/// Makes a user with a membership of their home tenant.
///
/// # Errors
/// `tenant_not_found`, `email_taken` (also by a deleted user), `external_id_taken`, `quota_exceeded`, `cannot_grant`;
/// `access_denied` and `step_up_required` for a password; `validation_error` at `email_verified`.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    new: &NewUser,
    id: UserId,
    now: Timestamp,
) -> Result<User, Problem> {
    let place = check_new(tx, granted, new)?;
    let user = blank(new.clone(), id, now);
    table::save_new(tx, &user, &new.membership.of(new.tenant, id, now), place)?;
    let event = Event::by(granted.actor(), now, place, Action::UserCreate).on("user", id);
    audit::append(tx, event.with("email", &user.email).with("role", new.membership.role.name()));
    Ok(user)
}

/// All that is asked of a new user but whether the address is free, and where they would be. Also for whoever is asked to
/// join instead, so that the answer is the same whether or not somebody has an account.
///
/// # Errors
/// As [`create`].
pub fn check_new(tx: &impl Read, granted: &Granted<permit::WriteUsers>, new: &NewUser) -> Result<Place, Problem> {
    let place = tenancy::place_within(tx, granted.place(), new.tenant)?;
    check_hand_out(granted.actor(), new.membership.role, place)?;
    if new.password_hash.is_some() {
        granted.and::<permit::ManageCredentials>()?;
    }
    if new.email_verified {
        check_may_verify(granted.actor(), place)?;
    }
    if let Some(external) = &new.external_id {
        table::check_external_id(tx, external)?;
    }
    room_for_user(tx, place)?;
    Ok(place)
}

/// One user; of somebody who was only invited the address and that it waits.
///
/// # Errors
/// `user_not_found`, also when they belong to no tenant within the grant.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadUsers>, id: UserId) -> Result<User, Problem> {
    seen_within(tx, granted.place(), id)
}

/// A user whose account the grant may change, and the account's home: for domains that keep a part of it.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `outranked`.
pub fn get_to_change(
    tx: &impl Read,
    granted: &Granted<permit::WriteUsers>,
    id: UserId,
    now: Timestamp,
) -> Result<(User, Place), Problem> {
    owned_within(tx, granted.actor(), granted.place(), id, now)
}

/// A user whose way to sign in the grant may change, and where that is noted: for domains that keep a part of it.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `member_elsewhere`, `outranked`.
pub fn get_to_secure<P: Permission>(
    tx: &impl Read,
    granted: &Granted<P>,
    id: UserId,
    now: Timestamp,
) -> Result<(User, Place), Problem> {
    secured_within(tx, granted.actor(), granted.place(), id, now)
}

/// Changes a user.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `outranked`, `email_taken`, `external_id_taken`, `last_super_admin`,
/// `validation_error`.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    id: UserId,
    patch: &UserPatch,
    now: Timestamp,
) -> Result<User, Problem> {
    let (actor, place) = (granted.actor(), granted.place());
    let (old, home) = if secures(&user_within(tx, place, id)?, patch) {
        secured_within(tx, actor, place, id, now)?
    } else {
        owned_within(tx, actor, place, id, now)?
    };
    let UserPatch {
        email,
        first_name,
        last_name,
        display_name,
        status,
        email_verified,
        custom_attributes,
        custom_texts,
        identity_source,
        profile,
        external_id,
        metadata,
    } = patch.clone();
    let custom_attributes = match (custom_attributes, custom_texts) {
        (Some(patch), _) => old.custom_attributes.merged(&patch),
        (None, Some(texts)) => old.custom_attributes.with_texts(texts.pairs()),
        (None, None) => Ok(old.custom_attributes.clone()),
    };
    let custom_attributes = custom_attributes.map_err(|rule| Problem::invalid("custom_attributes", rule))?;
    let new_email = email.as_ref().is_some_and(|email| *email != old.email);
    let user = User {
        email: email.unwrap_or_else(|| old.email.clone()),
        first_name: first_name.unwrap_or_else(|| old.first_name.clone()),
        last_name: last_name.unwrap_or_else(|| old.last_name.clone()),
        display_name: display_name.unwrap_or_else(|| old.display_name.clone()),
        status: status.unwrap_or(old.status),
        email_verified: email_verified.unwrap_or(old.email_verified && !new_email),
        custom_attributes,
        identity_source: identity_source.unwrap_or(old.identity_source),
        profile: profile.applied_to(&old.profile)?,
        external_id: external_id.unwrap_or_else(|| old.external_id.clone()),
        metadata: metadata.unwrap_or_else(|| old.metadata.clone()),
        updated_at: now,
        mailbox_proven_at: old.mailbox_proven_at.filter(|_| !new_email),
        ..old.clone()
    };
    if new_email {
        granted.and::<permit::ManageCredentials>()?;
    }
    if user.email_verified && (new_email || !old.email_verified) {
        check_may_verify(granted.actor(), home)?;
    }
    let stopped = user.status != Status::Active && old.status == Status::Active;
    if stopped {
        keep_one_super_admin(tx, &old, now)?;
    }
    table::save(tx, &user)?;
    if old.status == Status::Invited && user.status == Status::Active {
        // Whoever switches an account on that waits lets it into its home.
        invitations::accept(tx, user.home_tenant, id, &Cause::by(granted.actor(), now))?;
    }
    let mut event = Event::by(granted.actor(), now, home, Action::UserUpdate).on("user", id);
    event = event.with("email", &user.email).with("status", user.status.name());
    if new_email {
        event = event.with("former_email", &old.email);
    }
    if stopped {
        let effects = endings::raise(tx, &Ending::UserSuspended { user: id }, &Cause::by(granted.actor(), now))?;
        event = effects.told(event);
    }
    audit::append(tx, event);
    Ok(user)
}

/// Deletes a user: what ends with them is the table's to say ([`crate::lifecycle`]). Until the retention is over they can be
/// restored and keep their e-mail address, so that nobody else inherits what others gave to it.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `member_elsewhere`, `outranked`, `last_super_admin`.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteUsers>,
    id: UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (mut user, home) = secured_within(tx, granted.actor(), granted.place(), id, now)?;
    keep_one_super_admin(tx, &user, now)?;
    user.deleted_at = Some(now);
    user.lose_password(now);
    table::save(tx, &user)?;
    let effects = endings::raise(tx, &Ending::UserDeleted { user: id }, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, home, Action::UserDelete).on("user", id).with("email", &user.email);
    audit::append(tx, effects.told(event));
    Ok(())
}

/// Sets a user's password and ends all their sessions. `phc` was hashed before the transaction.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `member_elsewhere`, `outranked`.
pub fn set_password(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageCredentials>,
    id: UserId,
    phc: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let (mut user, home) = secured_within(tx, granted.actor(), granted.place(), id, now)?;
    user.take_password(phc, now);
    // Who has set it knows it.
    user.mailbox_proven_at = None;
    table::save_quietly(tx, &user)?;
    let ending = Ending::PasswordChanged { user: id, spare: None };
    let effects = endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, home, Action::UserSetPassword).on("user", id);
    audit::append(tx, effects.told(event));
    Ok(())
}

/// A live user who belongs to a tenant within `place`, for what other domains keep about them; of somebody who was only
/// invited the address and that it waits.
///
/// # Errors
/// `user_not_found`.
pub fn within(tx: &impl Read, place: Place, id: UserId) -> Result<User, Problem> {
    seen_within(tx, place, id)
}

/// The users of the grant's own tenant, the oldest first, behind `after`.
///
/// # Errors
/// `tenant_not_found` when the grant is for no tenant.
pub fn list_behind(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    status: Option<Status>,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<User>, Problem> {
    let tenant = granted.place().tenant().ok_or_else(tenancy::no_tenant)?;
    let ids = LISTING.behind(tx, tenant.raw(), status.map(Status::number), after, limit)?;
    let mut users = Vec::with_capacity(ids.len());
    for id in ids {
        users.extend(readable("user", &id, listed_user(tx, granted.place(), id))?);
    }
    Ok(users)
}
