//! The page that is due for a request.

use super::finish;
use super::interaction::{Interaction, PendingFactor};
use super::view::{self, Scene};
use super::visitor::Visitor;
use crate::access::Principal;
use crate::base::Problem;
use crate::base::id::TenantId;
use crate::http::extract::SignedIn;
use crate::http::kit::parts::Form;
use crate::oauth::authorize::{Step, tenants_for};
use crate::oauth::first_party;
use crate::store::Read;
use crate::tenancy::{self, MfaPolicy, Tenant};
use crate::{authentication, people};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// A request that cannot be read at all.
pub fn lost(visitor: &Visitor) -> HttpResponse {
    visitor.page(StatusCode::BAD_REQUEST, &view::lost())
}

/// Shows the page that is due, with a form as it was refused.
///
/// # Errors
/// When the application is gone, or the file cannot be read.
pub async fn show(
    visitor: &Visitor,
    status: StatusCode,
    interaction: &Interaction,
    form: Form,
) -> Result<HttpResponse, Problem> {
    let stack = &visitor.stack;
    let snapshot = stack.store.read();
    let application = interaction.application(&snapshot)?;
    let here = named(&snapshot, interaction.request.tenant)?;
    let Some(sealed) = interaction.seal(visitor) else { return Ok(lost(visitor)) };
    let scene = Scene {
        request: &sealed,
        csrf: &visitor.csrf(),
        application: application.name.as_str(),
        ours: first_party::is(application.id),
        tenant: here.as_ref().map(|tenant| tenant.name.as_str()),
        who: visitor.signed_in.as_deref().map(email_of),
    };
    let step = finish::step(visitor, interaction)?;
    let body = match (&step, &interaction.half) {
        (Step::SignIn | Step::StepUp(_), Some(PendingFactor::Code(_))) => view::code(&scene, &form),
        (Step::SignIn | Step::StepUp(_), Some(PendingFactor::Enrol(token))) => {
            match authentication::enrolment(stack, token).await {
                Ok(setup) => view::enrol(&scene, &form, &setup),
                Err(problem) if problem.code == "invalid_mfa_token" => view::password(
                    &scene,
                    &form.refused(&problem),
                    &known_email(&snapshot, visitor, interaction)?,
                    false,
                ),
                Err(problem) => return Err(problem),
            }
        }
        (Step::SignIn, None) => {
            let email = known_email(&snapshot, visitor, interaction)?;
            // At the platform it is not known yet where somebody belongs: the e-mail comes first.
            let again = visitor.signed_in.is_some() && !interaction.other_account;
            if interaction.request.tenant.is_some() || interaction.named || again {
                view::password(&scene, &form, &email, interaction.request.tenant.is_none())
            } else {
                view::email(&scene, &form, &email)
            }
        }
        (Step::StepUp(tenant), None) => {
            let tenant = named(&snapshot, Some(*tenant))?;
            let required = tenant.as_ref().is_some_and(|tenant| MfaPolicy::of(tenant) == MfaPolicy::Required);
            let tenant = tenant.as_ref().map_or("", |tenant| tenant.name.as_str());
            let wants = if required { tenant } else { scene.application };
            view::step_up(&scene, &form, &known_email(&snapshot, visitor, interaction)?, tenant, wants)
        }
        (Step::ChooseAccount, _) => view::account(&scene, &form, &choices(&snapshot, visitor, interaction)?),
        (Step::NoAccess, _) => view::no_access(&scene, &form),
        (Step::Consent(tenant), _) => {
            let as_member = named(&snapshot, Some(*tenant))?;
            let name = as_member.as_ref().map_or("", |tenant| tenant.name.as_str());
            view::consent(&scene, &form, (*tenant, name), &interaction.request)
        }
        // Settled in the meantime: the page's own address answers.
        (Step::Issue(_) | Step::Fail(_), _) => return finish::lead_on(visitor, interaction, |_| Ok(())),
    };
    Ok(visitor.page(status, &body))
}

fn email_of(signed_in: &SignedIn) -> &str {
    match &signed_in.actor.principal {
        Principal::User { email, .. } => email.as_str(),
        Principal::Operator | Principal::Application { .. } => "",
    }
}

fn named(tx: &impl Read, tenant: Option<TenantId>) -> Result<Option<Tenant>, Problem> {
    Ok(tenant.map(|tenant| tenancy::tenant(tx, tenant)).transpose()?.flatten())
}

/// The e-mail to begin with: what was typed, hinted at, or is signed in.
fn known_email(tx: &impl Read, visitor: &Visitor, interaction: &Interaction) -> Result<String, Problem> {
    if let Some(email) = &interaction.email {
        return Ok(email.clone());
    }
    if let Some(hinted) = interaction.request.hinted
        && let Some(user) = people::user(tx, hinted)?
    {
        return Ok(user.email.to_string());
    }
    let current = visitor.signed_in.as_deref().filter(|_| !interaction.other_account);
    Ok(current.map_or_else(String::new, |current| email_of(current).to_owned()))
}

/// The tenants to choose from.
fn choices(tx: &impl Read, visitor: &Visitor, interaction: &Interaction) -> Result<Vec<Tenant>, Problem> {
    let Some(signed_in) = &visitor.signed_in else { return Ok(Vec::new()) };
    let Some(user) = people::user(tx, signed_in.session.user)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for tenant in tenants_for(tx, &interaction.request, &user, visitor.stack.now())? {
        found.extend(tenancy::tenant(tx, tenant)?);
    }
    Ok(found)
}
