//! What is said, and written down, about a try that failed.

use super::WRONG;
use crate::access::{Origin, Place};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::{Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::sessions::Held;

pub(super) fn busy() -> Problem {
    Problem::busy("Too many people sign in at once; try again in a moment")
}

pub(super) fn refused() -> Problem {
    Problem::unauthenticated("invalid_credentials", WRONG)
}

pub(super) fn held(held: Held) -> Problem {
    match held {
        Held::Wait(retry_after_secs) => {
            Problem::new(Kind::RateLimited { retry_after_secs }, "too_many_attempts", "Too many wrong tries")
        }
        Held::Busy => busy(),
    }
}

/// The audit row of a failed try.
pub(super) fn failure(claimed: &str, from: &Origin, method: &str, now: Timestamp) -> Event {
    Event::of(ActorStamp::anonymous(claimed), from, now, Place::Platform, Action::Login)
        .on("session", "")
        .with("method", method)
        .outcome(Outcome::Denied)
}
