//! `/admin/find`: what could be meant by what was typed so far, as the options of a field. It is the same search as that of the
//! lists, over what the reader reaches.

use crate::access::permit;
use crate::base::Problem;
use crate::http::ui::context::Ctx;
use crate::people::groups::{self, GroupFilter};
use crate::people::{self, User};
use crate::store::Paging;
use crate::tenancy;
use actix_web::HttpResponse;
use maud::{Markup, html};

/// The address that offers tenants.
pub(super) const TENANTS: &str = "/admin/find/tenants";
/// The address that offers users.
pub(super) const USERS: &str = "/admin/find/users";
/// The address that offers groups.
pub(super) const GROUPS: &str = "/admin/find/groups";
/// The address that offers partners.
pub(super) const PARTNERS: &str = "/admin/find/partners";
/// How many are offered.
const MOST: u32 = 10;

/// What was typed: the value of the field, whatever that is called in its form.
fn typed(ctx: &Ctx) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(ctx.http.query_string()).unwrap_or_default();
    pairs.into_iter().next().map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn options<'a>(all: impl Iterator<Item = (String, &'a str)>) -> Markup {
    html! { @for (value, words) in all { option value=(value) { (words) } } }
}

/// `GET /admin/find/tenants`.
pub async fn tenants(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let found = tenancy::search_tenants(&ctx.stack.store.read(), &granted, &typed(&ctx), MOST)?;
    Ok(ctx.fragment(&options(found.iter().map(|tenant| (tenant.slug.to_string(), tenant.name.as_str())))))
}

/// `GET /admin/find/partners`.
pub async fn partners(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadPartners>()?;
    let found = tenancy::search_partners(&ctx.stack.store.read(), &granted, &typed(&ctx), MOST)?;
    Ok(ctx.fragment(&options(found.iter().map(|partner| (partner.slug.to_string(), partner.name.as_str())))))
}

/// `GET /admin/find/users`.
pub async fn users(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let found = people::search_users(&ctx.stack.store.read(), &granted, &typed(&ctx), MOST)?;
    let called: Vec<(String, String)> = found.iter().map(|user| (user.email.to_string(), user.called())).collect();
    Ok(ctx.fragment(&options(called.iter().map(|(email, name)| (email.clone(), name.as_str())))))
}

/// `GET /admin/find/groups`.
pub async fn groups(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadGroups>()?;
    let search = Some(typed(&ctx)).filter(|words| !words.is_empty());
    let filter = GroupFilter { search, ..GroupFilter::default() };
    let found = groups::list(&ctx.stack.store.read(), &granted, &filter, Paging::new(1, MOST)?)?.items;
    Ok(ctx.fragment(&options(found.iter().map(|group| (group.id.to_string(), group.name.as_str())))))
}

/// The user that a text names by e-mail, id or name, of those that the viewer sees; otherwise what is wrong with it, behind the
/// field's name.
///
/// # Errors
/// When the viewer sees none, or the file cannot be read.
pub(super) fn named_user(ctx: &Ctx, text: &str) -> Result<Result<User, String>, Problem> {
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let meant = people::meant_user(&ctx.stack.store.read(), &granted, text)?;
    Ok(meant.only("user", |user| user.email.to_string()))
}
