//! Registering an application.

use super::{check, check_scopes, event, is_visible, place_of};
use crate::access::{Granted, Place, permit};
use crate::apps::{
    AppScope, Application, ApplicationStatus, ApplicationType, DEFAULT_TOKEN_LIFETIME, GrantType, LogoUri, NewSecret,
    RedirectUri, WebOrigin, table,
};
use crate::audit;
use crate::base::id::{ApplicationId, TenantId};
use crate::base::{DisplayName, Problem, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::crypto::jwt::SigningAlg;
use crate::roles;
use crate::store::{Read, WriteTx};
use crate::tenancy;
use std::collections::BTreeSet;

/// What an application is to be. Begin with [`NewApplication::new`], which has the defaults.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// What people call it.
    pub name: DisplayName,
    /// What it is for; at most 1000 characters.
    pub description: Option<String>,
    /// What kind of program it is.
    pub application_type: ApplicationType,
    /// Where it belongs.
    pub scope: AppScope,
    /// What a token of it may carry at most.
    pub allowed_scopes: ScopeSet,
    /// Where browsers may be sent after a sign-in; at most 50.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a sign-out; at most 50.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Which pages may call from a browser; at most 50.
    pub allowed_origins: Vec<WebOrigin>,
    /// How long its tokens hold, in seconds, 60 to 86400.
    pub token_lifetime: u32,
    /// How its tokens are signed.
    pub signing_alg: SigningAlg,
    /// Whether a code request needs PKCE.
    pub require_pkce: bool,
    /// The address of the picture that pages of a sign-in show.
    pub logo_uri: Option<LogoUri>,
    /// Whether it may introspect the tokens of every application at its issuer.
    pub introspect_any_token: bool,
    /// Whether its users are not asked what it may know of them.
    pub first_party: bool,
    /// Whether the claim `groups` names groups as people do.
    pub groups_by_name: bool,
    /// The grants that it may use, of those that its type can.
    pub grant_types: BTreeSet<GrantType>,
    /// How long after a sign-in its tokens can be refreshed at most, in seconds. None: as the server's settings have it.
    pub refresh_token_lifetime: Option<u32>,
}

impl NewApplication {
    /// With the defaults: the scopes and grants of its type, no address, an hour, RS256, PKCE.
    pub fn new(name: DisplayName, application_type: ApplicationType, scope: AppScope) -> Self {
        Self {
            name,
            description: None,
            application_type,
            scope,
            allowed_scopes: application_type.usual_scopes(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            allowed_origins: Vec::new(),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            signing_alg: SigningAlg::default(),
            require_pkce: true,
            logo_uri: None,
            introspect_any_token: false,
            first_party: false,
            groups_by_name: false,
            grant_types: application_type.usual_grants(),
            refresh_token_lifetime: None,
        }
    }
}

/// Registers an application. `secret` becomes its secret if its type can keep one ([`ApplicationType::is_confidential`]),
/// and is left aside otherwise: show the secret only if the answer has one.
///
/// # Errors
/// [`Problem`]: a value breaks a rule; the scope is beyond what `granted` reaches; one of the allowed scopes is not the
/// actor's own (`scope_not_held`); the tenant has as many applications as it may.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    new: &NewApplication,
    id: ApplicationId,
    secret: &NewSecret,
    now: Timestamp,
) -> Result<Application, Problem> {
    let at = reach(tx, granted.place(), new.scope)?;
    let confidential = new.application_type.is_confidential();
    if confidential {
        granted.and::<permit::MakeClientSecrets>()?;
    }
    let application = Application {
        id,
        name: new.name.clone(),
        description: new.description.clone(),
        application_type: new.application_type,
        scope: new.scope,
        allowed_scopes: new.allowed_scopes.clone(),
        redirect_uris: new.redirect_uris.clone(),
        post_logout_redirect_uris: new.post_logout_redirect_uris.clone(),
        allowed_origins: new.allowed_origins.clone(),
        token_lifetime: new.token_lifetime,
        signing_alg: new.signing_alg,
        require_pkce: new.require_pkce,
        status: ApplicationStatus::Active,
        logo_uri: new.logo_uri.clone(),
        secrets: confidential.then(|| secret.row(tx, now)).into_iter().collect(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        tokens_revoked_until: None,
        introspect_any_token: new.introspect_any_token,
        first_party: new.first_party,
        groups_by_name: new.groups_by_name,
        grant_types: new.grant_types.clone(),
        refresh_token_lifetime: new.refresh_token_lifetime,
    };
    check(&application)?;
    roles::check_for_application(tx, "allowed_scopes", application.allowed_scopes.iter())?;
    check_scopes(granted.actor(), at, application.allowed_scopes.iter())?;
    if let AppScope::Tenant(tenant) = new.scope {
        check_quota(tx, at, tenant)?;
    }
    tx.save(&application)?;
    let mut event = event(granted.actor(), now, at, Action::ApplicationCreate, &application)
        .with("application_type", application.application_type.name())
        .with("scope", application.scope.level().name())
        .with("allowed_scopes", &application.allowed_scopes);
    if !application.require_pkce {
        event = event.with("require_pkce", "false");
    }
    if application.introspect_any_token {
        event = event.with("introspect_any_token", "true");
    }
    if application.first_party {
        event = event.with("first_party", "true");
    }
    if application.grant_types != application.application_type.usual_grants() {
        event = event.with("grant_types", super::names(&application.grant_types));
    }
    audit::append(tx, event);
    Ok(application)
}

/// The place of a scope, if an application may be registered there from `mine`. Which admin registers
/// where is in ScaiKey's documentation of applications.
fn reach(tx: &impl Read, mine: Place, scope: AppScope) -> Result<Place, Problem> {
    let missing = || match scope {
        AppScope::Partner(_) => Problem::not_found("partner_not_found", "There is no partner with this id"),
        AppScope::Global | AppScope::Tenant(_) => {
            Problem::not_found("tenant_not_found", "There is no tenant with this id")
        }
    };
    let at = place_of(tx, scope)?.ok_or_else(missing)?;
    match at {
        at if mine.covers(at) => Ok(at),
        Place::Platform => {
            Err(Problem::forbidden("access_denied", "Only a super_admin registers applications of the scope GLOBAL"))
        }
        at if is_visible(mine, at) => {
            Err(Problem::forbidden("access_denied", "Only a partner_admin registers applications of the scope PARTNER"))
        }
        _ => Err(missing()),
    }
}

fn check_quota(tx: &impl Read, at: Place, tenant: TenantId) -> Result<(), Problem> {
    let partner = at.partner().map(|partner| tenancy::partner(tx, partner)).transpose()?.flatten();
    let Some(limit) = partner.and_then(|partner| partner.max_applications_per_tenant) else { return Ok(()) };
    if table::ids_of(tx, AppScope::Tenant(tenant))?.len() as u64 >= u64::from(limit) {
        let message = "The tenant has as many applications as its partner allows";
        return Err(Problem::conflict("quota_exceeded", message)
            .with("quota", "max_applications_per_tenant")
            .with("limit", limit));
    }
    Ok(())
}
