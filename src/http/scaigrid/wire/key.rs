//! API keys.

use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, ScopeSet, Timestamp};
use crate::crypto::token::TokenKind;
use crate::keys::api_keys::ApiKey;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A moment in ISO 8601.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Timestamp::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// A list of scopes; `null` is the empty one.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scopes(#[cfg_attr(test, schemars(with = "Option<Vec<String>>"))] pub ScopeSet);

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
        ScopeSet::from_texts(texts.iter().map(String::as_str)).map(Self).map_err(D::Error::custom)
    }
}

/// The body of `POST /v1/api-keys`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// What to call it.
    pub name: DisplayName,
    /// When it ends; `null`: never.
    pub expires_at: Option<Moment>,
    /// For whom; `null`: the caller.
    pub assigned_user_id: Option<UserId>,
    /// What it is narrowed to; empty: nothing.
    #[serde(default)]
    pub scopes: Scopes,
    /// Its own limit in requests a window.
    pub rate_limit: Option<u32>,
    /// Where it works; the caller's tenant if not said.
    pub tenant_id: Option<TenantId>,
}

/// The body of `POST /v1/api-keys/{key_id}/reroll`.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reroll {
    /// How long the old key works on.
    #[serde(default)]
    pub grace_seconds: u32,
}

fn at(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, |at| json!(at.iso_secs()))
}

fn fields(key: &ApiKey, text: Option<&str>, now: Timestamp) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("id", json!(key.id));
    put("name", json!(key.name));
    if let Some(text) = text {
        put("key", json!(text));
    }
    put("prefix", json!(TokenKind::ApiKey.prefix()));
    put("hint", json!(key.hint));
    put("scopes", json!(key.scopes));
    put("status", json!(key.state(now).name()));
    put("assigned_user_id", json!(key.user));
    put("tenant_id", json!(key.tenant));
    put("rate_limit", json!(key.limit));
    put("replaced_by", json!(key.replaced_by));
    put("expires_at", at(key.expires_at));
    put("created_at", json!(key.created_at.iso_secs()));
    put("last_used_at", at(key.last_used_at));
    put("revoked_at", at(key.revoked_at));
    fields
}

/// A key, without the key itself.
pub fn render(key: &ApiKey, now: Timestamp) -> Value {
    Value::Object(fields(key, None, now))
}

/// A key that was just made: the only answer that ever shows it.
pub fn made(key: &ApiKey, text: &str, now: Timestamp) -> Value {
    Value::Object(fields(key, Some(text), now))
}

/// A key and how much of its limit is used.
pub fn with_usage(key: &ApiKey, limit: u32, used: u32, now: Timestamp) -> Value {
    let mut fields = fields(key, None, now);
    let usage = json!({ "limit": limit, "used": used, "remaining": limit.saturating_sub(used) });
    fields.insert("usage".to_owned(), usage);
    Value::Object(fields)
}
