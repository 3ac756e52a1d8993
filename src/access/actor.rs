//! Who asks.

use super::{CoreSet, Place, Proof, Role};
use crate::base::id::{ApiKeyId, ApplicationId, PartnerId, RequestId, SessionId, TenantId, TokenId, UserId};
use crate::base::{Email, ScopeSet, Timestamp};
use std::net::IpAddr;

/// Who is behind a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Somebody with access to the machine: the command line over the local socket, or a token that it made.
    Operator,
    /// A person.
    User {
        /// The user's id.
        id: UserId,
        /// The name on this instance.
        email: Email,
    },
    /// A program, by client credentials.
    Application {
        /// The application's id.
        id: ApplicationId,
        /// What it signs in with; the actor of its audit rows.
        client_id: String,
        /// What people call it.
        name: String,
    },
}

impl Principal {
    /// The identity in the form of ScaiVault's documentation: `user:<e-mail>` or `sa:<name>`.
    pub fn identity(&self) -> String {
        match self {
            Self::Operator => "sa:operator".to_owned(),
            Self::User { email, .. } => format!("user:{email}"),
            Self::Application { client_id, .. } => format!("sa:{client_id}"),
        }
    }

    /// What people call it: the e-mail, the application's name, `operator`.
    pub fn display_name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::User { email, .. } => email.as_str(),
            Self::Application { name, .. } => name,
        }
    }
}

/// How the actor showed who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The local socket.
    Local,
    /// A signed-in browser.
    Session {
        /// The session's id, `sid` in tokens.
        id: SessionId,
    },
    /// A personal token `skt_…`.
    PersonalToken {
        /// The personal token's id.
        id: TokenId,
    },
    /// An API key `sgk_…`.
    ApiKey {
        /// The key's id.
        id: ApiKeyId,
        /// The first key of its line: what its requests are counted under.
        line: ApiKeyId,
        /// Its own limit in requests a window.
        limit: Option<u32>,
    },
    /// An access token that an application holds for a person.
    UserToken {
        /// The token's id, its claim `jti`.
        jti: String,
        /// The session that it comes from.
        session: SessionId,
        /// Who holds it.
        application: ApplicationId,
    },
    /// A signed access token of ours, for a program.
    AccessToken {
        /// The token's id, its claim `jti`.
        jti: String,
        /// `platform_token`: from client credentials of a GLOBAL application.
        platform: bool,
    },
}

/// A role held somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The role that is held.
    pub role: Role,
    /// How far the role reaches.
    pub place: Place,
}

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The request, as the answer, the log and the audit row name it.
    pub request: RequestId,
    /// The client's address, after trusted proxies.
    pub ip: Option<IpAddr>,
    /// What the client says it is, at most 200 characters.
    pub user_agent: Option<String>,
}

/// A credential, resolved: who, where, how and with which scopes.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person or the program behind the credential.
    pub principal: Principal,
    /// The tenant that the actor works in, if nothing else is said.
    pub tenant: TenantId,
    /// That tenant's partner.
    pub partner: PartnerId,
    /// The credential that the request came with.
    pub credential: Credential,
    /// What that shows about whoever uses it now.
    pub proof: Proof,
    /// The roles, resolved for this request.
    pub roles: Vec<Assignment>,
    /// What custom roles and mappings of groups give in the tenant that the actor works in, beyond the roles.
    pub custom: CoreSet,
    /// What the credential narrows the roles to. None: it narrows nothing.
    pub scopes: Option<ScopeSet>,
    /// When the credential ends.
    pub expires_at: Option<Timestamp>,
    /// When a second factor was last given.
    pub mfa_at: Option<Timestamp>,
    /// The request that it came with.
    pub origin: Origin,
}

impl Actor {
    /// The tenant that the actor works in, as a place.
    pub fn home(&self) -> Place {
        Place::Tenant { partner: self.partner, tenant: self.tenant }
    }

    /// The session behind the credential, if there is one.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session { id, .. } | Credential::UserToken { session: id, .. } => Some(id),
            Credential::Local
            | Credential::PersonalToken { .. }
            | Credential::ApiKey { .. }
            | Credential::AccessToken { .. } => None,
        }
    }

    /// The same actor at work in one tenant: with the roles that count there, and nowhere else. `custom` is what custom roles
    /// and mappings of groups give there.
    #[must_use]
    pub fn narrowed_to(&self, (partner, tenant): (PartnerId, TenantId), custom: CoreSet) -> Self {
        let place = Place::Tenant { partner, tenant };
        let there = self.roles.iter().filter(|held| held.place.covers(place));
        let mut roles: Vec<_> = there.map(|held| Assignment { role: held.role, place }).collect();
        roles.dedup();
        Self { partner, tenant, roles, custom, ..self.clone() }
    }

    /// Whether the roles reach more than one tenant.
    pub fn reaches_several_tenants(&self) -> bool {
        self.reaches_beyond_tenants() || self.roles.iter().any(|held| held.place.tenant() != Some(self.tenant))
    }

    /// Whether a role reaches beyond single tenants: a partner, or the whole instance.
    pub fn reaches_beyond_tenants(&self) -> bool {
        self.principal == Principal::Operator || self.roles.iter().any(|held| held.place.tenant().is_none())
    }

    /// The same actor, who has just given the password.
    #[must_use]
    pub fn proven_now(&self) -> Self {
        Self { proof: Proof::Recent, ..self.clone() }
    }

    /// Whether the role is held at a place that covers `place`.
    pub fn has_role(&self, role: Role, place: Place) -> bool {
        self.roles.iter().any(|held| held.role == role && held.place.covers(place))
    }
}
