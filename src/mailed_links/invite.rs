//! Bringing people into a tenant: at once, or by an invitation that they accept.

use super::ask::{Prepared, Reader, prepare, prepare_for, tenant_name};
use super::{Made, Purpose};
use crate::access::{Granted, permit};
use crate::audit::{self, Event};
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, Membership, NewMembership, NewUser, PasswordMark, Status, User, UserRef};
use crate::roles::{self, RoleNames};
use crate::stack::{Env, Stack};
use crate::store::WriteTx;
use crate::tenancy;

/// How somebody comes into a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// They are a member at once.
    AtOnce,
    /// A mail asks them first.
    Invited,
}

/// Whether an address is that of an account of which nobody in the grant may know. Such a person is asked to join, as a
/// newcomer is: that the address is taken would tell who has an account on this instance.
fn is_unknown_account(env: &Env, granted: &Granted<permit::WriteUsers>, email: &Email) -> Result<bool, Problem> {
    let snapshot = env.store.read();
    let Some(user) = people::by_email(&snapshot, email)? else { return Ok(false) };
    Ok(people::within(&snapshot, granted.place(), user.id).is_err())
}

/// Makes a user who still has to accept, and mails the invitation. Somebody who has an account unknown to the grant is asked
/// to become a member instead, and shown as no more than an address that waits.
///
/// # Errors
/// As [`people::create`].
pub async fn invite(stack: &Stack, granted: Granted<permit::WriteUsers>, new: NewUser) -> Result<User, Problem> {
    if is_unknown_account(stack, &granted, &new.email)? {
        people::check_new(&stack.store.read(), &granted, &new)?;
        let names = RoleNames::parse([new.membership.role.name()]).map_err(Problem::internal)?;
        let who = (UserRef::Email(new.email), new.tenant);
        return Ok(add_member(stack, granted, who, new.membership, names, Entry::Invited).await?.0);
    }
    let (id, now) = (stack.new_id(), stack.now());
    let (new, prepared) = asked(stack, new, id, now)?;
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        let user = people::create(tx, &granted, &new, id, now)?;
        prepared.put(tx, now)?;
        Ok(user)
    };
    stack.store.write(write).await
}

/// The user who is to be asked, and the mail that asks.
fn asked(stack: &Stack, mut new: NewUser, id: UserId, now: Timestamp) -> Result<(NewUser, Prepared), Problem> {
    new.status = Status::Invited;
    new.password_hash = None;
    let name = [&new.display_name, &new.first_name].into_iter().flatten().next().map(ToString::to_string);
    let name = name.unwrap_or_else(|| new.email.to_string());
    let tenant_name = tenant_name(&stack.store.read(), new.tenant)?;
    let made = Made { status: new.status, password: PasswordMark::NONE, invited_at: Some(now) };
    let (email, tenant) = (&new.email, new.tenant);
    let reader = Reader { user: id, name: &name, email, tenant, tenant_name: &tenant_name, made };
    let prepared = prepare(stack, Purpose::Invitation, &reader, now);
    new.membership.invited_until = Some(prepared.link.expires_at);
    Ok((new, prepared))
}

/// Makes a user with a membership of their home tenant. Without names of roles they get those that
/// newcomers have by default. An invitation to somebody who has an account unknown to the grant is one to become a member, as
/// with [`invite`].
///
/// # Errors
/// As [`people::create`]; `role_not_found` and `cannot_grant` for the roles.
pub async fn create_member(
    stack: &Stack,
    granted: Granted<permit::WriteUsers>,
    new: NewUser,
    names: RoleNames,
    entry: Entry,
) -> Result<(User, Membership), Problem> {
    if entry == Entry::Invited && is_unknown_account(stack, &granted, &new.email)? {
        people::check_new(&stack.store.read(), &granted, &new)?;
        let who = (UserRef::Email(new.email), new.tenant);
        return add_member(stack, granted, who, new.membership, names, entry).await;
    }
    let (id, now) = (stack.new_id(), stack.now());
    let (new, prepared) = match entry {
        Entry::AtOnce => (new, None),
        Entry::Invited => {
            // Who may not do it at all gets no mail composed.
            tenancy::place_within(&stack.store.read(), granted.place(), new.tenant)?;
            let (new, prepared) = asked(stack, new, id, now)?;
            (new, Some(prepared))
        }
    };
    let write = move |tx: &mut WriteTx<'_>| -> Result<(User, Membership), Problem> {
        let mut new = new.clone();
        let wanted = roles::for_newcomer(tx, &granted, new.tenant, &names)?;
        new.membership.role = roles::membership_role(&wanted);
        let user = people::create(tx, &granted, &new, id, now)?;
        if let Some(prepared) = &prepared {
            prepared.put(tx, now)?;
        }
        roles::set_roles_of_newcomer(tx, &granted, id, new.tenant, &wanted, now)?;
        Ok((user, new.membership.of(new.tenant, id, now)))
    };
    stack.store.write(write).await
}

