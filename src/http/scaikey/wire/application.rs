//! Applications.

use super::{at, given, nullable, one_of, partner_filter, partner_named, tenant_filter, tenant_named, text};
use crate::access::{Actor, Place};
use crate::apps::{
    self, AppScope, ApplicationStatus, ApplicationType, GrantType, ListApplications, LogoUri, NewApplication,
    RedirectUri, ScopeLevel, UpdateApplication, WebOrigin,
};
use crate::base::id::{ApplicationId, ClientSecretId, PartnerId, TenantId};
use crate::base::{DisplayName, Problem, ScopeSet, Secret};
use crate::catalogue::scope;
use crate::config::Tokens;
use crate::crypto::jwt::SigningAlg;
use crate::http::reply::{Moment, ShownOnce};
use crate::store::Read;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// Scopes as clients write them: a list, or a text with blanks or commas between.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scopes(#[cfg_attr(test, schemars(with = "Written"))] pub ScopeSet);

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline))]
#[serde(untagged, expecting = "must be a list of scopes, or a text with blanks or commas between them")]
enum Written {
    List(Vec<String>),
    Text(String),
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scopes = match Written::deserialize(deserializer)? {
            Written::List(list) => ScopeSet::from_texts(list.iter().map(String::as_str)),
            Written::Text(text) => ScopeSet::from_texts(scope::written(&text)),
        };
        scopes.map(Self).map_err(D::Error::custom)
    }
}

/// The body of `POST /applications`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CreateApplication"))]
#[serde(deny_unknown_fields)]
pub struct CreateApplication {
    /// What people call it.
    name: DisplayName,
    /// What it is for.
    description: Option<String>,
    /// Fixed from then on. `type` is the same.
    #[serde(alias = "type")]
    application_type: ApplicationType,
    /// `TENANT` if a tenant is named, `PARTNER` if a partner is; else it has to be said.
    scope: Option<ScopeLevel>,
    /// An id or a slug; the caller's own for the scope `PARTNER` if not said.
    partner_id: Option<String>,
    /// An id or a slug; the caller's own for the scope `TENANT` if not said.
    tenant_id: Option<String>,
    /// What a token of it may carry at most; `openid profile email` if not said, and nothing for `SERVICE`.
    allowed_scopes: Option<Scopes>,
    /// Where browsers may be sent after a sign-in.
    #[serde(default)]
    redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a sign-out.
    #[serde(default)]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// Which pages may call from a browser (CORS).
    #[serde(default)]
    allowed_origins: Vec<WebOrigin>,
    /// How long its tokens hold, in seconds: 60 to 86400; as the server's settings have it if not said.
    token_lifetime: Option<u32>,
    /// As the server's settings have it if not said.
    signing_alg: Option<SigningAlg>,
    /// Whether a code request needs PKCE; true if not said.
    require_pkce: Option<bool>,
    /// The address of the picture that pages of a sign-in show.
    logo_uri: Option<LogoUri>,
    /// Whether introspection tells it about the access tokens of every application, not of its own alone.
    #[serde(default)]
    introspect_any_token: bool,
    /// Whether it is a part of the same offer as this server, so that its users are not asked what it may know of them. Not for
    /// `NATIVE`.
    #[serde(default)]
    first_party: bool,
    /// Whether the claim `groups` names groups as people do, instead of by their ids.
    #[serde(default)]
    groups_by_name: bool,
    /// The grants that it may use; all that its type can if not said. Others are refused with `unauthorized_client`.
    grant_types: Option<BTreeSet<GrantType>>,
    /// How long after a sign-in its tokens can be refreshed at most, in seconds: 60 to 315360000, and never longer than the
    /// server's settings allow; null, or not said: as long as those.
    refresh_token_lifetime: Option<u32>,
}

