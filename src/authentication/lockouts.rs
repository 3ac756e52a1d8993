//! Who has to wait after too many wrong tries, and how an administrator lifts that.

use super::factor::counted_as;
use crate::access::{Granted, Permission, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::UserId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, User};
use crate::sessions::{Lockout, Whom};
use crate::stack::Stack;
use crate::store::WriteTx;
use std::net::IpAddr;

/// What was tried wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Passwords.
    Password,
    /// Codes of a second factor.
    Code,
}

/// Who has to wait before the next try on a user's account.
pub fn lockouts(stack: &Stack, user: &User) -> Vec<(Tried, Lockout)> {
    let now = stack.now();
    let names = [(Tried::Password, user.email.as_str().to_owned()), (Tried::Code, counted_as(user.id))];
    let held = names
        .iter()
        .flat_map(|(tried, name)| stack.attempts.lockouts(name, now).into_iter().map(|lockout| (*tried, lockout)));
    held.collect()
}

/// Forgets all wrong tries on a user's account, and the mails that were asked for it: its owner may try at once. Gives how many
/// had to wait.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `outranked`, as for a change of how the user signs in.
pub async fn lift_lockouts(
    stack: &Stack,
    granted: Granted<permit::LiftLockouts>,
    id: UserId,
) -> Result<usize, Problem> {
    let now = stack.now();
    let (user, home) = people::get_to_secure(&stack.store.read(), &granted, id, now)?;
    let held = lockouts(stack, &user).len();
    let event = Event::by(granted.actor(), now, home, Action::UserUnlock).on("user", id).with("email", &user.email);
    record(stack, event.with("lifted", held)).await?;
    stack.attempts.lift(user.email.as_str(), now);
    stack.attempts.lift(&counted_as(id), now);
    stack.mails_asked.lift(user.email.as_str(), now);
    Ok(held)
}

/// The networks that have to wait before the next try on any account.
///
/// # Errors
/// `not_allowed` for whoever does not see all users.
pub fn held_networks(stack: &Stack, granted: &Granted<permit::ReadUsers>) -> Result<Vec<Lockout>, Problem> {
    everywhere(granted)?;
    Ok(stack.attempts.networks(stack.now()))
}

/// Forgets the wrong tries of the networks that an address is in, on all accounts. Gives how many of them had to wait.
///
/// # Errors
/// `not_allowed` for whoever does not change all users.
pub async fn lift_networks(
    stack: &Stack,
    granted: Granted<permit::LiftLockouts>,
    address: IpAddr,
) -> Result<usize, Problem> {
    everywhere(&granted)?;
    let now = stack.now();
    let event = Event::by(granted.actor(), now, Place::Platform, Action::NetworkUnlock).on("network", address);
    record(stack, event).await?;
    Ok(stack.attempts.lift_networks(address, now))
}

/// Networks belong to no tenant.
fn everywhere<P: Permission>(granted: &Granted<P>) -> Result<(), Problem> {
    Ok(granted.actor().grant::<P>(Place::Platform).map(drop)?)
}

async fn record(stack: &Stack, event: Event) -> Result<(), Problem> {
    let event = audit::Packed::from(event);
    let append = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        audit::append(tx, event.clone());
        Ok(())
    };
    stack.store.write(append).await
}

/// Who has to wait, in words.
pub fn whom(whom: Whom) -> String {
    match whom {
        Whom::Account => "everybody who tries this account".to_owned(),
        Whom::AccountFrom(Some(network)) => format!("who tries this account from {network}"),
        Whom::AccountFrom(None) => "who tries this account from an unknown address".to_owned(),
        Whom::AccountHere => "a browser or session in which the account was signed in before".to_owned(),
        Whom::Network(network) => format!("{network}, on all accounts"),
    }
}

/// Writes the counters of wrong tries down, so that a restart does not forget them. Gives how many have changed.
///
/// # Errors
/// When the file cannot be written.
pub async fn save_tries(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let window = stack.config.auth.window_secs;
    let tries = stack.attempts.save(&stack.store, now, window).await?;
    Ok(tries + stack.mails_asked.save(&stack.store, now, window).await?)
}

/// As [`save_tries`], when the server stops.
///
/// # Errors
/// When the file cannot be written.
pub fn close_tries(stack: &Stack, now: Timestamp) -> Result<(), Problem> {
    let window = stack.config.auth.window_secs;
    stack.attempts.close(&stack.store, now, window)?;
    stack.mails_asked.close(&stack.store, now, window)
}
