//! A new password.

use super::reader::oneself;
use super::view::{self, PASSWORD};
use crate::base::Problem;
use crate::http::kit::parts::Form;
use crate::http::kit::{cookie, device};
use crate::http::ui::context::{Ctx, password_refused, refused};
use crate::http::ui::posted::Posted;
use crate::{authentication, people};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use std::sync::Arc;

fn show(ctx: &Ctx, status: StatusCode, form: &Form) -> Result<HttpResponse, Problem> {
    let user = oneself(ctx)?;
    let body = view::password(&user, form, &ctx.csrf(), ctx.stack.now());
    ctx.note(form);
    ctx.page_as(HttpResponse::build(status), "Password", view::ROOT, &body)
}

/// `GET /account/password`.
pub async fn page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    show(&ctx, StatusCode::OK, &Form::default())
}

/// `POST /account/password`. Ends the other sessions, and gives this one a new cookie.
pub async fn submit(Posted { mut ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let user = oneself(&ctx)?;
    let (current, new) = (fields.secret("current_password"), fields.secret("new_password"));
    let stack = ctx.stack.clone();
    let was = match authentication::confirm_password(&stack, ctx.actor(), current).await {
        Ok(user) => user.password_mark(),
        Err(problem) => {
            let (status, form) = password_refused(Form::default(), "current_password", problem)?;
            return show(&ctx, status, &form);
        }
    };
    let phc = match authentication::new_password(&stack, "new_password", new.clone(), &user.email).await {
        Ok(phc) => phc,
        Err(problem) => {
            return show(&ctx, StatusCode::UNPROCESSABLE_ENTITY, &refused(Form::default(), problem)?);
        }
    };
    let (actor, session, now) = (Arc::clone(ctx.actor()), ctx.signed_in.session.id, stack.now());
    stack.store.write(move |tx| people::set_own_password(tx, &actor, was, &phc, Some(session), now)).await?;
    let started = authentication::reauthenticate(&stack, ctx.actor(), session, new).await?;
    let cookie = cookie::session(&ctx.http, &stack, started.cookie.expose());
    let known = device::cookie_for(&ctx.http, &stack, user.id)?;
    ctx.signed_in = Arc::new(ctx.signed_in.in_session(started.session));
    let mut answer = ctx.done(PASSWORD, "Your password is changed. You are signed out everywhere else.");
    for cookie in [Some(cookie), known].iter().flatten() {
        answer.add_cookie(cookie).map_err(Problem::internal)?;
    }
    Ok(answer)
}
