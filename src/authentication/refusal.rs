//! What is said, and written down, about a try that failed.

use super::WRONG;
use crate::access::{Origin, Place};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::{Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::sessions::{Held, Whom};
use crate::telemetry::failures::authentication_failed;

pub(super) fn busy() -> Problem {
    Problem::busy("Too many people sign in at once; try again in a moment")
}

pub(super) fn refused() -> Problem {
    Problem::unauthenticated("invalid_credentials", WRONG)
}

/// Says whom it holds. Tries are counted alike for an account that is none, so it tells nobody who has one.
pub(super) fn held(held: Held, from: &Origin, claimed: &str) -> Problem {
    let (retry_after_secs, words) = match held {
        Held::Busy => return busy(),
        Held::Wait { secs, whom: Whom::Account } => (secs, "Too many wrong tries at this account, from everywhere"),
        Held::Wait { secs, whom: Whom::AccountFrom(_) } => {
            (secs, "Too many wrong tries at this account from your network")
        }
        Held::Wait { secs, whom: Whom::AccountHere } => (secs, "Too many wrong tries at this account in this browser"),
        Held::Wait { secs, whom: Whom::Network(_) } => (secs, "Too many wrong tries at all accounts from your network"),
    };
    let refusal = Problem::new(Kind::RateLimited { retry_after_secs }, "too_many_attempts", words);
    authentication_failed(from, claimed, refusal.code);
    refusal
}

/// The audit row of a failed try.
pub(super) fn failure(claimed: &str, from: &Origin, method: &str, now: Timestamp) -> Event {
    Event::of(ActorStamp::anonymous(claimed), from, now, Place::Platform, Action::Login)
        .on("session", "")
        .with("method", method)
        .outcome(Outcome::Denied)
}
