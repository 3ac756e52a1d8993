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
pub struct Update {
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

impl From<Update> for ProfilePatch {
    fn from(Update { first_name, last_name, display_name, profile }: Update) -> Self {
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

#[cfg(test)]
mod golden {
    use super::*;
    use crate::access::{Assignment, CoreSet, Credential, Origin, Place, Proof};
    use crate::base::id::RequestId;
    use crate::base::{Email, Id, JsonObject, Metadata, Timestamp};
    use crate::people::{ProfileChange, User};
    use serde_json::{Map, Value, json};

    fn old_profile(profile: &people::Profile) -> Value {
        json!({
            "middle_name": profile.middle_name,
            "nickname": profile.nickname,
            "preferred_username": profile.preferred_username,
            "profile": profile.page,
            "picture": profile.picture,
            "website": profile.website,
            "gender": profile.gender,
            "birthdate": profile.birthdate,
            "zoneinfo": profile.zoneinfo,
            "locale": profile.locale,
            "phone_number": profile.phone_number,
            "phone_number_verified": profile.phone_number_verified,
            "address": profile.address.as_ref().map(|address| json!({
                "formatted": address.label(),
                "street_address": address.street_address,
                "locality": address.locality,
                "region": address.region,
                "postal_code": address.postal_code,
                "country": address.country,
            })),
            "groups": profile.groups,
            "metadata": profile.metadata,
        })
    }
    fn render(user: &User) -> Value {
        json!({
            "id": user.id,
            "email": user.email,
            "email_verified": user.email_verified,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "display_name": user.display_name,
            "status": user.status.name(),
            "tenant_id": user.home_tenant,
            "external_id": user.external_id,
            "metadata": user.metadata,
            "identity_source": user.identity_source.name(),
            "custom_attributes": user.custom_attributes.value(),
            "profile": old_profile(&user.profile),
            "has_password": user.password_hash.is_some(),
            "password_changed_at": at(user.password_changed_at),
            "last_login_at": at(user.last_login_at),
            "created_at": user.created_at.iso_secs(),
            "updated_at": user.updated_at.iso_secs(),
        })
    }
    fn render_own(user: &User, seen: OwnData) -> Map<String, Value> {
        let (Value::Object(mut all), Value::Object(mut profile)) = (render(user), old_profile(&user.profile)) else {
            return Map::new();
        };
        profile.retain(|name, _| match name.as_str() {
            "phone_number" | "phone_number_verified" => seen.phone,
            "address" => seen.address,
            "groups" => seen.groups,
            "metadata" => seen.account,
            _ => seen.profile,
        });
        all.retain(|name, _| match name.as_str() {
            "id" | "tenant_id" => seen.id,
            "email" | "email_verified" => seen.email,
            "first_name" | "last_name" | "display_name" => seen.name,
            _ => seen.account,
        });
        if !profile.is_empty() {
            all.insert("profile".to_owned(), Value::Object(profile));
        }
        all
    }
    fn describe(actor: &Actor, user: &User, seen: OwnData) -> Value {
        let mut body = match &actor.principal {
            Principal::User { .. } => render_own(user, seen),
            Principal::Application { id, client_id, name } => {
                Map::from_iter([("id", json!(id)), ("client_id", json!(client_id)), ("name", json!(name))].map(named))
            }
            Principal::Operator => Map::from_iter([("id", Value::Null), ("name", json!("operator"))].map(named)),
        };
        let kind = match actor.principal {
            Principal::User { .. } => "user",
            Principal::Application { .. } => "application",
            Principal::Operator => "operator",
        };
        let roles: Vec<Value> = actor
            .roles
            .iter()
            .map(|held| json!({ "role": held.role.name(), "partner_id": held.place.partner(), "tenant_id": held.place.tenant() }))
            .collect();
        let more = [
            ("type", json!(kind)),
            ("tenant_id", json!(actor.tenant)),
            ("partner_id", json!(actor.partner)),
            ("roles", json!(roles)),
            ("scopes", json!(actor.scopes)),
            ("expires_at", json!(at(actor.expires_at))),
            ("mfa_at", json!(at(actor.mfa_at))),
        ];
        body.extend(more.into_iter().filter(|(name, _)| seen.roles || *name != "roles").map(named));
        Value::Object(body)
    }
    fn named((name, value): (&str, Value)) -> (String, Value) {
        (name.to_owned(), value)
    }

    #[test]
    fn golden_me() {
        let change: ProfileFields = serde_json::from_str(r#"{"nickname":"x","phone_number":"+31201234567","address":{"country":"NL"},"groups":["a"],"metadata":{"key":"v"}}"#).unwrap();
        let full = people::ProfileChange::from(change).applied_to(&people::Profile::default()).unwrap();
        let _ = ProfileChange::default();
        for profile in [people::Profile::default(), full] {
            let user = User {
                id: UserId::from_raw(4),
                email: Email::parse("a@b.example").unwrap(),
                home_tenant: TenantId::from_raw(9),
                first_name: Some(DisplayName::parse("A").unwrap()),
                last_name: None,
                display_name: None,
                status: Status::Invited,
                password_hash: Some("x".into()),
                password_changed_at: Some(Timestamp::from_secs(5)),
                email_verified: true,
                admin_roles: vec![],
                custom_attributes: JsonObject::new(&json!({"b":[1,{"c":null}],"a":2})).unwrap(),
                identity_source: people::IdentitySource::Scim,
                created_at: Timestamp::from_secs(1),
                updated_at: Timestamp::from_secs(2),
                deleted_at: None,
                last_login_at: None,
                profile,
                external_id: None,
                metadata: Metadata::default(),
                mailbox_proven_at: None,
            };
            assert_eq!(json!(super::super::user::User::of(&user)).to_string(), render(&user).to_string());
            assert_eq!(serde_json::to_string(&super::super::user::User::of(&user)).unwrap(), render(&user).to_string());
            let principals = [
                Principal::User { id: user.id, email: user.email.clone() },
                Principal::Application {
                    id: ApplicationId::from_raw(1),
                    client_id: "skc_1".to_owned(),
                    name: "worker".to_owned(),
                },
                Principal::Operator,
            ];
            for principal in principals {
                for scopes in [None, Some(ScopeSet::parse("openid a").unwrap())] {
                    let actor = Actor {
                        principal: principal.clone(),
                        tenant: TenantId::from_raw(7),
                        partner: PartnerId::from_raw(1),
                        credential: Credential::AccessToken { jti: "j".to_owned(), platform: true },
                        proof: Proof::Program,
                        roles: vec![
                            Assignment { role: Role::SuperAdmin, place: Place::Platform },
                            Assignment {
                                role: Role::TenantUser,
                                place: Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(7) },
                            },
                        ],
                        custom: CoreSet::default(),
                        scopes,
                        expires_at: None,
                        mfa_at: Some(Timestamp::from_secs(77)),
                        origin: Origin { request: RequestId::from_raw(1), ip: None, user_agent: None },
                    };
                    for bits in 0..256u32 {
                        let bit = |n: u32| bits & (1 << n) != 0;
                        let seen = OwnData {
                            id: true,
                            email: bit(0),
                            name: bit(1),
                            profile: bit(2),
                            phone: bit(3),
                            address: bit(4),
                            groups: bit(5),
                            roles: bit(6),
                            account: bit(7),
                        };
                        let new = serde_json::to_string(&Me::of(&actor, Some(&user), seen)).unwrap();
                        assert_eq!(new, describe(&actor, &user, seen).to_string());
                    }
                }
            }
        }
    }
}
