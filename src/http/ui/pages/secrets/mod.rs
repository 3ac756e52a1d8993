//! `/admin/secrets`: the tree of secrets, and one of them.

mod delete;
mod reveal;
mod values;
mod view;
mod write;

pub use delete::{delete, delete_page, delete_selected, restore, restore_selected, trash};
pub use reveal::{diff, reveal};
pub(in crate::http::ui::pages) use view::address;
pub use write::{write, write_page};

use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::list::{Asked, List, Order};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::vault::service::{self, Shape};
use crate::vault::{self, Prefix};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{ROOT, SecretRights};

/// The query that names a secret.
#[derive(Debug, Deserialize)]
pub struct OneQuery {
    #[serde(default)]
    path: String,
}

fn may(ctx: &Ctx) -> SecretRights {
    let home = ctx.home();
    let actor = ctx.actor();
    SecretRights {
        read: actor.may::<permit::ReadSecrets>(home),
        write: actor.may::<permit::WriteSecrets>(home),
        delete: actor.may::<permit::DeleteSecrets>(home),
    }
}

/// `GET /admin/secrets`: a folder, or with `q` every path that starts with it.
pub async fn browse(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::ListSecrets>()?;
    let snapshot = ctx.stack.store.read();
    let search = asked.search();
    let folder = if search.is_some() { "" } else { asked.value("prefix") };
    let usual = Order { by: "name", falls: false };
    let list = List::at(ROOT, &asked, view::filters()).keep("prefix", folder).ordered(usual, &["name"]);
    let prefix = Prefix::parse(search.as_deref().unwrap_or(folder));
    let shape = if search.is_some() { Shape::Flat } else { Shape::Tree };
    let found = list.by_place("entry", view::place, |start, way, limit| match &prefix {
        // What is typed into a search and cannot begin a path simply finds nothing.
        Err(_) if search.is_some() => Ok(Vec::new()),
        Err(problem) => Err(problem.clone()),
        Ok(prefix) => service::level(&snapshot, &granted, (prefix, shape), (start, way), limit),
    })?;
    if let Ok(prefix) = &prefix {
        ctx.stack.audit_read(service::list_event(&granted, prefix, found.items.len(), ctx.stack.now())).await?;
    }
    let folders: Vec<&str> = found.items.iter().filter_map(view::folder).collect();
    let below = service::count_below(&snapshot, &granted, &folders)?;
    ctx.page(
        "Secrets",
        nav::SECRETS,
        &view::browse(&list, (&found, &below), (folder, may(&ctx)), &ctx.csrf(), ctx.stack.now()),
    )
}

/// `GET /admin/secrets/one`: all about a secret but its value.
pub async fn one(ctx: Ctx, query: web::Query<OneQuery>) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(&query.path)?;
    let history = service::versions(&ctx.stack.store.read(), &ctx.here::<permit::ListSecrets>()?, &path)?;
    let body = view::one(&history, may(&ctx), ctx.stack.public_url(), &ctx.csrf(), ctx.stack.now());
    ctx.page(path.as_str(), nav::SECRETS, &body)
}
