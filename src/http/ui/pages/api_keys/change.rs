//! Switching a key off and on, rerolling it, revoking it.

use super::view::{self, ROOT};
use super::{found, reach};
use crate::base::Problem;
use crate::http::kit::parts::{Form, Undo};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::keys::api_keys;
use actix_web::{HttpResponse, web};
use maud::html;

async fn switch(ctx: &Ctx, id: &str, disabled: bool) -> Result<HttpResponse, Problem> {
    let (key, reach, now) = (found(ctx, id)?, reach(ctx)?, ctx.stack.now());
    let id = key.id;
    ctx.stack.store.write(move |tx| api_keys::set_disabled(tx, &reach, id, disabled, now)).await?;
    let word = if disabled { "switched off" } else { "switched on" };
    let (page, message) = (format!("{ROOT}/{id}"), format!("{} is {word}.", key.name));
    let undo = disabled.then(|| Undo::at(format!("{page}/enable")));
    Ok(ctx.done_but(&page, &message, undo))
}

/// `POST /admin/access/api-keys/{id}/disable`.
pub async fn disable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    switch(&ctx, &id, true).await
}

/// `POST /admin/access/api-keys/{id}/enable`.
pub async fn enable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    switch(&ctx, &id, false).await
}

/// `GET /admin/access/api-keys/{id}/revoke`.
pub async fn revoke_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let key = found(&ctx, &id)?;
    let (action, back) = (format!("{ROOT}/{}/revoke", key.id), format!("{ROOT}/{}", key.id));
    ctx.confirm(nav::API_KEYS, &view::revoke(&key, &action, &back, &ctx.csrf(), &Form::default()))
}

/// `POST /admin/access/api-keys/{id}/revoke`.
pub async fn revoke(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (key, reach, now) = (found(&ctx, &id)?, reach(&ctx)?, ctx.stack.now());
    let id = key.id;
    ctx.stack.store.write(move |tx| api_keys::revoke(tx, &reach, id, now)).await?;
    Ok(ctx.done(ROOT, &format!("{} is revoked.", key.name)))
}

/// `POST /admin/access/api-keys/selected/revoke`.
pub async fn revoke_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    let deed = Deed {
        section: nav::API_KEYS,
        list: ROOT,
        action: view::REVOKE.action,
        what: "API key",
        verb: "Revoke",
        done: "revoked",
        means: "Whatever uses them is refused from the next request on. This cannot be undone.",
        destructive: true,
        asks: html! {},
    };
    let find = |id: &str| found(ctx, id).map(|key| (format!("{} (…{})", key.name, key.hint), key.id));
    run(&posted, &deed, find, async |id| {
        let reach = reach(ctx)?;
        ctx.stack.store.write(move |tx| api_keys::revoke(tx, &reach, id, now)).await.map(|_| ())
    })
    .await
}

/// `GET /admin/access/api-keys/{id}/reroll`.
pub async fn reroll_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let key = found(&ctx, &id)?;
    let form = Form::with([("grace", "3600".to_owned())]);
    ctx.page("Reroll API key", nav::API_KEYS, &view::reroll(&key, &form, &ctx.csrf()))
}

/// `POST /admin/access/api-keys/{id}/reroll`.
pub async fn reroll(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (key, reach, now) = (found(&ctx, &id)?, reach(&ctx)?, ctx.stack.now());
    let kept = || fields.keep(&["grace"]);
    let grace = view::GRACES.iter().find(|(secs, _)| secs.to_string() == fields.text("grace"));
    let form = match grace {
        None => kept().error("grace", "must be one of the list"),
        Some((secs, _)) => {
            let ((secret, fingerprint), new_id, id, secs) = (api_keys::fresh(), ctx.stack.new_id(), key.id, *secs);
            let made = ctx
                .stack
                .store
                .write(move |tx| api_keys::reroll(tx, &reach, id, &fingerprint, secs, new_id, now))
                .await;
            match made {
                Ok(made) => {
                    let to = format!("{ROOT}/{}/created", made.id);
                    return Ok(ctx.done_once(&to, &made.id.to_string(), secret.expose()));
                }
                Err(problem) => refused(kept(), problem)?,
            }
        }
    };
    ctx.refused_page("Reroll API key", nav::API_KEYS, &form, &view::reroll(&key, &form, &ctx.csrf()))
}
