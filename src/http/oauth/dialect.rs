//! How the OAuth endpoints word a refusal.

use crate::base::{Kind, Problem};
use crate::http::answer_to;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// RFC 6749 §5.2: `{"error", "error_description"}`.
pub fn dialect(problem: &Problem, _: &HttpRequest) -> HttpResponse {
    let error = match problem.kind {
        Kind::Internal => "server_error",
        Kind::Busy { .. } | Kind::RateLimited { .. } => "temporarily_unavailable",
        Kind::Unauthenticated => "invalid_client",
        Kind::Forbidden => "access_denied",
        Kind::Malformed | Kind::Invalid | Kind::NotFound | Kind::Conflict | Kind::Stale | Kind::TooLarge => {
            "invalid_request"
        }
    };
    answer_to(problem).json(json!({ "error": error, "error_description": problem.message }))
}
