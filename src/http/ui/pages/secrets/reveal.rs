//! Showing a value: to somebody who has signed in a short while ago, with an audit row before it is answered.

use super::{values, view};
use crate::access::{Principal, permit};
use crate::base::{Kind, Problem, SecretPath};
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::SignedIn;
use crate::http::ui::context::Ctx;
use crate::http::ui::form::{Fields, Posted};
use crate::http::ui::nav;
use crate::http::ui::pages::sign_in;
use crate::http::ui::parts::Form;
use crate::sessions::{self, CsrfSecret};
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
    let recent = ctx.signed_in.session.authenticated_at.plus_secs(i64::from(ctx.stack.config.sessions.step_up_secs));
    let mut cookie = None;
    if ctx.stack.now() >= recent {
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
async fn step_up(ctx: &Ctx, fields: &Fields) -> Result<Result<Again, Form>, Problem> {
    if fields.raw("password").is_empty() {
        return Ok(Err(Form::default()));
    }
    let Principal::User { email, .. } = &ctx.actor().principal else {
        return Err(Problem::forbidden("access_denied", "Only people reveal secrets here"));
    };
    match sign_in::check(&ctx.http, &ctx.stack, email.as_str(), fields.secret("password")).await {
        Ok(_) => {}
        Err(problem) if problem.kind == Kind::Unauthenticated => {
            return Ok(Err(Form::default().error("password", "is wrong")));
        }
        Err(problem) => return Err(problem),
    }
    let (token, now) = (token::make(TokenKind::SessionId), ctx.stack.now());
    let renewed = (TokenDigest::of(token.expose()), CsrfSecret(random::bytes()));
    let (actor, id) = (Arc::clone(ctx.actor()), ctx.signed_in.session.id);
    let write =
        move |tx: &mut crate::store::WriteTx<'_>| sessions::reauthenticate(tx, &actor, id, renewed.clone(), None, now);
    let session = ctx.stack.store.write(write).await?;
    let cookie = sign_in::session_cookie(&ctx.http, &ctx.stack, token.expose());
    Ok(Ok((cookie, Arc::new(SignedIn { actor: Arc::clone(ctx.actor()), session }))))
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
