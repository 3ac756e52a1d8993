//! The words of Scalekit's tokens: what the environment's issuer, the public address itself, writes, in the form that
//! Scalekit's SDKs check. The clients and the people behind them are those of the other issuers.
//!
//! For those SDKs they are signed with RS256, which is all that they check; `/keys`, where they look, shows no other keys.

use super::{Claims, about, optional, written};
use crate::access::Evidence;
use crate::base::Id;
use crate::base::id::TenantId;
use crate::crypto::jwt::SigningAlg;
use crate::crypto::random;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// How a token of this issuer is signed for one of Scalekit's SDKs.
pub(in crate::oauth) const SDK_ALG: SigningAlg = SigningAlg::Rs256;
/// The prefix of a tenant's id in Scalekit.
const ORGANIZATION: &str = "org";

/// The id of a token, `tkn_<digits>`: 128 random bits.
pub(in crate::oauth) fn new_jti() -> String {
    format!("tkn_{}", u128::from_be_bytes(random::bytes::<16>()))
}

/// The tenant that an id as these tokens have it names.
pub(super) fn tenant_of(oid: &str) -> Option<TenantId> {
    TenantId::parse_as(ORGANIZATION, oid)
}

/// Writes claims in these words.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a>(pub &'a Claims<'a>);

impl Serialize for Environment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        written(serializer, self.0, access, identity)
    }
}

/// A text with blanks as a list: what the SDKs read (`required_scopes`).
struct List<'a>(&'a str);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.split(' ').filter(|one| !one.is_empty()))
    }
}

fn access<M: SerializeMap>(map: &mut M, claims: &Claims<'_>) -> Result<(), M::Error> {
    let standing = claims.standing;
    map.serialize_entry("iss", &claims.iss)?;
    map.serialize_entry("sub", &claims.sub())?;
    map.serialize_entry("aud", &[&claims.aud])?;
    map.serialize_entry("client_id", &claims.client_id)?;
    map.serialize_entry("exp", &claims.exp)?;
    map.serialize_entry("iat", &claims.iat)?;
    map.serialize_entry("nbf", &claims.iat)?;
    map.serialize_entry("jti", &claims.jti)?;
    optional(map, "sid", claims.sid)?;
    optional(map, "oid", claims.tenant.map(|tenant| tenant.display_as(ORGANIZATION)))?;
    optional(map, "roles", standing.map(|standing| &standing.roles))?;
    optional(map, "permissions", standing.map(|standing| &standing.permissions))?;
    map.serialize_entry("scope", &claims.scope)?;
    map.serialize_entry("scopes", &List(&claims.scope))?;
    optional(map, "xoid", standing.and_then(|standing| standing.external_organization.as_ref()))?;
    optional(map, "xuid", standing.and_then(|standing| standing.external_user.as_ref()))?;
    // Not in the product: what ends all tokens of one sign-in together here.
    optional(map, "family", claims.family)
}

fn identity<M: SerializeMap>(map: &mut M, claims: &Claims<'_>) -> Result<(), M::Error> {
    let standing = claims.standing;
    map.serialize_entry("iss", &claims.iss)?;
    map.serialize_entry("sub", &claims.sub())?;
    map.serialize_entry("aud", &[&claims.aud])?;
    map.serialize_entry("azp", &claims.client_id)?;
    map.serialize_entry("client_id", &claims.client_id)?;
    map.serialize_entry("exp", &claims.exp)?;
    map.serialize_entry("iat", &claims.iat)?;
    optional(map, "auth_time", claims.evidence.map(|how| how.at().secs()))?;
    optional(map, "nonce", claims.nonce)?;
    optional(map, "acr", claims.evidence.as_ref().map(Evidence::acr))?;
    optional(map, "amr", claims.evidence.as_ref().map(Evidence::amr))?;
    optional(map, "at_hash", claims.at_hash.as_ref())?;
    optional(map, "c_hash", claims.c_hash.as_ref())?;
    optional(map, "oid", claims.tenant.map(|tenant| tenant.display_as(ORGANIZATION)))?;
    optional(map, "sid", claims.sid)?;
    optional(map, "xoid", standing.and_then(|standing| standing.external_organization.as_ref()))?;
    optional(map, "xuid", standing.and_then(|standing| standing.external_user.as_ref()))?;
    about(map, claims)
}
