//! Userinfo, in the words of RFC 6750: the token in the header, or, of a POST, in the form. In the address it is nothing.

use super::Services;
use super::form::{Body, done, is_form};
use crate::base::{Kind, Problem, Slug};
use crate::http::extract::origin;
use crate::http::noted::denial;
use crate::oauth::{self, Flavour, Params, UserInfo};
use crate::stack::Stack;
use crate::telemetry::failures::authentication_failed;
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// `GET` and `POST /api/v1/platform/oauth/userinfo`.
pub async fn platform(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    answer(told(&stack, &request, &body, &Flavour::Platform))
}

/// `GET` and `POST /api/v1/auth/tenants/{slug}/oauth/userinfo`.
pub async fn tenant(stack: Services, request: HttpRequest, slug: web::Path<String>, body: Body) -> HttpResponse {
    let told = match Slug::parse(&slug) {
        Ok(slug) => told(&stack, &request, &body, &Flavour::Tenant(slug)),
        Err(_) => Err(Problem::not_found("tenant_not_found", "There is no tenant at this address")),
    };
    answer(told)
}

/// `GET` and `POST /userinfo`.
pub async fn environment(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    answer(told(&stack, &request, &body, &Flavour::Environment))
}

fn told(stack: &Stack, request: &HttpRequest, body: &Body, flavour: &Flavour) -> Result<UserInfo, Problem> {
    let token = bearer(request, body)?;
    let keys = stack.keys.current();
    let now = (stack.now(), stack.lifetimes().session_idle);
    let told = oauth::userinfo(&stack.store.read(), (&keys, stack.issuers()), flavour, &token, now);
    told.inspect_err(|problem| {
        if matches!(problem.kind, Kind::Unauthenticated | Kind::Forbidden) {
            let (from, method) = (origin(request, stack), request.method().as_str());
            if problem.kind == Kind::Unauthenticated {
                authentication_failed(&from, "", problem.code);
            }
            stack.audit_stranger(denial(problem, &from, now.0, method, request.path()));
        }
    })
}

/// The token of a request (RFC 6750 §2.1, §2.2).
fn bearer(request: &HttpRequest, body: &Body) -> Result<String, Problem> {
    let invalid = |message: &str| Problem::malformed("invalid_request", message);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let in_header = headers.next().map(|value| value.to_str().unwrap_or_default());
    if headers.next().is_some() {
        return Err(invalid("There is more than one Authorization header"));
    }
    let in_form = match body {
        Ok(body) if request.method() == Method::POST && is_form(request) => {
            let params = Params::parse(body).map_err(|error| invalid(&error.description))?;
            params.get("access_token").map(ToOwned::to_owned)
        }
        _ => None,
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(invalid("Send the access token in one place only")),
        (None, Some(token)) => Ok(token),
        (Some(header), None) => match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
                Ok(token.trim().to_owned())
            }
            _ => Err(invalid("The Authorization header must be: Bearer, a blank, the token")),
        },
        // Not invalid_token: nothing was shown (RFC 6750 §3.1).
        (None, None) => Err(Problem::unauthenticated("", "")),
    }
}

fn answer(told: Result<UserInfo, Problem>) -> HttpResponse {
    let problem = match told {
        Ok(told) => return done(&told.claims),
        Err(problem) => problem,
    };
    let status = match problem.kind {
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::NotFound => StatusCode::NOT_FOUND,
        _ => {
            tracing::error!(cause = problem.internal.as_deref(), "userinfo failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let mut answer = HttpResponse::build(status);
    answer.insert_header(("Cache-Control", "no-store"));
    // RFC 6750 §3: whenever the way in which the token was shown, or not shown, is the reason.
    if matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        let mut challenge = "Bearer realm=\"scaistack\"".to_owned();
        if !problem.code.is_empty() {
            challenge = format!("{challenge}, error=\"{}\", error_description=\"{}\"", problem.code, problem.message);
        }
        if status == StatusCode::FORBIDDEN {
            challenge.push_str(", scope=\"openid\"");
        }
        answer.insert_header(("WWW-Authenticate", challenge));
    }
    match (status, problem.code) {
        (StatusCode::INTERNAL_SERVER_ERROR, _) => {
            answer.json(json!({ "error": "server_error", "error_description": "Something went wrong on our side" }))
        }
        // Nothing was shown, so nothing was wrong with it (RFC 6750 §3.1).
        (_, "") => answer.json(json!({ "error_description": "Send an access token as Authorization: Bearer" })),
        (_, code) => answer.json(json!({ "error": code, "error_description": problem.message })),
    }
}
