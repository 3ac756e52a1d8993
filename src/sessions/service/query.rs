//! Looking at sessions.

use super::super::table::{self, SessionsOf};
use super::super::{Session, SessionState};
use super::ends::{Ends, ends, no_session, place_of};
use crate::access::{Actor, Granted, Place, Principal, permit};
use crate::base::id::{PartnerId, SessionId, TenantId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::store::{Direction, Read, Slice, StoreError, Window};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// One session in a tenant that the grant reaches.
///
/// # Errors
/// `session_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadSessions>, id: SessionId) -> Result<Session, Problem> {
    let session = table::by_id(tx, id)?.ok_or_else(no_session)?;
    if granted.place().covers(place_of(tx, &session)?) { Ok(session) } else { Err(no_session()) }
}

/// Whose a session is, whoever asks; none when there is none.
///
/// # Errors
/// When the file cannot be read.
pub fn user_of(tx: &impl Read, id: SessionId) -> Result<Option<UserId>, StoreError> {
    Ok(table::by_id(tx, id)?.map(|session| session.user))
}

/// Where a session is, whoever asks; none when there is none.
///
/// # Errors
/// When the file cannot be read.
pub fn place(tx: &impl Read, id: SessionId) -> Result<Option<Place>, StoreError> {
    table::by_id(tx, id)?.map(|session| place_of(tx, &session)).transpose()
}

/// Which sessions to list. Every part that is set must hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this user's.
    pub user: Option<UserId>,
    /// Only in this tenant.
    pub tenant: Option<TenantId>,
    /// Only in tenants of this partner.
    pub partner: Option<PartnerId>,
    /// Behind this one.
    pub before: Option<SessionId>,
}

/// Sessions that still live in the tenants that the grant reaches, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ReadSessions>,
    filter: Filter,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Session>, Problem> {
    Ok(behind(tx, granted, filter, (filter.before, Direction::Backward), limit, now)?)
}

/// As [`list`], a stretch of it, in either order. They are not counted: the total is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ReadSessions>,
    filter: Filter,
    window: Window,
    now: Timestamp,
) -> Result<Slice<Session>, Problem> {
    let read =
        |start: Option<u64>, way, limit| behind(tx, granted, filter, (start.map(SessionId::from_raw), way), limit, now);
    Ok(window.over_rows(0, |session| session.id.raw(), read)?)
}

fn behind(
    tx: &impl Read,
    granted: &Granted<permit::ReadSessions>,
    filter: Filter,
    from: (Option<SessionId>, Direction),
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let place = granted.place();
    let tenant = filter.tenant.or(place.tenant());
    let which = match (filter.user, tenant, filter.partner.or(place.partner())) {
        (Some(user), _, _) => SessionsOf::User(user),
        (None, Some(tenant), _) => SessionsOf::Tenant(tenant),
        (None, None, Some(partner)) => SessionsOf::Partner(partner),
        (None, None, None) => SessionsOf::All,
    };
    gather(tx, which, from, limit, now, |session| {
        let right_tenant = filter.tenant.is_none_or(|tenant| tenant == session.tenant);
        let there = place_of(tx, session)?;
        let right_partner = filter.partner.is_none_or(|partner| there.partner() == Some(partner));
        Ok(right_tenant && right_partner && place.covers(there))
    })
}

/// One's own sessions that still live, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list_own(tx: &impl Read, actor: &Actor, limit: usize, now: Timestamp) -> Result<Vec<Session>, Problem> {
    match &actor.principal {
        Principal::User { id, .. } => {
            let newest = (None, Direction::Backward);
            Ok(gather(tx, SessionsOf::User(*id), newest, limit, now, |_| Ok(true))?)
        }
        Principal::Operator | Principal::Application { .. } => Ok(Vec::new()),
    }
}

fn gather(
    tx: &impl Read,
    which: SessionsOf,
    from: (Option<SessionId>, Direction),
    limit: usize,
    now: Timestamp,
    takes: impl Fn(&Session) -> Result<bool, StoreError>,
) -> Result<Vec<Session>, StoreError> {
    let mut found = Vec::new();
    table::scan(tx, which, from, |mut session| {
        session.expires_at = ends(tx, &session, 0)?.absolute;
        if found.len() < limit && session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            found.push(session);
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

/// Which sessions of a user to show. Every part that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct OfUser {
    /// Only those of which this has become; empty: all.
    pub standing: Vec<SessionState>,
    /// Only those that began then or later.
    pub from: Option<Timestamp>,
    /// Only those that began before.
    pub until: Option<Timestamp>,
}

/// The sessions of a user in the tenants that the grant reaches, the newest first, with those that ended within the last
/// week, and when each ends by itself. `idle_secs` as in [`super::resolve`]. There are few of one user, so that all are
/// looked at.
///
/// # Errors
/// When the file cannot be read.
pub fn of_user(
    tx: &impl Read,
    granted: &Granted<permit::ReadSessions>,
    user: UserId,
    wanted: &OfUser,
    window: Window,
    now: Timestamp,
    idle_secs: i64,
) -> Result<Slice<(Session, Ends)>, Problem> {
    let mut found = BTreeMap::new();
    table::scan(tx, SessionsOf::User(user), (None, Direction::Backward), |session| {
        let ends = ends(tx, &session, idle_secs)?;
        let fits = (wanted.standing.is_empty() || wanted.standing.contains(&session.standing(&ends, now)))
            && wanted.from.is_none_or(|from| session.created_at >= from)
            && wanted.until.is_none_or(|until| session.created_at < until);
        if fits && granted.place().covers(place_of(tx, &session)?) {
            found.insert(session.id, (session, ends));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let shown = window.within(&found.keys().copied().collect());
    shown.try_map(|id| found.remove(&id).ok_or_else(|| Problem::internal("a session that was just seen is gone")))
}
