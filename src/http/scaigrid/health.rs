//! `/health/detailed`: how the server is, for administrators. ScaiGrid documents its address; its shape is ours.

use super::Services;
use crate::access::permit;
use crate::base::Problem;
use crate::http::extract::Caller;
use crate::http::health::{Checks, Ready};
use crate::http::reply::{ExactMoment, Moment, Reply};
use serde::Serialize;

/// How the server is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DetailedHealth {
    status: Ready,
    /// The server's version.
    version: &'static str,
    timestamp: ExactMoment,
    started_at: Moment,
    uptime_seconds: i64,
    checks: Checks,
    database: DatabaseHealth,
    modules: Modules,
}

/// How the database is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DatabaseHealth {
    /// How long the checks took, in milliseconds.
    read_ms: i64,
}

/// How the modules are. There are none.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Modules {}

/// `GET /health/detailed`: how the server is, for administrators.
///
/// # Errors
/// `access_denied`.
pub async fn detailed(stack: Services, Caller(actor): Caller) -> Result<Reply<DetailedHealth>, Problem> {
    actor.grant::<permit::AdminAccess>(actor.home())?;
    let asked = stack.clock.now();
    let checks = Checks::made(&stack);
    let read_ms = stack.clock.now().millis() - asked.millis();
    Ok(Reply(DetailedHealth {
        status: checks.verdict(),
        version: env!("CARGO_PKG_VERSION"),
        timestamp: ExactMoment(asked),
        started_at: Moment(stack.started_at),
        uptime_seconds: (asked.millis() - stack.started_at.millis()) / 1000,
        checks,
        database: DatabaseHealth { read_ms },
        modules: Modules {},
    }))
}
