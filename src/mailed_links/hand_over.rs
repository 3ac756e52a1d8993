//! A link that an administrator is shown and passes on themselves, for who gets no mail from this server.
//!
//! Whoever has the link sets the password, so it is made for those only who could set the password themselves, of accounts
//! whose way to sign in is theirs to change. What it shows of the mailbox is nothing: the address is not confirmed by it, and the
//! next tenant that invites the account lets its reader begin anew.

use super::ask::{Reader, link_for, tenant_name};
use super::invite::not_invited;
use super::{Link, Made, Purpose, table};
use crate::access::{Granted, permit};
use crate::audit::{self, Event};
use crate::base::id::UserId;
use crate::base::{Problem, Secret, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, IdentitySource, Status};
use crate::stack::Stack;
use crate::store::WriteTx;

/// A link, shown once.
#[derive(Debug)]
pub struct HandedOver {
    /// The address to open.
    pub address: Secret<String>,
    /// An invitation of somebody who waits for it, a new password of anybody else.
    pub purpose: Purpose,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Makes a link for a user and shows it: the invitation to their home tenant as long as they have not accepted it, a new password
/// afterwards. The former link of that kind is dead.
///
/// # Errors
/// `user_not_found`, `member_elsewhere`, `outranked`; `not_invited` for an invitation that was withdrawn; `user_inactive` for
/// somebody whom a password would not help.
pub async fn hand_over(
    stack: &Stack,
    granted: Granted<permit::ManageCredentials>,
    id: UserId,
) -> Result<HandedOver, Problem> {
    let (now, snapshot) = (stack.now(), stack.store.read());
    let (user, _) = people::get_to_secure(&snapshot, &granted, id, now)?;
    let purpose = match (user.status, user.identity_source) {
        (Status::Invited, _) => Purpose::Invitation,
        (Status::Active, IdentitySource::Local) => Purpose::ResetPassword,
        _ => return Err(Problem::conflict("user_inactive", "The user is not active, or signs in elsewhere")),
    };
    let (name, tenant) = (user.called(), user.home_tenant);
    let made = Made::now(purpose, &user, now);
    let tenant_name = tenant_name(&snapshot, tenant)?;
    let reader = Reader { user: id, name: &name, email: &user.email, tenant, tenant_name: &tenant_name, made };
    let (link, address) = link_for(stack, purpose, &reader, true, now);
    let ends_at = link.expires_at;
    stack.store.write(move |tx| put(tx, &granted, &link, now)).await?;
    Ok(HandedOver { address: Secret::new(address.to_string()), purpose, ends_at })
}

fn put(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageCredentials>,
    link: &Link,
    now: Timestamp,
) -> Result<(), Problem> {
    // Whatever was looked at before may have changed: the account may belong to others by now.
    let (user, place) = people::get_to_secure(tx, granted, link.user, now)?;
    if link.purpose == Purpose::Invitation {
        if user.status != Status::Invited {
            return Err(not_invited());
        }
        people::renew_invitation(tx, user.id, link.tenant, link.expires_at, now)?.ok_or_else(not_invited)?;
    }
    table::replace(tx, link)?;
    let event = Event::by(granted.actor(), now, place, Action::UserHandOverLink).on("user", user.id);
    audit::append(tx, event.with("email", &user.email).with("for", link.purpose.name()));
    Ok(())
}
