//! Oneself: who a credential is, as far as it may be told.

use super::profile::{OwnProfile, ProfileFields};
use super::user::{UserAddress, UserNames, UserOrigin, UserTimes};
use super::{at, nullable};
use crate::access::{Actor, OwnData, Principal, Role};
use crate::base::id::{ApplicationId, PartnerId, TenantId, UserId};
use crate::base::{DisplayName, ScopeSet};
use crate::http::reply::Moment;
use crate::people::{self, ProfilePatch, Status};
use serde::{Deserialize, Serialize};

/// The body of `PATCH /me`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "UpdateMe"))]
#[serde(deny_unknown_fields)]
pub struct OwnChange {
    /// Given name.
    #[serde(default, deserialize_with = "nullable")]
    first_name: Option<Option<DisplayName>>,
    /// Family name.
    #[serde(default, deserialize_with = "nullable")]
    last_name: Option<Option<DisplayName>>,
    /// What to call you.
    #[serde(default, deserialize_with = "nullable")]
    display_name: Option<Option<DisplayName>>,
    /// What you tell about yourself.
    #[serde(default)]
    profile: ProfileFields,
}

impl From<OwnChange> for ProfilePatch {
    fn from(OwnChange { first_name, last_name, display_name, profile }: OwnChange) -> Self {
        Self { first_name, last_name, display_name, profile: profile.into() }
    }
}

/// Who the credential is: the fields of its kind, and what the credential itself may do.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Me {
    /// A person.
    User(Box<OwnUser>),
    /// A program.
    Application(OwnApplication),
    /// Who runs the instance.
    Operator(Operator),
}

/// A person, as their own credential sees them. A field for which it has no scope is absent.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnUser {
    id: UserId,
    #[serde(flatten)]
    address: Option<UserAddress>,
    #[serde(flatten)]
    names: Option<UserNames>,
    /// Whether they may come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Status"))]
    status: Option<Status>,
    /// The tenant in which the credential works.
    tenant_id: TenantId,
    #[serde(flatten)]
    origin: Option<UserOrigin>,
    /// What they tell about themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "OwnProfile"))]
    profile: Option<OwnProfile>,
    #[serde(flatten)]
    times: Option<UserTimes>,
    /// `user`
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(extend("const" = "user")))]
    kind: &'static str,
    #[serde(flatten)]
    credential: CredentialFacts,
}

/// A program, as its own credential sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnApplication {
    id: ApplicationId,
    /// Its id in OAuth.
    client_id: String,
    name: String,
    /// `application`
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(extend("const" = "application")))]
    kind: &'static str,
    /// The tenant in which the credential works.
    tenant_id: TenantId,
    #[serde(flatten)]
    credential: CredentialFacts,
}

/// Who runs the instance, by a credential of the server itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Operator {
    /// Always null: there is no account.
    id: (),
    /// `operator`
    #[cfg_attr(test, schemars(extend("const" = "operator")))]
    name: &'static str,
    /// `operator`
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(extend("const" = "operator")))]
    kind: &'static str,
    /// The tenant in which the credential works.
    tenant_id: TenantId,
    #[serde(flatten)]
    credential: CredentialFacts,
}

/// What a credential may do.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CredentialFacts {
    /// The partner of the tenant in which the credential works.
    partner_id: PartnerId,
    /// The roles that it acts with; absent when it may not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Vec<HeldRole>"))]
    roles: Option<Vec<HeldRole>>,
    /// What the credential is narrowed to; null: it is not narrowed.
    scopes: Option<ScopeSet>,
    /// When the credential ends; null: it does not end by itself.
    expires_at: Option<Moment>,
    /// When a second factor was last given; null: none was.
    mfa_at: Option<Moment>,
}

/// A role, and where it is held.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HeldRole {
    role: Role,
    /// The partner in which it is held, also as the partner of a tenant; null: on the whole instance.
    partner_id: Option<PartnerId>,
    /// The tenant in which it is held; null: in a whole partner, or on the whole instance.
    tenant_id: Option<TenantId>,
}

impl Me {
    /// Who `actor` is. `row` is that of a user.
    pub fn of(actor: &Actor, row: Option<&people::User>, seen: OwnData) -> Self {
        let (tenant_id, credential) = (actor.tenant, CredentialFacts::of(actor, seen));
        match &actor.principal {
            Principal::User { id, .. } => Self::User(Box::new(OwnUser {
                id: *id,
                address: row.filter(|_| seen.email).map(UserAddress::of),
                names: row.filter(|_| seen.name).map(UserNames::of),
                status: row.filter(|_| seen.account).map(|row| row.status),
                tenant_id,
                origin: row.filter(|_| seen.account).map(UserOrigin::of),
                profile: row.and_then(|row| OwnProfile::of(&row.profile, seen)),
                times: row.filter(|_| seen.account).map(UserTimes::of),
                kind: "user",
                credential,
            })),
            Principal::Application { id, client_id, name } => Self::Application(OwnApplication {
                id: *id,
                client_id: client_id.clone(),
                name: name.clone(),
                kind: "application",
                tenant_id,
                credential,
            }),
            Principal::Operator => {
                Self::Operator(Operator { id: (), name: "operator", kind: "operator", tenant_id, credential })
            }
        }
    }
}

impl CredentialFacts {
    fn of(actor: &Actor, seen: OwnData) -> Self {
        let roles = seen.roles.then(|| {
            actor
                .roles
                .iter()
                .map(|held| HeldRole {
                    role: held.role,
                    partner_id: held.place.partner(),
                    tenant_id: held.place.tenant(),
                })
                .collect()
        });
        Self {
            partner_id: actor.partner,
            roles,
            scopes: actor.scopes.clone(),
            expires_at: at(actor.expires_at),
            mfa_at: at(actor.mfa_at),
        }
    }
}
