//! What can be done with applications.

mod change;
mod create;
mod read;
mod secrets;

pub use change::{UpdateApplication, delete, update};
pub use create::{NewApplication, create};
pub use read::{ListApplications, get, list, slice, within};
pub use secrets::{NewSecret, USED_EVERY_SECS, note_revoked, revoke_secret, rotate_secret, used};

use super::{
    AppScope, Application, ApplicationType, FIRST_PARTY, GrantType, MAX_REFRESH_LIFETIME, MAX_TOKEN_LIFETIME,
    MIN_TOKEN_LIFETIME, RedirectUri, UriKind, table,
};
use crate::access::{Actor, Granted, PERMISSIONS, Place, permit};
use crate::audit::Event;
use crate::base::id::ApplicationId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::Read;
use crate::tenancy;
use std::collections::BTreeSet;

/// The most addresses in one list of an application.
const MAX_URIS: usize = 50;
/// The longest description in characters.
const MAX_DESCRIPTION: usize = 1000;

/// Where a scope is. None when its tenant or partner is gone, and the application with it.
///
/// # Errors
/// When the file cannot be read.
pub fn place_of(tx: &impl Read, scope: AppScope) -> Result<Option<Place>, Problem> {
    match scope {
        AppScope::Global => Ok(Some(Place::Platform)),
        AppScope::Partner(id) => Ok(tenancy::partner(tx, id)?.map(|partner| Place::Partner(partner.id))),
        AppScope::Tenant(id) => Ok(tenancy::place_of(tx, id)?),
    }
}

/// Whether somebody at `place` may know of an application: of what is below, and of the shared ones above, as
/// ScaiKey's documentation of applications has it.
fn is_visible(place: Place, of: Place) -> bool {
    place.covers(of)
        || match of {
            Place::Platform => true,
            Place::Partner(partner) => place.partner() == Some(partner),
            Place::Tenant { .. } => false,
        }
}

fn no_such_application() -> Problem {
    Problem::not_found("application_not_found", "There is no application with this id")
}

/// An application that `granted` may change, and where it is.
fn mine(
    tx: &impl Read,
    granted: &Granted<permit::WriteApplications>,
    id: ApplicationId,
) -> Result<(Application, Place), Problem> {
    let application = table::one(tx, id)?.ok_or_else(no_such_application)?;
    if id == FIRST_PARTY {
        return Err(Problem::forbidden("built_in", "This application is built in: it cannot be changed or deleted"));
    }
    let at = place_of(tx, application.scope)?.ok_or_else(no_such_application)?;
    if granted.place().covers(at) {
        Ok((application, at))
    } else if is_visible(granted.place(), at) {
        let level = application.scope.level().name();
        Err(Problem::forbidden("access_denied", format!("This application is {level}: you can see it, not change it")))
    } else {
        Err(no_such_application())
    }
}

fn event(actor: &Actor, now: Timestamp, at: Place, action: Action, application: &Application) -> Event {
    Event::by(actor, now, at, action)
        .on("application", application.id)
        .with("client_id", application.client_id())
        .with("name", &application.name)
}

/// Whether somebody may give a scope to an application of this place: one that they could use there themselves, or that opens
/// nothing here, since it means something to others.
pub fn may_hand_on(actor: &Actor, at: Place, scope: &str) -> bool {
    let mut opened = PERMISSIONS.iter().filter(|rule| rule.scopes.contains(&scope)).peekable();
    opened.peek().is_none() || opened.any(|rule| actor.may_rule(rule, at))
}

/// Nobody gives an application, or takes into their hands with its secret, a scope that they could not use himself there.
fn check_scopes<'a>(actor: &Actor, at: Place, scopes: impl IntoIterator<Item = &'a str>) -> Result<(), Problem> {
    match scopes.into_iter().find(|scope| !may_hand_on(actor, at, scope)) {
        Some(scope) => {
            let message = format!("You cannot hand on the scope {scope}: you do not hold it here yourself");
            Err(Problem::forbidden("scope_not_held", message))
        }
        None => Ok(()),
    }
}

/// Grants as an audit row names them.
fn names(grants: &BTreeSet<GrantType>) -> String {
    grants.iter().map(|grant| grant.name()).collect::<Vec<_>>().join(" ")
}

fn check_grants(application: &Application) -> Result<(), Problem> {
    let wrong = |rule: &str| Err(Problem::invalid("grant_types", rule));
    if application.grant_types.is_empty() {
        return wrong("must name at least one grant; disable an application that is to get no tokens");
    }
    if application.grant_types.iter().any(|grant| !grant.is_for(application.application_type)) {
        return wrong("must not have client_credentials for an application without a secret");
    }
    // The first refresh token comes with a code.
    if application.may_use(GrantType::RefreshToken) && !application.may_use(GrantType::AuthorizationCode) {
        return wrong("must have authorization_code where it has refresh_token: that is how the first one is given");
    }
    let allowed = MIN_TOKEN_LIFETIME..=MAX_REFRESH_LIFETIME;
    if application.refresh_token_lifetime.is_some_and(|secs| !allowed.contains(&secs)) {
        return Err(Problem::invalid("refresh_token_lifetime", "must be 60 to 315360000 seconds"));
    }
    Ok(())
}

/// The rules that a whole application keeps, whichever way it came to be.
fn check(application: &Application) -> Result<(), Problem> {
    if !(MIN_TOKEN_LIFETIME..=MAX_TOKEN_LIFETIME).contains(&application.token_lifetime) {
        return Err(Problem::invalid("token_lifetime", "must be 60 to 86400 seconds"));
    }
    check_grants(application)?;
    if !application.application_type.is_confidential() && !application.require_pkce {
        return Err(Problem::invalid("require_pkce", "cannot be switched off for an application without a secret"));
    }
    if !application.application_type.is_confidential() && application.introspect_any_token {
        return Err(Problem::invalid("introspect_any_token", "is for applications with a secret: SERVICE and WEB"));
    }
    // On a device another program can take its place, so that only its user can say who asks (RFC 8252 §8.6).
    if application.first_party && application.application_type == ApplicationType::Native {
        return Err(Problem::invalid("first_party", "is not for NATIVE applications: their users are always asked"));
    }
    // On the way back to its own machine too, for an application that shows no secret there.
    let is_open = !application.application_type.is_confidential();
    if application.first_party && is_open && application.redirect_uris.iter().any(|uri| uri.kind() == UriKind::Loopback)
    {
        let message = "is not for applications without a secret that have a redirect URI on the user's own machine: any program \
                       there could answer in their place";
        return Err(Problem::invalid("first_party", message));
    }
    check_uris("redirect_uris", application.application_type, &application.redirect_uris)?;
    check_uris("post_logout_redirect_uris", application.application_type, &application.post_logout_redirect_uris)?;
    if application.allowed_origins.len() > MAX_URIS {
        return Err(Problem::invalid("allowed_origins", "must be at most 50"));
    }
    if application.description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Problem::invalid("description", "must be at most 1000 characters long"));
    }
    Ok(())
}

fn check_uris(field: &str, of: ApplicationType, uris: &[RedirectUri]) -> Result<(), Problem> {
    if uris.len() > MAX_URIS {
        return Err(Problem::invalid(field, "must be at most 50"));
    }
    match uris.iter().position(|uri| uri.kind() == UriKind::OwnScheme) {
        Some(at) if of != ApplicationType::Native => Err(Problem::invalid(
            format!("{field}.{at}"),
            "must use https: only NATIVE applications have schemes of their own",
        )),
        _ => Ok(()),
    }
}
