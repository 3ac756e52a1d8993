//! Access → API Keys → Create, and the one time that the key is shown.

use super::super::find::named_user;
use super::view::{self, ROOT};
use crate::access::{Principal, STEP_UP_REQUIRED, permit};
use crate::base::{DisplayName, Problem, ScopeSet, Secret};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::keys::api_keys::{self, NewApiKey};
use actix_web::{HttpResponse, web};

/// `GET /admin/access/api-keys/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    may_make(&ctx)?;
    let form = Form::with([("expires_in", "0".to_owned())]);
    page(&ctx, &form)
}

/// Asks before anything is typed. Who makes no keys for themselves may make them for others.
fn may_make(ctx: &Ctx) -> Result<(), Problem> {
    let own = ctx.here::<permit::MakeApiKeys>().map(drop);
    own.or_else(|problem| match problem.code {
        STEP_UP_REQUIRED => Err(problem),
        _ => ctx.here::<permit::MakeApiKeysForOthers>().map(drop),
    })
}

fn page(ctx: &Ctx, form: &Form) -> Result<HttpResponse, Problem> {
    let usual = ctx.stack.limits.tenant(ctx.actor().tenant).key;
    let others = ctx.actor().may::<permit::MakeApiKeysForOthers>(ctx.home());
    let body = view::create(form, usual, ctx.stack.limits.window_secs(), others, &ctx.csrf());
    ctx.form_page("Create API key", nav::API_KEYS, form, &body)
}

/// `POST /admin/access/api-keys/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    may_make(&ctx)?;
    let form = match read(&ctx, &fields) {
        Ok((new, secret)) => match make(&ctx, &fields, new).await {
            Ok(id) => return Ok(ctx.done_once(&format!("{ROOT}/{id}/created"), &id.to_string(), secret.expose())),
            Err(problem) => refused(kept(&fields), named_as_here(problem))?,
        },
        Err(form) => form,
    };
    page(&ctx, &form)
}

/// The form asks for an e-mail where the service wants an id.
fn named_as_here(problem: Problem) -> Problem {
    match problem.code {
        "user_not_found" => Problem::invalid("assigned_to", "is nobody who works in this tenant"),
        "outranked" => Problem::invalid("assigned_to", "holds a role that you do not hold yourself"),
        _ => problem,
    }
}

async fn make(ctx: &Ctx, fields: &Fields, new: NewApiKey) -> Result<crate::base::id::ApiKeyId, Problem> {
    let (id, now) = (ctx.stack.new_id(), ctx.stack.now());
    let most = ctx.stack.limits.most_of_a_key(ctx.actor(), ctx.home());
    let other = match fields.text("assigned_to") {
        "" => None,
        text => {
            let user = named_user(ctx, text)?.map_err(|rule| Problem::invalid("assigned_to", rule))?;
            Some(user.id)
        }
    };
    let own = matches!((&ctx.actor().principal, other), (Principal::User { id, .. }, Some(other)) if *id == other);
    let made = match other.filter(|_| !own) {
        None => {
            let granted = ctx.here::<permit::MakeApiKeys>()?;
            ctx.stack.store.write(move |tx| api_keys::create(tx, &granted, &new, most, id, now)).await?
        }
        Some(user) => {
            let granted = ctx.here::<permit::MakeApiKeysForOthers>()?;
            ctx.stack.store.write(move |tx| api_keys::create_for(tx, &granted, user, &new, most, id, now)).await?
        }
    };
    Ok(made.id)
}

fn kept(fields: &Fields) -> Form {
    fields.form(view::INPUTS)
}

fn read(ctx: &Ctx, fields: &Fields) -> Result<(NewApiKey, Secret<String>), Form> {
    let name = DisplayName::parse(fields.text("name")).map_err(|rule| kept(fields).error("name", rule))?;
    let scopes = ScopeSet::from_texts(fields.all("scopes")).map_err(|rule| kept(fields).error("scopes", rule))?;
    let life = view::LIVES.iter().find(|(days, _)| days.to_string() == fields.text("expires_in"));
    let (days, _) = life.ok_or_else(|| kept(fields).error("expires_in", "must be one of the list"))?;
    let limit = match fields.text("rate_limit") {
        "" => None,
        text => {
            let number = text.parse().map_err(|_| kept(fields).error("rate_limit", "must be a whole number"))?;
            Some(number)
        }
    };
    let (secret, fingerprint) = api_keys::fresh();
    let expires_at = (*days > 0).then(|| ctx.stack.now().plus_secs(i64::from(*days) * 86_400));
    Ok((NewApiKey { fingerprint, name, scopes, limit, expires_at }, secret))
}

/// `GET /admin/access/api-keys/{id}/created`: the key, once.
pub async fn created(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.once("New API key", nav::API_KEYS, &id, |key| view::once(key, ctx.stack.public_url()))
}
