//! Access → Personal Tokens.

mod view;

use crate::access::permit;
use crate::base::id::{TokenId, UserId};
use crate::base::{DisplayName, Id, Problem, ScopeSet};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::kit::form::Fields;
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::keys::{self, NewToken, Owner, PersonalToken};
use crate::people;
use crate::store::Read;
use actix_web::{HttpResponse, web};
use maud::html;
use view::{ROOT, Row};

/// `GET /admin/access/personal-tokens`; with `all` those of everybody whom the reader manages.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let managed = ctx.widest::<permit::ManageTokens>().ok();
    let everybody = managed.as_ref().filter(|_| asked.value("all") == "1");
    let all = everybody.is_some();
    let mut list = List::at(ROOT, &asked, Vec::new())
        .keep("all", if all { "1" } else { "" })
        .keep("user", if all { asked.value("user") } else { "" });
    let row = |token: PersonalToken| Ok(Row { owner: owner(&snapshot, &token)?, token });
    let rows = match everybody {
        Some(granted) => {
            let owner = UserId::parse(asked.value("user")).map(Owner::User);
            list.sorted_uncounted(&view::SORTING, "personal token", |window| {
                keys::slice(&snapshot, granted, owner, window)?.try_map(row)
            })?
        }
        None => {
            let own = ctx.here::<permit::OwnTokens>()?;
            list.sorted_uncounted(&view::SORTING, "personal token", |window| {
                keys::slice_own(&snapshot, &own, window)?.try_map(row)
            })?
        }
    };
    let body = view::list(&list, &rows, (managed.is_some(), all), &ctx.csrf(), ctx.stack.now());
    ctx.page("Personal Tokens", nav::TOKENS, &body)
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
    fields.form(view::INPUTS)
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
fn back(asked: &Asked) -> String {
    if asked.value("all") == "1" { format!("{ROOT}?all=1") } else { ROOT.to_owned() }
}

/// `GET /admin/access/personal-tokens/{id}/revoke`.
pub async fn revoke_page(ctx: Ctx, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    let token = found(&ctx, &id)?;
    let action = format!("{ROOT}/{}/revoke{}", token.id, if asked.value("all") == "1" { "?all=1" } else { "" });
    let (back, csrf, form) = (back(&asked), ctx.csrf(), Form::default());
    ctx.confirm(nav::TOKENS, &view::revoke(token.name.as_str(), &action, &back, &csrf, &form))
}

/// `POST /admin/access/personal-tokens/{id}/revoke`.
pub async fn revoke(Posted { ctx, .. }: Posted, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    let token = found(&ctx, &id)?;
    let name = token.name.clone();
    end(&ctx, token).await?;
    Ok(ctx.done(&back(&asked), &format!("{name} is revoked.")))
}

/// Revokes one's own token, or one of somebody whom the reader manages.
async fn end(ctx: &Ctx, token: PersonalToken) -> Result<(), Problem> {
    let (id, now) = (token.id, ctx.stack.now());
    let mine = matches!((&ctx.actor().principal, token.owner),
        (crate::access::Principal::User { id, .. }, Owner::User(owner)) if *id == owner);
    if mine {
        let granted = ctx.here::<permit::OwnTokens>()?;
        ctx.stack.store.write(move |tx| keys::revoke_own(tx, &granted, id, now)).await?;
    } else {
        let granted = ctx.widest::<permit::ManageTokens>()?;
        ctx.stack.store.write(move |tx| keys::revoke(tx, &granted, id, now)).await?;
    }
    Ok(())
}

/// `POST /admin/access/personal-tokens/selected/revoke`.
pub async fn revoke_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let ctx = &posted.ctx;
    let deed = Deed {
        section: nav::TOKENS,
        list: ROOT,
        action: view::REVOKE.action,
        what: "token",
        verb: "Revoke",
        done: "revoked",
        means: "Whatever uses them is refused from now on. This cannot be undone.",
        destructive: true,
        asks: html! {},
    };
    let find = |id: &str| found(ctx, id).map(|token| (format!("{} (…{})", token.name, token.hint), token));
    run(&posted, &deed, find, async |token| end(ctx, token).await).await
}
