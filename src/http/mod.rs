//! Everything that knows actix: the listener, the gate, and a surface for each system.
//!
//! A surface parses, asks for a permission, calls a service and renders. It has no state and no rules of its own.

pub mod cors;
pub mod csv;
pub mod docs;
pub mod envelope;
pub mod extract;
pub mod gate;
pub mod head;
pub mod health;
pub mod hosted;
mod kit;
pub mod limit;
pub mod listener;
pub mod local;
pub mod noted;
pub mod oauth;
#[cfg(test)]
mod openapi;
pub mod operator;
pub mod reply;
pub mod route;
pub mod router;
pub mod scaigrid;
pub mod scaikey;
pub mod scaivault;
pub mod scalekit;
pub mod server;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod ui;

use crate::base::{Kind, Problem};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use route::Surface;
use serde::Serialize;

/// All surfaces, in the order in which they are put up.
pub fn surfaces() -> &'static [&'static Surface] {
    static SURFACES: [&Surface; 12] = [
        &scaivault::SURFACE,
        &scaigrid::SURFACE,
        &scaikey::SURFACE,
        &scalekit::SURFACE,
        &oauth::SURFACE,
        &hosted::SURFACE,
        &hosted::links::SURFACE,
        &hosted::portal::SURFACE,
        &health::SURFACE,
        &operator::SURFACE,
        &docs::SURFACE,
        &ui::SURFACE,
    ];
    &SURFACES
}

/// The status for a family of problems.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Kind::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status of a problem that HTTP itself has one for; it is the same in every dialect.
pub fn exact_status(problem: &Problem) -> Option<StatusCode> {
    match problem.code {
        head::LATE => Some(StatusCode::REQUEST_TIMEOUT),
        head::NOT_IMPLEMENTED => Some(StatusCode::NOT_IMPLEMENTED),
        head::OTHER_VERSION => Some(StatusCode::HTTP_VERSION_NOT_SUPPORTED),
        gate::WRONG_METHOD => Some(StatusCode::METHOD_NOT_ALLOWED),
        head::LONG_TARGET => Some(StatusCode::URI_TOO_LONG),
        head::LARGE_FIELDS => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        _ => None,
    }
}

/// An answer with the status of a problem and the headers that go with it; a dialect adds the body.
pub fn answer_to(problem: &Problem) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(exact_status(problem).unwrap_or_else(|| status(problem.kind)));
    match problem.kind {
        Kind::Busy { retry_after_secs } | Kind::RateLimited { retry_after_secs } => {
            answer.insert_header(("Retry-After", retry_after_secs.to_string()));
        }
        Kind::Unauthenticated => {
            answer.insert_header(("WWW-Authenticate", "Bearer"));
        }
        Kind::Stale => {
            let tag = problem.details.iter().find_map(|(name, value)| value.as_str().filter(|_| *name == "etag"));
            answer.insert_header(("ETag", tag.unwrap_or_default().to_owned()));
        }
        Kind::Forbidden if problem.code == "insufficient_scope" => {
            answer.insert_header(("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
        }
        _ => {}
    }
    answer.insert_header(("Cache-Control", "no-store"));
    answer
}

/// The dialect of addresses that belong to no surface.
pub fn plain(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    answer_to(problem).json(Refusal {
        error: RefusalError { code: problem.code, message: problem.message.clone() },
        request_id: envelope::request_id(request).to_string(),
    })
}

/// What a refusal looks like.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Refusal {
    error: RefusalError,
    /// The request's id, as the server's log and the audit log have it.
    request_id: String,
}

/// Why it was refused.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusalError {
    /// For programs.
    code: &'static str,
    /// For people.
    message: String,
}

/// Sends JSON that is usually shorter than a kibibyte: its text grows in one piece.
pub(in crate::http) fn json(answer: &mut HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    let mut text = Vec::with_capacity(1024);
    match serde_json::to_writer(&mut text, body) {
        Ok(()) => answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(text),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON form");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Sends a browser without a session to the sign-in page, and back here afterwards.
fn ui_sign_in_redirect(request: &HttpRequest) -> HttpResponse {
    let back: String = request.uri().path_and_query().map(|target| target.as_str()).unwrap_or("/admin/").to_owned();
    let query = serde_urlencoded::to_string([("next", back)]).unwrap_or_default();
    HttpResponse::SeeOther()
        .insert_header(("Location", format!("/admin/sign-in?{query}")))
        .insert_header(("Cache-Control", "no-store"))
        .finish()
}
