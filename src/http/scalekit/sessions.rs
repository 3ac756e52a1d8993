//! SessionService: where people are signed in. A session is a browser's; its applications are those
//! that were given tokens in it.

use super::moment::Moment;
use super::operation::Call;
use super::proto::sessions::{
    AuthenticatedClients, DeviceDetails, RevokeAllUserSessionsRequest, RevokeAllUserSessionsResponse,
    RevokeSessionRequest, RevokeSessionResponse, RevokedSessionDetails, SessionDetails, SessionDetailsRequest,
    UserSessionDetails, UserSessionDetailsRequest,
};
use super::rules;
use crate::access::{Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::base::id::{SessionId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::page_token;
use crate::sessions::{self, Device, Ends, OfUser, Session, SessionState};
use crate::store::Read;
use crate::{apps, people, tenancy, token_families};

/// The largest page, which has no rule of its own.
const MAX_PAGE: u32 = 100;
/// The most states in a filter.
const MAX_STATES: usize = 20;

/// The session that a request names, and the permission for where it is.
fn reach<P: Permission>(call: &Call, text: &str) -> Result<(SessionId, Granted<P>), Problem> {
    let widest = widest::<P>(&call.actor)?;
    let id = rules::session_id("session_id", text)?;
    match sessions::place(&call.stack.store.read(), id)? {
        Some(place) => Ok((id, over::<P>(&call.actor, Some(place))?)),
        None => Ok((id, widest)),
    }
}

/// The user that a request names, if the caller may know of them, and the permission for where their home is.
fn of<P: Permission>(call: &Call, text: &str) -> Result<(UserId, Granted<P>), Problem> {
    widest::<P>(&call.actor)?;
    let (id, snapshot) = (rules::user_id("user_id", text)?, call.stack.store.read());
    let user = people::user(&snapshot, id)?.ok_or_else(rules::no_user)?;
    let granted = over::<P>(&call.actor, tenancy::place_of(&snapshot, user.home_tenant)?)?;
    people::within(&snapshot, granted.place(), id)?;
    Ok((id, granted))
}

fn idle_secs(call: &Call) -> i64 {
    i64::from(call.stack.config.sessions.idle_secs)
}

/// `GetSession`.
pub async fn get(call: Call, request: SessionDetailsRequest) -> Result<SessionDetails, Problem> {
    let (id, granted) = reach::<permit::ReadSessions>(&call, &request.session_id)?;
    let snapshot = call.stack.store.read();
    let session = sessions::get(&snapshot, &granted, id)?;
    let ends = sessions::ends(&snapshot, &session, idle_secs(&call))?;
    details(&snapshot, granted.place(), &session, &ends, call.stack.now())
}

/// `GetUserSessions`, the newest first, with those that ended within the last week.
pub async fn list(call: Call, request: UserSessionDetailsRequest) -> Result<UserSessionDetails, Problem> {
    let (id, granted) = of::<permit::ReadSessions>(&call, &request.user_id)?;
    let window = page_token::up_to(request.page_size, &request.page_token, page_token::DEFAULT, MAX_PAGE)?;
    let wanted = filter(request.filter.unwrap_or_default())?;
    let (snapshot, now) = (call.stack.store.read(), call.stack.now());
    let found = sessions::of_user(&snapshot, &granted, id, &wanted, window, now, idle_secs(&call))?;
    let ((next_page_token, prev_page_token), total_size) = (page_token::tokens(&found), page_token::total(&found));
    let mut sessions = Vec::with_capacity(found.items.len());
    for (session, ends) in &found.items {
        sessions.push(details(&snapshot, granted.place(), session, ends, now)?);
    }
    Ok(UserSessionDetails { sessions, next_page_token, prev_page_token, total_size })
}

fn filter(given: super::proto::sessions::UserSessionFilter) -> Result<OfUser, Problem> {
    if given.status.len() > MAX_STATES {
        return Err(Problem::invalid("filter.status", "must be at most 20 states"));
    }
    let unknown = || Problem::invalid("filter.status", "must be active, expired, revoked or logout");
    let standing =
        given.status.iter().map(|text| SessionState::parse(text).ok_or_else(unknown)).collect::<Result<_, _>>()?;
    let (from, until) = (moment("filter.start_time", given.start_time)?, moment("filter.end_time", given.end_time)?);
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        return Err(Problem::invalid("filter.end_time", "must not be before start_time"));
    }
    Ok(OfUser { standing, from, until })
}

fn moment(field: &str, given: Option<Moment>) -> Result<Option<Timestamp>, Problem> {
    match given {
        Some(at) if !(0..1_000_000_000).contains(&at.nanos) => Err(Problem::invalid(field, "must be a moment")),
        given => Ok(given.map(Timestamp::from)),
    }
}

/// `RevokeSession`: its browser is signed out, and its tokens are dead. A second time changes nothing.
pub async fn revoke(call: Call, request: RevokeSessionRequest) -> Result<RevokeSessionResponse, Problem> {
    let (id, granted) = reach::<permit::EndSessions>(&call, &request.session_id)?;
    let (look, now) = (granted.to_look(), call.stack.now());
    call.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    Ok(RevokeSessionResponse { revoked_session: Some(revoked(&call, &look, id)?) })
}

/// `RevokeAllUserSessions`: those in organisations that the caller reaches.
pub async fn revoke_all(
    call: Call,
    request: RevokeAllUserSessionsRequest,
) -> Result<RevokeAllUserSessionsResponse, Problem> {
    let (id, granted) = of::<permit::EndSessions>(&call, &request.user_id)?;
    let (look, now) = (granted.to_look(), call.stack.now());
    let ended = call.stack.store.write(move |tx| sessions::end_user_within(tx, &granted, id, now)).await?;
    let total_revoked = u32::try_from(ended.len()).unwrap_or(u32::MAX);
    let revoked_sessions = ended.into_iter().map(|id| revoked(&call, &look, id)).collect::<Result<_, _>>()?;
    Ok(RevokeAllUserSessionsResponse { revoked_sessions, total_revoked })
}

/// The moments of a session, as both messages name them.
struct Moments {
    updated: Timestamp,
    idle: Timestamp,
    expired: Option<Timestamp>,
    logout: Option<Timestamp>,
    standing: SessionState,
}

impl Moments {
    fn of(session: &Session, ends: &Ends, now: Timestamp) -> Self {
        let standing = session.standing(ends, now);
        let (expired, logout) = match standing {
            SessionState::Active => (None, None),
            SessionState::Expired => (Some(ends.first()), None),
            SessionState::Revoked | SessionState::Logout => (None, session.ended_at),
        };
        let idle = ends.first();
        Self { updated: session.ended_at.unwrap_or(session.last_seen_at), idle, expired, logout, standing }
    }
}

fn details(
    tx: &impl Read,
    place: Place,
    session: &Session,
    ends: &Ends,
    now: Timestamp,
) -> Result<SessionDetails, Problem> {
    let organization = session.tenant.display_as(rules::ORGANIZATION);
    let mut clients = Vec::new();
    for family in token_families::of_session(tx, session.id)? {
        let there = tenancy::place_of(tx, family.tenant)?.is_some_and(|there| place.covers(there));
        let organization_id = family.tenant.display_as(rules::ORGANIZATION);
        let client = AuthenticatedClients { client_id: apps::client_id(family.application), organization_id };
        if there && !clients.contains(&client) {
            clients.push(client);
        }
    }
    let at = Moments::of(session, ends, now);
    Ok(SessionDetails {
        session_id: session.id.to_string(),
        user_id: session.user.to_string(),
        authenticated_organizations: vec![organization.clone()],
        organization_id: organization,
        created_at: Some(Moment::from(session.created_at)),
        updated_at: Some(Moment::from(at.updated)),
        idle_expires_at: Some(Moment::from(at.idle)),
        absolute_expires_at: Some(Moment::from(ends.absolute)),
        expired_at: at.expired.map(Moment::from),
        logout_at: at.logout.map(Moment::from),
        status: at.standing.name().to_owned(),
        device: Some(device(session)),
        last_active_at: Some(Moment::from(session.last_seen_at)),
        authenticated_clients: clients,
    })
}

fn device(session: &Session) -> DeviceDetails {
    let user_agent = session.user_agent.clone().unwrap_or_default();
    let Device { os, os_version, browser, browser_version, kind } = Device::of(&user_agent);
    DeviceDetails {
        user_agent,
        os,
        os_version,
        browser,
        browser_version,
        device_type: kind,
        ip: session.ip.clone().unwrap_or_default(),
        // Where an address lies is nothing that this server knows.
        location: None,
    }
}

/// A session that was just ended.
fn revoked(
    call: &Call,
    granted: &Granted<permit::ReadSessions>,
    id: SessionId,
) -> Result<RevokedSessionDetails, Problem> {
    let snapshot = call.stack.store.read();
    let session = sessions::get(&snapshot, granted, id)?;
    let ends = sessions::ends(&snapshot, &session, idle_secs(call))?;
    let at = Moments::of(&session, &ends, call.stack.now());
    Ok(RevokedSessionDetails {
        session_id: session.id.to_string(),
        user_id: session.user.to_string(),
        created_at: Some(Moment::from(session.created_at)),
        updated_at: Some(Moment::from(at.updated)),
        idle_expires_at: Some(Moment::from(at.idle)),
        absolute_expires_at: Some(Moment::from(ends.absolute)),
        expired_at: at.expired.map(Moment::from),
        logout_at: at.logout.map(Moment::from),
        status: at.standing.name().to_owned(),
        last_active_at: Some(Moment::from(session.last_seen_at)),
    })
}
