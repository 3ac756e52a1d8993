//! Applications that one has let in.

use super::reader::oneself;
use super::view::{self, APPS};
use crate::apps::Application;
use crate::base::Problem;
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::posted::Posted;
use crate::oauth::consent;
use actix_web::{HttpResponse, web};
use std::sync::Arc;

/// `GET /account/apps`.
pub async fn list(ctx: Ctx) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    let found = consent::list_own(&ctx.stack.store.read(), ctx.actor())?;
    ctx.page("Authorised applications", view::ROOT, &view::apps(&found, ctx.stack.now()))
}

fn found(ctx: &Ctx, client_id: &str) -> Result<Application, Problem> {
    oneself(ctx)?;
    let all = consent::list_own(&ctx.stack.store.read(), ctx.actor())?;
    let one = all.into_iter().map(|(_, application)| application).find(|one| one.client_id() == client_id);
    one.ok_or_else(|| Problem::not_found("consent_not_found", "You have not authorised this application"))
}

/// `GET /account/apps/{client_id}/revoke`.
pub async fn revoke_page(ctx: Ctx, client_id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = found(&ctx, &client_id)?;
    let action = format!("{APPS}/{client_id}/revoke");
    let (csrf, form) = (ctx.csrf(), Form::default());
    ctx.confirm(view::ROOT, &view::revoke_app(application.name.as_str(), &action, &csrf, &form))
}

/// `POST /account/apps/{client_id}/revoke`.
pub async fn revoke(Posted { ctx, .. }: Posted, client_id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = found(&ctx, &client_id)?;
    let (actor, id, now) = (Arc::clone(ctx.actor()), application.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| consent::revoke_own(tx, &actor, id, now)).await?;
    Ok(ctx.done(APPS, &format!("{} can no longer act for you.", application.name)))
}
