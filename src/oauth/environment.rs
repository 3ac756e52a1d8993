//! Scalekit's form of our tokens: what the environment's issuer, the public address itself, writes and reads back, in
//! the form that Scalekit's SDKs check. The clients and the people behind them are those of the other issuers.
//!
//! These tokens are always signed with RS256, for that is all that Scalekit's SDKs check; `/keys` shows no other keys.

use super::claims::{AccessClaims, CLIENT_CREDENTIALS};
use super::subject::Subject;
use crate::apps::ScopeLevel;
use crate::base::id::{FamilyId, SessionId, TenantId, UserId};
use crate::base::{Id, ScopeSet, Timestamp};
use crate::crypto::jwt::SigningAlg;
use crate::crypto::random;
use crate::families::Family;
use crate::people;
use crate::roles;
use crate::store::{Read, StoreError};
use crate::tenancy;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// How every token of this issuer is signed.
pub(super) const ALG: SigningAlg = SigningAlg::Rs256;
/// The prefix of a tenant's id in Scalekit.
const ORGANIZATION: &str = "org";

/// The id of a token, `tkn_<digits>`: 128 random bits.
pub fn new_jti() -> String {
    format!("tkn_{}", u128::from_be_bytes(random::bytes::<16>()))
}

/// The claims of a client's own token.
#[derive(Debug, Serialize)]
pub(super) struct ClientClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: [&'a str; 1],
    pub client_id: &'a str,
    pub exp: i64,
    pub iat: i64,
    pub nbf: i64,
    pub jti: &'a str,
    pub scope: &'a str,
    /// What the SDKs read (`required_scopes`).
    pub scopes: Vec<&'a str>,
}

/// What a person is in the organisation that a token is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The names of their roles.
    pub roles: Vec<String>,
    /// The names of what these permit.
    pub permissions: Vec<String>,
    /// The organisation's id in the customer's own system.
    pub external_organization: Option<String>,
    /// The person's id in the customer's own system.
    pub external_user: Option<String>,
}

/// The claims of a person's access token.
#[derive(Debug, Serialize)]
pub(super) struct UserClaims<'a> {
    pub iss: &'a str,
    pub sub: UserId,
    pub aud: [&'a str; 1],
    pub client_id: &'a str,
    pub exp: i64,
    pub iat: i64,
    pub nbf: i64,
    pub jti: &'a str,
    pub sid: SessionId,
    pub oid: String,
    pub roles: &'a [String],
    pub permissions: &'a [String],
    pub scope: &'a str,
    pub scopes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xoid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xuid: Option<&'a str>,
    /// Not in the product: what ends all tokens of one sign-in together here.
    pub family: FamilyId,
}

/// The claims of an ID token (OpenID Connect Core §2).
#[derive(Debug, Serialize)]
pub(super) struct IdTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: UserId,
    pub aud: [&'a str; 1],
    pub azp: &'a str,
    pub client_id: &'a str,
    pub exp: i64,
    pub iat: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    pub acr: &'a str,
    pub amr: crate::access::Amr,
    pub at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    pub oid: String,
    pub sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xoid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xuid: Option<&'a str>,
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

/// The id of a tenant as these tokens have it.
pub(super) fn organization(tenant: TenantId) -> String {
    tenant.display_as(ORGANIZATION)
}

/// The scopes as a list.
pub(super) fn list(scope: &ScopeSet) -> Vec<&str> {
    scope.iter().collect()
}

/// The claims of an access token as they are read back.
#[derive(Debug, Deserialize)]
pub(super) struct ReadClaims {
    iss: String,
    #[serde(deserialize_with = "one_audience")]
    aud: String,
    sub: String,
    client_id: String,
    exp: i64,
    iat: i64,
    jti: String,
    scope: String,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    sid: Option<SessionId>,
    #[serde(default)]
    family: Option<FamilyId>,
}

impl From<ReadClaims> for AccessClaims {
    fn from(read: ReadClaims) -> Self {
        let person = read.family.is_some();
        Self {
            token_type: (!person).then(|| CLIENT_CREDENTIALS.to_owned()),
            platform_token: !person,
            tenant_id: read.oid.and_then(|oid| TenantId::parse_as(ORGANIZATION, &oid)),
            // Only GLOBAL applications get tokens here.
            app_scope: ScopeLevel::Global.name().to_owned(),
            partner_id: None,
            iss: read.iss,
            aud: read.aud,
            sub: read.sub,
            scope: read.scope,
            exp: read.exp,
            iat: read.iat,
            jti: read.jti,
            client_id: read.client_id,
            sid: read.sid,
            family: read.family,
        }
    }
}

/// Reads an `aud` that is one text, or a list of one (RFC 7519 §4.1.3).
pub(super) fn one_audience<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        Plain(String),
        Listed([String; 1]),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::Plain(text) | Audience::Listed([text]) => text,
    })
}

/// What a person is in the organisation of a token of this issuer; nothing for the other issuers' tokens.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn standing(
    tx: &impl Read,
    family: &Family,
    subject: &Subject,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    if !family.environment {
        return Ok(Standing::default());
    }
    // A tenant that asks for a second factor has none of its roles used without one: then the subject has none there.
    let counts = people::works_in(&subject.roles, family.tenant);
    let held = if counts { roles::roles_of(tx, &subject.user, subject.place, now)? } else { Vec::new() };
    let permissions = roles::app_permissions(tx, &held)?;
    let organization = tenancy::tenant(tx, family.tenant)?;
    Ok(Standing {
        roles: held.into_iter().map(|role| role.key.to_string()).collect(),
        permissions: permissions.into_iter().map(|permission| permission.name.to_string()).collect(),
        external_organization: organization.and_then(|tenant| tenant.details.external_id).map(|id| id.to_string()),
        external_user: subject.user.external_id.as_ref().map(ToString::to_string),
    })
}
