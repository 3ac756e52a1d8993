//! Access → API Keys.

mod change;
mod create;
mod view;

pub use change::{disable, enable, reroll, reroll_page, revoke, revoke_page};
pub use create::{create, create_page, created};

use crate::access::permit;
use crate::base::Problem;
use crate::base::id::{ApiKeyId, Id};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::keys::api_keys::{self, ApiKey, Filter, Reach};
use crate::limits::Subject;
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

/// `GET /admin/access/api-keys`.
pub async fn list(ctx: Ctx, query: web::Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let (snapshot, now) = (ctx.stack.store.read(), ctx.stack.now());
    let own = ctx.here::<permit::ManageApiKeys>();
    let managed = ctx.widest::<permit::ManageUsers>().ok();
    let may_create = own.is_ok();
    let everybody = managed.as_ref().filter(|_| query.all == "1" || !may_create);
    let before = ApiKeyId::parse(&query.before);
    let mut keys = match everybody {
        Some(granted) => api_keys::list_all(&snapshot, granted, Filter::default(), before, PAGE + 1, now)?,
        None => api_keys::list_own(&snapshot, &own?, Filter::default(), before, PAGE + 1, now)?,
    };
    let more = keys.len() > PAGE;
    keys.truncate(PAGE);
    let all = everybody.is_some();
    let next = keys.last().filter(|_| more).map(|last| {
        let all = if all { "&all=1" } else { "" };
        format!("{ROOT}?before={}{all}", last.id)
    });
    let rows = keys
        .into_iter()
        .map(|key| Ok(Row { owner: owner(&snapshot, &key)?, key }))
        .collect::<Result<Vec<_>, Problem>>()?;
    let tabs = (managed.is_some() && may_create).then_some(all);
    ctx.page("API Keys", nav::API_KEYS, &view::list(&rows, tabs, all, next.as_deref(), now))
}

fn owner(tx: &impl Read, key: &ApiKey) -> Result<String, Problem> {
    Ok(people::user(tx, key.user)?.map_or_else(|| key.user.to_string(), |user| user.email.to_string()))
}

/// Which keys the reader reaches.
fn reach(ctx: &Ctx) -> Result<Reach, Problem> {
    Reach::of(ctx.actor(), ctx.widest::<permit::ManageUsers>().ok())
}

/// The key that an address names, as far as the reader reaches it.
fn found(ctx: &Ctx, id: &str) -> Result<ApiKey, Problem> {
    let none = || Problem::not_found("api_key_not_found", "There is no such API key");
    api_keys::get(&ctx.stack.store.read(), &reach(ctx)?, ApiKeyId::parse(id).ok_or_else(none)?)
}

/// `GET /admin/access/api-keys/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (key, now) = (found(&ctx, &id)?, ctx.stack.now());
    let owner = owner(&ctx.stack.store.read(), &key)?;
    let usage = view::Usage {
        limit: key.limit.unwrap_or(ctx.stack.limits.tenant(key.tenant).key),
        used: ctx.stack.limits.used(Subject::key(key.line), now),
        window_secs: ctx.stack.limits.window_secs(),
    };
    ctx.page(key.name.as_str(), nav::API_KEYS, &view::one(&key, &owner, usage, &ctx.csrf(), now))
}
