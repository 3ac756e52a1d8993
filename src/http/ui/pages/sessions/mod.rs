//! `/admin/people/sessions`: who is signed in where.

mod view;

pub(in crate::http::ui::pages) use view::browser;

use super::find::named_user;
use crate::access::permit;
use crate::base::id::{SessionId, UserId};
use crate::base::{Id, Problem};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::people;
use crate::sessions::{self, Filter};
use crate::store::Slice;
use actix_web::{HttpResponse, web};
use maud::html;
use view::{Line, ROOT};

/// `GET /admin/people/sessions`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadSessions>()?;
    let (snapshot, now, named) = (ctx.stack.store.read(), ctx.stack.now(), asked.value("user"));
    let user = if named.is_empty() { None } else { Some(named_user(&ctx, named)?) };
    let mut list = List::at(ROOT, &asked, view::filters()).waits();
    let mine = ctx.signed_in.session.id;
    let read = |window| {
        let user = user.as_ref().and_then(|user| user.as_ref().ok()).map(|user| user.id);
        let filter = Filter { user, ..Filter::default() };
        sessions::slice(&snapshot, &granted, filter, window, now)?.try_map(|session| {
            let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string());
            Ok(Line { current: session.id == mine, email: email.unwrap_or_default(), session })
        })
    };
    let lines = if let Some(Err(rule)) = &user {
        list = list.wrong("user", rule);
        list.slice(Slice::empty(), "session")
    } else {
        list.sorted_uncounted(&view::SORTING, "session", read)?
    };
    let may_end = ctx.may::<permit::EndSessions>();
    ctx.page("Sessions", nav::SESSIONS, &view::list(&list, &lines, may_end, &ctx.csrf(), now))
}

/// `GET /admin/people/sessions/{id}/end`.
pub async fn end_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::EndSessions>()?;
    let snapshot = ctx.stack.store.read();
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let session = sessions::get(&snapshot, &ctx.widest::<permit::ReadSessions>()?, id)?;
    let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string()).unwrap_or_default();
    let (action, csrf, form) = (format!("{ROOT}/{id}/end"), ctx.csrf(), Form::default());
    ctx.confirm(nav::SESSIONS, &view::end(&email, &action, &csrf, &form))
}

/// `POST /admin/people/sessions/selected/end`.
pub async fn end_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    ctx.widest::<permit::EndSessions>()?;
    let deed = Deed {
        section: nav::SESSIONS,
        list: ROOT,
        action: view::END.action,
        what: "session",
        verb: "End",
        done: "ended",
        means: "These browsers are signed out, and the access tokens that came from them end.",
        destructive: true,
        asks: html! {},
    };
    let (snapshot, granted) = (ctx.stack.store.read(), ctx.widest::<permit::ReadSessions>()?);
    let find = |id: &str| {
        let session = sessions::get(&snapshot, &granted, SessionId::parse(id).ok_or_else(none)?)?;
        let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string()).unwrap_or_default();
        Ok((format!("{email}, {}", view::browser_of(&session)), session.id))
    };
    run(&posted, &deed, find, async |id| {
        let granted = ctx.widest::<permit::EndSessions>()?;
        ctx.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await.map(|_| ())
    })
    .await
}

fn none() -> Problem {
    Problem::not_found("session_not_found", "There is no such session")
}

/// `POST /admin/people/sessions/{id}/end`.
pub async fn end(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let (granted, now) = (ctx.widest::<permit::EndSessions>()?, ctx.stack.now());
    ctx.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    // The page of a user has the button too, and goes on there.
    let user = UserId::parse(fields.text("user")).map(|user| format!("{}/{user}", nav::USERS));
    Ok(ctx.done(user.as_deref().unwrap_or(ROOT), "The session has ended."))
}
