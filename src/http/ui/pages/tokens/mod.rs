//! Access → Personal Tokens.

mod view;

use crate::access::permit;
use crate::base::id::TokenId;
use crate::base::{DisplayName, Id, Problem, ScopeSet};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::keys::{self, NewToken, Owner, PersonalToken};
use crate::people;
use crate::store::Read;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{ROOT, Row};

/// How many stand on a page.
const PAGE: usize = 50;

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    all: String,
    #[serde(default)]
    before: String,
}

/// `GET /admin/access/personal-tokens`.
pub async fn list(ctx: Ctx, query: web::Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let managed = ctx.widest::<permit::ManageTokens>().ok();
    let all = managed.as_ref().filter(|_| query.all == "1");
    let before = TokenId::parse(&query.before);
    let mut tokens = match all {
        Some(granted) => keys::list(&snapshot, granted, None, before, PAGE + 1)?,
        None => keys::list_own(&snapshot, &ctx.here::<permit::OwnTokens>()?, before, PAGE + 1)?,
    };
    let more = tokens.len() > PAGE;
    tokens.truncate(PAGE);
    let next = tokens
        .last()
        .filter(|_| more)
        .map(|last| format!("{ROOT}?before={}{}", last.id, if all.is_some() { "&all=1" } else { "" }));
    let rows = tokens
        .into_iter()
        .map(|token| Ok(Row { owner: owner(&snapshot, &token)?, token }))
        .collect::<Result<Vec<_>, Problem>>()?;
    let everybody = managed.is_some().then_some(all.is_some());
    ctx.page("Personal Tokens", nav::TOKENS, &view::list(&rows, everybody, next.as_deref(), ctx.stack.now()))
}

fn owner(tx: &impl Read, token: &PersonalToken) -> Result<String, Problem> {
    Ok(match token.owner {
        Owner::Operator => "operator".to_owned(),
        Owner::User(id) => people::user(tx, id)?.map_or_else(|| id.to_string(), |user| user.email.to_string()),
    })
}

/// `GET /admin/access/personal-tokens/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.here::<permit::MakeTokens>()?;
    let form = Form::with([
        ("expires_in", "90".to_owned()),
        ("scopes", "secrets:read".to_owned()),
        ("scopes", "secrets:write".to_owned()),
    ]);
    ctx.page("Create token", nav::TOKENS, &view::create(&form, &ctx.csrf()))
}

/// `POST /admin/access/personal-tokens/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::MakeTokens>()?;
    let form = match read(&ctx, &fields) {
        Ok((new, secret)) => {
            let (id, now) = (ctx.stack.new_id::<TokenId>(), ctx.stack.now());
            let longest = keys::MAX_LIFE_SECS;
            match ctx.stack.store.write(move |tx| keys::create_own(tx, &granted, &new, longest, id, now)).await {
                Ok(made) => {
                    return Ok(ctx.done_once(
                        &format!("{ROOT}/{}/created", made.id),
                        &made.id.to_string(),
                        secret.expose(),
                    ));
                }
                Err(problem) => refused(kept(&fields), problem)?,
            }
        }
        Err(form) => form,
    };
    ctx.refused_page("Create token", nav::TOKENS, &form, &view::create(&form, &ctx.csrf()))
}

fn kept(fields: &Fields) -> Form {
    fields.keep(&["name", "scopes", "expires_in"])
}

fn read(ctx: &Ctx, fields: &Fields) -> Result<(NewToken, crate::base::Secret<String>), Form> {
    let name = DisplayName::parse(fields.text("name")).map_err(|rule| kept(fields).error("name", rule))?;
    let scopes = ScopeSet::from_texts(fields.all("scopes")).map_err(|rule| kept(fields).error("scopes", rule))?;
    let days = view::LIVES.iter().find(|(days, _)| days.to_string() == fields.text("expires_in"));
    let (days, _) = days.ok_or_else(|| kept(fields).error("expires_in", "must be one of the list"))?;
    let secret = token::make(TokenKind::PersonalToken);
    let new = NewToken {
        digest: TokenDigest::of(secret.expose()),
        hint: token::hint(secret.expose()).to_owned(),
        name,
        tenant: ctx.actor().tenant,
        scopes,
        life_secs: Some(i64::from(*days) * 86_400),
    };
    Ok((new, secret))
}

/// `GET /admin/access/personal-tokens/{id}/created`: the token, once.
pub async fn created(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.once("New token", nav::TOKENS, &id, |token| view::once(token, ctx.stack.public_url()))
}

/// The token that an address names, as far as the reader may end it.
fn found(ctx: &Ctx, id: &str) -> Result<PersonalToken, Problem> {
    let none = || Problem::not_found("token_not_found", "There is no such token");
    let id = TokenId::parse(id).ok_or_else(none)?;
    let snapshot = ctx.stack.store.read();
    // Ids fall along the list, so the one behind the next higher number is the one, if the reader may see it.
    let behind = Some(TokenId::from_raw(id.raw().saturating_add(1)));
    let own = keys::list_own(&snapshot, &ctx.here::<permit::OwnTokens>()?, behind, 1)?;
    if let Some(token) = own.into_iter().find(|token| token.id == id) {
        return Ok(token);
    }
    let granted = ctx.widest::<permit::ManageTokens>().map_err(|_| none())?;
    keys::list(&snapshot, &granted, None, behind, 1)?.into_iter().find(|token| token.id == id).ok_or_else(none)
}

/// Where the list goes on after a revocation.
fn back(query: &ListQuery) -> String {
    if query.all == "1" { format!("{ROOT}?all=1") } else { ROOT.to_owned() }
}

/// `GET /admin/access/personal-tokens/{id}/revoke`.
pub async fn revoke_page(
    ctx: Ctx,
    id: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let token = found(&ctx, &id)?;
    let action = format!("{ROOT}/{}/revoke{}", token.id, if query.all == "1" { "?all=1" } else { "" });
    let (back, csrf, form) = (back(&query), ctx.csrf(), Form::default());
    ctx.confirm(nav::TOKENS, &view::revoke(token.name.as_str(), &action, &back, &csrf, &form))
}

/// `POST /admin/access/personal-tokens/{id}/revoke`.
pub async fn revoke(
    Posted { ctx, .. }: Posted,
    id: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let (token, now) = (found(&ctx, &id)?, ctx.stack.now());
    let mine = matches!((&ctx.actor().principal, token.owner),
        (crate::access::Principal::User { id, .. }, Owner::User(owner)) if *id == owner);
    let id = token.id;
    if mine {
        let granted = ctx.here::<permit::OwnTokens>()?;
        ctx.stack.store.write(move |tx| keys::revoke_own(tx, &granted, id, now)).await?;
    } else {
        let granted = ctx.widest::<permit::ManageTokens>()?;
        ctx.stack.store.write(move |tx| keys::revoke(tx, &granted, id, now)).await?;
    }
    Ok(ctx.done(&back(&query), &format!("{} is revoked.", token.name)))
}
