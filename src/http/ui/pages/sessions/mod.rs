//! `/admin/people/sessions`: who is signed in where.

mod view;

use crate::access::permit;
use crate::base::id::{SessionId, UserId};
use crate::base::{Email, Id, Problem};
use crate::http::kit::parts::{Form, part};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people;
use crate::sessions::{self, Filter};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{Line, ROOT, Shown};

/// How many stand on a page.
const SIZE: usize = 50;

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    user: String,
    #[serde(default)]
    before: String,
}

/// `GET /admin/people/sessions`.
pub async fn list(ctx: Ctx, query: web::Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadSessions>()?;
    let (snapshot, now) = (ctx.stack.store.read(), ctx.stack.now());
    let named = query.user.trim();
    let user = match (UserId::parse(named), Email::parse(named)) {
        (Some(id), _) => Some(id),
        (None, Ok(email)) => people::by_email(&snapshot, &email)?.map(|user| user.id),
        (None, Err(_)) => None,
    };
    let mut form = Form::with([("user", named.to_owned())]);
    let mut found = Vec::new();
    if named.is_empty() || user.is_some() {
        let filter = Filter { user, before: SessionId::parse(&query.before), ..Filter::default() };
        found = sessions::list(&snapshot, &granted, filter, SIZE + 1, now)?;
    } else {
        form = form.error("user", "is no e-mail or ID of a user");
    }
    let more = found.len() > SIZE;
    found.truncate(SIZE);
    let next =
        found.last().filter(|_| more).map(|last| part(ROOT, [("user", named)], Some(("before", &last.id.to_string()))));
    let mine = ctx.signed_in.session.id;
    let mut lines = Vec::with_capacity(found.len());
    for session in found {
        let email = people::user(&snapshot, session.user)?.map(|user| user.email.to_string());
        lines.push(Line { current: session.id == mine, email: email.unwrap_or_default(), session });
    }
    let first = (!query.before.is_empty()).then(|| part(ROOT, [("user", named)], None));
    let shown =
        Shown { lines: &lines, filtered: !named.is_empty(), first, next, may_end: ctx.may::<permit::EndSessions>() };
    ctx.page("Sessions", nav::SESSIONS, &view::list(&shown, &form, &ctx.csrf(), now))
}

/// `POST /admin/people/sessions/{id}/end`.
pub async fn end(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("session_not_found", "There is no such session");
    let id = SessionId::parse(&id).ok_or_else(none)?;
    let (granted, now) = (ctx.widest::<permit::EndSessions>()?, ctx.stack.now());
    ctx.stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, "The session has ended."))
}
