//! Changing and deleting an organisation.

use super::super::retention::Retention;
use super::deleted::taken;
use super::named::{found, found_for};
use super::read::{Reader, lines};
use super::view::{self, ROOT};
use crate::access::permit;
use crate::base::{Email, Kind, Problem};
use crate::http::kit::parts::{Form, Undo};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people;
use crate::store::{Versioned, WriteTx};
use crate::tenancy::{self, DetailsPatch, Status, Tenant, TenantPatch};
use actix_web::{HttpResponse, web};

/// The form of an organisation as it is.
fn values(tenant: &Tenant) -> Form {
    let text = |value: Option<String>| value.unwrap_or_default();
    let details = &tenant.details;
    Form::with([
        ("name", tenant.name.to_string()),
        ("slug", tenant.slug.to_string()),
        ("external_id", text(details.external_id.as_ref().map(ToString::to_string))),
        ("logo_url", text(details.logo_url.as_ref().map(ToString::to_string))),
        ("region", text(details.region.map(|region| region.name().to_owned()))),
        ("metadata", lines(&details.metadata)),
        ("max_users", text(details.max_users.map(|max| max.to_string()))),
        ("contact_email", text(tenant.contact_email.as_ref().map(ToString::to_string))),
    ])
    .at(tenant.version())
}

/// `GET /admin/organizations/{id}/edit`.
pub async fn edit_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, _) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    ctx.page("Edit organization", nav::ORGANIZATIONS, &view::edit(&tenant, &values(&tenant), &ctx.csrf()))
}

/// `POST /admin/organizations/{id}/edit`.
pub async fn edit(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    let mut reader = Reader::new(&fields);
    let patch = TenantPatch {
        name: reader.name(),
        slug: Some(reader.slug()),
        contact_email: Some(reader.optional(&view::CONTACT, Email::parse)),
        details: DetailsPatch {
            external_id: Some(reader.external_id()),
            logo_url: Some(reader.logo_url()),
            region: Some(reader.region()),
            metadata: Some(reader.metadata()),
            max_users: Some(reader.number(&view::MAX_USERS)),
            ..DetailsPatch::default()
        },
        ..TenantPatch::default()
    };
    let mut form = reader.done();
    if form.is_good() {
        let (id, now, seen) = (tenant.id, ctx.stack.now(), fields.seen());
        let wanted = patch.slug.clone().flatten();
        let write = move |tx: &mut WriteTx<'_>| {
            seen.check(tenancy::tenant(tx, id)?.as_ref())?;
            tenancy::update_tenant(tx, &granted, id, &patch, now)
        };
        match ctx.stack.store.write(write).await {
            Ok(changed) => return Ok(ctx.done(&view::address(changed.id), "The changes are saved.")),
            Err(problem) if problem.kind == Kind::Stale => {
                let (now, _) = found_for::<permit::WriteTenants>(&ctx, &tenant.id.to_string())?;
                form = fields.met(view::INPUTS, values(&now));
            }
            Err(problem) => form = taken(&ctx, fields.form(view::INPUTS), problem, wanted.as_ref())?,
        }
    }
    ctx.refused_page("Edit organization", nav::ORGANIZATIONS, &form, &view::edit(&tenant, &form, &ctx.csrf()))
}

/// `GET /admin/organizations/{id}/suspend`.
pub async fn suspend_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, _) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    let people = people::members_count(&ctx.stack.store.read(), tenant.id)?;
    let (back, csrf, form) = (view::address(tenant.id), ctx.csrf(), Form::default());
    let action = format!("{back}/suspend");
    ctx.confirm(nav::ORGANIZATIONS, &view::suspend(&tenant, people, (&action, &back), &csrf, &form))
}

/// `POST /admin/organizations/{id}/suspend`.
pub async fn suspend(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, Status::Suspended, "is suspended: nobody in it can sign in.").await
}

/// `POST /admin/organizations/{id}/activate`.
pub async fn activate(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, Status::Active, "is active again.").await
}

async fn set_status(ctx: &Ctx, id: &str, status: Status, words: &str) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteTenants>(ctx, id)?;
    let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
    let (id, now) = (tenant.id, ctx.stack.now());
    let changed = ctx.stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, id, &patch, now)).await?;
    let (page, message) = (view::address(id), format!("{} {words}", changed.name));
    let undo = (status == Status::Suspended).then(|| Undo::at(format!("{page}/activate")));
    Ok(ctx.done_but(&page, &message, undo))
}

/// `GET /admin/organizations/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::DeleteTenants>()?;
    let tenant = found(&ctx, &ctx.stack.store.read(), &id)?;
    ask_to_delete(&ctx, &tenant, &Form::default())
}

fn ask_to_delete(ctx: &Ctx, tenant: &Tenant, form: &Form) -> Result<HttpResponse, Problem> {
    let (back, csrf) = (view::address(tenant.id), ctx.csrf());
    ctx.confirm(
        nav::ORGANIZATIONS,
        &view::delete(tenant, Retention::of(ctx), (&format!("{back}/delete"), &back), &csrf, form),
    )
}

/// `POST /admin/organizations/{id}/delete`.
pub async fn delete(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::DeleteTenants>(&ctx, &id)?;
    if fields.text("confirm_name") != tenant.slug.as_str() {
        let form = fields.keep(&["confirm_name"]).error("confirm_name", "is not the slug of the organization");
        return ask_to_delete(&ctx, &tenant, &form);
    }
    let (id, now) = (tenant.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| tenancy::delete_tenant(tx, &granted, id, now)).await?;
    let message = format!("{} is deleted. {}", tenant.name, Retention::of(&ctx).words("slug"));
    let undo = Undo::at(format!("{}/restore", view::address(tenant.id)));
    Ok(ctx.done_but(ROOT, &message, Some(undo)))
}
