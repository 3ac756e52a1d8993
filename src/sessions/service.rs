//! Making, finding and ending sessions.

use super::table::{self, Which};
use super::{CsrfSecret, KEEP_ENDED_SECS, MAX_LIFE_SECS, NewSession, Session, TOUCH_EVERY_SECS};
use crate::access::{Actor, Granted, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event, Outcome};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::store::{Entity, Read, StoreError, WriteTx};
use crate::tenancy;
use std::ops::ControlFlow;

/// Why a session is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There never was such a session, or it was swept away.
    Unknown,
    /// Somebody ended it.
    SignedOut,
    /// It reached its longest life.
    Expired,
    /// It lay unused for too long.
    Idle,
}

/// What became of a session.
#[derive(Clone, Debug)]
pub enum State {
    /// It works. `stale`: the noted last use is old; hand [`touch`] to `Store::write_later`.
    Live {
        /// The row.
        session: Box<Session>,
        /// Whether to note this use.
        stale: bool,
    },
    /// It does not.
    Ended(Ended),
}

fn no_session() -> Problem {
    Problem::not_found("session_not_found", "There is no such session")
}

fn place_of(tx: &impl Read, session: &Session) -> Result<Place, StoreError> {
    Ok(tenancy::place_of(tx, session.tenant)?.unwrap_or(Place::Platform))
}

/// Starts a session after a sign-in and writes the audit row of the sign-in.
///
/// # Errors
/// When the file cannot be written.
pub fn create(tx: &mut WriteTx<'_>, new: &NewSession, now: Timestamp) -> Result<Session, Problem> {
    let session = Session {
        id: new.id,
        digest: new.digest,
        user: new.user,
        tenant: new.tenant,
        created_at: now,
        last_seen_at: now,
        authenticated_at: now,
        mfa_at: new.mfa_at,
        expires_at: now.plus_secs(new.life_secs.map_or(MAX_LIFE_SECS, |life| life.clamp(1, MAX_LIFE_SECS))),
        csrf_secret: new.csrf_secret.clone(),
        ip: new.origin.ip.map(|ip| ip.to_string()),
        user_agent: new.origin.user_agent.clone(),
        ended_at: None,
    };
    tx.save(&session)?;
    let place = place_of(tx, &session)?;
    audit::append(
        tx,
        Event {
            at: now,
            request: Some(new.origin.request),
            actor: ActorStamp::of(&Principal::User { id: new.user, email: new.email.clone() }),
            action: "login".to_owned(),
            resource_type: "session".to_owned(),
            resource_id: new.id.to_string(),
            partner: place.partner(),
            tenant: place.tenant(),
            outcome: Outcome::Success,
            ip: session.ip.clone(),
            user_agent: session.user_agent.clone(),
            details: vec![("method".to_owned(), new.method.to_owned())],
        },
    );
    Ok(session)
}

/// Looks a cookie up: two look-ups. `idle_secs` is how long it may lie unused.
///
/// # Errors
/// When the file cannot be read.
pub fn resolve(tx: &impl Read, digest: &TokenDigest, now: Timestamp, idle_secs: i64) -> Result<State, StoreError> {
    Ok(judge(table::by_digest(tx, digest)?, now, idle_secs))
}

/// Looks the session of an access token up: one look-up.
///
/// # Errors
/// When the file cannot be read.
pub fn resolve_id(tx: &impl Read, id: SessionId, now: Timestamp, idle_secs: i64) -> Result<State, StoreError> {
    Ok(judge(table::by_id(tx, id)?, now, idle_secs))
}

fn judge(session: Option<Session>, now: Timestamp, idle_secs: i64) -> State {
    match session {
        None => State::Ended(Ended::Unknown),
        Some(session) if session.ended_at.is_some() => State::Ended(Ended::SignedOut),
        Some(session) if now >= session.expires_at => State::Ended(Ended::Expired),
        Some(session) if now >= session.last_seen_at.plus_secs(idle_secs) => State::Ended(Ended::Idle),
        Some(session) => {
            let stale = now >= session.last_seen_at.plus_secs(TOUCH_EVERY_SECS);
            State::Live { session: Box::new(session), stale }
        }
    }
}

