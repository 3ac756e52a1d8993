//! Where one is signed in.

use super::reader::oneself;
use super::view::{self, SESSIONS};
use crate::base::id::SessionId;
use crate::base::{Id, Problem};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::sessions as domain;
use actix_web::{HttpResponse, web};
use maud::html;
use std::sync::Arc;

/// How many are shown.
const MOST: usize = 200;

/// `GET /account/sessions`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let now = ctx.stack.now();
    let mut found = domain::list_own(&ctx.stack.store.read(), ctx.actor(), MOST, now)?;
    found.reverse();
    let mut list = List::at(SESSIONS, &asked, Vec::new());
    let shown = list.sorted_all(&view::SESSION_SORTING, "session", found);
    let body = view::sessions((&list, &shown), ctx.signed_in.session.id, &ctx.csrf(), now);
    ctx.page("Sessions", view::ROOT, &body)
}

/// `POST /account/sessions/selected/end`.
pub async fn end_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    oneself(ctx)?;
    let deed = Deed {
        section: view::ROOT,
        list: SESSIONS,
        action: view::END.action,
        what: "session",
        verb: "End",
        done: "ended",
        means: "These browsers are signed out.",
        destructive: true,
        asks: html! {},
    };
    let own = domain::list_own(&ctx.stack.store.read(), ctx.actor(), MOST, now)?;
    let find = |id: &str| {
        let session = own.iter().find(|session| session.id.to_string() == id).ok_or_else(none)?;
        Ok((view::browser(session.user_agent.as_deref()), session.id))
    };
    run(&posted, &deed, find, async |id| {
        let actor = Arc::clone(ctx.actor());
        ctx.stack.store.write(move |tx| domain::end(tx, &actor, id, now)).await.map(|_| ())
    })
    .await
}

fn none() -> Problem {
    Problem::not_found("session_not_found", "There is no such session")
}

/// `GET /account/sessions/{id}/end`.
pub async fn end_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let found = domain::list_own(&ctx.stack.store.read(), ctx.actor(), MOST, ctx.stack.now())?;
    let session = found.iter().find(|session| session.id == id).ok_or_else(none)?;
    let (csrf, form) = (ctx.csrf(), Form::default());
    ctx.confirm(view::ROOT, &view::end_session(session, &format!("{SESSIONS}/{id}/end"), &csrf, &form))
}

/// `POST /account/sessions/{id}/end`.
pub async fn end(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let (actor, now) = (Arc::clone(ctx.actor()), ctx.stack.now());
    ctx.stack.store.write(move |tx| domain::end(tx, &actor, id, now)).await?;
    Ok(ctx.done(SESSIONS, "The session has ended."))
}

/// `GET /account/sessions/end-others`.
pub async fn end_other_sessions_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let (csrf, form) = (ctx.csrf(), Form::default());
    ctx.confirm(view::ROOT, &view::end_others(&format!("{SESSIONS}/end-others"), &csrf, &form))
}

/// `POST /account/sessions/end-others`.
pub async fn end_others(Posted { ctx, .. }: Posted) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let (actor, keep, now) = (Arc::clone(ctx.actor()), ctx.signed_in.session.id, ctx.stack.now());
    let ended = ctx.stack.store.write(move |tx| domain::end_own_others(tx, &actor, Some(keep), now)).await?;
    let words = if ended == 1 {
        "1 other session has ended.".to_owned()
    } else {
        format!("{ended} other sessions have ended.")
    };
    Ok(ctx.done(SESSIONS, &words))
}
