//! The page of one organisation.

use super::super::retention::Retention;
use super::named::found;
use super::view::{self, OrganizationRights};
use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people;
use crate::store::{Versioned, Whole};
use crate::tenancy::{self, Tenant};
use actix_web::{HttpResponse, web};

/// The form of the features as they are.
pub(super) fn values(tenant: &Tenant) -> Form {
    let on = tenant.details.features;
    Form::sent(on.on().map(|feature| ("features".to_owned(), feature.name().to_owned())).collect())
        .at(Whole(on).version())
}

/// `GET /admin/organizations/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let tenant = found(&ctx, &ctx.stack.store.read(), &id)?;
    show(&ctx, &tenant, &values(&tenant))
}

/// The page of an organisation, with the form of its features.
pub(super) fn show(ctx: &Ctx, tenant: &Tenant, features: &Form) -> Result<HttpResponse, Problem> {
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
            enter: tenant.status == tenancy::Status::Active
                && ctx.signed_in.whole.reaches_several_tenants()
                && !(ctx.signed_in.is_narrowed() && ctx.actor().tenant == tenant.id),
        },
        retention: Retention::of(ctx),
        features,
        tenant,
    };
    ctx.form_page(tenant.name.as_str(), nav::ORGANIZATIONS, features, &view::one(&one, &ctx.csrf()))
}
