//! Which pages of other origins may call an address from a browser, and read what it answers (CORS, the Fetch standard §3.2).
//!
//! It is one policy a route, a field of its row, and everything about it is done here: the gate has each answer pass
//! [`allow`], whatever came of the call, and OPTIONS is answered by [`options`] before anybody asks who calls. No handler knows
//! of it. None of the addresses that are open to others looks at a cookie.

use super::limit;
use super::route::{Access, Cors, Route};
use super::router::{Address, allowed, asked_method};
use crate::apps;
use crate::stack::Stack;
use crate::store::StoreError;
use crate::tenancy;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::LazyLock;

/// For how many seconds a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// What a script may read of an answer's headers, beside those that every script may.
static EXPOSED: LazyLock<HeaderValue> = LazyLock::new(|| {
    let names = limit::names().map(|name| format!(", {name}")).concat();
    let names = format!("www-authenticate, etag, retry-after, x-request-id{names}");
    HeaderValue::try_from(names).unwrap_or(HeaderValue::from_static("www-authenticate"))
});

impl Address {
    /// The policy for a call that means this route; for one with a method that the address does not answer to, that of its
    /// first route.
    pub fn cors(&self, route: Option<&'static Route>) -> Cors {
        match route.or(self.routes.first().copied()) {
            // A browser does not reach the local socket.
            Some(route) if route.access != Access::Local => route.cors,
            _ => Cors::Never,
        }
    }
}

/// Answers OPTIONS at an address: what it answers to (RFC 9110 §9.3.7) and, to a preflight, whether the page may go on. That
/// needs no credential, since browsers send none, and is no refusal.
pub fn options(address: &Address, request: &HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::NoContent().finish();
    let headers = answer.headers_mut();
    let methods = HeaderValue::try_from(allowed(request)).unwrap_or(HeaderValue::from_static("OPTIONS"));
    headers.insert(ALLOW, methods.clone());
    let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    headers.insert(VARY, HeaderValue::from_static(vary));
    let given = |name| request.headers().get(name);
    let (Some(origin), Some(_)) = (given(ORIGIN), given(ACCESS_CONTROL_REQUEST_METHOD)) else { return answer };
    let route = address.route(asked_method(request)).map(|(_, route)| route);
    if admit(address.cors(route), request, origin, headers) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        // Whichever it asks for: tracing and the like add some, and what we do not know we do not read.
        if let Some(asked) = given(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    answer
}

/// Says in an answer whose pages may read it. Costs a request without `Origin` no look-up.
pub fn allow(policy: Cors, answer: &mut ServiceResponse) {
    if policy == Cors::Never {
        return;
    }
    let request = answer.request().clone();
    let headers = answer.headers_mut();
    let depends = match policy {
        Cors::Never => false,
        Cors::Listed => services(&request).is_some_and(|stack| !stack.config.server.cors_origins.is_empty()),
        Cors::Registered => true,
        Cors::Everyone => {
            // Also to who does not ask, for a cache gives the same answer to all.
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED.clone());
            false
        }
    };
    if !depends {
        return;
    }
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = request.headers().get(ORIGIN)
        && admit(policy, &request, origin, headers)
    {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED.clone());
    }
}

/// Lets the page of an origin in, if it may: the origin itself, or `*` where it is everybody's.
///
/// Where applications are registered a browser may send credentials along, since libraries ask for tokens that way; nothing
/// there looks at them. `*` never goes with that.
fn admit(policy: Cors, request: &HttpRequest, origin: &HeaderValue, headers: &mut HeaderMap) -> bool {
    let Some(stack) = services(request) else { return false };
    let may = match policy {
        Cors::Never => false,
        Cors::Listed => stack.config.server.cors_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()),
        Cors::Registered => is_registered(stack, request, origin).unwrap_or_else(|error| {
            tracing::error!(%error, "the registered origins cannot be read");
            false
        }),
        Cors::Everyone => true,
    };
    if may {
        let told = if policy == Cors::Everyone { HeaderValue::from_static("*") } else { origin.clone() };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, told);
        if policy == Cors::Registered {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
    may
}

/// Whether an active application of the issuer at this address names the origin: one look into an index, or two. The tenant's
/// issuer is the one with its slug in the address; all others are for GLOBAL applications.
fn is_registered(stack: &Stack, request: &HttpRequest, origin: &HeaderValue) -> Result<bool, StoreError> {
    let Ok(origin) = origin.to_str() else { return Ok(false) };
    let snapshot = stack.store.read();
    let Some(slug) = request.match_info().get("slug") else {
        return apps::is_registered_origin(&snapshot, None, origin);
    };
    let Ok(slug) = crate::base::Slug::parse(slug) else { return Ok(false) };
    match tenancy::tenant_by_slug(&snapshot, &slug)? {
        Some(tenant) => apps::is_registered_origin(&snapshot, Some((tenant.partner, tenant.id)), origin),
        None => Ok(false),
    }
}

fn services(request: &HttpRequest) -> Option<&web::Data<Stack>> {
    request.app_data::<web::Data<Stack>>()
}
