//! What the OAuth endpoints have in common: a form in, RFC 6749's JSON out.

use crate::access::Origin;
use crate::base::Slug;
use crate::oauth::{ErrorCode, Flavour, OAuthError, Refused};
use crate::stack::Stack;
use crate::telemetry::failures::authentication_failed;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, PRAGMA};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use governor::{DefaultKeyedRateLimiter, Quota};
use serde::Serialize;
use serde_json::json;
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// What is read of the body, or why it could not be.
pub type Body = Result<web::Bytes, Error>;

/// Refusals of one client at one address before the next are answered with 429 and leave no audit row: 30 at once, then one
/// a second. It keeps a client with a wrong secret from flooding the log; right credentials never wait.
static REFUSALS: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| DefaultKeyedRateLimiter::keyed(Quota::per_second(NonZeroU32::MIN).allow_burst(BURST)));
const BURST: NonZeroU32 = match NonZeroU32::new(30) {
    Some(burst) => burst,
    None => NonZeroU32::MIN,
};
/// With more names than this, those that have been quiet are forgotten.
const MAX_NAMES: usize = 10_000;

/// The tenant's flavour, from the slug in the address.
pub fn flavour(slug: &str) -> Result<Flavour, OAuthError> {
    Slug::parse(slug)
        .map(Flavour::Tenant)
        .map_err(|_| OAuthError { status: 404, ..OAuthError::invalid_request("There is no tenant at this address") })
}

/// The `Authorization` header and the form of a request, before anything of them is read.
///
/// In the environment a bearer token is no part of it: Scalekit's SDK for Python goes on sending the old one when it asks for
/// the next.
pub fn form<'a>(
    request: &'a HttpRequest,
    body: &'a Body,
    flavour: &Result<Flavour, OAuthError>,
) -> Result<(Option<&'a str>, &'a [u8]), OAuthError> {
    let tolerant = matches!(flavour, Ok(Flavour::Environment));
    let text = |value: &'a HeaderValue| value.to_str().unwrap_or_default();
    let is_bearer = |value: &str| value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    let mut headers =
        request.headers().get_all(AUTHORIZATION).map(text).filter(|value| !(tolerant && is_bearer(value)));

    if !is_form(request) {
        if body.as_ref().is_ok_and(|body| body.is_empty()) {
            let text = "The request is empty: send the parameters as a form, with the Content-Type application/x-www-form-urlencoded";
            return Err(OAuthError::invalid_request(text));
        }
        return Err(OAuthError::invalid_request("The Content-Type must be application/x-www-form-urlencoded"));
    }
    // In an address they would stand in logs (RFC 6749 §2.3.1).
    if request.query_string().contains("client_secret=") {
        return Err(OAuthError::invalid_request("The client_secret must not stand in the address"));
    }
    let body = body.as_ref().map_err(|error| {
        let too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
        let status = if too_large { 413 } else { 400 };
        OAuthError { status, ..OAuthError::invalid_request("The body could not be read, or is too large") }
    })?;
    match (headers.next(), headers.next()) {
        (_, Some(_)) => Err(OAuthError::invalid_request("There is more than one Authorization header")),
        (header, None) => Ok((header, body)),
    }
}

