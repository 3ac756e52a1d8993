//! Showing a value: to somebody who has signed in a short while ago, with an audit row before it is answered.

use super::{values, view};
use crate::access::{Granted, permit};
use crate::base::{Problem, SecretPath};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::vault::{self, SecretValue, service};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use zeroize::Zeroizing;

fn number(text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| Problem::not_found("version_not_found", "The secret does not have this version"))
}

/// `POST /admin/secrets/reveal`.
pub async fn reveal(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(fields.text("path"))?;
    let version = number(fields.text("version"))?;
    let granted = ctx.here::<permit::RevealSecrets>()?.to_read();
    let secret = open(&ctx, &granted, &path, version).await?;
    let pretty = Zeroizing::new(values::pretty(secret.data.expose()));
    if ctx.is_fragment() {
        return Ok(ctx.fragment(&view::value("revealed", &pretty)));
    }
    let mut answer = HttpResponse::Ok();
    // Without a script the browser itself leaves the page.
    answer.insert_header(("Refresh", format!("{};url={}", view::SHOWN_SECS, view::address(path.as_str()))));
    ctx.page_as(answer, path.as_str(), nav::SECRETS, &view::revealed(path.as_str(), version, &pretty))
}

/// Reads a version, and puts the read into the log before anybody sees it.
async fn open(
    ctx: &Ctx,
    granted: &Granted<permit::ReadSecrets>,
    path: &SecretPath,
    version: u32,
) -> Result<SecretValue, Problem> {
    let secret = service::get(&ctx.stack.store.read(), &ctx.stack.tenant_keys, granted, path, Some(version))?;
    ctx.stack.audit_read(service::read_event(granted, path, secret.version, ctx.stack.now())).await?;
    Ok(secret)
}

/// Which versions to compare.
#[derive(Debug, Deserialize)]
pub struct DiffQuery {
    path: String,
    from: String,
    to: String,
}

/// `GET /admin/secrets/diff`: which names differ between two versions. Both are opened for it, so both reads are logged.
pub async fn diff(ctx: Ctx, query: web::Query<DiffQuery>) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(&query.path)?;
    let (from, to) = (number(&query.from)?, number(&query.to)?);
    let granted = ctx.here::<permit::ReadSecrets>()?;
    let (older, newer) = (open(&ctx, &granted, &path, from).await?, open(&ctx, &granted, &path, to).await?);
    let names = values::compare(older.data.expose(), newer.data.expose())?;
    ctx.page("Compare versions", nav::SECRETS, &view::diff(path.as_str(), from, to, &names))
}
