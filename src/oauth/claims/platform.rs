//! The words of ScaiKey's tokens, of the platform and of its tenants.

use super::{CLIENT_CREDENTIALS, Claims, about, optional, written};
use crate::access::{Evidence, Role};
use crate::apps::ScopeLevel;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Writes claims in these words: in an access token those of ScaiKey's quickstart in its order, then ours (RFC 9068 §2.2).
#[derive(Clone, Copy, Debug)]
pub struct Platform<'a>(pub &'a Claims<'a>);

impl Serialize for Platform<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        written(serializer, self.0, access, identity)
    }
}

fn access<M: SerializeMap>(map: &mut M, claims: &Claims<'_>) -> Result<(), M::Error> {
    map.serialize_entry("iss", &claims.iss)?;
    map.serialize_entry("aud", &claims.aud)?;
    map.serialize_entry("sub", &claims.sub())?;
    map.serialize_entry("scope", &claims.scope)?;
    optional(map, "token_type", claims.user.is_none().then_some(CLIENT_CREDENTIALS))?;
    map.serialize_entry("exp", &claims.exp)?;
    map.serialize_entry("iat", &claims.iat)?;
    map.serialize_entry("jti", &claims.jti)?;
    map.serialize_entry("client_id", &claims.client_id)?;
    optional(map, "app_scope", claims.app_scope.map(ScopeLevel::name))?;
    optional(map, "platform_token", claims.is_of_platform().then_some(true))?;
    optional(map, "tenant_id", claims.tenant)?;
    optional(map, "partner_id", claims.partner)?;
    optional(map, "role", claims.role.map(Role::name))?;
    optional(map, "sid", claims.sid)?;
    optional(map, "family", claims.family)?;
    optional(map, "auth_time", claims.evidence.map(|how| how.at().secs()))?;
    optional(map, "acr", claims.evidence.as_ref().map(Evidence::acr))?;
    optional(map, "amr", claims.evidence.as_ref().map(Evidence::amr))?;
    optional(map, "groups", claims.groups)
}

fn identity<M: SerializeMap>(map: &mut M, claims: &Claims<'_>) -> Result<(), M::Error> {
    map.serialize_entry("iss", &claims.iss)?;
    map.serialize_entry("sub", &claims.sub())?;
    map.serialize_entry("aud", &claims.aud)?;
    map.serialize_entry("exp", &claims.exp)?;
    map.serialize_entry("iat", &claims.iat)?;
    optional(map, "auth_time", claims.evidence.map(|how| how.at().secs()))?;
    optional(map, "nonce", claims.nonce)?;
    optional(map, "acr", claims.evidence.as_ref().map(Evidence::acr))?;
    optional(map, "amr", claims.evidence.as_ref().map(Evidence::amr))?;
    optional(map, "at_hash", claims.at_hash.as_ref())?;
    optional(map, "sid", claims.sid)?;
    about(map, claims)
}
