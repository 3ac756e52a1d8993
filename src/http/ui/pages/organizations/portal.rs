//! What an organisation's admins may set up by themselves, and the link that leads them there.

use super::{found, found_for, view};
use crate::access::permit;
use crate::base::{Id, Problem};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::hosted::portal::location;
use crate::http::ui::context::Ctx;
use crate::http::ui::form::Posted;
use crate::http::ui::nav;
use crate::portal::{self, NewLink};
use crate::tenancy::{self, DetailsPatch, Feature, TenantPatch};
use actix_web::{HttpResponse, web};

/// `POST /admin/organizations/{id}/features`: what is ticked is on, all else off.
pub async fn features(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    let ticked = |feature: Feature| fields.all("features").any(|name| name == feature.name());
    let features = Feature::ALL.map(|feature| (feature, ticked(feature))).to_vec();
    let details = DetailsPatch { features, ..DetailsPatch::default() };
    let (patch, id, now) = (TenantPatch { details, ..TenantPatch::default() }, tenant.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, id, &patch, now)).await?;
    Ok(ctx.done(&view::address(id), "The features are saved."))
}

/// `POST /admin/organizations/{id}/portal-link`.
pub async fn link(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::ManagePortalLinks>(&ctx, &id)?;
    let (token, now) = (token::make(TokenKind::PortalLink), ctx.stack.now());
    let new =
        NewLink { id: ctx.stack.new_id(), digest: TokenDigest::of(token.expose()), tenant: tenant.id, features: None };
    ctx.stack.store.write(move |tx| portal::create(tx, &granted, &new, now)).await?;
    let to = format!("{}/portal-link", view::address(tenant.id));
    Ok(ctx.done_once(&to, &tenant.id.display_as("org"), &location(&ctx.stack, token.expose())))
}

/// `GET /admin/organizations/{id}/portal-link`: the link, once.
pub async fn made(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let tenant = found(&ctx, &ctx.stack.store.read(), &id)?;
    let what = tenant.id.display_as("org");
    ctx.once("Portal link", nav::ORGANIZATIONS, &what, |link| view::link(&tenant, link, &ctx.csrf()))
}
