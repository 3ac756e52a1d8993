//! What an organisation's admins may set up by themselves, and the link that leads them there.

use super::named::{found, found_for};
use super::one::{show, values};
use super::view;
use crate::access::permit;
use crate::base::{Id, Kind, Problem};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::portal_links::{self, NewLink};
use crate::store::{Whole, WriteTx};
use crate::tenancy::{self, DetailsPatch, Feature, TenantPatch};
use actix_web::{HttpResponse, web};

const FIELDS: [&str; 1] = ["features"];

/// `POST /admin/organizations/{id}/features`: what is ticked is on, all else off.
pub async fn features(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    let ticked = |feature: Feature| fields.all("features").any(|name| name == feature.name());
    let features = Feature::ALL.map(|feature| (feature, ticked(feature))).to_vec();
    let details = DetailsPatch { features, ..DetailsPatch::default() };
    let (patch, id, now) = (TenantPatch { details, ..TenantPatch::default() }, tenant.id, ctx.stack.now());
    let seen = fields.seen();
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(tenancy::tenant(tx, id)?.map(|tenant| Whole(tenant.details.features)).as_ref())?;
        tenancy::update_tenant(tx, &granted, id, &patch, now)
    };
    match ctx.stack.store.write(write).await {
        Ok(_) => Ok(ctx.done(&view::address(id), "The features are saved.")),
        Err(problem) if problem.kind == Kind::Stale => {
            let (now, _) = found_for::<permit::WriteTenants>(&ctx, &id.to_string())?;
            show(&ctx, &now, &fields.meeting(&FIELDS, values(&now)))
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /admin/organizations/{id}/portal-link`.
pub async fn link(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::ManagePortalLinks>(&ctx, &id)?;
    let (token, now) = (token::make(TokenKind::PortalLink), ctx.stack.now());
    let new =
        NewLink { id: ctx.stack.new_id(), digest: TokenDigest::of(token.expose()), tenant: tenant.id, features: None };
    ctx.stack.store.write(move |tx| portal_links::create(tx, &granted, &new, now)).await?;
    let to = format!("{}/portal-link", view::address(tenant.id));
    Ok(ctx.done_once(
        &to,
        &tenant.id.display_as("org"),
        &portal_links::location(ctx.stack.public_url(), token.expose()),
    ))
}

/// `GET /admin/organizations/{id}/portal-link`: the link, once.
pub async fn made(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let tenant = found(&ctx, &ctx.stack.store.read(), &id)?;
    let what = tenant.id.display_as("org");
    ctx.once("Portal link", nav::ORGANIZATIONS, &what, |link| view::link(&tenant, link, &ctx.csrf()))
}
