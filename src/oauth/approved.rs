//! A client that may ask for tokens: authenticated, at an endpoint that is its own; and what the log keeps of it.

use super::claims::CLIENT_CREDENTIALS;
use super::client_auth::{self, Client, Presented};
use super::error::OAuthError;
use super::issuer::{Flavour, Issuer};
use crate::access::{Origin, Place, Principal};
use crate::apps::{self, AppScope, ApplicationStatus};
use crate::audit::{self, ActorStamp, Event, Outcome, Packed};
use crate::base::id::{ApplicationId, ClientSecretId, PartnerId, TenantId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::Family;

/// A request that may have its token.
#[derive(Clone, Debug)]
pub struct Approved {
    /// The client that asked, authenticated.
    pub client: Client,
    /// What was granted to the client itself; empty for a grant for a person, which knows its own.
    pub scope: ScopeSet,
    /// Who issues it.
    pub issuer: Issuer,
    /// The tenant at whose endpoint it is given; none for a GLOBAL application.
    pub tenant: Option<TenantId>,
    /// The partner of a PARTNER application.
    pub partner: Option<PartnerId>,
    /// Whether one of Scalekit's SDKs asks, which reads tokens of RS256 alone.
    pub for_sdk: bool,
    /// Where the audit row belongs.
    place: Place,
}

impl Approved {
    /// Whether a family is this client's, at the tenant where it asks.
    pub(super) fn is_holder_of(&self, family: &Family) -> bool {
        family.application == self.client.application.id && self.tenant.is_none_or(|tenant| tenant == family.tenant)
    }

    /// Whether a family began at the issuer where the client asks. Tenants are told apart by [`Approved::is_holder_of`].
    pub(super) fn is_issuer_of(&self, family: &Family) -> bool {
        family.environment == (self.issuer == Issuer::Environment)
    }
}

/// A request that gets no token.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What the client is told.
    pub error: OAuthError,
    client_id: String,
    /// Name and client_id, once authenticated.
    application: Option<(ApplicationId, String)>,
    place: Place,
}

/// Authenticates a client and checks that it may use this endpoint. Reads the client's row, and at a tenant's endpoint the
/// tenant's.
///
/// A client that shows its secret is told what is wrong, as `unauthorized_client` (RFC 6749 §5.2: authenticated, but not
/// authorized): another flavour's endpoint, a disabled application, a suspended tenant. To anybody else, and at the endpoint
/// of a tenant that the client does not belong to, there is no such client: `invalid_client`.
///
/// # Errors
/// [`Refused`], to be recorded.
pub fn admit(
    tx: &impl Read,
    flavour: &Flavour,
    presented: &Presented,
    now: Timestamp,
) -> Result<Approved, Box<Refused>> {
    let mut refused = Refused {
        error: OAuthError::invalid_request(""),
        client_id: String::new(),
        application: None,
        place: Place::Platform,
    };
    decide(tx, flavour, presented, now, &mut refused).map_err(|error| Box::new(Refused { error, ..refused }))
}

fn decide(
    tx: &impl Read,
    flavour: &Flavour,
    presented: &Presented,
    now: Timestamp,
    seen: &mut Refused,
) -> Result<Approved, OAuthError> {
    // Only what can be a client_id goes into the log: what else stands there might be a secret in the wrong field.
    if apps::parse_client_id(&presented.client_id).is_some() {
        seen.client_id.clone_from(&presented.client_id);
    }
    let here = match flavour {
        Flavour::Platform | Flavour::Environment => None,
        Flavour::Tenant(slug) => Some(tenancy::tenant_by_slug(tx, slug)?.ok_or_else(|| OAuthError {
            status: 404,
            ..OAuthError::invalid_request("There is no tenant at this address")
        })?),
    };
    if let Some(tenant) = &here {
        seen.place = tenant.place();
    }
    let client = client_auth::authenticate(tx, presented, now)?;
    let application = &client.application;
    let known = Some((application.id, application.name.to_string()));
    let (issuer, tenant, partner) = match (application.scope, &here) {
        (AppScope::Global, None) if *flavour == Flavour::Environment => (Issuer::Environment, None, None),
        (AppScope::Global, None) => (Issuer::Platform, None, None),
        (AppScope::Partner(partner), Some(tenant)) if tenant.partner == partner => {
            (Issuer::Tenant(tenant.id), Some(tenant.id), Some(partner))
        }
        (AppScope::Tenant(own), Some(tenant)) if own == tenant.id => (Issuer::Tenant(own), Some(own), None),
        (AppScope::Global, Some(_)) => {
            seen.application = known;
            return Err(OAuthError::unauthorized_client(
                "This application is GLOBAL: its tokens come from /api/v1/platform/oauth/token or /oauth/token",
            ));
        }
        (AppScope::Partner(_) | AppScope::Tenant(_), None) => {
            seen.application = known;
            return Err(OAuthError::unauthorized_client(
                "Only GLOBAL applications use this endpoint; use that of the tenant, /api/v1/auth/tenants/{slug}/oauth/token",
            ));
        }
        // Not known, in the log of this tenant either: the name belongs to another one.
        (AppScope::Partner(_) | AppScope::Tenant(_), Some(_)) => return Err(client_auth::failed()),
    };
    seen.application = known;
    if application.status != ApplicationStatus::Active {
        return Err(OAuthError::unauthorized_client("The application is disabled"));
    }
    if let Some(tenant) = tenant
        && !tenancy::is_active(tx, tenant)?
    {
        return Err(OAuthError::unauthorized_client("The tenant or its partner is suspended"));
    }
    Ok(Approved { client, scope: ScopeSet::default(), issuer, tenant, partner, for_sdk: false, place: seen.place })
}

