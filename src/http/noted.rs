//! What the audit log keeps of a call beside what the services write: looks, failures, refusals.

use crate::access::{Actor, Origin, Place};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::{Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::stack::Stack;
use crate::telemetry::failures::authentication_failed;
use actix_web::http::StatusCode;
use std::sync::Arc;

/// The longest address, or part of it, that a row keeps, in characters.
const MAX_KEPT: usize = 200;

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What the call is in the log.
    pub action: Option<Action>,
    /// The first parameter of the address: to which thing. Empty: none.
    pub resource: &'a str,
    /// The HTTP method of the request.
    pub method: &'a str,
    /// The path of the request.
    pub path: &'a str,
    /// The fields of a form at fault, by their names on the page. Empty: none, or it was no form.
    pub fields: &'a str,
}

/// The status of the page that gives a form back, where the answer to the form is the way to that page.
#[derive(Clone, Copy, Debug)]
pub struct GivenBack(pub StatusCode);

/// Why a page gave a form back. It keeps this with the request, and the gate writes the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The family of the refusal.
    pub kind: Kind,
    /// The code of the refusal.
    pub code: &'static str,
    /// The fields at fault.
    pub fields: Vec<String>,
}

/// Leaves the row of a call that was refused or failed: of the action that was tried, or of a refusal where the address has
/// none or nobody is known. Who is held up by a limit has not tried anything yet.
pub fn failed(
    stack: &Stack,
    problem: &Problem,
    actor: Option<&Arc<Actor>>,
    origin: impl FnOnce() -> Origin,
    asked: &Asked<'_>,
) {
    let refused = matches!(problem.kind, Kind::Unauthenticated | Kind::Forbidden);
    // Browsers that ask for a page without a session are sent to sign in; that is no event.
    if problem.code == "no_session" || matches!(problem.kind, Kind::RateLimited { .. } | Kind::Busy { .. }) {
        return;
    }
    let now = stack.clock.now();
    let event = match (actor, asked.action) {
        (Some(actor), Some(action)) => {
            let outcome = if refused { Outcome::Denied } else { Outcome::Failure };
            let event = of(actor, now, action, asked).with("address", kept(asked.path)).with("method", asked.method);
            let event = if asked.fields.is_empty() { event } else { event.with("fields", kept(asked.fields)) };
            event.with("code", problem.code).outcome(outcome)
        }
        (Some(actor), None) if refused => {
            about(Event::by(actor, now, actor.home(), Action::AccessDenied), problem, asked.method, asked.path)
        }
        (None, _) if refused => {
            let origin = origin();
            // A sign-in that was refused has its line from where it was refused.
            if problem.code.starts_with("auth_token_") {
                authentication_failed(&origin, "", problem.code);
            }
            denial(problem, &origin, now, asked.method, asked.path)
        }
        _ => return,
    };
    // Whoever shows nothing that holds gets a row as long as there are few.
    if actor.is_some() { stack.audit_later(event) } else { stack.audit_stranger(event) }
}

/// Leaves the row of something that was looked at and shown.
///
/// # Errors
/// When the log cannot take it: then the answer must not go out.
pub async fn look(stack: &Stack, actor: &Actor, action: Action, asked: &Asked<'_>) -> Result<(), Problem> {
    stack.audit_read(of(actor, stack.clock.now(), action, asked)).await
}

fn of(actor: &Actor, now: Timestamp, action: Action, asked: &Asked<'_>) -> Event {
    let kind = action.resources().first().copied().unwrap_or_default();
    Event::by(actor, now, actor.home(), action).on(kind, kept(asked.resource))
}

/// The row of a request that was refused before it was known whose it is.
pub fn denial(problem: &Problem, origin: &Origin, now: Timestamp, method: &str, path: &str) -> Event {
    let nobody = ActorStamp::anonymous("anonymous");
    about(Event::of(nobody, origin, now, Place::Platform, Action::AccessDenied), problem, method, path)
}

fn about(event: Event, problem: &Problem, method: &str, path: &str) -> Event {
    event.on("address", kept(path)).with("method", method).with("code", problem.code).outcome(Outcome::Denied)
}

fn kept(text: &str) -> String {
    text.chars().take(MAX_KEPT).collect()
}
