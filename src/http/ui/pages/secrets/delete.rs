//! Into the trash and out of it.

use super::{OneQuery, view};
use crate::access::permit;
use crate::base::{Problem, SecretPath};
use crate::http::kit::parts::{Form, percent};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::vault::{self, service};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// How many stand on a page.
const PAGE: usize = 100;

/// `GET /admin/secrets/delete`.
pub async fn delete_page(ctx: Ctx, query: web::Query<OneQuery>) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(&query.path)?;
    ctx.here::<permit::DeleteSecrets>()?;
    service::versions(&ctx.stack.store.read(), &ctx.here::<permit::ListSecrets>()?, &path)?;
    let (back, csrf, form) = (view::address(path.as_str()), ctx.csrf(), Form::default());
    let action = format!("{}/delete?path={}", view::ROOT, percent(path.as_str()));
    let days = ctx.stack.vault_limits().soft_delete_days;
    ctx.confirm(nav::SECRETS, &view::delete(path.as_str(), days, &action, &back, &csrf, &form))
}

/// `POST /admin/secrets/delete`.
pub async fn delete(Posted { ctx, .. }: Posted, query: web::Query<OneQuery>) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(&query.path)?;
    let granted = ctx.here::<permit::DeleteSecrets>()?;
    let (limits, now) = (ctx.stack.vault_limits(), ctx.stack.now());
    let deleted = ctx.stack.store.write(move |tx| service::delete(tx, &granted, &path, false, &limits, now)).await?;
    Ok(ctx.done(view::ROOT, &format!("{} is in the trash and can be restored there.", deleted.path)))
}

/// Behind which path.
#[derive(Debug, Deserialize)]
pub struct TrashQuery {
    #[serde(default)]
    after: String,
}

/// `GET /admin/secrets/trash`.
pub async fn trash(ctx: Ctx, query: web::Query<TrashQuery>) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::DeleteSecrets>()?;
    let (now, after) = (ctx.stack.now(), SecretPath::parse(&query.after).ok());
    let mut rows = service::trash(&ctx.stack.store.read(), &granted, after.as_ref(), PAGE + 1, now)?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let last = rows.last().filter(|_| more);
    let next = last.map(|last| format!("{}/trash?after={}", view::ROOT, percent(last.path.as_str())));
    ctx.page("Trash", nav::SECRETS, &view::trash(&rows, next.as_deref(), &ctx.csrf(), now))
}

/// `POST /admin/secrets/restore`.
pub async fn restore(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(fields.text("path"))?;
    let granted = ctx.here::<permit::DeleteSecrets>()?;
    let now = ctx.stack.now();
    let restored = ctx.stack.store.write(move |tx| service::restore(tx, &granted, &path, now)).await?;
    Ok(ctx.done(&view::address(restored.path.as_str()), "The secret is back, with all its versions."))
}
