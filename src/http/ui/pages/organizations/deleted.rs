//! Organisations that were deleted, and their way back. The address of a deleted one's page stays one of nothing.

use super::super::retention::Retention;
use super::named::none;
use super::view;
use crate::access::{Granted, permit};
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Slug};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};

/// The list of those that were deleted.
pub(super) fn list(ctx: &Ctx, mut list: List, asked: &Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let (search, snapshot) = (asked.search(), ctx.stack.store.read());
    let found = list.sorted(&view::DELETED_SORTING, "deleted organization", |window| {
        tenancy::slice_deleted_tenants(&snapshot, &granted, search.as_deref(), window)
    })?;
    let how = view::Deleted {
        retention: Retention::of(ctx),
        may_restore: ctx.may::<permit::DeleteTenants>(),
        may_create: ctx.may::<permit::WriteTenants>(),
    };
    ctx.page("Organizations", nav::ORGANIZATIONS, &view::deleted(&list, &found, how, ctx.stack.now()))
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

/// The form that a service has refused for its slug. Where a deleted organisation has that one which the reader can bring back,
/// it says so and leads there.
pub(super) fn taken(ctx: &Ctx, form: Form, problem: Problem, slug: Option<&Slug>) -> Result<Form, Problem> {
    match slug.filter(|_| problem.code == "slug_taken").and_then(|slug| holder(ctx, slug)) {
        Some(tenant) => {
            let way_out = view::held_by(&tenant, Retention::of(ctx), ctx.stack.now());
            Ok(form.fault(&problem).error("slug", "is that of a deleted organization").way_out(way_out))
        }
        None => refused(form, problem),
    }
}

/// The deleted organisation that has a slug, if the reader can bring it back.
fn holder(ctx: &Ctx, slug: &Slug) -> Option<Tenant> {
    let granted = ctx.widest::<permit::DeleteTenants>().ok()?;
    tenancy::deleted_with_slug(&ctx.stack.store.read(), &granted, slug).ok()
}
