//! Who is signed in on a page, and where the page works: in one tenant, or in all that the person reaches.
//!
//! Whoever has roles in tenants only works in one of them, the one that they signed in to or chose. Whoever has a role beyond
//! tenants works in all that it reaches until they choose one. In a chosen tenant only the roles that count there count, so
//! that each page shows what the APIs show of that tenant, and no more.

use crate::access::{Actor, Place, Principal};
use crate::base::{Kind, Problem};
use crate::roles;
use crate::sessions::{self, Session};
use crate::stack::Stack;
use crate::store::Read;
use std::sync::Arc;

/// A signed-in browser, on a route that wants a session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person who is signed in, as an actor where the page works.
    pub actor: Arc<Actor>,
    /// The same person with all roles: for what leads to another tenant.
    pub whole: Arc<Actor>,
    /// The session's row.
    pub session: Session,
    /// Why the chosen tenant is not where the page works, if it is not.
    pub lapsed: Option<Problem>,
    is_narrowed: bool,
}

impl SignedIn {
    /// Somebody who works in all that they reach.
    pub fn everywhere(actor: Arc<Actor>, session: Session) -> Self {
        Self { whole: Arc::clone(&actor), actor, session, lapsed: None, is_narrowed: false }
    }

    /// The same, who has just given the password: in the session as it goes on.
    #[must_use]
    pub fn proven(&self, session: Session) -> Self {
        let (actor, whole) = (Arc::new(self.actor.proven_now()), Arc::new(self.whole.proven_now()));
        Self { actor, whole, session, ..self.clone() }
    }

    /// The same in another session of theirs.
    #[must_use]
    pub fn in_session(&self, session: Session) -> Self {
        Self { session, ..self.clone() }
    }

    /// Whether the page works in one tenant only.
    pub fn is_narrowed(&self) -> bool {
        self.is_narrowed
    }

    /// Where the page works, as its forms say it: `tnt_42`, or `all-tnt_42` for all that somebody reaches from there.
    pub fn scope(&self) -> String {
        if self.is_narrowed { self.actor.tenant.to_string() } else { format!("all-{}", self.actor.tenant) }
    }
}

/// Lets the session work where it chose to, as far as it still may.
///
/// # Errors
/// When the file cannot be read.
pub fn narrowed(stack: &Stack, tx: &impl Read, found: &SignedIn) -> Result<SignedIn, Problem> {
    let (whole, session) = (Arc::clone(&found.whole), found.session.clone());
    let idle_secs = i64::from(stack.config.sessions.idle_secs);
    let chosen = session
        .working_in
        .map(|tenant| sessions::place_of_work(tx, &session, &whole.roles, tenant, idle_secs, stack.now()));
    let (place, lapsed) = match chosen {
        Some(Ok(place)) => (Some(place), None),
        Some(Err(problem)) if problem.kind == Kind::Internal => return Err(problem),
        Some(Err(problem)) => (None, Some(problem)),
        None => (None, None),
    };
    let place = place.or_else(|| (!whole.reaches_beyond_tenants()).then(|| whole.home()));
    let Some(Place::Tenant { partner, tenant }) = place else {
        return Ok(SignedIn { lapsed, ..SignedIn::everywhere(whole, session) });
    };
    let custom = match &whole.principal {
        Principal::User { id, .. } => roles::custom_of(tx, &whole.roles, tenant, *id)?,
        Principal::Operator | Principal::Application { .. } => whole.custom,
    };
    let actor = Arc::new(whole.narrowed_to((partner, tenant), custom));
    Ok(SignedIn { actor, whole, session, lapsed, is_narrowed: true })
}
