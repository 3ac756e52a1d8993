//! The password once more, before something dangerous, and back to it.

use super::view::{self, ROOT};
use crate::authentication;
use crate::base::Problem;
use crate::http::kit::parts::Form;
use crate::http::kit::{cookie, see_other};
use crate::http::ui::context::{Ctx, password_refused};
use crate::http::ui::pages::sign_in_next::own_page;
use crate::http::ui::posted::Posted;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// Where to go back to.
#[derive(Debug, Deserialize)]
pub struct Back {
    #[serde(default)]
    next: String,
}

/// `GET /account/confirm`.
pub async fn page(ctx: Ctx, back: web::Query<Back>) -> Result<HttpResponse, Problem> {
    let form = Form::with([("next", own_page(&back.next).to_owned())]);
    ctx.page("Confirm that it is you", ROOT, &view::confirm(&ctx.who(), &form, &ctx.csrf()))
}

/// `POST /account/confirm`. The session gets a new cookie.
pub async fn submit(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let next = own_page(fields.text("next"));
    let form = Form::with([("next", next.to_owned())]);
    let id = ctx.signed_in.session.id;
    let (status, form) =
        match authentication::reauthenticate(&ctx.stack, ctx.actor(), id, fields.secret("password")).await {
            Ok(started) => {
                let cookie = cookie::session(&ctx.http, &ctx.stack, started.cookie.expose());
                return Ok(see_other(next).cookie(cookie).finish());
            }
            Err(problem) => password_refused(form, "password", problem)?,
        };
    let body = view::confirm(&ctx.who(), &form, &ctx.csrf());
    ctx.note(&form);
    ctx.page_as(HttpResponse::build(status), "Confirm that it is you", ROOT, &body)
}
