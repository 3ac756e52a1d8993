//! `/admin/people/sessions`: who is signed in where.

mod view;

use crate::access::permit;
use crate::base::id::{SessionId, UserId};
use crate::base::{Email, Id, Problem};
use crate::http::kit::list::{Asked, List, SIZE};
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
    let user = match (UserId::parse(named), Email::parse(named)) {
        (Some(id), _) => Some(id),
        (None, Ok(email)) => people::by_email(&snapshot, &email)?.map(|user| user.id),
        (None, Err(_)) => None,
    };
    let mut list = List::at(ROOT, &asked, view::filters()).waits();
    let found = if named.is_empty() || user.is_some() {
        let filter = Filter { user, before: SessionId::parse(asked.value("before")), ..Filter::default() };
        sessions::list(&snapshot, &granted, filter, SIZE + 1, now)?
    } else {
        list = list.wrong("user", "is no e-mail or ID of a user");
        Vec::new()
    };
    let mine = ctx.signed_in.session.id;
    let lines = list.cut(found, "session", ("before", |session: &sessions::Session| session.id.to_string())).try_map(
        |session| {
            let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string());
            Ok(Line { current: session.id == mine, email: email.unwrap_or_default(), session })
        },
    )?;
    let may_end = ctx.may::<permit::EndSessions>();
    ctx.page("Sessions", nav::SESSIONS, &view::list(&list, &lines, may_end, &ctx.csrf(), now))
}

/// `POST /admin/people/sessions/{id}/end`.
pub async fn end(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("session_not_found", "There is no such session");
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let (granted, now) = (ctx.widest::<permit::EndSessions>()?, ctx.stack.now());
    ctx.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, "The session has ended."))
}
