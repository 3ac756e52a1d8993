//! A problem as an answer: its status, the headers that go with it, and the plain form for addresses that belong to no surface.

use super::envelope::request_id;
use super::head;
use crate::base::{Kind, Problem};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

/// The code for a method that an address does not answer to.
pub const WRONG_METHOD: &str = "method_not_allowed";

/// The status for a family of problems.
pub(in crate::http) fn status(kind: Kind) -> StatusCode {
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
pub(in crate::http) fn exact_status(problem: &Problem) -> Option<StatusCode> {
    match problem.code {
        head::LATE => Some(StatusCode::REQUEST_TIMEOUT),
        head::NOT_IMPLEMENTED => Some(StatusCode::NOT_IMPLEMENTED),
        head::OTHER_VERSION => Some(StatusCode::HTTP_VERSION_NOT_SUPPORTED),
        WRONG_METHOD => Some(StatusCode::METHOD_NOT_ALLOWED),
        head::LONG_TARGET => Some(StatusCode::URI_TOO_LONG),
        head::LARGE_FIELDS => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        _ => None,
    }
}

/// An answer with the status of a problem and the headers that go with it; a dialect adds the body.
pub(in crate::http) fn answer_to(problem: &Problem) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(exact_status(problem).unwrap_or_else(|| status(problem.kind)));
    match problem.kind {
        Kind::Busy { retry_after_secs } | Kind::RateLimited { retry_after_secs } => {
            answer.insert_header(("Retry-After", retry_after_secs.to_string()));
        }
        // What was shown is named as wrong (RFC 6750 §3.1); where nothing was shown, nothing is.
        Kind::Unauthenticated => {
            let wrong = ["invalid_token", "auth_token_invalid", "auth_token_expired"].contains(&problem.code);
            let challenge = if wrong { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            answer.insert_header(("WWW-Authenticate", challenge));
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
pub(in crate::http) fn plain(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    answer_to(problem).json(Refusal {
        error: RefusalError { code: problem.code, message: problem.message.clone() },
        request_id: request_id(request).to_string(),
    })
}

/// What a refusal looks like.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::http) struct Refusal {
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

/// Where somebody signs in for a page: people at their own door, who administers at the other.
pub(in crate::http) fn sign_in(path: &str) -> &'static str {
    if path == "/account" || path.starts_with("/account/") { "/account/sign-in" } else { "/admin/sign-in" }
}

/// Sends a browser without a session to the sign-in page, and afterwards to `back`, or here without one. A script would put the
/// page that it is led to into the one that it has: it is told to lead the whole page there.
pub(in crate::http) fn ui_sign_in_redirect(request: &HttpRequest, back: Option<&str>) -> HttpResponse {
    let here = request.uri().path_and_query().map_or("/admin/", |target| target.as_str());
    let shown = request.headers().get("hx-current-url").and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|url| url.split_once("://")?.1.split_once('/')).map(|(_, path)| format!("/{path}"));
    let is_script = request.headers().contains_key("hx-request");
    let shown = if is_script { shown.as_deref().unwrap_or("/admin/") } else { here };
    let back = back.unwrap_or(shown);
    let to =
        format!("{}?{}", sign_in(request.path()), serde_urlencoded::to_string([("next", back)]).unwrap_or_default());
    let (status, header) =
        if is_script { (StatusCode::UNAUTHORIZED, "HX-Redirect") } else { (StatusCode::SEE_OTHER, "Location") };
    HttpResponse::build(status).insert_header((header, to)).insert_header(("Cache-Control", "no-store")).finish()
}
