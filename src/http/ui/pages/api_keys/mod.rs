//! Access → API Keys.

mod change;
mod create;
mod view;

pub use change::{disable, enable, reroll, reroll_page, revoke, revoke_page, revoke_selected};
pub use create::{create, create_page, created};
pub(in crate::http::ui::pages) use view::ROOT;

use crate::access::permit;
use crate::base::Problem;
use crate::base::id::{ApiKeyId, Id, UserId};
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::keys::api_keys::{self, ApiKey, Filter, Reach};
use crate::limits::Subject;
use crate::people;
use crate::store::Read;
use actix_web::{HttpResponse, web};
use view::Row;

/// `GET /admin/access/api-keys`; with `all` those of everybody whom the reader manages.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let (snapshot, now) = (ctx.stack.store.read(), ctx.stack.now());
    let own = ctx.here::<permit::ManageApiKeys>();
    let managed = ctx.widest::<permit::ManageUsers>().ok();
    let may_create = own.is_ok();
    let everybody = managed.as_ref().filter(|_| asked.value("all") == "1" || !may_create);
    let all = everybody.is_some();
    let mut list = List::at(ROOT, &asked, Vec::new())
        .keep("all", if all { "1" } else { "" })
        .keep("user", if all { asked.value("user") } else { "" });
    let row = |key: ApiKey| Ok(Row { owner: owner(&snapshot, &key)?, key });
    let rows = match everybody {
        Some(granted) => {
            let filter = Filter { user: UserId::parse(asked.value("user")), ..Filter::default() };
            list.sorted_uncounted(&view::SORTING, "API key", |window| {
                api_keys::slice_all(&snapshot, granted, filter, window, now)?.try_map(row)
            })?
        }
        None => {
            let own = own?;
            list.sorted_uncounted(&view::SORTING, "API key", |window| {
                api_keys::slice_own(&snapshot, &own, Filter::default(), window, now)?.try_map(row)
            })?
        }
    };
    let tabs = managed.is_some() && may_create;
    ctx.page("API Keys", nav::API_KEYS, &view::list(&list, &rows, (tabs, all), &ctx.csrf(), now))
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
