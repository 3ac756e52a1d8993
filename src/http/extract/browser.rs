//! The session of a browser: whose it is, and where its pages work.

use super::credential::{cookie_name, is_tls, origin, stack};
use super::work::{SignedIn, narrowed};
use crate::access::{Actor, Credential, Principal};
use crate::base::Problem;
use crate::crypto::token::{self, TokenKind};
use crate::people::{self, SecondFactor};
use crate::roles;
use crate::sessions;
use crate::tenancy;
use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use std::sync::Arc;

/// Resolves the session of a browser, on a route that wants one.
///
/// # Errors
/// Unauthenticated with the code `no_session`; forbidden when another site's page caused a request that changes something.
pub fn session(request: &mut ServiceRequest) -> Result<Arc<SignedIn>, Problem> {
    let request = request.request();
    let signed_in = at_work(request)?.ok_or_else(|| Problem::unauthenticated("no_session", "Sign in first"))?;
    if request.method() != actix_web::http::Method::GET {
        same_site(request)?;
    }
    Ok(signed_in)
}

/// The session of a browser, if it has one: for pages that anybody may open.
///
/// # Errors
/// When the file cannot be read.
pub fn browser(request: &HttpRequest) -> Result<Option<Arc<SignedIn>>, Problem> {
    let stack = stack(request)?;
    let now = stack.now();
    let Some(cookie) = request.cookie(cookie_name(is_tls(request, stack))) else { return Ok(None) };
    let Ok(digest) = token::parse(TokenKind::SessionId, cookie.value()) else { return Ok(None) };
    let snapshot = stack.store.read();
    let idle_secs = i64::from(stack.config.sessions.idle_secs);
    let sessions::State::Live { session, stale } = sessions::resolve(&snapshot, &digest, now, idle_secs)? else {
        return Ok(None);
    };
    let Some(user) = people::user(&snapshot, session.user)? else { return Ok(None) };
    let place = tenancy::live_place(&snapshot, session.tenant)?;
    let Some((place, partner)) = place.and_then(|place| Some((place, place.partner()?))) else { return Ok(None) };
    let mut held = people::assignments(&snapshot, &user, now)?;
    let evidence = session.evidence();
    let shown = if evidence.has_second_factor() { SecondFactor::Given } else { SecondFactor::Missing };
    people::hold_to_second_factor(&snapshot, &mut held, shown)?;
    if !people::may_use(&user) || !people::may_enter(&held, place) {
        return Ok(None);
    }
    if stale {
        let id = session.id;
        let _ = stack.store.write_later(move |tx| sessions::touch(tx, id, now));
    }
    let actor = Actor {
        custom: roles::custom_of(&snapshot, &held, session.tenant, user.id)?,
        roles: held,
        principal: Principal::User { id: user.id, email: user.email },
        tenant: session.tenant,
        partner,
        credential: Credential::Session { id: session.id },
        proof: evidence.proof(now, i64::from(stack.config.sessions.step_up_secs)),
        scopes: None,
        expires_at: Some(session.expires_at),
        mfa_at: evidence.second_factor_at(),
        origin: origin(request, stack),
    };
    Ok(Some(Arc::new(SignedIn::everywhere(Arc::new(actor), *session))))
}

/// Refuses a request that a page of another site caused (Fetch Metadata). What is less clear than that, the token of the form
/// decides.
fn same_site(request: &HttpRequest) -> Result<(), Problem> {
    if request.headers().get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site") {
        return Err(Problem::forbidden("cross_site", "A page of another site may not do this"));
    }
    Ok(())
}

/// The session of a browser where its pages work, if it has one.
///
/// # Errors
/// When the file cannot be read.
pub fn at_work(request: &HttpRequest) -> Result<Option<Arc<SignedIn>>, Problem> {
    let (found, stack) = (browser(request)?, stack(request)?);
    found.map(|found| narrowed(stack, &stack.store.read(), &found).map(Arc::new)).transpose()
}