/// What is to be kept of an issued token.
#[derive(Clone, Debug)]
pub struct IssueRecord {
    event: Packed,
    application: ApplicationId,
    secret: Option<ClientSecretId>,
    now: Timestamp,
}

impl Approved {
    /// The audit row `token.issue`, and the secret that was used: give [`IssueRecord::write`] to `Store::write_later`.
    pub fn record(&self, jti: &str, origin: &Origin, now: Timestamp) -> IssueRecord {
        let event = self
            .event(self.place, origin, now, Outcome::Success)
            .with("grant_type", CLIENT_CREDENTIALS)
            .with("scope", &self.scope)
            .with("jti", jti);
        let application = self.client.application.id;
        IssueRecord { event: Packed::from(event), application, secret: self.client.secret, now }
    }

    /// Where its audit rows belong, if nothing else is known.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// An audit row `token.issue` of this client.
    pub(super) fn event(&self, place: Place, origin: &Origin, now: Timestamp, outcome: Outcome) -> Event {
        let application = &self.client.application;
        let actor = stamp(application.id, application.name.as_str());
        event(actor, place, origin, now, outcome).on("application", application.id)
    }

    /// Notes that the client's secret was used.
    pub(super) fn used(&self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), StoreError> {
        match self.client.secret {
            Some(secret) => apps::used(tx, self.client.application.id, secret, now),
            None => Ok(()),
        }
    }

    /// The refusal of what an approved client asks for.
    pub fn refuse(&self, error: OAuthError) -> Refused {
        let application = &self.client.application;
        Refused {
            error,
            client_id: application.client_id(),
            application: Some((application.id, application.name.to_string())),
            place: self.place,
        }
    }

    /// The built-in client, on behalf of our own endpoints.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_party(tx: &impl Read) -> Result<Self, Problem> {
        let client_id = apps::client_id(apps::FIRST_PARTY);
        let application =
            apps::client(tx, &client_id)?.ok_or_else(|| Problem::internal("there is no built-in application"))?;
        Ok(Self {
            client: Client { application, secret: None },
            scope: ScopeSet::default(),
            issuer: Issuer::Platform,
            tenant: None,
            partner: None,
            for_sdk: false,
            place: Place::Platform,
        })
    }
}

impl IssueRecord {
    /// Writes it.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn write(&self, tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
        audit::append(tx, self.event.clone());
        match self.secret {
            Some(secret) => apps::used(tx, self.application, secret, self.now),
            None => Ok(()),
        }
    }
}

impl Refused {
    /// The audit row: `token.issue`, denied (a failure, if the fault is ours).
    pub fn event(&self, origin: &Origin, now: Timestamp) -> Event {
        let actor = match &self.application {
            Some((id, name)) => stamp(*id, name),
            None => ActorStamp::anonymous(self.client_id.clone()),
        };
        let outcome = if self.error.status >= 500 { Outcome::Failure } else { Outcome::Denied };
        let event = event(actor, self.place, origin, now, outcome)
            .with("error", self.error.code.as_str())
            .with("reason", &self.error.description);
        match apps::parse_client_id(&self.client_id) {
            Some(id) => event.on("application", id),
            None => event,
        }
    }
}

fn stamp(id: ApplicationId, name: &str) -> ActorStamp {
    ActorStamp::of(&Principal::Application { id, client_id: apps::client_id(id), name: name.to_owned() })
}

fn event(actor: ActorStamp, place: Place, origin: &Origin, now: Timestamp, outcome: Outcome) -> Event {
    Event::of(actor, origin, now, place, Action::TokenIssue).outcome(outcome)
}
