//! Showing a value: to somebody who has signed in a short while ago, with an audit row before it is answered.

use super::{values, view};
use crate::access::permit;
use crate::base::{Kind, Problem, SecretPath};
use crate::http::extract::SignedIn;
use crate::http::ui::context::Ctx;
use crate::http::ui::form::{Fields, Posted};
use crate::http::ui::nav;
use crate::http::ui::pages::sign_in;
use crate::http::ui::parts::Form;
use crate::signin;
use crate::vault::{self, SecretValue, service};
use actix_web::cookie::Cookie;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use std::sync::Arc;
use zeroize::Zeroizing;

fn number(text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| Problem::not_found("version_not_found", "The secret does not have this version"))
}

/// `POST /admin/secrets/reveal`.
pub async fn reveal(Posted { mut ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(fields.text("path"))?;
    let version = number(fields.text("version"))?;
    ctx.here::<permit::ReadSecrets>()?;
    let mut cookie = None;
    if !signin::is_recent(&ctx.stack, ctx.signed_in.session.authenticated_at) {
        match step_up(&ctx, &fields).await? {
            Ok((fresh, signed_in)) => {
                cookie = Some(fresh);
                ctx.signed_in = signed_in;
            }
            Err(form) => return ask(&ctx, &path, version, &form),
        }
    }
    let secret = open(&ctx, &path, version).await?;
    let pretty = Zeroizing::new(values::pretty(secret.data.expose()));
    if ctx.is_fragment() && cookie.is_none() {
        return Ok(ctx.fragment(&view::value("revealed", &pretty)));
    }
    let mut answer = HttpResponse::Ok();
    if let Some(cookie) = cookie {
        answer.cookie(cookie);
    }
    // Without a script the browser itself leaves the page.
    answer.insert_header(("Refresh", format!("{};url={}", view::SHOWN_SECS, view::address(path.as_str()))));
    ctx.page_as(answer, path.as_str(), nav::SECRETS, &view::revealed(path.as_str(), version, &pretty))
}

fn ask(ctx: &Ctx, path: &SecretPath, version: u32, form: &Form) -> Result<HttpResponse, Problem> {
    let body = view::step_up(path.as_str(), version, form, &ctx.csrf(), ctx.is_fragment());
    if ctx.is_fragment() { Ok(ctx.fragment(&body)) } else { ctx.page("Confirm that it is you", nav::SECRETS, &body) }
}

/// Reads a version, and puts the read into the log before anybody sees it.
async fn open(ctx: &Ctx, path: &SecretPath, version: u32) -> Result<SecretValue, Problem> {
    let granted = ctx.here::<permit::ReadSecrets>()?;
    let secret = service::get(&ctx.stack.store.read(), &ctx.stack.tenant_keys, &granted, path, Some(version))?;
    ctx.stack.audit_read(service::read_event(&granted, path, secret.version, ctx.stack.now())).await?;
    Ok(secret)
}

type Again = (Cookie<'static>, Arc<SignedIn>);

/// Takes the password once more and gives the session a new cookie and CSRF secret (R-I3); the form to ask with if there is
/// no password or a wrong one.
pub(in crate::http::ui::pages) async fn step_up(ctx: &Ctx, fields: &Fields) -> Result<Result<Again, Form>, Problem> {
    if fields.raw("password").is_empty() {
        return Ok(Err(Form::default()));
    }
    let (actor, id) = (ctx.actor(), ctx.signed_in.session.id);
    let started = match signin::reauthenticate(&ctx.stack, actor, id, fields.secret("password")).await {
        Ok(started) => started,
        Err(problem) if problem.kind == Kind::Unauthenticated => {
            return Ok(Err(Form::default().error("password", "is wrong")));
        }
        Err(problem) => return Err(problem),
    };
    let cookie = sign_in::session_cookie(&ctx.http, &ctx.stack, started.cookie.expose());
    Ok(Ok((cookie, Arc::new(SignedIn { actor: Arc::clone(actor), session: started.session }))))
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
    let (older, newer) = (open(&ctx, &path, from).await?, open(&ctx, &path, to).await?);
    let names = values::compare(older.data.expose(), newer.data.expose());
    ctx.page("Compare versions", nav::SECRETS, &view::diff(path.as_str(), from, to, &names))
}