/// Whether the body says that it is a form.
pub fn is_form(request: &HttpRequest) -> bool {
    request.headers().get("content-type").and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Leaves the audit row of a refusal, as long as there are not too many.
pub fn refusal(stack: &Stack, from: &Origin, client_id: &str, refused: &Refused) -> OAuthError {
    // Codes and refresh tokens cannot be guessed, and many tabs may lose the same race: they are told the truth, only the log
    // is spared, and they are not counted with the guesses at a client's secret.
    let lost_race = refused.error.code == ErrorCode::InvalidGrant;
    if let Err(too_many) = may_fail(from, client_id, if lost_race { "grant" } else { "client" }) {
        return if lost_race { refused.error.clone() } else { too_many };
    }
    let event = refused.event(from, stack.now());
    if refused.error.code == ErrorCode::InvalidClient {
        authentication_failed(from, &event.actor.id, refused.error.code.as_str());
    }
    if event.actor.kind == "anonymous" {
        stack.audit_stranger(event);
    } else {
        stack.audit_later(event);
    }
    refused.error.clone()
}

/// Counts a refusal of one kind; an error once there were too many.
fn may_fail(from: &Origin, client_id: &str, kind: &str) -> Result<(), OAuthError> {
    if REFUSALS.len() > MAX_NAMES {
        REFUSALS.retain_recent();
    }
    let ip = from.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let name: String = client_id.chars().take(64).collect();
    REFUSALS.check_key(&format!("{ip} {kind} {name}")).map_err(|_| OAuthError {
        status: 429,
        ..OAuthError::new(ErrorCode::TemporarilyUnavailable, "Too many refused requests of this client; wait a second")
    })
}

/// An answer that nobody keeps (RFC 6749 §5.1).
pub fn done(body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    answer.insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
    crate::http::json(&mut answer, body)
}

/// The answer (RFC 6749 §5.1, §5.2).
pub fn answer<T: Serialize>(result: Result<T, OAuthError>) -> HttpResponse {
    let error = match result {
        Ok(body) => return done(&body),
        Err(error) => error,
    };
    if let Some(internal) = &error.internal {
        tracing::error!(cause = internal, "an OAuth request failed");
    }
    let mut answer =
        HttpResponse::build(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    answer.insert_header(("Cache-Control", "no-store")).insert_header(("Pragma", "no-cache"));
    if error.www_authenticate {
        answer.insert_header(("WWW-Authenticate", "Basic realm=\"scaistack\", charset=\"UTF-8\""));
    }
    if error.status == 429 || error.status == 503 {
        answer.insert_header(("Retry-After", "1"));
    }
    answer.json(json!({ "error": error.code.as_str(), "error_description": error.description }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use crate::base::id::RequestId;
    use crate::oauth::TokenResponse;
    use actix_web::body::MessageBody;
    use actix_web::test::TestRequest;

    fn body(answer: HttpResponse) -> serde_json::Value {
        serde_json::from_slice(&answer.into_body().try_into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn errors_have_the_codes_and_headers_of_the_rfc() {
        for (error, status, challenge) in [
            (OAuthError::invalid_client("wrong"), 401, true),
            (OAuthError::invalid_request("twice"), 400, false),
            (OAuthError::invalid_scope("more"), 400, false),
            (OAuthError::unauthorized_client("disabled"), 400, false),
            (OAuthError { status: 404, ..OAuthError::invalid_request("none") }, 404, false),
        ] {
            let (code, description) = (error.code.as_str(), error.description.clone());
            let answer = answer::<TokenResponse>(Err(error));
            assert_eq!(answer.status().as_u16(), status);
            assert_eq!(answer.headers().get("www-authenticate").is_some(), challenge);
            assert_eq!(answer.headers().get("cache-control").unwrap(), "no-store");
            assert_eq!(body(answer), json!({ "error": code, "error_description": description }));
        }
    }

    #[test]
    fn the_answer_is_the_quickstarts() {
        let token = TokenResponse {
            access_token: "eyJ".to_owned(),
            token_type: "Bearer",
            expires_in: 3600,
            scope: "admin:read".to_owned(),
            refresh_token: None,
            id_token: None,
        };
        let answer = answer(Ok(token));
        assert_eq!(answer.headers().get("pragma").unwrap(), "no-cache");
        let want = json!({"access_token": "eyJ", "token_type": "Bearer", "expires_in": 3600, "scope": "admin:read"});
        assert_eq!(body(answer), want);
    }

    #[test]
    fn only_a_form_in_the_body_is_read() {
        let kind = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let good = Ok(web::Bytes::from_static(b"grant_type=client_credentials&client_id=skc_1&client_secret=x"));
        let code = |request: TestRequest| {
            super::form(&request.to_http_request(), &good, &Ok(Flavour::Platform)).err().map(|error| error.code)
        };
        assert_eq!(code(TestRequest::post().insert_header(kind)), None);
        let bad = Some(ErrorCode::InvalidRequest);
        assert_eq!(code(TestRequest::post()), bad);
        assert_eq!(code(TestRequest::post().insert_header(("content-type", "application/json"))), bad);
        assert_eq!(code(TestRequest::post().uri("/t?client_secret=x").insert_header(kind)), bad);
        let twice = TestRequest::post().insert_header(kind).append_header(("authorization", "Basic YTpi"));
        assert_eq!(code(twice.append_header(("authorization", "Basic YTpi"))), bad);
    }

    #[test]
    fn refusals_of_one_client_at_one_address_are_limited() {
        let from = |ip: &str| Origin { request: RequestId::from_raw(1), ip: ip.parse().ok(), user_agent: None };
        let refused = (0..40).filter(|_| may_fail(&from("192.0.2.7"), "skc_77", "client").is_err()).count();
        assert!((5..=10).contains(&refused), "{refused}");
        assert!(
            may_fail(&from("192.0.2.8"), "skc_77", "client").is_ok()
                && may_fail(&from("192.0.2.7"), "skc_78", "client").is_ok()
        );
    }
}
