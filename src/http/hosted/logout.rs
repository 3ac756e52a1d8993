//! Signing out because a client asks for it (OpenID Connect RP-Initiated Logout).

use super::authorize::as_query;
use super::interaction::{open, seal};
use super::view;
use super::visitor::{Sent, Visitor};
use crate::access::Principal;
use crate::base::id::{SessionId, UserId};
use crate::base::{Problem, Slug};
use crate::http::extract::{SignedIn, origin};
use crate::http::kit::{cookie, see_other};
use crate::oauth::Flavour;
use crate::oauth::authorize;
use crate::oauth::end_session::{Checked, Trouble, check};
use crate::people;
use crate::sessions;
use crate::store::WriteTx;
use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};
use std::sync::Arc;

/// What the address to go to afterwards is sealed for.
const BACK: &str = "hosted sign-out";

/// `GET /api/v1/platform/oauth/logout`.
pub async fn platform(visitor: Visitor) -> Result<HttpResponse, Problem> {
    start(visitor, Ok(Flavour::Platform)).await
}

/// `GET /api/v1/auth/tenants/{slug}/oauth/logout`.
pub async fn tenant(visitor: Visitor, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    start(visitor, Slug::parse(&slug).map(Flavour::Tenant).map_err(|_| ())).await
}

/// `GET /oidc/logout`, `GET /end_session`.
pub async fn environment(visitor: Visitor) -> Result<HttpResponse, Problem> {
    start(visitor, Ok(Flavour::Environment)).await
}

/// `POST` to any of them: becomes the same request by GET, for another site's form does not bring our cookies.
pub async fn posted(visitor: Visitor, body: Result<web::Bytes, Error>) -> Result<HttpResponse, Problem> {
    match as_query(&visitor.http, &body) {
        Some(query) => Ok(see_other(&format!("{}?{query}", visitor.http.path())).finish()),
        None => Ok(ask(&visitor, &Checked { trouble: Some(Trouble::Unclear), ..Checked::default() })),
    }
}

async fn start(visitor: Visitor, flavour: Result<Flavour, ()>) -> Result<HttpResponse, Problem> {
    let stack = visitor.stack.clone();
    let sent = authorize::Sent::parse(visitor.http.query_string().as_bytes());
    let unclear = Checked { trouble: Some(Trouble::Unclear), ..Checked::default() };
    let checked = match (flavour, sent) {
        (Ok(flavour), Some(sent)) => {
            let keys = stack.keys.current();
            check(&stack.store.read(), &keys, stack.issuers(), &flavour, &sent)?
        }
        _ => unclear,
    };
    let own = visitor.signed_in.as_ref().map(|signed_in| signed_in.session.id);
    if let (Some(user), Some(session), None) = (checked.user, checked.session, checked.trouble)
        && own != Some(session)
    {
        forget(&visitor, user, session).await?;
    }
    match &visitor.signed_in {
        // The client shows an ID token of the very user: there is nothing to ask.
        Some(signed_in) if checked.trouble.is_none() && checked.user == Some(signed_in.session.user) => {
            let signed_in = Arc::clone(signed_in);
            leave(&visitor, &signed_in, checked.back.as_deref()).await
        }
        Some(_) => Ok(ask(&visitor, &checked)),
        None => Ok(match &checked.back {
            Some(back) => visitor.leave_for(back),
            None => over(&visitor, checked.trouble),
        }),
    }
}

/// Ends the sign-in that a client names, which is not the browser's of now: it ran out, and applications may hold what came of
/// it all the same; or somebody else has signed in here since.
async fn forget(visitor: &Visitor, user: UserId, session: SessionId) -> Result<(), Problem> {
    let stack = &visitor.stack;
    let Some(user) = people::user(&stack.store.read(), user)? else { return Ok(()) };
    let (from, now) = (origin(&visitor.http, stack), stack.now());
    let end = move |tx: &mut WriteTx<'_>| {
        sessions::end_named(tx, (user.id, &user.email), session, "id_token_hint", &from, now)
    };
    Ok(stack.store.write(end).await?)
}

/// What to say about what is wrong.
fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unclear => "The application's request cannot be read.",
        Trouble::Hint => "The application did not show a valid ID token, so it cannot sign you out by itself.",
        Trouble::Client => "The application's request does not fit its ID token.",
        Trouble::Redirect => "The application asks to send you to an address that is not registered for it.",
        Trouble::Nobody => "The request does not say which application asks, so it cannot send you on.",
        Trouble::State => "The application's request is too long.",
    }
}

fn status(trouble: Option<Trouble>) -> StatusCode {
    if trouble.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
}

/// The question whether to sign out.
fn ask(visitor: &Visitor, checked: &Checked) -> HttpResponse {
    let Some(signed_in) = &visitor.signed_in else { return over(visitor, checked.trouble) };
    let who = match &signed_in.actor.principal {
        Principal::User { email, .. } => email.as_str(),
        Principal::Operator | Principal::Application { .. } => "",
    };
    let sealed = checked.back.as_ref().and_then(|back| seal(visitor, BACK, back));
    let body = view::sign_out(who, checked.trouble.map(words), &visitor.csrf(), sealed.as_deref());
    visitor.page(status(checked.trouble), &body)
}

fn over(visitor: &Visitor, trouble: Option<Trouble>) -> HttpResponse {
    let body = view::signed_out("You are signed out", "Nobody is signed in here any more.", trouble.map(words), true);
    visitor.page(status(trouble), &body)
}

/// `POST /logout`: the answer to the question.
pub async fn submit(sent: Sent) -> Result<HttpResponse, Problem> {
    let Sent { visitor, fields, is_ours, .. } = sent;
    let back = open::<String>(&visitor, BACK, fields.raw("back"));
    if !is_ours {
        return Ok(ask(&visitor, &Checked { back, ..Checked::default() }));
    }
    let Some(signed_in) = visitor.signed_in.clone() else {
        return Ok(back.map_or_else(|| over(&visitor, None), |back| visitor.leave_for(&back)));
    };
    if fields.raw("decision") != "leave" {
        let what = "Nothing was changed. You can close this page.";
        let stay = view::signed_out("You are still signed in", what, None, false);
        return Ok(back.map_or_else(|| visitor.page(StatusCode::OK, &stay), |back| visitor.leave_for(&back)));
    }
    leave(&visitor, &signed_in, back.as_deref()).await
}

/// Ends the session, and with it what its tokens can do.
async fn leave(visitor: &Visitor, signed_in: &SignedIn, back: Option<&str>) -> Result<HttpResponse, Problem> {
    let (stack, actor, id) = (&visitor.stack, Arc::clone(&signed_in.actor), signed_in.session.id);
    let now = stack.now();
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    let mut answer = match back {
        Some(back) => visitor.leave_for(back),
        None => over(visitor, None),
    };
    answer
        .add_cookie(&cookie::session_gone(&visitor.http, stack))
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(answer)
}