impl CreateApplication {
    /// As an application to register; what is not said comes from the settings.
    ///
    /// # Errors
    /// `partner_not_found`, `tenant_not_found`, or the field that the scope lacks.
    pub fn read(self, tx: &impl Read, actor: &Actor, defaults: &Tokens) -> Result<NewApplication, Problem> {
        let partner = self.partner_id.as_deref().map(|name| partner_named(tx, name)).transpose()?;
        let tenant = self.tenant_id.as_deref().map(|name| tenant_named(tx, name)).transpose()?.map(|row| row.id);
        let level = match (self.scope, partner, tenant) {
            (Some(level), ..) => level,
            (None, _, Some(_)) => ScopeLevel::Tenant,
            (None, Some(_), None) => ScopeLevel::Partner,
            (None, None, None) => return Err(Problem::invalid("scope", "is required")),
        };
        // Of one's own tenant and partner nobody has to give the id.
        let tenant = tenant.or((level == ScopeLevel::Tenant).then_some(actor.tenant));
        let partner = partner.or((level == ScopeLevel::Partner).then_some(actor.partner));
        let scope = AppScope::new(level, partner, tenant)?;
        let usual = self.application_type.usual_scopes();
        let grants = self.grant_types.unwrap_or_else(|| self.application_type.usual_grants());
        Ok(NewApplication {
            description: self.description,
            allowed_scopes: self.allowed_scopes.map_or(usual, |scopes| scopes.0),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            allowed_origins: self.allowed_origins,
            token_lifetime: self.token_lifetime.unwrap_or(defaults.access_secs),
            signing_alg: self.signing_alg.unwrap_or(defaults.signing_alg),
            require_pkce: self.require_pkce.unwrap_or(true),
            logo_uri: self.logo_uri,
            introspect_any_token: self.introspect_any_token,
            first_party: self.first_party,
            groups_by_name: self.groups_by_name,
            grant_types: grants,
            refresh_token_lifetime: self.refresh_token_lifetime,
            ..NewApplication::new(self.name, self.application_type, scope)
        })
    }
}

/// The body of `PATCH /applications/{id}`. A list takes the place of the older one.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "UpdateApplication"))]
#[serde(deny_unknown_fields)]
pub struct ApplicationChange {
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "DisplayName"))]
    name: Option<DisplayName>,
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<String>>,
    /// Fixed: only what it is already. `type` is the same.
    #[serde(default, deserialize_with = "given", alias = "type")]
    #[cfg_attr(test, schemars(with = "ApplicationType"))]
    application_type: Option<ApplicationType>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "ScopeLevel"))]
    scope: Option<ScopeLevel>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Scopes"))]
    allowed_scopes: Option<Scopes>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Vec<RedirectUri>"))]
    redirect_uris: Option<Vec<RedirectUri>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Vec<RedirectUri>"))]
    post_logout_redirect_uris: Option<Vec<RedirectUri>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Vec<WebOrigin>"))]
    allowed_origins: Option<Vec<WebOrigin>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "u32"))]
    token_lifetime: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "SigningAlg"))]
    signing_alg: Option<SigningAlg>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    require_pkce: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "ApplicationStatus"))]
    status: Option<ApplicationStatus>,
    #[serde(default, deserialize_with = "nullable")]
    logo_uri: Option<Option<LogoUri>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    introspect_any_token: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    first_party: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    groups_by_name: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "BTreeSet<GrantType>"))]
    grant_types: Option<BTreeSet<GrantType>>,
    #[serde(default, deserialize_with = "nullable")]
    refresh_token_lifetime: Option<Option<u32>>,
}

impl From<ApplicationChange> for UpdateApplication {
    fn from(body: ApplicationChange) -> Self {
        Self {
            name: body.name,
            description: body.description,
            application_type: body.application_type,
            scope: body.scope,
            allowed_scopes: body.allowed_scopes.map(|scopes| scopes.0),
            redirect_uris: body.redirect_uris,
            post_logout_redirect_uris: body.post_logout_redirect_uris,
            allowed_origins: body.allowed_origins,
            token_lifetime: body.token_lifetime,
            signing_alg: body.signing_alg,
            require_pkce: body.require_pkce,
            status: body.status,
            logo_uri: body.logo_uri,
            introspect_any_token: body.introspect_any_token,
            first_party: body.first_party,
            groups_by_name: body.groups_by_name,
            grant_types: body.grant_types,
            refresh_token_lifetime: body.refresh_token_lifetime,
        }
    }
}

