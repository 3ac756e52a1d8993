//! What kinds of applications there are, and whose they are.

use crate::access::Place;
use crate::base::id::{PartnerId, TenantId};
use crate::base::{Problem, ScopeSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What kind of program it is. Fixed when it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ApplicationType {
    /// A back-end service, machine to machine.
    Service,
    /// A web application with a server of its own.
    Web,
    /// An application that runs in a browser only: it can keep no secret.
    Spa,
    /// An application on a user's device: it can keep no secret.
    Native,
}

impl ApplicationType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Service, Self::Web, Self::Spa, Self::Native];

    /// The name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::Web => "WEB",
            Self::Spa => "SPA",
            Self::Native => "NATIVE",
        }
    }

    /// The scopes that one is allowed when nothing is said: to know who signs in, for those that people sign in to.
    pub fn usual_scopes(self) -> ScopeSet {
        match self {
            Self::Service => ScopeSet::default(),
            Self::Web | Self::Spa | Self::Native => ScopeSet::parse("openid profile email").unwrap_or_default(),
        }
    }

    /// The grants that one of the type can use, and may use when nothing is said: all, but without a secret none for itself
    /// (RFC 6749 §4.4: anybody could say to be the client).
    pub fn usual_grants(self) -> BTreeSet<GrantType> {
        GrantType::ALL.into_iter().filter(|grant| grant.is_for(self)).collect()
    }

    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::Service | Self::Web)
    }
}

/// A way to tokens that an application may use (RFC 7591 §2, `grant_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// People sign in to it (RFC 6749 §4.1).
    AuthorizationCode,
    /// It gets new tokens without the person (RFC 6749 §6).
    RefreshToken,
    /// It signs in as itself (RFC 6749 §4.4).
    ClientCredentials,
}

impl GrantType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Whether an application of a type can use it.
    pub const fn is_for(self, kind: ApplicationType) -> bool {
        match self {
            Self::AuthorizationCode | Self::RefreshToken => true,
            Self::ClientCredentials => kind.is_confidential(),
        }
    }
}

/// Whose tenants it acts on, and where it belongs. Fixed when it is registered.
///
/// A tenant's partner is not kept here: a tenant can move to another partner, and its applications move with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AppScope {
    /// The platform: any tenant.
    Global,
    /// A partner: its tenants.
    Partner(PartnerId),
    /// One tenant.
    Tenant(TenantId),
}

/// The name of an [`AppScope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ScopeLevel {
    /// `GLOBAL`
    Global,
    /// `PARTNER`
    Partner,
    /// `TENANT`
    Tenant,
}

impl ScopeLevel {
    /// The name in requests, answers and the claim `app_scope`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "GLOBAL",
            Self::Partner => "PARTNER",
            Self::Tenant => "TENANT",
        }
    }
}

impl AppScope {
    /// From the fields of a request.
    ///
    /// # Errors
    /// When the id that the level needs is missing, or one is given that it has no use for.
    pub fn new(level: ScopeLevel, partner: Option<PartnerId>, tenant: Option<TenantId>) -> Result<Self, Problem> {
        const NOT_HERE: &str = "is not for this scope";
        match (level, partner, tenant) {
            (ScopeLevel::Global, None, None) => Ok(Self::Global),
            (ScopeLevel::Partner, Some(partner), None) => Ok(Self::Partner(partner)),
            (ScopeLevel::Tenant, None, Some(tenant)) => Ok(Self::Tenant(tenant)),
            (ScopeLevel::Partner, None, _) => Err(Problem::invalid("partner_id", "is required for the scope PARTNER")),
            (ScopeLevel::Tenant, _, None) => Err(Problem::invalid("tenant_id", "is required for the scope TENANT")),
            (ScopeLevel::Global | ScopeLevel::Partner, _, Some(_)) => Err(Problem::invalid("tenant_id", NOT_HERE)),
            (ScopeLevel::Global | ScopeLevel::Tenant, Some(_), _) => Err(Problem::invalid("partner_id", NOT_HERE)),
        }
    }

    /// Whether a place lies within it: the whole platform, a partner with its tenants, or one tenant. What somebody is
    /// beyond it does not reach into it either: a role of the platform is none in a tenant's application.
    pub fn covers(self, place: Place) -> bool {
        match self {
            Self::Global => true,
            Self::Partner(partner) => Place::Partner(partner).covers(place),
            Self::Tenant(tenant) => place.tenant() == Some(tenant),
        }
    }

    /// Its level alone.
    pub const fn level(self) -> ScopeLevel {
        match self {
            Self::Global => ScopeLevel::Global,
            Self::Partner(_) => ScopeLevel::Partner,
            Self::Tenant(_) => ScopeLevel::Tenant,
        }
    }
}

/// Whether an application may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ApplicationStatus {
    /// It gets tokens, and they hold.
    Active,
    /// It gets no token, and those that it has fail here.
    Disabled,
}

impl ApplicationStatus {
    /// The name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }
}
