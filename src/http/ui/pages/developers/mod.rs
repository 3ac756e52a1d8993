//! `/admin/developers/settings`: what programs reach this environment with, Scalekit's "Developers > Settings > API
//! credentials" (its quickstart). API credentials are applications of the type SERVICE for the whole platform.

mod create;
mod view;

pub use create::{create, create_page, rotate, rotate_page};

use crate::access::{Granted, Permission, permit};
use crate::apps::{self, AppScope, Application, ApplicationType, ListApplications, ScopeLevel};
use crate::base::id::ApplicationId;
use crate::base::{Id, Problem};
use crate::http::tls;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::roles;
use crate::store::Paging;
use actix_web::{HttpResponse, web};
use view::Environment;

/// The credentials of the platform are the platform's.
fn platform<P: Permission>(ctx: &Ctx) -> Result<Granted<P>, Problem> {
    ctx.platform::<P>()
}

/// What a program has to know of this server.
fn environment(ctx: &Ctx) -> Environment {
    let settings = &ctx.stack.config;
    Environment {
        url: ctx.stack.public_url().trim_end_matches('/').to_owned(),
        local_authority: settings.tls.enabled && settings.tls.files().is_none(),
    }
}

fn none() -> Problem {
    Problem::not_found("application_not_found", "There are no such API credentials")
}

/// The credentials that an address names.
fn found(ctx: &Ctx, id: &str) -> Result<Application, Problem> {
    let granted = platform::<permit::ReadApplications>(ctx)?;
    let id = ApplicationId::parse(id).ok_or_else(none)?;
    let application = apps::get(&ctx.stack.store.read(), &granted, id)?;
    let is_one = application.scope == AppScope::Global && application.application_type == ApplicationType::Service;
    if is_one { Ok(application) } else { Err(none()) }
}

/// `GET /admin/developers/settings`.
pub async fn settings(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = platform::<permit::ReadApplications>(&ctx)?;
    let which = ListApplications {
        scope: Some(ScopeLevel::Global),
        application_type: Some(ApplicationType::Service),
        ..ListApplications::default()
    };
    let snapshot = ctx.stack.store.read();
    let listed = apps::list(&snapshot, &granted, &which, Paging::new(1, Paging::MAX)?)?;
    let mut shown = Vec::with_capacity(listed.items.len());
    for application in listed.items {
        let existing = roles::existing(&snapshot, &application.allowed_scopes)?;
        shown.push((application, existing));
    }
    let may_write = platform::<permit::WriteApplications>(&ctx).is_ok();
    let body = view::settings(&environment(&ctx), (&shown, listed.total), may_write, ctx.stack.now());
    ctx.page("Settings", nav::DEVELOPERS, &body)
}

/// `GET /admin/developers/settings/{id}/credentials`: the secret, once.
pub async fn credentials(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (application, environment) = (found(&ctx, &id)?, environment(&ctx));
    let what = application.id.to_string();
    ctx.once("API credentials", nav::DEVELOPERS, &what, |secret| view::once(&environment, &application, secret))
}

/// `GET /admin/developers/settings/ca.pem`: what clients are to trust, when the certificate is the local authority's.
pub async fn authority(ctx: Ctx) -> Result<HttpResponse, Problem> {
    platform::<permit::ReadApplications>(&ctx)?;
    if !environment(&ctx).local_authority {
        return Err(Problem::not_found("not_found", "This server's certificate is not of a local authority"));
    }
    let folder = ctx.stack.config.storage.tls_folder();
    let read = web::block(move || tls::authority_pem(&folder)).await.map_err(Problem::internal)?;
    let pem = read.map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/x-pem-file")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{}\"", view::CA_FILE)))
        .body(pem))
}
