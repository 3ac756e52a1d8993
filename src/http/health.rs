//! Is it alive, is it ready, which version, how much: for probes and for Prometheus.

use super::extract::Caller;
use super::route::Surface;
use crate::access::permit;
use crate::base::Problem;
use crate::page;
use crate::stack::Stack;

use actix_web::{HttpResponse, web};
use serde_json::json;

/// The routes of health, version and metrics.
pub static SURFACE: Surface = Surface {
    name: "health",
    fronts: &["/health", "/metrics"],
    routes: &[
        page!(GET "/health" Public ok),
        page!(GET "/health/ready" Public ready),
        page!(GET "/v1/health" Public alive),
        page!(GET "/v1/health/ready" Public ready),
        page!(GET "/v1/version" Public version),
        page!(GET "/metrics" Public metrics),
    ],
    dialect: super::plain,
    limited: false,
};

/// `GET /health`, as ScaiGrid has it: always 200 while the process answers.
async fn ok() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /v1/health`, as ScaiVault has it: always 200 while the process answers.
async fn alive(stack: web::Data<Stack>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "healthy", "timestamp": stack.clock.now().iso_millis() }))
}

/// 200 while the store can be read and its writer runs; 503 with the reason otherwise.
async fn ready(stack: web::Data<Stack>) -> HttpResponse {
    let readable = crate::audit::head(&stack.store.read()).is_ok();
    let writable = stack.store.is_open();
    let word = |ok: bool| if ok { "ok" } else { "failed" };
    let body = json!({
        "status": if readable && writable { "ready" } else { "not_ready" },
        "timestamp": stack.clock.now().iso_millis(),
        "checks": { "database": word(readable), "writer": word(writable), "encryption": word(readable) },
    });
    if readable && writable { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

/// `GET /health/detailed`: how things are, for administrators. ScaiGrid documents its address; its shape is
/// ours. No modules are built in.
///
/// # Errors
/// `access_denied`.
pub(super) async fn detailed(stack: web::Data<Stack>, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    actor.grant::<permit::AdminAccess>(actor.home())?;
    let asked = stack.clock.now();
    let readable = crate::audit::head(&stack.store.read()).is_ok();
    let read_millis = stack.clock.now().millis() - asked.millis();
    let writable = stack.store.is_open();
    let word = |ok: bool| if ok { "ok" } else { "failed" };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({
        "status": if readable && writable { "ready" } else { "not_ready" },
        "version": env!("CARGO_PKG_VERSION"),
        "timestamp": asked.iso_millis(),
        "started_at": stack.started_at.iso_secs(),
        "uptime_seconds": (asked.millis() - stack.started_at.millis()) / 1000,
        "checks": { "database": word(readable), "writer": word(writable), "encryption": word(readable) },
        "database": { "read_ms": read_millis },
        "modules": {},
    })))
}

async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "name": "scaistack", "version": env!("CARGO_PKG_VERSION") }))
}

async fn metrics(stack: web::Data<Stack>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(stack.metrics.render())
}
