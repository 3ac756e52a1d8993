//! Is it alive, is it ready, which version, how much: for probes and for Prometheus.

use super::json;
use super::reply::ExactMoment;
use super::route::Cors;
use super::route::Surface;
use crate::stack::Stack;
use crate::{page, route};

use actix_web::body::BoxBody;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;

/// The routes of health, version and metrics.
pub static SURFACE: Surface = Surface {
    name: "health",
    fronts: &["/health", "/metrics"],
    routes: &[
        route!(GET "/health" Public health).open_to(Cors::Everyone),
        route!(GET "/health/ready" Public health_ready).open_to(Cors::Everyone),
        route!(GET "/v1/health" Public health_alive).open_to(Cors::Everyone),
        route!(GET "/v1/health/ready" Public health_ready).open_to(Cors::Everyone),
        route!(GET "/v1/version" Public version).open_to(Cors::Everyone),
        page!(GET "/metrics" Public metrics),
    ],
    dialect: super::plain,
    limited: false,
    in_popups: false,
};

/// JSON with 200, which no cache keeps: what a probe hears is how things are now.
#[derive(Debug)]
pub struct Told<T>(T);

impl<T: Serialize> Responder for Told<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")), &self.0)
    }
}

/// That the process answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// That the process answers, and what time it takes it to be.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alive {
    /// Always `healthy`.
    status: &'static str,
    timestamp: ExactMoment,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Readiness {
    status: Ready,
    timestamp: ExactMoment,
    checks: Checks,
}

/// Whether all checks are well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Ready {
    Ready,
    NotReady,
}

/// What was looked at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Checks {
    /// Whether the data file can be read.
    database: Check,
    /// Whether the thread that writes runs.
    writer: Check,
    /// Whether what is read can be decrypted.
    encryption: Check,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Check {
    Ok,
    Failed,
}

/// Which server it is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Version {
    /// Always `scaistack`.
    name: &'static str,
    version: &'static str,
}

impl Checks {
    /// Looks.
    pub(super) fn made(stack: &Stack) -> Self {
        let check = |ok: bool| if ok { Check::Ok } else { Check::Failed };
        let readable = check(crate::audit::head(&stack.store.read()).is_ok());
        Self { database: readable, writer: check(stack.store.is_open()), encryption: readable }
    }

    /// What they come to.
    pub(super) fn verdict(&self) -> Ready {
        let all = [self.database, self.writer, self.encryption];
        if all.contains(&Check::Failed) { Ready::NotReady } else { Ready::Ready }
    }
}

impl Responder for Readiness {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = match self.status {
            Ready::Ready => HttpResponse::Ok(),
            Ready::NotReady => HttpResponse::ServiceUnavailable(),
        };
        json(answer.insert_header((CACHE_CONTROL, "no-store")), &self)
    }
}

/// `GET /health`: says that the process answers. Always 200 while it does.
pub(super) async fn health() -> Told<Health> {
    Told(Health { status: "ok" })
}

/// `GET /v1/health`: says that the process answers, and what time it takes it to be. Always 200 while it does.
pub(super) async fn health_alive(stack: web::Data<Stack>) -> Told<Alive> {
    Told(Alive { status: "healthy", timestamp: ExactMoment(stack.clock.now()) })
}

/// `GET /health/ready`: whether the server can do its work. 200 while the store can be read and its writer runs, and 503 with
/// what fails otherwise.
pub(super) async fn health_ready(stack: web::Data<Stack>) -> Readiness {
    let checks = Checks::made(&stack);
    Readiness { status: checks.verdict(), timestamp: ExactMoment(stack.clock.now()), checks }
}

/// `GET /v1/version`: which version of the server it is.
pub(super) async fn version() -> Told<Version> {
    Told(Version { name: "scaistack", version: env!("CARGO_PKG_VERSION") })
}

async fn metrics(stack: web::Data<Stack>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(stack.metrics.render())
}

#[cfg(test)]
mod described {
    use super::{Readiness, Told};
    use crate::http::openapi::{Answers, Scribe};
    use schemars::JsonSchema;

    impl<T: JsonSchema> Answers for Told<T> {
        fn tell(scribe: &mut Scribe<'_>) {
            scribe.answers::<T>(200, "It answers.");
        }
    }

    impl Answers for Readiness {
        fn tell(scribe: &mut Scribe<'_>) {
            scribe.answers::<Self>(200, "All is well.");
            scribe.answers::<Self>(503, "Something fails.");
        }
    }
}
