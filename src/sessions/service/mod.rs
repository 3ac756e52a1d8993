//! Making and finding sessions.

mod ending;
mod ends;
mod query;
mod work;

pub use ending::{
    end, end_all_of_tenant, end_by_admin, end_everywhere, end_named, end_of_member, end_of_tenant, end_others,
    end_own_others, end_user_within,
};
pub use ends::{Ended, Ends, State, ends};
pub use query::{Filter, OfUser, get, list, list_own, of_user, place, slice, user_of};

pub use work::{place_of_work, work_everywhere, work_in};

use super::table;
use super::{CsrfSecret, KEEP_ENDED_SECS, MAX_LIFE_SECS, NewSession, Session, TOUCH_EVERY_SECS};
use crate::access::{Actor, Evidence, Place, Principal};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{PartnerId, SessionId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::TokenDigest;
use crate::store::{Entity, Read, StoreError, WriteTx};
use crate::tenancy;
use ends::{no_session, place_of};

/// Starts a session after a sign-in and writes the audit row of the sign-in.
///
/// # Errors
/// When the file cannot be written.
pub fn create(tx: &mut WriteTx<'_>, new: &NewSession, now: Timestamp) -> Result<Session, Problem> {
    let life = match tenancy::own_limits(tx, new.tenant)?.absolute() {
        Some(own) => own,
        None => new.life_secs.map_or(MAX_LIFE_SECS, |life| life.clamp(1, MAX_LIFE_SECS)),
    };
    let session = Session {
        id: new.id,
        digest: tx.keep(&new.digest),
        user: new.user,
        tenant: new.tenant,
        created_at: now,
        last_seen_at: now,
        authenticated_at: new.evidence.at(),
        mfa_at: new.evidence.second_factor_at(),
        expires_at: now.plus_secs(life),
        csrf_secret: new.csrf_secret.clone(),
        ip: new.origin.ip.map(|ip| ip.to_string()),
        user_agent: new.origin.user_agent.clone(),
        ended_at: None,
        signed_out: false,
        methods: new.evidence.methods(),
        working_in: None,
    };
    tx.save(&session)?;
    let place = place_of(tx, &session)?;
    table::list_under(tx, place.partner(), new.id, true)?;
    audit::append(
        tx,
        Event::of(ActorStamp::user(new.user, &new.email), &new.origin, now, place, Action::Login)
            .on("session", new.id)
            .with("method", new.evidence.methods()),
    );
    Ok(session)
}

/// Looks a cookie up: three look-ups. `idle_secs` is how long it may lie unused when its tenant leaves that open.
///
/// # Errors
/// When the file cannot be read.
pub fn resolve(tx: &impl Read, digest: &TokenDigest, now: Timestamp, idle_secs: i64) -> Result<State, StoreError> {
    judge(tx, table::by_digest(tx, digest)?, now, idle_secs)
}

/// The session of a cookie, also when it has ended; it is known for a while after that.
///
/// # Errors
/// When the file cannot be read.
pub fn known(tx: &impl Read, digest: &TokenDigest) -> Result<Option<Session>, StoreError> {
    table::by_digest(tx, digest)
}

/// Looks the session of an access token up: two look-ups. `idle_secs` as in [`resolve`].
///
/// # Errors
/// When the file cannot be read.
pub fn resolve_id(tx: &impl Read, id: SessionId, now: Timestamp, idle_secs: i64) -> Result<State, StoreError> {
    judge(tx, table::by_id(tx, id)?, now, idle_secs)
}

fn judge(tx: &impl Read, session: Option<Session>, now: Timestamp, idle_secs: i64) -> Result<State, StoreError> {
    let Some(mut session) = session else { return Ok(State::Ended(Ended::Unknown)) };
    if session.ended_at.is_some() {
        return Ok(State::Ended(Ended::SignedOut));
    }
    let ends = ends(tx, &session, idle_secs)?;
    if now >= ends.absolute {
        return Ok(State::Ended(Ended::Expired));
    }
    if ends.idle.is_some_and(|end| now >= end) {
        return Ok(State::Ended(Ended::Idle));
    }
    session.expires_at = ends.absolute;
    // Where sessions may lie unused for a short while only, uses are noted more often.
    let idle = ends.idle.map_or(i64::MAX, |end| (end.millis() - session.last_seen_at.millis()) / 4000);
    let stale = now >= session.last_seen_at.plus_secs(idle.min(TOUCH_EVERY_SECS));
    Ok(State::Live { session: Box::new(session), stale })
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
    shown: Evidence,
    now: Timestamp,
) -> Result<Session, Problem> {
    let mut session = own(tx, actor, id)?;
    if session.ended_at.is_some() || now >= ends(tx, &session, 0)?.absolute {
        return Err(no_session());
    }
    session.digest = tx.keep(&digest);
    session.csrf_secret = csrf_secret;
    session.last_seen_at = now;
    session.set_evidence(session.evidence().and_then(shown));
    tx.save(&session)?;
    let place = place_of(tx, &session)?;
    audit::append(tx, Event::by(actor, now, place, Action::SessionReauthenticate).on("session", id));
    Ok(session)
}

fn own(tx: &impl Read, actor: &Actor, id: SessionId) -> Result<Session, Problem> {
    let mine = |session: &Session| matches!(&actor.principal, Principal::User { id, .. } if *id == session.user);
    table::by_id(tx, id)?.filter(mine).ok_or_else(no_session)
}

/// Takes away up to `limit` rows of sessions that ended a week ago. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let old = table::ended_before(tx, now.plus_secs(-KEEP_ENDED_SECS), limit)?;
    for id in &old {
        if let Some(session) = table::by_id(tx, *id)? {
            let place = place_of(tx, &session)?;
            table::list_under(tx, place.partner(), *id, false)?;
        }
        tx.remove::<Session>(id)?;
    }
    Ok(old.len())
}

/// Lists the sessions of a tenant under the partner that it goes to, if it goes to one. For `lifecycle` only.
///
/// # Errors
/// When the file cannot be read or written.
pub fn relocate(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    from: Option<PartnerId>,
    to: Option<PartnerId>,
) -> Result<(), StoreError> {
    for (_, id) in table::ids(tx, Some(tenant))? {
        table::list_under(tx, from, id, false)?;
        table::list_under(tx, to, id, true)?;
    }
    Ok(())
}

/// A step of the schema: sessions are listed by partner.
///
/// # Errors
/// When the file cannot be read or written.
pub fn list_by_partner(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    for (tenant, id) in table::ids(tx, None)? {
        let place = tenancy::place_of(tx, tenant)?;
        table::list_under(tx, place.and_then(Place::partner), id, true)?;
    }
    Ok(())
}
