//! In which tenant the administrators' pages work, for a person who reaches several.

use super::{ends, own};
use crate::access::{Actor, Assignment, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::{SessionId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people;
use crate::sessions::Session;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// Where the pages of a session with these roles can work in a tenant. `idle_secs` is how long a session may lie unused when
/// the tenant leaves that open. Asked again with each request: whatever ends it counts at once.
///
/// # Errors
/// `tenant_not_found` when no role reaches it, `tenant_suspended`, `mfa_required`, and `session_too_old` where the tenant lets
/// sessions live for a shorter time than this one has.
pub fn place_of_work(
    tx: &impl Read,
    session: &Session,
    roles: &[Assignment],
    tenant: TenantId,
    idle_secs: i64,
    now: Timestamp,
) -> Result<Place, Problem> {
    let known = tenancy::place_of(tx, tenant)?.filter(|place| roles.iter().any(|held| held.place.covers(*place)));
    if known.is_none() {
        return Err(tenancy::no_tenant());
    }
    let Some(place) = tenancy::live_place(tx, tenant)? else {
        return Err(Problem::conflict("tenant_suspended", "The tenant is suspended: nobody works in it"));
    };
    if tenancy::wants_second_factor(tx, tenant)? && !session.evidence().has_second_factor() {
        let message = "The tenant wants a second factor of everybody who works in it: sign in again with one";
        return Err(Problem::forbidden("mfa_required", message));
    }
    let there = ends(tx, &Session { tenant, ..session.clone() }, idle_secs)?;
    if now >= there.first() {
        let message = "The tenant asks for a newer sign-in than yours: sign in again";
        return Err(Problem::forbidden("session_too_old", message));
    }
    Ok(place)
}

/// Lets the pages of a session work in a tenant. Who administers it without belonging to it needs a recent sign-in. `actor`
/// has all roles of the person.
///
/// # Errors
/// As [`place_of_work`]; `step_up_required`; `session_not_found` when it has ended or is another's.
pub fn work_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    id: SessionId,
    tenant: TenantId,
    idle_secs: i64,
    now: Timestamp,
) -> Result<Session, Problem> {
    let session = own(tx, actor, id)?;
    let place = place_of_work(tx, &session, &actor.roles, tenant, idle_secs, now)?;
    let belongs = people::works_in(&actor.roles, tenant);
    if !belongs {
        actor.check::<permit::EnterTenants>(place)?;
    }
    let event = Event::by(actor, now, place, Action::TenantEnter).on("tenant", tenant).with("session", id);
    set(tx, session, Some(tenant), event.with("member", belongs))
}

/// Lets the pages of a session work in all that the person reaches, as after the sign-in.
///
/// # Errors
/// `session_not_found` when it has ended or is another's.
pub fn work_everywhere(tx: &mut WriteTx<'_>, actor: &Actor, id: SessionId, now: Timestamp) -> Result<Session, Problem> {
    let session = own(tx, actor, id)?;
    let Some(tenant) = session.working_in else { return Ok(session) };
    let place = tenancy::place_of(tx, tenant)?.unwrap_or(Place::Platform);
    let event = Event::by(actor, now, place, Action::TenantLeave).on("tenant", tenant).with("session", id);
    set(tx, session, None, event)
}

fn set(tx: &mut WriteTx<'_>, session: Session, to: Option<TenantId>, event: Event) -> Result<Session, Problem> {
    if session.ended_at.is_some() {
        return Err(super::no_session());
    }
    let session = Session { working_in: to, ..session };
    store(tx, &session)?;
    audit::append(tx, event);
    Ok(session)
}

fn store(tx: &mut WriteTx<'_>, session: &Session) -> Result<(), StoreError> {
    // No index depends on it.
    tx.put(&<Session as crate::store::Entity>::TABLE, &session.id, session)
}
