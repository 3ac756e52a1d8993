//! Into the trash and out of it.

use super::{OneQuery, view};
use crate::access::permit;
use crate::base::{Problem, SecretPath};
use crate::http::kit::list::{Asked, List, SIZE};
use crate::http::kit::parts::{Form, Undo, percent};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::vault::{self, TrashedSecret, service};
use actix_web::{HttpResponse, web};

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
    let message = format!("{} is in the trash and can be restored there.", deleted.path);
    let undo = Undo::at(format!("{}/restore", view::ROOT)).with("path", deleted.path.as_str());
    Ok(ctx.done_but(view::ROOT, &message, Some(undo)))
}

/// `GET /admin/secrets/trash`.
pub async fn trash(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::DeleteSecrets>()?;
    let (now, after) = (ctx.stack.now(), SecretPath::parse(asked.value("after")).ok());
    let found = service::trash(&ctx.stack.store.read(), &granted, after.as_ref(), SIZE + 1, now)?;
    let list = List::at(format!("{}/trash", view::ROOT), &asked, Vec::new());
    let rows = list.cut(found, "deleted secret", ("after", |row: &TrashedSecret| row.path.to_string()));
    ctx.page("Trash", nav::SECRETS, &view::trash(&list, &rows, &ctx.csrf(), now))
}

/// `POST /admin/secrets/restore`.
pub async fn restore(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(fields.text("path"))?;
    let granted = ctx.here::<permit::DeleteSecrets>()?;
    let now = ctx.stack.now();
    let restored = ctx.stack.store.write(move |tx| service::restore(tx, &granted, &path, now)).await?;
    Ok(ctx.done(&view::address(restored.path.as_str()), "The secret is back, with all its versions."))
}
