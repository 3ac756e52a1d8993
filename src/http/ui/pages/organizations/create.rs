//! Making an organisation.

use super::deleted::taken;
use super::read::Reader;
use super::view;
use crate::access::permit;
use crate::base::{JsonObject, Problem};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::tenancy::{self, Details, NewTenant};
use actix_web::HttpResponse;

/// `GET /admin/organizations/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteTenants>()?;
    ctx.page("Create organization", nav::ORGANIZATIONS, &view::create(&Form::default(), &ctx.csrf()))
}

/// `POST /admin/organizations/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteTenants>()?;
    let mut reader = Reader::new(&fields);
    let (name, slug) = (reader.name(), reader.slug());
    let details = Details {
        external_id: reader.external_id(),
        logo_url: reader.logo_url(),
        region: reader.region(),
        metadata: reader.metadata(),
        ..Details::default()
    };
    let mut form = reader.done();
    if let (Some(name), true) = (name, form.is_good()) {
        let new = NewTenant {
            name,
            slug,
            partner: ctx.actor().partner,
            contact_email: None,
            settings: JsonObject::default(),
            branding: JsonObject::default(),
            details,
        };
        let (id, now, wanted) = (ctx.stack.new_id(), ctx.stack.now(), new.slug.clone());
        match ctx.stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await {
            Ok(made) => return Ok(ctx.done(&view::address(made.id), &format!("{} is created.", made.name))),
            Err(problem) => form = taken(&ctx, fields.form(view::INPUTS), problem, wanted.as_ref())?,
        }
    }
    ctx.refused_page("Create organization", nav::ORGANIZATIONS, &form, &view::create(&form, &ctx.csrf()))
}
