//! `/admin/people/sessions`: who is signed in where.

mod view;

pub(in crate::http::ui::pages) use view::browser;

use super::find::named_user;
use crate::access::permit;
use crate::base::id::{SessionId, UserId};
use crate::base::{Id, Problem};
use crate::http::kit::list::{Asked, List, SIZE};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people;
use crate::sessions::{self, Filter};
use actix_web::{HttpResponse, web};
use view::{Line, ROOT};

/// `GET /admin/people/sessions`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadSessions>()?;
    let (snapshot, now, named) = (ctx.stack.store.read(), ctx.stack.now(), asked.value("user"));
    let user = if named.is_empty() { None } else { Some(named_user(&ctx, named)?) };
    let mut list = List::at(ROOT, &asked, view::filters()).waits();
    let found = if let Some(Err(rule)) = &user {
        list = list.wrong("user", rule);
        Vec::new()
    } else {
        let user = user.and_then(Result::ok).map(|user| user.id);
        let filter = Filter { user, before: SessionId::parse(asked.value("before")), ..Filter::default() };
        sessions::list(&snapshot, &granted, filter, SIZE + 1, now)?
    };
    let mine = ctx.signed_in.session.id;
    let lines = list.cut(found, "session", ("before", |session: &sessions::Session| session.id.to_string())).try_map(
        |session| {
            let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string());
            Ok(Line { current: session.id == mine, email: email.unwrap_or_default(), session })
        },
    )?;
    let may_end = ctx.may::<permit::EndSessions>();
    ctx.page("Sessions", nav::SESSIONS, &view::list(&list, &lines, may_end, now))
}

/// `GET /admin/people/sessions/{id}/end`.
pub async fn end_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("session_not_found", "There is no such session");
    ctx.widest::<permit::EndSessions>()?;
    let snapshot = ctx.stack.store.read();
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let session = sessions::get(&snapshot, &ctx.widest::<permit::ReadSessions>()?, id)?;
    let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string()).unwrap_or_default();
    let (action, csrf, form) = (format!("{ROOT}/{id}/end"), ctx.csrf(), Form::default());
    ctx.confirm(nav::SESSIONS, &view::end(&email, &action, &csrf, &form))
}

/// `POST /admin/people/sessions/{id}/end`.
pub async fn end(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("session_not_found", "There is no such session");
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let (granted, now) = (ctx.widest::<permit::EndSessions>()?, ctx.stack.now());
    ctx.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    // The page of a user has the button too, and goes on there.
    let user = UserId::parse(fields.text("user")).map(|user| format!("{}/{user}", nav::USERS));
    Ok(ctx.done(user.as_deref().unwrap_or(ROOT), "The session has ended."))
}
