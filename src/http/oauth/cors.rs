//! Which pages of other origins may read the answers of the OAuth endpoints (CORS): those that stand in the `allowed_origins`
//! of the application that asks. Never with cookies: none of these endpoints looks at one.

use crate::apps::{self, Application};
use crate::stack::Stack;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderName, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

/// `OPTIONS`: what a browser asks before a request with an `Authorization` header.
///
/// Nobody knows yet which application will ask: the client_id is in the body, the token in a header. So every origin may
/// send the request, which it could do without asking as well, for there are no cookies in play; whether its page may read the answer is
/// decided there, by [`allow`].
pub async fn preflight(request: HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::NoContent().finish();
    let headers = answer.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = request.headers().get(ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        for (name, value) in [
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-allow-headers", "Authorization, Content-Type"),
            ("access-control-max-age", "600"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    answer
}

/// Lets the page that asked read the answer, if the application allows its origin.
pub fn allow(mut answer: HttpResponse, request: &HttpRequest, application: Option<&Application>) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.headers().get(ORIGIN) else { return answer };
    let allowed = application.is_some_and(|application| {
        application.allowed_origins.iter().any(|allowed| allowed.as_str().as_bytes() == origin.as_bytes())
    });
    if allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
    }
    answer
}

/// As [`allow`], for the application that a request names, whether it has shown its secret or not.
pub fn allow_client(
    answer: HttpResponse,
    request: &HttpRequest,
    stack: &Stack,
    client_id: Option<&str>,
) -> HttpResponse {
    // Only a page of another origin sends the header; nobody else pays for the look-up.
    let application = match (request.headers().contains_key(ORIGIN), client_id) {
        (true, Some(client_id)) => apps::client(&stack.store.read(), client_id).ok().flatten(),
        _ => None,
    };
    allow(answer, request, application.as_deref())
}
