//! How ScaiGrid words a refusal:
//! `{"status": "error", "error": {code, message, retry_after?, details?}, "meta": {request_id}}`.
//!
//! A problem's own code in capitals is ScaiGrid's code (`model_not_found` → `MODEL_NOT_FOUND`), but for those of the table
//! below.

use crate::base::{Kind, Problem};
use crate::http::hosted;
use crate::http::kit::error::takes_html;
use crate::http::kit::html;
use crate::http::{answer_to, envelope::request_id};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// The code under which the extractors refuse a body that they cannot read.
const UNREADABLE: &str = "invalid_request";

/// The addresses that a person's browser comes by on its way: a refusal is a page there.
const PAGES: [&str; 2] = ["/v1/auth/start", "/v1/auth/callback"];

/// Words a problem.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    if PAGES.contains(&request.path().trim_end_matches('/')) && takes_html(request) {
        return match problem.code {
            "auth_flow_invalid" => html(&mut answer_to(problem), &hosted::over()),
            _ => crate::http::kit::error::dialect(problem, request),
        };
    }
    let retry_after = match problem.kind {
        Kind::RateLimited { retry_after_secs } | Kind::Busy { retry_after_secs } => Some(retry_after_secs),
        _ => None,
    };
    let fields = problem.fields.iter().map(|field| (field.field.clone(), field.message.to_string()));
    let unreadable = is_unreadable(problem).then(|| ("body".to_owned(), problem.message.to_string()));
    let refusal = Refusal {
        status: "error",
        error: RefusalError {
            code: code(problem),
            message: message(problem).to_owned(),
            retry_after,
            details: fields.chain(unreadable).map(|(field, message)| RefusedField { field, message }).collect(),
        },
        meta: Meta { request_id: request_id(request).to_string() },
    };
    let mut answer = answer_to(problem);
    if is_unreadable(problem) {
        answer.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    answer.json(refusal)
}

/// What a refusal looks like.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::http) struct Refusal {
    /// Always `error`.
    status: &'static str,
    error: RefusalError,
    meta: Meta,
}

/// Why it was refused.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusalError {
    /// For programs: `API_KEY_NOT_FOUND`, `VALIDATION_ERROR`.
    code: String,
    /// For people.
    message: String,
    /// When to try again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    /// Which rule each field breaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<RefusedField>,
}

/// A field, and the rule that it breaks.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusedField {
    field: String,
    message: String,
}

/// What a refusal carries besides.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Meta {
    /// The request's id, as the server's log and the audit log have it.
    request_id: String,
}

fn is_unreadable(problem: &Problem) -> bool {
    problem.kind == Kind::Malformed && problem.code == UNREADABLE
}

fn lacks_scope(problem: &Problem) -> bool {
    problem.details.iter().any(|(name, value)| *name == "missing" && value == "scope")
}

fn code(problem: &Problem) -> String {
    let known = match (problem.kind, problem.code) {
        (Kind::Forbidden, "access_denied") if lacks_scope(problem) => "AUTH_INSUFFICIENT_SCOPE",
        (Kind::Forbidden, "insufficient_scope") => "AUTH_INSUFFICIENT_SCOPE",
        // Nobody gives what they lack: to ScaiGrid's clients that is the same refusal, with words of its own.
        (Kind::Forbidden, "access_denied" | "cannot_grant" | "outranked") => "AUTHZ_PERMISSION_DENIED",
        (Kind::RateLimited { .. }, _) => "RATE_LIMITED",
        (Kind::Malformed, UNREADABLE) => "VALIDATION_ERROR",
        (_, other) => return other.to_ascii_uppercase(),
    };
    known.to_owned()
}

/// The documented words where there are any; clients branch on the code.
fn message(problem: &Problem) -> &str {
    match (problem.kind, problem.code) {
        (Kind::Unauthenticated, "auth_token_invalid") => "Invalid or expired authentication token",
        (Kind::Forbidden, "access_denied") if !lacks_scope(problem) => "User lacks required permission",
        (Kind::RateLimited { .. }, _) => "Rate limit exceeded",
        _ => &problem.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;
    use serde_json::{Value, json};

    async fn render(problem: &Problem) -> (u16, Value) {
        let answer = dialect(problem, &TestRequest::default().to_http_request());
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&to_bytes(answer.into_body()).await.unwrap()).unwrap())
    }

    fn plain(code: &str, message: &str) -> Value {
        json!({ "status": "error", "error": { "code": code, "message": message }, "meta": { "request_id": "req_0" } })
    }

    #[actix_web::test]
    async fn every_family_has_its_documented_code() {
        let denied = |missing: &str| Problem::forbidden("access_denied", "no").with("missing", missing);
        let cases = [
            (Problem::unauthenticated("auth_token_missing", "m"), 401, "AUTH_TOKEN_MISSING", "m"),
            (Problem::unauthenticated("auth_token_expired", "m"), 401, "AUTH_TOKEN_EXPIRED", "m"),
            (
                Problem::unauthenticated("auth_token_invalid", "revoked"),
                401,
                "AUTH_TOKEN_INVALID",
                "Invalid or expired authentication token",
            ),
            (denied("scope"), 403, "AUTH_INSUFFICIENT_SCOPE", "no"),
            (denied("role"), 403, "AUTHZ_PERMISSION_DENIED", "User lacks required permission"),
            (Problem::forbidden("cannot_grant", "m"), 403, "AUTHZ_PERMISSION_DENIED", "m"),
            (Problem::forbidden("outranked", "m"), 403, "AUTHZ_PERMISSION_DENIED", "m"),
            (Problem::not_found("model_not_found", "m"), 404, "MODEL_NOT_FOUND", "m"),
            (Problem::conflict("slug_conflict", "m"), 409, "SLUG_CONFLICT", "m"),
            (Problem::malformed("method_not_allowed", "m"), 405, "METHOD_NOT_ALLOWED", "m"),
            (Problem::internal("page 7"), 500, "INTERNAL_ERROR", "Something went wrong on our side"),
        ];
        for (problem, status, code, message) in cases {
            assert_eq!(render(&problem).await, (status, plain(code, message)));
        }
    }

    #[actix_web::test]
    async fn a_limit_says_when_to_come_again() {
        let problem = Problem::new(Kind::RateLimited { retry_after_secs: 30 }, "rate_limited", "x");
        let (status, body) = render(&problem).await;
        let error = json!({ "code": "RATE_LIMITED", "message": "Rate limit exceeded", "retry_after": 30 });
        assert_eq!((status, &body["error"]), (429, &error));
    }

    #[actix_web::test]
    async fn fields_stand_in_the_details() {
        let (status, body) = render(&Problem::invalid("name", "is required")).await;
        assert_eq!((status, &body["error"]["code"]), (422, &json!("VALIDATION_ERROR")));
        assert_eq!(body["error"]["details"], json!([{ "field": "name", "message": "is required" }]));
        let (status, body) = render(&Problem::malformed("invalid_request", "The body is not JSON")).await;
        assert_eq!((status, &body["error"]["code"]), (422, &json!("VALIDATION_ERROR")));
        assert_eq!(body["error"]["details"], json!([{ "field": "body", "message": "The body is not JSON" }]));
    }
}
