//! Ending sessions: one's own, and as an admin.

use super::super::Session;
use super::super::table::{self, SessionsOf};
use super::ends::{no_session, place_of};
use crate::access::{Actor, Granted, Origin, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Email, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::{Direction, Read, StoreError, WriteTx};
use crate::tenancy;
use crate::token_families;
use std::ops::ControlFlow;

fn stop(tx: &mut WriteTx<'_>, mut session: Session, signed_out: bool, cause: &Cause) -> Result<bool, StoreError> {
    if session.ended_at.is_some() {
        return Ok(false);
    }
    session.ended_at = Some(cause.at());
    session.signed_out = signed_out;
    tx.save(&session)?;
    endings::raise(tx, &Ending::SessionEnded { session: session.id }, cause)?;
    Ok(true)
}

/// What a sign-in has left behind, and where: the session, and what applications hold from it. With `offline_access` they
/// hold it after the session has run out, and after its row was swept away.
struct SignIn {
    id: SessionId,
    user: UserId,
    place: Place,
    session: Option<Session>,
}

impl SignIn {
    /// None: nothing is left of it.
    fn find(tx: &impl Read, id: SessionId) -> Result<Option<Self>, StoreError> {
        let session = table::by_id(tx, id)?;
        let whose = match &session {
            Some(session) => Some((session.user, session.tenant)),
            None => token_families::of_session(tx, id)?.first().map(|family| (family.user, family.tenant)),
        };
        let Some((user, tenant)) = whose else { return Ok(None) };
        let place = tenancy::place_of(tx, tenant)?.unwrap_or(Place::Platform);
        Ok(Some(Self { id, user, place, session }))
    }

    /// Ends all of it. False: it had ended before.
    fn end(self, tx: &mut WriteTx<'_>, signed_out: bool, cause: &Cause) -> Result<bool, StoreError> {
        if let Some(session) = self.session
            && stop(tx, session, signed_out, cause)?
        {
            return Ok(true);
        }
        Ok(endings::raise(tx, &Ending::SessionEnded { session: self.id }, cause)?.families > 0)
    }
}

/// Signs out: ends one of one's own sessions and all that came of it. A second time changes nothing.
///
/// # Errors
/// `session_not_found`.
pub fn end(tx: &mut WriteTx<'_>, actor: &Actor, id: SessionId, now: Timestamp) -> Result<(), Problem> {
    let mine = |found: &SignIn| matches!(&actor.principal, Principal::User { id, .. } if *id == found.user);
    let found = SignIn::find(tx, id)?.filter(mine).ok_or_else(no_session)?;
    let place = found.place;
    if found.end(tx, true, &Cause::by(actor, now))? {
        audit::append(tx, Event::by(actor, now, place, Action::Logout).on("session", id));
    }
    Ok(())
}

/// Signs out without the sign-in's own credential, for a reason that goes into the log as `method`: a client has shown an ID
/// token of this very sign-in (`id_token_hint`, OpenID Connect RP-Initiated Logout §2), whoever sits at the browser now, or
/// the person did not want what they had signed in for (`refused`). Another's sign-in than the user's, or none, changes
/// nothing.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_named(
    tx: &mut WriteTx<'_>,
    user: (UserId, &Email),
    id: SessionId,
    method: &'static str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(found) = SignIn::find(tx, id)?.filter(|found| found.user == user.0) else { return Ok(()) };
    let place = found.place;
    let actor = ActorStamp::user(user.0, user.1);
    if found.end(tx, true, &Cause::of(actor.clone(), origin, now))? {
        let event = Event::of(actor, origin, now, place, Action::Logout).on("session", id);
        audit::append(tx, event.with("method", method));
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
    let found = SignIn::find(tx, id)?.filter(|found| granted.place().covers(found.place)).ok_or_else(no_session)?;
    let (user, place) = (found.user, found.place);
    if found.end(tx, false, &Cause::by(granted.actor(), now))? {
        let event = Event::by(granted.actor(), now, place, Action::SessionRevoke).on("session", id);
        audit::append(tx, event.with("user", user));
    }
    Ok(())
}

/// The sessions that live and that `takes` takes, the newest first.
fn living(
    tx: &impl Read,
    which: SessionsOf,
    now: Timestamp,
    mut takes: impl FnMut(&Session) -> Result<bool, StoreError>,
) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    table::scan(tx, which, (None, Direction::Backward), |session| {
        if session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            sessions.push(session);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(sessions)
}

fn stop_all(tx: &mut WriteTx<'_>, sessions: Vec<Session>, cause: &Cause) -> Result<u64, StoreError> {
    let count = sessions.len() as u64;
    for session in sessions {
        stop(tx, session, false, cause)?;
    }
    Ok(count)
}

/// Ends the sessions of a user, all or all but one, as part of something that has an audit row of its own. Gives how many
/// there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_others(
    tx: &mut WriteTx<'_>,
    user: UserId,
    keep: Option<SessionId>,
    cause: &Cause,
) -> Result<u64, StoreError> {
    let sessions = living(tx, SessionsOf::User(user), cause.at(), |session| Ok(Some(session.id) != keep))?;
    stop_all(tx, sessions, cause)
}

/// As [`end_others`], those of a user in one tenant.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_member(tx: &mut WriteTx<'_>, tenant: TenantId, user: UserId, cause: &Cause) -> Result<u64, StoreError> {
    let sessions = living(tx, SessionsOf::User(user), cause.at(), |session| Ok(session.tenant == tenant))?;
    stop_all(tx, sessions, cause)
}

/// As [`end_others`], those of everybody in a tenant.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_of_tenant(tx: &mut WriteTx<'_>, tenant: TenantId, cause: &Cause) -> Result<u64, StoreError> {
    let sessions = living(tx, SessionsOf::Tenant(tenant), cause.at(), |_| Ok(true))?;
    stop_all(tx, sessions, cause)
}

/// As [`end_others`], those of everybody, after a restore.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_everywhere(tx: &mut WriteTx<'_>, cause: &Cause) -> Result<u64, StoreError> {
    let sessions = living(tx, SessionsOf::All, cause.at(), |_| Ok(true))?;
    stop_all(tx, sessions, cause)
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
    let cause = Cause::by(actor, now);
    let count = end_others(tx, *user, keep, &cause)?;
    endings::raise(tx, &Ending::SignedOutElsewhere { user: *user, spare: keep }, &cause)?;
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
    let sessions = living(tx, SessionsOf::User(user), now, |session| Ok(place.covers(place_of(tx, session)?)))?;
    let within = sessions.iter().map(|session| session.id).collect();
    let cause = Cause::by(granted.actor(), now);
    let count = stop_all(tx, sessions, &cause)?;
    endings::raise(tx, &Ending::SignedOutByAdmin { user, within: place }, &cause)?;
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
    let cause = Cause::by(granted.actor(), now);
    let count = end_of_tenant(tx, tenant, &cause)?;
    endings::raise(tx, &Ending::TenantSignedOut { tenant }, &cause)?;
    let event = Event::by(granted.actor(), now, place, Action::SessionRevokeAll).on("tenant", tenant);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(count)
}
