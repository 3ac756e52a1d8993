//! Looking at sessions.

use super::super::Session;
use super::super::table::{self, Which};
use super::{ends, no_session, place_of};
use crate::access::{Actor, Granted, Place, Principal, permit};
use crate::base::id::{PartnerId, SessionId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use std::ops::ControlFlow;

/// One session in a tenant that the grant reaches.
///
/// # Errors
/// `session_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadUsers>, id: SessionId) -> Result<Session, Problem> {
    let session = table::by_id(tx, id)?.ok_or_else(no_session)?;
    if granted.place().covers(place_of(tx, &session)?) { Ok(session) } else { Err(no_session()) }
}

/// Where a session is, whoever asks.
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
        let there = place_of(tx, session)?;
        let right_partner = filter.partner.is_none_or(|partner| there.partner() == Some(partner));
        Ok(right_tenant && right_partner && place.covers(there))
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
    table::scan(tx, which, before, |mut session| {
        session.expires_at = ends(tx, &session, 0)?.absolute;
        if found.len() < limit && session.ended_at.is_none() && now < session.expires_at && takes(&session)? {
            found.push(session);
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}
