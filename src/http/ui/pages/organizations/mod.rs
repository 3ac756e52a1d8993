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
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people;
use crate::store::Read;
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};
use view::{OrganizationRights, ROOT};

/// `GET /admin/organizations`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let list = List::at(ROOT, &asked, view::filters());
    if list.is_apart() {
        return deleted::list(&ctx, &list, &asked);
    }
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let snapshot = ctx.stack.store.read();
    let slice = tenancy::slice_tenants(&snapshot, &granted, asked.search().as_deref(), asked.window())?;
    let rows = list.slice(slice, "organization").try_map(|tenant| {
        let people = people::members_count(&snapshot, tenant.id)?;
        Ok((tenant, people))
    })?;
    let may_create = ctx.may::<permit::WriteTenants>();
    ctx.page("Organizations", nav::ORGANIZATIONS, &view::list(&list, &rows, may_create, ctx.stack.now()))
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
        may: OrganizationRights {
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