/// Makes somebody who has an account a member of a tenant, or asks them by mail. Without names of roles they get those of a
/// newcomer.
///
/// # Errors
/// As [`people::add_membership`]; `role_not_found` and `cannot_grant` for the roles; `user_inactive` for an invitation to
/// somebody of the grant whose account is switched off.
pub async fn add_member(
    stack: &Stack,
    granted: Granted<permit::WriteUsers>,
    (who, tenant): (impl Into<UserRef>, TenantId),
    new: NewMembership,
    names: RoleNames,
    entry: Entry,
) -> Result<(User, Membership), Problem> {
    let (who, now, snapshot) = (who.into(), stack.now(), stack.store.read());
    tenancy::place_within(&snapshot, granted.place(), tenant)?;
    let found = people::named(&snapshot, &granted, &who)?;
    // That a stranger's account is switched off is not the inviter's to know: the link is dead when it is used.
    let known = people::within(&snapshot, granted.place(), found.id).is_ok();
    let prepared = match (entry, found.status) {
        (Entry::AtOnce, _) => None,
        (Entry::Invited, Status::Disabled | Status::Suspended) if known => {
            return Err(Problem::conflict("user_inactive", "The user's account is switched off"));
        }
        (Entry::Invited, _) => Some(prepare_for(stack, Purpose::Invitation, &found, tenant, now)?),
    };
    let write = move |tx: &mut WriteTx<'_>| -> Result<(User, Membership), Problem> {
        let wanted = roles::for_newcomer(tx, &granted, tenant, &names)?;
        let invited_until = prepared.as_ref().map(|prepared| prepared.link.expires_at);
        let new = NewMembership { role: roles::membership_role(&wanted), invited_until, ..new.clone() };
        let (user, membership) = (found.id, people::add_membership(tx, &granted, &who, tenant, &new, now)?);
        if let Some(prepared) = &prepared {
            prepared.put(tx, now)?;
        }
        roles::set_roles_of_newcomer(tx, &granted, user, tenant, &wanted, now)?;
        // Of somebody who still has to accept, the inviter learns no more than the address.
        Ok((people::within(tx, granted.place(), user)?, membership))
    };
    stack.store.write(write).await
}

pub(super) fn not_invited() -> Problem {
    Problem::conflict(
        "not_invited",
        "No invitation waits: the user has accepted, was switched off, or it was withdrawn",
    )
}

/// Mails the invitation to the home tenant again; the former link is dead.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `outranked`; `not_invited` for somebody who has accepted, or whose invitation was
/// withdrawn.
pub async fn resend_invitation(
    stack: &Stack,
    granted: Granted<permit::WriteUsers>,
    id: UserId,
) -> Result<User, Problem> {
    let now = stack.now();
    let (user, _) = people::get_to_change(&stack.store.read(), &granted, id, now)?;
    if user.status != Status::Invited {
        return Err(not_invited());
    }
    let home = user.home_tenant;
    send_again(stack, granted, user.clone(), home, now).await?;
    Ok(user)
}

/// Mails the invitation to a tenant again; the former link is dead.
///
/// # Errors
/// As [`people::invited`].
pub async fn resend_to_member(
    stack: &Stack,
    granted: Granted<permit::WriteUsers>,
    id: UserId,
    tenant: TenantId,
) -> Result<(User, Membership), Problem> {
    let now = stack.now();
    let (user, _) = people::invited(&stack.store.read(), &granted, id, tenant)?;
    let membership = send_again(stack, granted, user.clone(), tenant, now).await?;
    Ok((user, membership))
}

async fn send_again(
    stack: &Stack,
    granted: Granted<permit::WriteUsers>,
    user: User,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Membership, Problem> {
    let prepared = prepare_for(stack, Purpose::Invitation, &user, tenant, now)?;
    let write = move |tx: &mut WriteTx<'_>| -> Result<Membership, Problem> {
        let place = tenancy::place_of(tx, tenant)?.unwrap_or(granted.place());
        // Accepted or withdrawn since it was looked at: nothing is sent.
        if people::belonging(tx, tenant, user.id)?.is_none() {
            return Err(not_invited());
        }
        people::invited(tx, &granted, user.id, tenant)?;
        let renewed = people::renew_invitation(tx, user.id, tenant, prepared.link.expires_at, now)?;
        let membership = renewed.ok_or_else(not_invited)?;
        prepared.put(tx, now)?;
        let event = Event::by(granted.actor(), now, place, Action::UserResendInvitation).on("user", user.id);
        audit::append(tx, event.with("email", &user.email));
        Ok(membership)
    };
    stack.store.write(write).await
}
