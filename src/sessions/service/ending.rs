//! Ending sessions: one's own, and as an admin.

use super::super::Session;
use super::super::table::{self, Which};
use super::{no_session, own, place_of};
use crate::access::{Actor, Granted, Principal, permit};
use crate::audit::{self, Event};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::families::{self, EndReason};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::ops::ControlFlow;

fn stop(tx: &mut WriteTx<'_>, mut session: Session, signed_out: bool, now: Timestamp) -> Result<bool, StoreError> {
    if session.ended_at.is_some() {
        return Ok(false);
    }
    session.ended_at = Some(now);
    session.signed_out = signed_out;
    tx.save(&session)?;
    families::end_of_session(tx, session.id, now)?;
    Ok(true)
}

/// Signs out: ends one of one's own sessions. A second time changes nothing.
///
/// # Errors
/// `session_not_found`.
pub fn end(tx: &mut WriteTx<'_>, actor: &Actor, id: SessionId, now: Timestamp) -> Result<(), Problem> {
    let session = own(tx, actor, id)?;
    let place = place_of(tx, &session)?;
    if stop(tx, session, true, now)? {
        audit::append(tx, Event::by(actor, now, place, Action::Logout).on("session", id));
    }
    Ok(())
}

/// Ends a session in a tenant that the grant reaches.
///
/// # Errors
/// `session_not_found`.
pub fn end_by_admin(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::EndSessions>,
    id: SessionId,
    now: Timestamp,
) -> Result<(), Problem> {
    let session = table::by_id(tx, id)?.ok_or_else(no_session)?;
    let place = place_of(tx, &session)?;
    if !granted.place().covers(place) {
        return Err(no_session());
    }
    let user = session.user;
    if stop(tx, session, false, now)? {
        let event = Event::by(granted.actor(), now, place, Action::SessionRevoke).on("session", id);
        audit::append(tx, event.with("user", user));
    }
    Ok(())
}

/// The sessions that live and that `takes` takes, the newest first.
fn living(
    tx: &impl Read,
    which: Which,
    now: Timestamp,
    mut takes: impl FnMut(&Session) -> Result<bool, StoreError>,
) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    table::scan(tx, which, None, |session| {
        if session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            sessions.push(session);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(sessions)
}

fn stop_all(tx: &mut WriteTx<'_>, sessions: Vec<Session>, now: Timestamp) -> Result<u64, StoreError> {
    let count = sessions.len() as u64;
    for session in sessions {
        stop(tx, session, false, now)?;
    }
    Ok(count)
}

/// Ends all sessions of a user, as part of something that has an audit row of its own. Gives how many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_all_of_user(tx: &mut WriteTx<'_>, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    let sessions = living(tx, Which::User(user), now, |_| Ok(true))?;
    let count = stop_all(tx, sessions, now)?;
    // Applications that were granted offline_access may hold tokens from sessions that ran out long ago.
    families::end_of_user(tx, user, None, EndReason::SessionEnded, now)?;
    Ok(count)
}

/// As [`end_all_of_user`], but spares one.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_others(
    tx: &mut WriteTx<'_>,
    user: UserId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sessions = living(tx, Which::User(user), now, |session| Ok(Some(session.id) != keep))?;
    stop_all(tx, sessions, now)
}

/// Signs out everywhere else: ends one's own sessions but one. Gives how many there were.
///
/// # Errors
/// `not_a_user` for programs.
pub fn end_own_others(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, Problem> {
    let Principal::User { id: user, .. } = &actor.principal else {
        return Err(Problem::forbidden("not_a_user", "Only a user has sessions"));
    };
    let count = end_others(tx, *user, keep, now)?;
    let event = Event::by(actor, now, actor.home(), Action::SessionRevokeOthers).on("user", user);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(count)
}

/// Ends the sessions that a user has in tenants that the grant reaches. Gives those that lived, the newest first.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_user_within(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::EndSessions>,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<SessionId>, Problem> {
    let place = granted.place();
    let sessions = living(tx, Which::User(user), now, |session| Ok(place.covers(place_of(tx, session)?)))?;
    let within = sessions.iter().map(|session| session.id).collect();
    let count = stop_all(tx, sessions, now)?;
    for family in families::of_user(tx, user)? {
        if tenancy::place_of(tx, family.tenant)?.is_some_and(|there| place.covers(there)) {
            families::end(tx, &family, EndReason::SessionEnded, now)?;
        }
    }
    let event = Event::by(granted.actor(), now, place, Action::SessionRevokeAll).on("user", user);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(within)
}

/// Ends all sessions in a tenant. Gives how many there were.
///
/// # Errors
/// `tenant_not_found` outside the grant.
pub fn end_all_of_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::EndSessions>,
    tenant: TenantId,
    now: Timestamp,
) -> Result<u64, Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    let sessions = living(tx, Which::Tenant(tenant), now, |_| Ok(true))?;
    let count = stop_all(tx, sessions, now)?;
    families::end_of_tenant(tx, tenant, now)?;
    let event = Event::by(granted.actor(), now, place, Action::SessionRevokeAll).on("tenant", tenant);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(count)
}
