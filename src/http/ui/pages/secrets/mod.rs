//! `/admin/secrets`: the tree of secrets, and one of them.

mod delete;
mod reveal;
mod values;
mod view;
mod write;

pub use delete::{delete, delete_page, restore, trash};
pub use reveal::{diff, reveal};
pub use write::{write, write_page};

use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::vault::{self, Entry, Prefix, service};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{ROOT, SecretRights};

/// How many entries stand on a page.
const PAGE: u32 = 100;

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
    let (snapshot, pepper) = (ctx.stack.store.read(), ctx.stack.keyring.pepper());
    let cursor = Some(asked.value("cursor")).filter(|cursor| !cursor.is_empty());
    let search = asked.search();
    let folder = if search.is_some() { "" } else { asked.value("prefix") };
    let list = List::at(ROOT, &asked, view::filters()).keep("prefix", folder);
    let prefix = Prefix::parse(search.as_deref().unwrap_or(folder));
    let (entries, next) = match &prefix {
        // What is typed into a search and cannot begin a path simply finds nothing.
        Err(_) if search.is_some() => (Vec::new(), None),
        Err(problem) => return Err(problem.clone()),
        Ok(prefix) if search.is_none() => {
            let level = service::browse(&snapshot, pepper, &granted, prefix, Some(PAGE), cursor)?;
            (level.entries, level.cursor)
        }
        Ok(prefix) => {
            let listing = service::list(&snapshot, pepper, &granted, prefix, Some(PAGE), cursor)?;
            (listing.secrets.into_iter().map(Entry::Secret).collect(), listing.cursor)
        }
    };
    if let Ok(prefix) = &prefix {
        ctx.stack.audit_read(service::list_event(&granted, prefix, entries.len(), ctx.stack.now())).await?;
    }
    let entries = list.uncounted(entries, next.map(|place| ("cursor", place)));
    ctx.page("Secrets", nav::SECRETS, &view::browse(&list, &entries, folder, may(&ctx), ctx.stack.now()))
}

/// `GET /admin/secrets/one`: all about a secret but its value.
pub async fn one(ctx: Ctx, query: web::Query<OneQuery>) -> Result<HttpResponse, Problem> {
    let path = vault::parse_path(&query.path)?;
    let history = service::versions(&ctx.stack.store.read(), &ctx.here::<permit::ListSecrets>()?, &path)?;
    let body = view::one(&history, may(&ctx), ctx.stack.public_url(), &ctx.csrf(), ctx.stack.now());
    ctx.page(path.as_str(), nav::SECRETS, &body)
}
