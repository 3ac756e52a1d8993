//! `/admin/search`: from Home straight to a person, a group, an application, an organization or a secret.

#[cfg(test)]
mod tests;
pub(super) mod view;

use crate::access::permit;
use crate::apps::{self, ListApplications};
use crate::base::{Id as _, Problem, text};
use crate::http::kit::list::Asked;
use crate::http::kit::parts::percent;
use crate::http::kit::see_other;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people::groups::{self, GroupFilter};
use crate::people::{self, UserFilter};
use crate::store::{Paging, Read};
use crate::tenancy::{self, TenantFilter};
use crate::vault::{self, Prefix};
use actix_web::HttpResponse;
use view::{Found, Hit};

/// How many of a kind are shown; the rest is on its own list.
const MOST: u32 = 10;

/// `GET /admin/search`: what the words find, of all that the reader sees. What is named exactly, or found alone, is opened.
pub async fn page(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let Some(words) = asked.search() else { return Ok(see_other(nav::HOME).finish()) };
    let found = found(&ctx, &words).await?;
    let hits: Vec<&Hit> = found.iter().flat_map(|found| &found.hits).collect();
    let exact: Vec<&&Hit> = hits.iter().filter(|hit| hit.is(&words)).collect();
    match (exact.as_slice(), hits.as_slice()) {
        ([one], _) => Ok(see_other(&one.href).finish()),
        ([], [one]) => Ok(see_other(&one.href).finish()),
        _ => ctx.page("Search", nav::HOME, &view::page(&words, &found)),
    }
}

async fn found(ctx: &Ctx, words: &str) -> Result<Vec<Found>, Problem> {
    let mut found = Vec::new();
    {
        let (snapshot, all) = (ctx.stack.store.read(), Paging::new(1, MOST)?);
        found.extend(users(ctx, &snapshot, words, all)?);
        found.extend(groups_of(ctx, &snapshot, words, all)?);
        found.extend(applications(ctx, &snapshot, words, all)?);
        found.extend(organizations(ctx, &snapshot, words, all)?);
    }
    found.extend(secrets(ctx, words).await?);
    found.retain(|kind| !kind.hits.is_empty());
    Ok(found)
}

/// What one kind of thing answers.
fn kind(name: &'static str, list: &str, words: &str, hits: Vec<Hit>, total: u64) -> Found {
    let all = (total > hits.len() as u64).then(|| format!("{list}?q={}", percent(words)));
    Found { name, hits, all }
}

fn users(ctx: &Ctx, tx: &impl Read, words: &str, paging: Paging) -> Result<Option<Found>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadUsers>() else { return Ok(None) };
    let filter = UserFilter { search: Some(words.to_owned()), ..UserFilter::default() };
    let listed = people::list(tx, &granted, &filter, paging)?;
    let hit = |user: &people::User| Hit {
        name: user.called(),
        known_as: user.email.to_string(),
        href: format!("{}/{}", nav::USERS, user.id),
    };
    let hits = listed.items.iter().map(hit).collect();
    Ok(Some(kind("Users", nav::USERS, words, hits, listed.total)))
}

fn groups_of(ctx: &Ctx, tx: &impl Read, words: &str, paging: Paging) -> Result<Option<Found>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadGroups>() else { return Ok(None) };
    let filter = GroupFilter { search: Some(words.to_owned()), ..GroupFilter::default() };
    let listed = groups::list(tx, &granted, &filter, paging)?;
    let hit = |group: &groups::Group| Hit {
        name: group.name.to_string(),
        known_as: group.id.to_string(),
        href: format!("{}/{}", nav::GROUPS, group.id),
    };
    let hits = listed.items.iter().map(hit).collect();
    Ok(Some(kind("Groups", nav::GROUPS, words, hits, listed.total)))
}

fn applications(ctx: &Ctx, tx: &impl Read, words: &str, paging: Paging) -> Result<Option<Found>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadApplications>() else { return Ok(None) };
    let filter = ListApplications { search: Some(words.to_owned()), ..ListApplications::default() };
    let listed = apps::list(tx, &granted, &filter, paging)?;
    let hit = |application: &apps::Application| Hit {
        name: application.name.to_string(),
        known_as: application.client_id(),
        href: format!("{}/{}", nav::APPLICATIONS, application.id),
    };
    let hits = listed.items.iter().map(hit).collect();
    Ok(Some(kind("Applications", nav::APPLICATIONS, words, hits, listed.total)))
}

fn organizations(ctx: &Ctx, tx: &impl Read, words: &str, paging: Paging) -> Result<Option<Found>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadTenants>() else { return Ok(None) };
    let filter = TenantFilter { search: Some(words.to_owned()), ..TenantFilter::default() };
    let listed = tenancy::list_tenants(tx, &granted, &filter, paging)?;
    let hit = |tenant: &tenancy::Tenant| Hit {
        name: tenant.name.to_string(),
        known_as: tenant.slug.to_string(),
        href: format!("{}/{}", nav::ORGANIZATIONS, tenant.id.display_as("org")),
    };
    let hits = listed.items.iter().map(hit).collect();
    Ok(Some(kind("Organizations", nav::ORGANIZATIONS, words, hits, listed.total)))
}

/// By the front of the path, and named in the audit log as on the page of secrets.
async fn secrets(ctx: &Ctx, words: &str) -> Result<Option<Found>, Problem> {
    let (Ok(granted), Ok(prefix)) = (ctx.here::<permit::ListSecrets>(), Prefix::parse(words)) else { return Ok(None) };
    let pepper = ctx.stack.keyring.pepper();
    let listing = vault::service::list(&ctx.stack.store.read(), pepper, &granted, &prefix, Some(MOST), None)?;
    let event = vault::service::list_event(&granted, &prefix, listing.secrets.len(), ctx.stack.now());
    ctx.stack.audit_read(event).await?;
    let hit = |path: String| Hit {
        href: format!("{}/one?path={}", nav::SECRETS, percent(&path)),
        known_as: String::new(),
        name: path,
    };
    let hits: Vec<Hit> = listing.secrets.iter().map(|secret| hit(secret.path.to_string())).collect();
    let total = hits.len() as u64 + u64::from(listing.cursor.is_some());
    Ok(Some(kind("Secrets", nav::SECRETS, words, hits, total)))
}

impl Hit {
    /// Whether the words are its name, or what it is known by, in any case.
    fn is(&self, words: &str) -> bool {
        let words = text::searched(words);
        [&self.name, &self.known_as].iter().any(|name| text::searched(name) == words)
    }
}
