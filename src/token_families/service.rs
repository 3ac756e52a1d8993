//! Making, turning and ending families. Audit rows are written by who calls: the token endpoint, a sign-out, a new password.

use super::table::{self, FamiliesOf};
use super::{EndReason, Family, Refresh, RefreshText};
use crate::apps::FIRST_PARTY;
use crate::base::Timestamp;
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId, UserId};
use crate::store::{Read, StoreError, WriteTx};

/// A family by its id, whatever became of it: one look-up.
///
/// # Errors
/// When the file cannot be read.
pub fn get(tx: &impl Read, id: FamilyId) -> Result<Option<Family>, StoreError> {
    table::one(tx, id)
}

/// The families of a user that have not been ended, the oldest first; some may have expired.
///
/// # Errors
/// When the file cannot be read.
pub fn of_user(tx: &impl Read, user: UserId) -> Result<Vec<Family>, StoreError> {
    table::of(tx, FamiliesOf::User(user))
}

/// As [`of_user`], of one session.
///
/// # Errors
/// When the file cannot be read.
pub fn of_session(tx: &impl Read, session: SessionId) -> Result<Vec<Family>, StoreError> {
    table::of(tx, FamiliesOf::Session(session))
}

/// Stores a new family.
///
/// # Errors
/// When the file cannot be written.
pub fn create(tx: &mut WriteTx<'_>, family: &Family) -> Result<(), StoreError> {
    tx.save(family)
}

/// The family of a refresh token.
#[derive(Clone, Debug)]
pub enum Presented {
    /// There is none: it was swept away, or the file was restored from before it.
    Unknown,
    /// It was ended, is too old, or lay unused for too long.
    Over(Box<Family>),
    /// The token or a later one of the family may be used.
    Live(Box<Family>),
}

impl Presented {
    /// Looks the family of a token up: one look-up, nothing is changed.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn find(tx: &impl Read, token: &RefreshText, now: Timestamp) -> Result<Self, StoreError> {
        let Some(family) = table::one(tx, token.family)? else { return Ok(Self::Unknown) };
        let Some(refresh) = &family.refresh else { return Ok(Self::Unknown) };
        if !refresh.secret.matches(&tx.keep(&token.digest())) {
            return Ok(Self::Unknown);
        }
        let idle = now >= refresh.used_at.plus_secs(refresh.idle_secs);
        Ok(if idle || !family.is_live(now) { Self::Over(Box::new(family)) } else { Self::Live(Box::new(family)) })
    }
}

/// What the use of a refresh token led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is answered with the token of this number. `again`: that one had been given out for it before.
    Next {
        /// The number of the answer.
        number: u32,
        /// Whether the same answer was given before.
        again: bool,
    },
    /// Its successor had been used: the family has just ended.
    Replayed,
}

/// What the use of a refresh token of a live family would lead to.
///
/// The newest token is answered with a new one; the one before it, as long as the newest was not used, with the newest
/// again; an older one is a copy. A number above the newest can only come from a time that a restore from backup has
/// undone: it was ours, so the count goes on from there, and whoever holds an older one is caught.
pub fn judge(family: &Family, token: &RefreshText) -> Turn {
    let Some(refresh) = &family.refresh else { return Turn::Replayed };
    match token.number.checked_add(1) {
        Some(number) if token.number >= refresh.newest => Turn::Next { number, again: false },
        Some(number) if number == refresh.newest => Turn::Next { number, again: true },
        _ => Turn::Replayed,
    }
}

/// Uses a refresh token of a live family ([`Presented::find`], in the same transaction) as [`judge`] says; a copy ends the
/// family.
///
/// # Errors
/// When the file cannot be written.
pub fn turn(tx: &mut WriteTx<'_>, family: &Family, token: &RefreshText, now: Timestamp) -> Result<Turn, StoreError> {
    let turn = judge(family, token);
    match (turn, &family.refresh) {
        (Turn::Next { number, again: false }, Some(refresh)) => {
            let refresh = Refresh { newest: number, used_at: now, ..refresh.clone() };
            tx.save(&Family { refresh: Some(refresh), ..family.clone() })?;
        }
        (Turn::Next { .. }, _) => {}
        (Turn::Replayed, _) => {
            end(tx, family, EndReason::RefreshReplayed, now)?;
        }
    }
    Ok(turn)
}

/// Ends a family: none of its tokens holds from now on. False: it had ended before.
///
/// # Errors
/// When the file cannot be written.
pub fn end(tx: &mut WriteTx<'_>, family: &Family, why: EndReason, now: Timestamp) -> Result<bool, StoreError> {
    if family.ended.is_some() {
        return Ok(false);
    }
    tx.save(&Family { ended: Some((now, why)), forbidden: Vec::new(), ..family.clone() })?;
    Ok(true)
}

fn end_all(
    tx: &mut WriteTx<'_>,
    which: FamiliesOf,
    why: EndReason,
    now: Timestamp,
    mut takes: impl FnMut(&Family) -> bool,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for family in table::of(tx, which)?.iter().filter(|family| takes(family)) {
        count += u64::from(end(tx, family, why, now)?);
    }
    Ok(count)
}

/// Ends what a session has led to, as part of its end. Gives how many families there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_session(tx: &mut WriteTx<'_>, session: SessionId, now: Timestamp) -> Result<u64, StoreError> {
    end_all(tx, FamiliesOf::Session(session), EndReason::SessionEnded, now, |_| true)
}

/// Ends what a user's applications hold for the user: after a new password, or because the account was switched off.
///
/// `spare` is the session in which the user did this: what our own pages and clients hold in it stays.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_user(
    tx: &mut WriteTx<'_>,
    user: UserId,
    spare: Option<SessionId>,
    why: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let spared = |family: &Family| Some(family.session) == spare && family.application == FIRST_PARTY;
    end_all(tx, FamiliesOf::User(user), why, now, |family| !spared(family))
}

/// Ends what applications hold for a user in one tenant: the membership is over.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_member(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    user: UserId,
    why: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    end_all(tx, FamiliesOf::User(user), why, now, |family| family.tenant == tenant)
}

/// Ends what one application holds for a user in a tenant: the consent was taken back.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_client_in(
    tx: &mut WriteTx<'_>,
    application: ApplicationId,
    user: UserId,
    tenant: TenantId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    end_all(tx, FamiliesOf::User(user), EndReason::ConsentRevoked, now, |family| {
        family.application == application && family.tenant == tenant
    })
}

/// Ends everything that applications hold for the users of a tenant: all its sessions are ended.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_tenant(tx: &mut WriteTx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64, StoreError> {
    end_all(tx, FamiliesOf::Tenant(tenant), EndReason::SessionEnded, now, |_| true)
}

/// Ends all families there are, after a restore. Gives how many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_everywhere(tx: &mut WriteTx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    end_all(tx, FamiliesOf::All, EndReason::SessionEnded, now, |_| true)
}

/// Refuses one access token of a family from now on. Those that have expired meanwhile are forgotten.
///
/// # Errors
/// When the file cannot be written.
pub fn forbid_token(
    tx: &mut WriteTx<'_>,
    family: &Family,
    jti: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    if family.ended.is_some() || family.forbids(jti) {
        return Ok(());
    }
    let mut family = family.clone();
    family.forbidden.retain(|(_, end)| now < *end);
    family.forbidden.push((jti.to_owned(), expires_at));
    tx.save(&family)
}
