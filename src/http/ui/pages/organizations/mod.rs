//! `/admin/organizations`: the customers. An organisation is a tenant.

mod change;
mod create;
mod deleted;
mod members;
mod policy;
mod portal;
mod read;
#[cfg(test)]
mod tests;
mod view;

pub use change::{activate, delete, delete_page, edit, edit_page, suspend};
pub use create::{create, create_page};
pub use deleted::{restore, restore_page};
pub use members::{invite, list as members, remove, remove_page, resend, role, role_page};
pub use policy::{edit as edit_policy, page as policy_page};
pub use portal::{features, link, made as link_made};

use super::retention::Retention;
use crate::access::{Granted, Permission, permit};
use crate::base::id::TenantId;
use crate::base::{Id, Problem};
use crate::http::kit::parts::{Form, part};
use crate::http::page_token;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people;
use crate::store::{Read, Seek, Slice, Window};
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{May, ROOT};

/// How many there are on a page.
const SIZE: u32 = 50;

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    after: String,
}

impl ListQuery {
    /// The stretch that is asked for. A place that is none is the front: an address that was typed wrong is no reason for an
    /// error.
    fn window(&self) -> Window {
        page_token::up_to(SIZE, &self.at, SIZE, SIZE).unwrap_or_else(|_| Window::new(Seek::Newest, SIZE))
    }

    fn search(&self) -> Option<&str> {
        Some(self.q.trim()).filter(|text| !text.is_empty())
    }

    /// The filters as they are.
    fn form(&self) -> Form {
        Form::with([("q", self.q.trim().to_owned()), ("status", self.status.clone())])
    }

    /// The addresses of the pages before and behind a slice.
    fn around<T>(&self, root: &str, slice: &Slice<T>) -> (Option<String>, Option<String>) {
        let (next, prev) = page_token::tokens(slice);
        let to = |place: String| (!place.is_empty()).then(|| part(root, [("q", &*self.q)], Some(("at", &place))));
        (to(prev), to(next))
    }
}

/// `GET /admin/organizations`.
pub async fn list(ctx: Ctx, query: web::Query<ListQuery>) -> Result<HttpResponse, Problem> {
    if query.status == view::DELETED {
        return deleted::list(&ctx, &query);
    }
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let snapshot = ctx.stack.store.read();
    let slice = tenancy::slice_tenants(&snapshot, &granted, query.search(), query.window())?;
    let (prev, next) = query.around(ROOT, &slice);
    let rows = slice.try_map(|tenant| {
        let people = people::members_count(&snapshot, tenant.id)?;
        Ok::<_, Problem>((tenant, people))
    })?;
    let asked = view::Asked { form: query.form(), filtered: query.search().is_some(), prev, next };
    let may_create = ctx.may::<permit::WriteTenants>();
    ctx.page("Organizations", nav::ORGANIZATIONS, &view::list(&rows, &asked, may_create, ctx.stack.now()))
}

fn none() -> Problem {
    Problem::not_found("tenant_not_found", "There is no such organization")
}

/// The organisation that an address names, by `org_…` or `tnt_…`.
fn found(ctx: &Ctx, tx: &impl Read, id: &str) -> Result<Tenant, Problem> {
    let id = TenantId::parse_as("org", id).or_else(|| TenantId::parse(id)).ok_or_else(none)?;
    tenancy::get_tenant(tx, &ctx.widest::<permit::ReadTenants>()?, id)
}

/// As [`found`], with a permission for what follows.
fn found_for<P: Permission>(ctx: &Ctx, id: &str) -> Result<(Tenant, Granted<P>), Problem> {
    let tenant = found(ctx, &ctx.stack.store.read(), id)?;
    Ok((tenant, ctx.widest::<P>()?))
}

/// `GET /admin/organizations/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let tenant = found(&ctx, &ctx.stack.store.read(), &id)?;
    show(&ctx, &tenant, &portal::values(&tenant))
}

/// The page of an organisation, with the form of its features.
fn show(ctx: &Ctx, tenant: &Tenant, features: &Form) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let sessions = &ctx.stack.config.sessions;
    let limits = (i64::from(sessions.absolute_secs), i64::from(sessions.idle_secs));
    let one = view::One {
        people: people::members_count(&snapshot, tenant.id)?,
        quota: tenancy::partner(&snapshot, tenant.partner)?.and_then(|partner| partner.max_users_per_tenant),
        policy: tenant.details.session_policy.effective(limits.0, limits.1),
        may: May {
            change: ctx.may::<permit::WriteTenants>(),
            delete: ctx.may::<permit::DeleteTenants>() && tenant.slug.as_str() != tenancy::DEFAULT_SLUG,
            link: ctx.may::<permit::ManagePortalLinks>(),
            people: ctx.may::<permit::ReadUsers>(),
        },
        retention: Retention::of(ctx),
        features,
        tenant,
    };
    ctx.form_page(tenant.name.as_str(), nav::ORGANIZATIONS, features, &view::one(&one, &ctx.csrf()))
}