/// Notes that a session was used at `now`. An ended one stays as it is.
///
/// # Errors
/// When the file cannot be read or written.
pub fn touch(tx: &mut WriteTx<'_>, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    match table::by_id(tx, id)? {
        Some(mut session) if session.ended_at.is_none() && session.last_seen_at < now => {
            session.last_seen_at = now;
            // No index depends on it.
            tx.put(&Session::TABLE, &id, &session)
        }
        _ => Ok(()),
    }
}

/// After a password, a passkey or a second factor was given again: the session gets a new cookie and a new CSRF secret, and
/// the old ones are dead.
///
/// # Errors
/// `session_not_found` when it has ended or is another's.
pub fn reauthenticate(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    id: SessionId,
    (digest, csrf_secret): (TokenDigest, CsrfSecret),
    mfa_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Session, Problem> {
    let mut session = own(tx, actor, id)?;
    if session.ended_at.is_some() || now >= session.expires_at {
        return Err(no_session());
    }
    session.digest = digest;
    session.csrf_secret = csrf_secret;
    session.authenticated_at = now;
    session.last_seen_at = now;
    session.mfa_at = mfa_at.or(session.mfa_at);
    tx.save(&session)?;
    let place = place_of(tx, &session)?;
    audit::append(tx, Event::by(actor, now, place, "session.reauthenticate").on("session", id));
    Ok(session)
}

fn own(tx: &impl Read, actor: &Actor, id: SessionId) -> Result<Session, Problem> {
    let mine = |session: &Session| matches!(&actor.principal, Principal::User { id, .. } if *id == session.user);
    table::by_id(tx, id)?.filter(mine).ok_or_else(no_session)
}

fn stop(tx: &mut WriteTx<'_>, mut session: Session, now: Timestamp) -> Result<bool, StoreError> {
    if session.ended_at.is_some() {
        return Ok(false);
    }
    session.ended_at = Some(now);
    tx.save(&session)?;
    Ok(true)
}

/// Signs out: ends one of one's own sessions. A second time changes nothing.
///
/// # Errors
/// `session_not_found`.
pub fn end(tx: &mut WriteTx<'_>, actor: &Actor, id: SessionId, now: Timestamp) -> Result<(), Problem> {
    let session = own(tx, actor, id)?;
    let place = place_of(tx, &session)?;
    if stop(tx, session, now)? {
        audit::append(tx, Event::by(actor, now, place, "logout").on("session", id));
    }
    Ok(())
}

/// Ends a session in a tenant that the grant reaches.
///
/// # Errors
/// `session_not_found`.
pub fn end_by_admin(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    id: SessionId,
    now: Timestamp,
) -> Result<(), Problem> {
    let session = table::by_id(tx, id)?.ok_or_else(no_session)?;
    let place = place_of(tx, &session)?;
    if !granted.place().covers(place) {
        return Err(no_session());
    }
    let user = session.user;
    if stop(tx, session, now)? {
        let event = Event::by(granted.actor(), now, place, "session.revoke").on("session", id);
        audit::append(tx, event.with("user", user));
    }
    Ok(())
}

fn stop_all(
    tx: &mut WriteTx<'_>,
    which: Which,
    now: Timestamp,
    mut takes: impl FnMut(&Session) -> Result<bool, StoreError>,
) -> Result<u64, StoreError> {
    let mut sessions = Vec::new();
    table::scan(tx, which, None, |session| {
        if session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            sessions.push(session);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let count = sessions.len() as u64;
    for session in sessions {
        stop(tx, session, now)?;
    }
    Ok(count)
}

/// Ends all sessions of a user, as part of something that has an audit row of its own. Gives how many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_all_of_user(tx: &mut WriteTx<'_>, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    stop_all(tx, Which::User(user), now, |_| Ok(true))
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
    stop_all(tx, Which::User(user), now, |session| Ok(Some(session.id) != keep))
}

/// Ends the sessions that a user has in tenants that the grant reaches. Gives how many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_user_within(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    now: Timestamp,
) -> Result<u64, Problem> {
    let place = granted.place();
    let mut within = Vec::new();
    table::scan(tx, Which::User(user), None, |session| {
        if place.covers(place_of(tx, &session)?) {
            within.push(session.id);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let count = stop_all(tx, Which::User(user), now, |session| Ok(within.contains(&session.id)))?;
    let event = Event::by(granted.actor(), now, place, "session.revoke_all").on("user", user);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(count)
}

/// Ends all sessions in a tenant. Gives how many there were.
///
/// # Errors
/// `tenant_not_found` outside the grant.
pub fn end_all_of_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    tenant: TenantId,
    now: Timestamp,
) -> Result<u64, Problem> {
    let place = tenancy::place_of(tx, tenant)?
        .filter(|place| granted.place().covers(*place))
        .ok_or_else(|| Problem::not_found("tenant_not_found", "There is no such tenant"))?;
    let count = stop_all(tx, Which::Tenant(tenant), now, |_| Ok(true))?;
    let event = Event::by(granted.actor(), now, place, "session.revoke_all").on("tenant", tenant);
    audit::append(tx, event.with("sessions_ended", count));
    Ok(count)
}

/// One session in a tenant that the grant reaches.
///
/// # Errors
/// `session_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadUsers>, id: SessionId) -> Result<Session, Problem> {
    let session = table::by_id(tx, id)?.ok_or_else(no_session)?;
    if granted.place().covers(place_of(tx, &session)?) { Ok(session) } else { Err(no_session()) }
}

/// Which sessions to list. Every part that is set must hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this user's.
    pub user: Option<UserId>,
    /// Only in this tenant.
    pub tenant: Option<TenantId>,
    /// Behind this one.
    pub before: Option<SessionId>,
}

/// Sessions that still live in the tenants that the grant reaches, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    filter: Filter,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Session>, Problem> {
    let place = granted.place();
    let which = match (filter.user, filter.tenant.or(place.tenant())) {
        (Some(user), _) => Which::User(user),
        (None, Some(tenant)) => Which::Tenant(tenant),
        (None, None) => Which::All,
    };
    Ok(gather(tx, which, filter.before, limit, now, |session| {
        let right_tenant = filter.tenant.is_none_or(|tenant| tenant == session.tenant);
        Ok(right_tenant && place.covers(place_of(tx, session)?))
    })?)
}

/// One's own sessions that still live, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list_own(tx: &impl Read, actor: &Actor, limit: usize, now: Timestamp) -> Result<Vec<Session>, Problem> {
    match &actor.principal {
        Principal::User { id, .. } => Ok(gather(tx, Which::User(*id), None, limit, now, |_| Ok(true))?),
        Principal::Operator | Principal::Application { .. } => Ok(Vec::new()),
    }
}

fn gather(
    tx: &impl Read,
    which: Which,
    before: Option<SessionId>,
    limit: usize,
    now: Timestamp,
    takes: impl Fn(&Session) -> Result<bool, StoreError>,
) -> Result<Vec<Session>, StoreError> {
    let mut found = Vec::new();
    table::scan(tx, which, before, |session| {
        if found.len() < limit && session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            found.push(session);
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

/// Takes away up to `limit` rows of sessions that ended a week ago. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let old = table::ended_before(tx, now.plus_secs(-KEEP_ENDED_SECS), limit)?;
    for id in &old {
        tx.remove::<Session>(id)?;
    }
    Ok(old.len())
}
