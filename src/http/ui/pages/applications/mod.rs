//! `/admin/applications`: the OAuth clients.

mod change;
mod create;
#[cfg(test)]
mod tests;
mod view;

pub use change::{
    add_redirect_uri, delete, delete_page, disable, disable_page, edit, edit_page, enable, revoke_secret,
    revoke_secret_page, rotate, rotate_page,
};
pub use create::{create, create_page};
pub(in crate::http::ui::pages) use view::address;

use crate::access::permit;
use crate::apps::{self, AppScope, Application, ApplicationType, ListApplications, ScopeLevel};
use crate::base::id::ApplicationId;
use crate::base::{Id, Problem};
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::pages::snippets::Endpoints;
use crate::roles;
use crate::store::Read;
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};
use view::{ApplicationRights, ROOT};

fn level(text: &str) -> Option<ScopeLevel> {
    [ScopeLevel::Global, ScopeLevel::Partner, ScopeLevel::Tenant].into_iter().find(|level| level.name() == text)
}

fn kind(text: &str) -> Option<ApplicationType> {
    ApplicationType::ALL.into_iter().find(|kind| kind.name() == text)
}

/// `GET /admin/applications`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadApplications>()?;
    let which = ListApplications {
        scope: level(asked.value("scope")),
        application_type: kind(asked.value("type")),
        search: asked.search(),
        ..ListApplications::default()
    };
    let (mut list, snapshot) = (List::at(ROOT, &asked, view::filters()), ctx.stack.store.read());
    let found =
        list.sorted(&view::SORTING, "application", |window| apps::slice(&snapshot, &granted, &which, window))?;
    let may_create = ctx.may::<permit::WriteApplications>();
    ctx.page("Applications", nav::APPLICATIONS, &view::list(&list, &found, may_create, ctx.stack.now()))
}

fn none() -> Problem {
    Problem::not_found("application_not_found", "There is no such application")
}

/// The application that an address names.
fn found(ctx: &Ctx, tx: &impl Read, id: &str) -> Result<Application, Problem> {
    let id = ApplicationId::parse(id).ok_or_else(none)?;
    apps::get(tx, &ctx.widest::<permit::ReadApplications>()?, id)
}

/// The tenant of an application that has one.
fn tenant_of(tx: &impl Read, application: &Application) -> Result<Option<Tenant>, Problem> {
    match application.scope {
        AppScope::Tenant(id) => Ok(tenancy::tenant(tx, id)?),
        AppScope::Global | AppScope::Partner(_) => Ok(None),
    }
}

/// The addresses that it is set up with. Of a partner's application those of the reader's own tenant stand for all.
fn endpoints(ctx: &Ctx, tx: &impl Read, application: &Application) -> Result<Endpoints, Problem> {
    let tenant = match application.scope {
        AppScope::Tenant(id) => tenancy::tenant(tx, id)?,
        AppScope::Partner(partner) => {
            tenancy::tenant(tx, ctx.actor().tenant)?.filter(|tenant| tenant.partner == partner)
        }
        AppScope::Global => None,
    };
    Ok(Endpoints::of(ctx.stack.issuers(), application, tenant.as_ref()))
}

/// `GET /admin/applications/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let application = found(&ctx, &snapshot, &id)?;
    let tenant = tenant_of(&snapshot, &application)?;
    let with = endpoints(&ctx, &snapshot, &application)?;
    // Shared ones above a tenant are seen there, and changed from above.
    let place = apps::place_of(&snapshot, application.scope)?;
    let may =
        ApplicationRights { write: place.is_some_and(|place| ctx.actor().may::<permit::WriteApplications>(place)) };
    let name = tenant.as_ref().map(|tenant| tenant.name.as_str());
    let existing = roles::existing(&snapshot, &application.allowed_scopes)?;
    let body = view::one(&application, &existing, name, &with, may, &ctx.csrf(), ctx.stack.now());
    ctx.page(application.name.as_str(), nav::APPLICATIONS, &body)
}

/// `GET /admin/applications/{id}/credentials`: the secret, once.
pub async fn credentials(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let application = found(&ctx, &snapshot, &id)?;
    let with = endpoints(&ctx, &snapshot, &application)?;
    let what = application.id.to_string();
    ctx.once("Credentials", nav::APPLICATIONS, &what, |secret| view::once(&application, secret, &with))
}
