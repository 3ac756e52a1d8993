//! Organisations that were deleted, and their way back. The address of a deleted one's page stays one of nothing.

use super::super::retention::Retention;
use super::view::{self, DELETED, ROOT};
use super::{ListQuery, none};
use crate::access::{Granted, permit};
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Slug};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::form::Posted;
use crate::http::ui::nav;
use crate::http::ui::pages::paging;
use crate::http::ui::parts::{Around, Form};
use crate::store::Paging;
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};
use maud::Markup;

/// The list of those that were deleted.
pub(super) fn list(ctx: &Ctx, query: &ListQuery) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let listed =
        tenancy::deleted_tenants(&ctx.stack.store.read(), &granted, query.search(), paging("", &query.after)?)?;
    let asked = view::AskedDeleted {
        form: query.form(),
        filtered: query.search().is_some(),
        around: Around::of(ROOT, &[("q", &*query.q), ("status", DELETED)], &listed),
        retention: Retention::of(ctx),
        may_restore: ctx.may::<permit::DeleteTenants>(),
        may_create: ctx.may::<permit::WriteTenants>(),
    };
    ctx.page("Organizations", nav::ORGANIZATIONS, &view::deleted(&listed, &asked, ctx.stack.now()))
}

/// The organisation that an address names, if the reader may bring it back.
fn mine(ctx: &Ctx, id: &str) -> Result<(Tenant, Granted<permit::DeleteTenants>), Problem> {
    let granted = ctx.widest::<permit::DeleteTenants>()?;
    let id = TenantId::parse_as("org", id).or_else(|| TenantId::parse(id)).ok_or_else(none)?;
    Ok((tenancy::get_tenant_to_restore(&ctx.stack.store.read(), &granted, id)?, granted))
}

/// `GET /admin/organizations/{id}/restore`.
pub async fn restore_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, _) = mine(&ctx, &id)?;
    ask(&ctx, &tenant, &Form::default())
}

fn ask(ctx: &Ctx, tenant: &Tenant, form: &Form) -> Result<HttpResponse, Problem> {
    let (action, csrf) = (format!("{}/restore", view::address(tenant.id)), ctx.csrf());
    ctx.confirm(nav::ORGANIZATIONS, &view::restore(tenant, &action, &csrf, form))
}

/// `POST /admin/organizations/{id}/restore`.
pub async fn restore(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = mine(&ctx, &id)?;
    let (id, now) = (tenant.id, ctx.stack.now());
    match ctx.stack.store.write(move |tx| tenancy::restore_tenant(tx, &granted, id, now)).await {
        Ok(tenant) => Ok(ctx.done(&view::address(id), &format!("{} is restored.", tenant.name))),
        Err(problem) => ask(&ctx, &tenant, &refused(Form::default(), problem)?),
    }
}

/// What can be done about a slug that is taken: where a deleted organisation has it that the reader can bring back, that.
pub(super) fn way_out(ctx: &Ctx, problem: &Problem, slug: Option<&Slug>) -> Option<Markup> {
    let slug = slug.filter(|_| problem.code == "slug_taken" && ctx.may::<permit::DeleteTenants>())?;
    let granted = ctx.widest::<permit::ReadTenants>().ok()?;
    let page = Paging::new(1, Paging::MAX).ok()?;
    let found = tenancy::deleted_tenants(&ctx.stack.store.read(), &granted, Some(slug.as_str()), page).ok()?;
    let tenant = found.items.into_iter().find(|tenant| tenant.slug == *slug)?;
    Some(view::held_by(&tenant, Retention::of(ctx), ctx.stack.now()))
}
