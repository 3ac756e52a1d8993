//! Changing an application, and taking it away.

use super::{check, check_scopes, event, mine};
use crate::access::{Granted, permit};
use crate::apps::{
    Application, ApplicationStatus, ApplicationType, GrantType, LogoUri, RedirectUri, ScopeLevel, WebOrigin,
};
use crate::audit;
use crate::base::id::ApplicationId;
use crate::base::{DisplayName, Problem, Scope, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::crypto::jwt::SigningAlg;
use crate::endings::{self, Cause, Ending};
use crate::roles;
use crate::store::WriteTx;
use std::collections::BTreeSet;

/// What is to change: None leaves a field as it is; for fields that can be empty, `Some(None)` empties them. A list takes
/// the place of the older one, it is never merged (ScaiKey's documentation of `PATCH`).
#[derive(Clone, Debug, Default)]
pub struct UpdateApplication {
    /// What people call it.
    pub name: Option<DisplayName>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Cannot change; the same value is taken.
    pub application_type: Option<ApplicationType>,
    /// Cannot change; the same value is taken.
    pub scope: Option<ScopeLevel>,
    /// What a token of it may carry at most. Tokens that exist keep theirs where it stays allowed.
    pub allowed_scopes: Option<ScopeSet>,
    /// Where browsers may be sent after a sign-in.
    pub redirect_uris: Option<Vec<RedirectUri>>,
    /// Where browsers may be sent after a sign-out.
    pub post_logout_redirect_uris: Option<Vec<RedirectUri>>,
    /// Which pages may call from a browser.
    pub allowed_origins: Option<Vec<WebOrigin>>,
    /// How long its tokens hold, in seconds.
    pub token_lifetime: Option<u32>,
    /// How its tokens are signed.
    pub signing_alg: Option<SigningAlg>,
    /// Whether a code request needs PKCE.
    pub require_pkce: Option<bool>,
    /// Whether it may be used.
    pub status: Option<ApplicationStatus>,
    /// The address of the picture that pages of a sign-in show.
    pub logo_uri: Option<Option<LogoUri>>,
    /// Whether it may introspect the tokens of every application at its issuer.
    pub introspect_any_token: Option<bool>,
    /// Whether its users are not asked what it may know of them.
    pub first_party: Option<bool>,
    /// Whether the claim `groups` names groups as people do.
    pub groups_by_name: Option<bool>,
    /// The grants that it may use. What it has by one that is taken away holds until it ends; it is not refreshed.
    pub grant_types: Option<BTreeSet<GrantType>>,
    /// How long after a sign-in its tokens can be refreshed at most, in seconds. A shorter time holds for earlier sign-ins too.
    pub refresh_token_lifetime: Option<Option<u32>>,
}

/// Changes an application. The audit row names the fields that changed.
///
/// # Errors
/// [`Problem`]: a value breaks a rule, or is one that cannot change; a scope that is added is not the actor's own
/// (`scope_not_held`); there is no such application for `granted`.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    change: &UpdateApplication,
    id: ApplicationId,
    now: Timestamp,
) -> Result<Application, Problem> {
    const IMMUTABLE: &str = "is immutable: it was set when the application was registered";
    let (old, at) = mine(tx, granted, id)?;
    if change.application_type.is_some_and(|new| new != old.application_type) {
        return Err(Problem::invalid("application_type", IMMUTABLE));
    }
    if change.scope.is_some_and(|new| new != old.scope.level()) {
        return Err(Problem::invalid("scope", IMMUTABLE));
    }
    let mut new = old.clone();
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident),*) => {$(
            if let Some(value) = &change.$field && *value != old.$field {
                new.$field = value.clone();
                changed.push(stringify!($field));
            }
        )*};
    }
    take!(
        name,
        description,
        allowed_scopes,
        redirect_uris,
        post_logout_redirect_uris,
        allowed_origins,
        token_lifetime,
        signing_alg,
        require_pkce,
        status,
        logo_uri,
        introspect_any_token,
        first_party,
        groups_by_name,
        grant_types,
        refresh_token_lifetime
    );
    check(&new)?;
    roles::check_for_application(
        tx,
        "allowed_scopes",
        new.allowed_scopes.beyond(&old.allowed_scopes).map(Scope::as_str),
    )?;
    check_scopes(granted.actor(), at, new.allowed_scopes.beyond(&old.allowed_scopes).map(Scope::as_str))?;
    if changed.is_empty() {
        return Ok(old);
    }
    new.updated_at = now;
    tx.save(&new)?;
    let mut event = event(granted.actor(), now, at, Action::ApplicationUpdate, &new).with("changed", changed.join(" "));
    // What a reader of the log asks first: the reach, the switch, and the protection that was taken off.
    if new.allowed_scopes != old.allowed_scopes {
        event = event.with("allowed_scopes_before", &old.allowed_scopes).with("allowed_scopes", &new.allowed_scopes);
    }
    if new.status != old.status {
        event = event.with("status", new.status.name());
    }
    if new.status == ApplicationStatus::Disabled && old.status != ApplicationStatus::Disabled {
        stopped(tx, granted, id, now)?;
    }
    if new.require_pkce != old.require_pkce {
        event = event.with("require_pkce", new.require_pkce);
    }
    if new.introspect_any_token != old.introspect_any_token {
        event = event.with("introspect_any_token", new.introspect_any_token);
    }
    if new.first_party != old.first_party {
        event = event.with("first_party", new.first_party);
    }
    if new.grant_types != old.grant_types {
        event = event.with("grant_types", super::names(&new.grant_types));
    }
    audit::append(tx, event);
    Ok(new)
}

/// Deletes an application: it gets no token any more, those that it has fail here, and its secrets are gone. The row
/// stays, marked, so that its id is never taken again.
///
/// # Errors
/// [`Problem`]: there is no such application for `granted`.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    id: ApplicationId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (mut application, at) = mine(tx, granted, id)?;
    application.deleted_at = Some(now);
    application.updated_at = now;
    application.status = ApplicationStatus::Disabled;
    application.secrets.clear();
    tx.save(&application)?;
    stopped(tx, granted, id, now)?;
    audit::append(tx, event(granted.actor(), now, at, Action::ApplicationDelete, &application));
    Ok(())
}

fn stopped(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    application: ApplicationId,
    now: Timestamp,
) -> Result<(), Problem> {
    endings::raise(tx, &Ending::ApplicationStopped { application }, &Cause::by(granted.actor(), now))?;
    Ok(())
}