/// The body of a rotation: how long the older secret still holds, in seconds; a day if not said.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "RotateClientSecret"))]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// How long the older secret still holds, in seconds: at most 2592000, 30 days; a day if not said. 0 ends it at once.
    pub keep_old_secs: Option<u32>,
}

/// The filters of `GET /applications`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApplicationQuery {
    /// Only those of one tenant: an id or a slug.
    tenant_id: Option<String>,
    /// Only those of one partner and of its tenants: an id or a slug.
    partner_id: Option<String>,
    /// `GLOBAL`, `PARTNER` or `TENANT`.
    scope: Option<String>,
    /// `SERVICE`, `WEB`, `SPA` or `NATIVE`.
    application_type: Option<String>,
    /// Words that stand somewhere in the name, the description or the client_id.
    search: Option<String>,
}

impl ApplicationQuery {
    /// As the service takes them. None: nothing can fit.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self, tx: &impl Read) -> Result<Option<ListApplications>, Problem> {
        let levels = [ScopeLevel::Global, ScopeLevel::Partner, ScopeLevel::Tenant];
        let level = |text: &str| levels.into_iter().find(|level| level.name().eq_ignore_ascii_case(text));
        let kind = |text: &str| ApplicationType::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
        let scope = one_of("scope", &self.scope, level, "GLOBAL, PARTNER, TENANT")?;
        let types = "SERVICE, WEB, SPA, NATIVE";
        let application_type = one_of("application_type", &self.application_type, kind, types)?;
        let tenant = tenant_filter(tx, &self.tenant_id)?.filter();
        let partner = partner_filter(tx, &self.partner_id)?.filter();
        let search = text(&self.search).map(str::to_owned);
        Ok(tenant.zip(partner).map(|(tenant_id, partner_id)| ListApplications {
            tenant_id,
            partner_id,
            scope,
            application_type,
            search,
        }))
    }
}

/// An application: an OAuth client.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Application {
    id: ApplicationId,
    /// What it calls itself in OAuth.
    client_id: String,
    /// What people call it.
    name: DisplayName,
    /// What it is for.
    description: Option<String>,
    application_type: ApplicationType,
    /// Whose tenants it acts on.
    scope: ScopeLevel,
    /// The partner of an application of the scope `PARTNER`.
    partner_id: Option<PartnerId>,
    /// The tenant of an application of the scope `TENANT`.
    tenant_id: Option<TenantId>,
    /// What a token of it may carry at most.
    allowed_scopes: ScopeSet,
    /// Where browsers may be sent after a sign-in.
    redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a sign-out.
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// Which pages may call from a browser (CORS).
    allowed_origins: Vec<WebOrigin>,
    /// How long its tokens hold, in seconds.
    token_lifetime: u32,
    signing_alg: SigningAlg,
    /// Whether a code request needs PKCE; always for types without a secret.
    require_pkce: bool,
    status: ApplicationStatus,
    /// The address of the picture that pages of a sign-in show.
    logo_uri: Option<LogoUri>,
    /// Whether introspection tells it about the access tokens of every application, not of its own alone.
    introspect_any_token: bool,
    /// Whether its users are not asked what it may know of them.
    first_party: bool,
    /// Whether the claim `groups` names groups as people do, instead of by their ids.
    groups_by_name: bool,
    /// The grants that it may use.
    grant_types: BTreeSet<GrantType>,
    /// How long after a sign-in its tokens can be refreshed at most, in seconds; null: as long as the server's settings allow.
    refresh_token_lifetime: Option<u32>,
    /// Its secrets, the newest last; expired ones stay until the next rotation. Absent for a caller whom the application
    /// stands above.
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<Vec<ClientSecret>>,
    created_at: Moment,
    updated_at: Moment,
}

