//! The authorization endpoints of all flavours: a request in, and out of it an answer, a page, or the way to the pages.

use super::finish;
use super::interaction::Interaction;
use super::refused;
use super::visitor::Visitor;
use crate::base::{Problem, Slug};
use crate::http::kit::see_other;
use crate::http::listener::MAX_URI;
use crate::oauth::Flavour;
use crate::oauth::authorize::{CheckContext, PageFault, Refused, Sent, check};
use actix_web::{Error, HttpRequest, HttpResponse, web};

/// The longest query that a posted request is turned into.
const MAX_QUERY: usize = MAX_URI - 512;

/// `GET /api/v1/platform/oauth/authorize`.
pub async fn platform(visitor: Visitor) -> Result<HttpResponse, Problem> {
    start(visitor, Ok(Flavour::Platform)).await
}

/// `GET /api/v1/auth/tenants/{slug}/oauth/authorize`.
pub async fn tenant(visitor: Visitor, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    start(visitor, Slug::parse(&slug).map(Flavour::Tenant).map_err(|_| PageFault::NoTenant)).await
}

/// `GET /oauth/authorize`.
pub async fn environment(visitor: Visitor) -> Result<HttpResponse, Problem> {
    start(visitor, Ok(Flavour::Environment)).await
}

/// `POST` to any of them (OpenID Connect Core §3.1.2.1 wants both methods).
///
/// A form of a client's page comes without our cookies, which are not for other sites' posts. So it becomes the same request
/// by GET, which brings them: otherwise whoever is signed in would have to sign in again.
pub async fn posted(visitor: Visitor, body: Result<web::Bytes, Error>) -> Result<HttpResponse, Problem> {
    match as_query(&visitor.http, &body) {
        Some(query) => Ok(see_other(&format!("{}?{query}", visitor.http.path())).finish()),
        None => refused::page(&visitor, PageFault::Unreadable, None, None),
    }
}

/// A form as a query. None: it is none, or too long for an address.
pub(super) fn as_query(http: &HttpRequest, body: &Result<web::Bytes, Error>) -> Option<String> {
    let kind = http.headers().get("content-type")?.to_str().ok()?.split(';').next()?.trim();
    let text = std::str::from_utf8(body.as_ref().ok()?).ok()?;
    let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    // What a form's encoding leaves as it is, and nothing that would end a query.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    (is_form && plain && text.len() <= MAX_QUERY).then(|| text.to_owned())
}

async fn start(visitor: Visitor, flavour: Result<Flavour, PageFault>) -> Result<HttpResponse, Problem> {
    let flavour = match flavour {
        Ok(flavour) => flavour,
        Err(fault) => return refused::page(&visitor, fault, None, None),
    };
    let stack = visitor.stack.clone();
    let Some(sent) = Sent::parse(visitor.http.query_string().as_bytes()) else {
        return refused::page(&visitor, PageFault::Unreadable, None, None);
    };
    let (keys, now) = (stack.keys.current(), stack.now());
    let looking = CheckContext { keys: &keys, issuers: stack.issuers(), flavour: &flavour };
    match check(&stack.store.read(), &looking, &sent) {
        Ok(request) => go_on(&visitor, Interaction::new(request, now)).await,
        Err(Refused::Redirect { back, fault }) => Ok(finish::refuse(&visitor, &back, &fault)),
        Err(Refused::Page { fault, application, given }) => {
            refused::page(&visitor, fault, application, given.as_deref())
        }
        Err(Refused::Failed(problem)) => Err(problem),
    }
}

/// Answers, or leads to the page that comes next.
pub(super) async fn go_on(visitor: &Visitor, interaction: Interaction) -> Result<HttpResponse, Problem> {
    if let Some(done) = finish::if_done(visitor, &interaction).await? {
        return Ok(done);
    }
    finish::lead_on(visitor, &interaction, |_| Ok(()))
}
