//! API keys.

use crate::base::id::{ApiKeyId, TenantId, UserId};
use crate::base::{DisplayName, ScopeSet, Secret, Timestamp};
use crate::crypto::token::TokenKind;
use crate::http::reply::Moment;
use crate::keys::api_keys::{self, KeyState};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A moment that is sent, in ISO 8601.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
pub struct SentMoment(pub Timestamp);

impl<'de> Deserialize<'de> for SentMoment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Timestamp::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// A list of scopes; `null` is the empty one.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
pub struct Scopes(#[cfg_attr(test, schemars(with = "Option<Vec<String>>"))] pub ScopeSet);

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
        ScopeSet::from_texts(texts.iter().map(String::as_str)).map(Self).map_err(D::Error::custom)
    }
}

/// An API key to make.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What to call it.
    pub name: DisplayName,
    /// When it ends; `null`: never.
    pub expires_at: Option<SentMoment>,
    /// The user whom it is to speak for; `null`: the caller.
    pub assigned_user_id: Option<UserId>,
    /// What it is narrowed to; empty: to nothing, it may do all that its user may in ScaiGrid.
    #[serde(default)]
    pub scopes: Scopes,
    /// Its own limit in requests a window; `null`: the tenant's.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000)))]
    pub rate_limit: Option<u32>,
    /// The tenant that it is to work in; `null`: the caller's.
    pub tenant_id: Option<TenantId>,
}

/// How a key is replaced.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RerollApiKey {
    /// How long the old key works on, in seconds: at most 30 days.
    #[cfg_attr(test, schemars(range(max = 2_592_000)))]
    #[serde(default)]
    pub grace_seconds: u32,
}

/// An API key, without the key itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApiKey {
    id: ApiKeyId,
    /// What its owner calls it.
    name: DisplayName,
    #[serde(flatten)]
    facts: Facts,
}

/// An API key that was just made: the only answer that ever shows the key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MadeApiKey {
    id: ApiKeyId,
    /// What its owner calls it.
    name: DisplayName,
    /// The key: what to send as `Authorization: Bearer`. It is not shown again.
    #[serde(serialize_with = "shown")]
    key: Secret<String>,
    #[serde(flatten)]
    facts: Facts,
}

/// An API key, and how much of its limit is used.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApiKeyWithUsage {
    #[serde(flatten)]
    key: ApiKey,
    usage: Usage,
}

/// Shows a key, this once.
fn shown<S: Serializer>(key: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.expose())
}

/// How much of a limit is used.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Usage {
    /// How many requests there may be in a window.
    limit: u32,
    /// How many there were in this window; all keys of a line of rerolled keys count together.
    used: u32,
    /// How many there may still be.
    remaining: u32,
}

/// What there is to say of any key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Facts {
    /// What every key begins with.
    prefix: &'static str,
    /// Its last characters, to tell keys apart.
    hint: String,
    /// What it is narrowed to; empty: all of its user's permissions of ScaiGrid.
    scopes: ScopeSet,
    status: KeyState,
    /// The user whom it speaks for.
    assigned_user_id: UserId,
    /// The tenant that it works in.
    tenant_id: TenantId,
    /// Its own limit in requests a window; null: the tenant's.
    rate_limit: Option<u32>,
    /// The key that took its place; null: none did.
    replaced_by: Option<ApiKeyId>,
    /// When it ends; null: never.
    expires_at: Option<Moment>,
    created_at: Moment,
    /// When it was last used, to about a minute; null: never.
    last_used_at: Option<Moment>,
    /// When it was revoked; null: it was not.
    revoked_at: Option<Moment>,
}

impl Facts {
    fn of(key: &api_keys::ApiKey, now: Timestamp) -> Self {
        Self {
            prefix: TokenKind::ApiKey.prefix(),
            hint: key.hint.clone(),
            scopes: key.scopes.clone(),
            status: key.state(now),
            assigned_user_id: key.user,
            tenant_id: key.tenant,
            rate_limit: key.limit,
            replaced_by: key.replaced_by,
            expires_at: key.expires_at.map(Moment),
            created_at: Moment(key.created_at),
            last_used_at: key.last_used_at.map(Moment),
            revoked_at: key.revoked_at.map(Moment),
        }
    }
}

impl ApiKey {
    /// A key as it is at a moment.
    pub fn of(key: &api_keys::ApiKey, now: Timestamp) -> Self {
        Self { id: key.id, name: key.name.clone(), facts: Facts::of(key, now) }
    }

    /// With how much of its limit is used.
    pub const fn with_usage(self, limit: u32, used: u32) -> ApiKeyWithUsage {
        ApiKeyWithUsage { key: self, usage: Usage { limit, used, remaining: limit.saturating_sub(used) } }
    }
}

impl MadeApiKey {
    /// A key that was just made.
    pub fn of(key: &api_keys::ApiKey, text: Secret<String>, now: Timestamp) -> Self {
        Self { id: key.id, name: key.name.clone(), key: text, facts: Facts::of(key, now) }
    }
}