/// What is known of a client secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClientSecret {
    /// By which it is revoked.
    id: ClientSecretId,
    /// Its last four characters.
    hint: String,
    created_at: Moment,
    /// When it stops to hold; null: it holds until it is revoked or rotated.
    expires_at: Option<Moment>,
    /// When it was last used, to within five minutes.
    last_used_at: Option<Moment>,
}

/// A client secret that was just made: no other answer ever shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewClientSecret {
    /// The secret.
    client_secret: ShownOnce,
    /// The id by which it is revoked.
    client_secret_id: ClientSecretId,
}

/// An application that was just registered, with its secret if its type has one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegisteredApplication {
    #[serde(flatten)]
    application: Application,
    #[serde(flatten)]
    secret: Option<NewClientSecret>,
}

/// An application with the secret that was just made for it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApplicationWithSecret {
    #[serde(flatten)]
    application: Application,
    #[serde(flatten)]
    secret: NewClientSecret,
}

impl Application {
    /// As somebody at `from` may see it: of one that stands above them, without its secrets' ends.
    pub fn seen_from(from: Place, application: &apps::Application) -> Self {
        let above = match application.scope {
            AppScope::Global => from != Place::Platform,
            AppScope::Partner(_) => from.tenant().is_some(),
            AppScope::Tenant(_) => false,
        };
        let mut seen = Self::from(application);
        if above {
            seen.secrets = None;
        }
        seen
    }
}

impl From<&apps::Application> for Application {
    fn from(application: &apps::Application) -> Self {
        let (partner_id, tenant_id) = match application.scope {
            AppScope::Global => (None, None),
            AppScope::Partner(partner) => (Some(partner), None),
            AppScope::Tenant(tenant) => (None, Some(tenant)),
        };
        Self {
            id: application.id,
            client_id: application.client_id(),
            name: application.name.clone(),
            description: application.description.clone(),
            application_type: application.application_type,
            scope: application.scope.level(),
            partner_id,
            tenant_id,
            allowed_scopes: application.allowed_scopes.clone(),
            redirect_uris: application.redirect_uris.clone(),
            post_logout_redirect_uris: application.post_logout_redirect_uris.clone(),
            allowed_origins: application.allowed_origins.clone(),
            token_lifetime: application.token_lifetime,
            signing_alg: application.signing_alg,
            require_pkce: application.require_pkce,
            status: application.status,
            logo_uri: application.logo_uri.clone(),
            introspect_any_token: application.introspect_any_token,
            first_party: application.first_party,
            groups_by_name: application.groups_by_name,
            grant_types: application.grant_types.clone(),
            refresh_token_lifetime: application.refresh_token_lifetime,
            secrets: Some(application.secrets.iter().map(ClientSecret::from).collect()),
            created_at: Moment(application.created_at),
            updated_at: Moment(application.updated_at),
        }
    }
}

impl From<&apps::ClientSecret> for ClientSecret {
    fn from(secret: &apps::ClientSecret) -> Self {
        Self {
            id: secret.id,
            hint: secret.hint.clone(),
            created_at: Moment(secret.created_at),
            expires_at: at(secret.expires_at),
            last_used_at: at(secret.last_used),
        }
    }
}

impl NewClientSecret {
    /// The secret and its id.
    pub fn new(secret: Secret<String>, id: ClientSecretId) -> Self {
        Self { client_secret: ShownOnce(secret), client_secret_id: id }
    }
}

impl RegisteredApplication {
    /// The application, and its secret if it has one.
    pub fn new(application: &apps::Application, secret: Option<NewClientSecret>) -> Self {
        Self { application: Application::from(application), secret }
    }
}

impl ApplicationWithSecret {
    /// The application, and its newest secret.
    pub fn new(application: &apps::Application, secret: NewClientSecret) -> Self {
        Self { application: Application::from(application), secret }
    }
}

#[cfg(test)]
mod tests;
