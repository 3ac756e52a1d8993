//! Taking the second factors from somebody who has lost them.

use super::super::change::mine_to_secure;
use super::super::view;
use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::parts::{Confirm, Form};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mfa;
use actix_web::{HttpResponse, web};
use maud::html;

/// `GET /admin/people/users/{id}/reset-factors`.
pub async fn page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let (back, csrf, form) = (view::address(user.id), ctx.csrf(), Form::default());
    let action = format!("{back}/reset-factors");
    let question = Confirm::destructive(
        "Reset the second factors?",
        "Reset second factors",
        (&action, &back),
        (&csrf, &form),
        html! {
            p { "The authenticator app and the recovery codes of " strong { (user.called()) } " count no more, and they are signed out everywhere." }
            p.muted { "The password alone signs them in then, until they set up another app. Be sure that it is they who ask." }
        },
    );
    ctx.confirm(nav::USERS, &question)
}

/// `POST /admin/people/users/{id}/reset-factors`.
pub async fn reset(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let (granted, id, now) = (ctx.widest::<permit::ManageCredentials>()?, user.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| mfa::reset(tx, &granted, id, now)).await?;
    Ok(ctx.done(&view::address(id), "The second factors are gone, and all sessions have ended."))
}
