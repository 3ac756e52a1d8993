//! When a session ends by itself, and where it is.

use super::super::{Session, SessionState};
use crate::access::Place;
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use crate::tenancy;

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
    /// It works. `stale`: the noted last use is old; hand [`touch`](super::touch) to `Store::write_later`.
    Live {
        /// The row of the session.
        session: Box<Session>,
        /// Whether to note this use.
        stale: bool,
    },
    /// It does not.
    Ended(Ended),
}

pub(super) fn no_session() -> Problem {
    Problem::not_found("session_not_found", "There is no such session")
}

pub(super) fn place_of(tx: &impl Read, session: &Session) -> Result<Place, StoreError> {
    Ok(tenancy::place_of(tx, session.tenant)?.unwrap_or(Place::Platform))
}

/// The moments at which a session ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// When it ends, however much it is used.
    pub absolute: Timestamp,
    /// Unless it is used; none: it may lie unused.
    pub idle: Option<Timestamp>,
}

impl Ends {
    /// Whichever comes first.
    pub fn first(&self) -> Timestamp {
        self.idle.map_or(self.absolute, |idle| idle.min(self.absolute))
    }
}

/// When a session ends by itself, by the policy that its tenant has now: a shorter life holds at once, a longer one from the
/// next sign-in on. `idle_secs` as in [`resolve`](super::resolve).
///
/// # Errors
/// When the file cannot be read.
pub fn ends(tx: &impl Read, session: &Session, idle_secs: i64) -> Result<Ends, StoreError> {
    let own = tenancy::own_limits(tx, session.tenant)?;
    let absolute = own.absolute().map(|secs| session.created_at.plus_secs(secs));
    Ok(Ends {
        absolute: absolute.map_or(session.expires_at, |end| end.min(session.expires_at)),
        idle: own.idle(idle_secs).map(|secs| session.last_seen_at.plus_secs(secs)),
    })
}

impl Session {
    /// What has become of it, when it ends by itself at these moments.
    pub fn standing(&self, ends: &Ends, now: Timestamp) -> SessionState {
        match self.ended_at {
            Some(_) if self.signed_out => SessionState::Logout,
            Some(_) => SessionState::Revoked,
            None if now >= ends.first() => SessionState::Expired,
            None => SessionState::Active,
        }
    }
}
