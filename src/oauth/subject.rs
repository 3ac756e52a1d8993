//! The person that a token speaks for, as they are now.

use crate::access::{Assignment, Place};
use crate::apps::Application;
use crate::base::Timestamp;
use crate::people::{self, SecondFactor, User};
use crate::sessions::{self, Ended, Session, State};
use crate::store::{Read, StoreError};
use crate::tenancy;
use crate::token_families::Family;

/// A person whose tokens hold, and where.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The row of the person.
    pub user: User,
    /// The tenant that the session is in, in good standing.
    pub place: Place,
    /// The roles that count there and that lie within the application's place: who registers an application for one tenant
    /// does not get a hold of what a person is beyond it.
    pub roles: Vec<Assignment>,
    /// The session's row, unless it has run out and the family outlives it (`offline_access`).
    pub session: Option<Box<Session>>,
    /// Whether the use of the session is to be noted: hand `sessions::touch` to `Store::write_later`.
    pub stale: bool,
}

/// The person behind a family, if the family may have tokens at this moment: it has not ended, the session holds (or it was
/// granted `offline_access` and nobody signed out), the account is in use, the tenant is in good standing, the person
/// still belongs to it, and the application still acts there. None otherwise.
///
/// About seven look-ups, most of them of remembered rows. `idle_secs` is how long a session may lie unused.
///
/// # Errors
/// When the file cannot be read.
pub fn subject(
    tx: &impl Read,
    family: &Family,
    application: &Application,
    now: Timestamp,
    idle_secs: i64,
) -> Result<Option<Subject>, StoreError> {
    if !family.is_live(now) {
        return Ok(None);
    }
    let (session, stale) = match sessions::resolve_id(tx, family.session, now, idle_secs)? {
        State::Live { session, stale } => (Some(session), stale),
        State::Ended(Ended::Expired | Ended::Idle | Ended::Unknown) if family.offline => (None, false),
        State::Ended(_) => return Ok(None),
    };
    let Some(place) = tenancy::live_place(tx, family.tenant)?.filter(|place| application.scope.covers(*place)) else {
        return Ok(None);
    };
    let Some(user) = people::user(tx, family.user)? else { return Ok(None) };
    if !people::may_use(&user) {
        return Ok(None);
    }
    let mut roles = people::assignments_in(tx, &user, place, now)?;
    // What the session proved since counts too; what outlives the session goes by the sign-in that it began with.
    let since = session.as_ref().map(|session| session.evidence());
    let given = family.evidence.has_second_factor() || since.is_some_and(|since| since.has_second_factor());
    let shown = if given { SecondFactor::Given } else { SecondFactor::Missing };
    people::hold_to_second_factor(tx, &mut roles, shown)?;
    let may_enter = people::may_enter(&roles, place);
    // Only after that: a super_admin may sign in to a tenant's application, as somebody without a role there.
    roles.retain(|held| application.scope.covers(held.place));
    Ok(may_enter.then_some(Subject { user, place, roles, session, stale }))
}
