//! Into the trash and out of it.

use super::{OneQuery, view};
use crate::access::permit;
use crate::base::{Problem, SecretPath};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::{Form, Undo, percent};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::vault::{self, TrashedSecret, service};
use actix_web::{HttpResponse, web};
use maud::html;

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
    let (now, snapshot) = (ctx.stack.now(), ctx.stack.store.read());
    let mut list = List::at(view::TRASH, &asked, Vec::new());
    let place = |row: &TrashedSecret| row.path.to_string();
    let rows = list.sorted_by_place(&view::TRASH_SORTING, "deleted secret", place, |start, way, limit| {
        let start = start.and_then(|path| SecretPath::parse(path).ok());
        service::trash(&snapshot, &granted, (start.as_ref(), way), limit, now)
    })?;
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

/// `POST /admin/secrets/selected/delete`.
pub async fn delete_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    ctx.here::<permit::DeleteSecrets>()?;
    let (limits, snapshot) = (ctx.stack.vault_limits(), ctx.stack.store.read());
    let means = format!(
        "All versions of them go to the trash, and programs that read them fail at once. They can be restored for {} days.",
        limits.soft_delete_days
    );
    let deed = Deed {
        section: nav::SECRETS,
        list: view::ROOT,
        action: view::DELETE.action,
        what: "secret",
        verb: "Delete",
        done: "in the trash",
        means: &means,
        destructive: true,
        asks: html! {},
    };
    let seen = ctx.here::<permit::ListSecrets>()?;
    let find = |path: &str| {
        let path = vault::parse_path(path)?;
        service::versions(&snapshot, &seen, &path)?;
        Ok((path.to_string(), path))
    };
    run(&posted, &deed, find, async |path| {
        let granted = ctx.here::<permit::DeleteSecrets>()?;
        ctx.stack.store.write(move |tx| service::delete(tx, &granted, &path, false, &limits, now)).await.map(|_| ())
    })
    .await
}

/// `POST /admin/secrets/selected/restore`.
pub async fn restore_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    ctx.here::<permit::DeleteSecrets>()?;
    let deed = Deed {
        section: nav::SECRETS,
        list: view::TRASH,
        action: view::RESTORE.action,
        what: "secret",
        verb: "Restore",
        done: "back, with all versions",
        means: "They can be read again at their paths.",
        destructive: false,
        asks: html! {},
    };
    let find = |path: &str| vault::parse_path(path).map(|path| (path.to_string(), path));
    run(&posted, &deed, find, async |path| {
        let granted = ctx.here::<permit::DeleteSecrets>()?;
        ctx.stack.store.write(move |tx| service::restore(tx, &granted, &path, now)).await.map(|_| ())
    })
    .await
}
