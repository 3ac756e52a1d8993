//! Userinfo (OpenID Connect Core §5.3): what a person's access token may read about the person.

use super::access_token::{Holder, holder, verify_access_token};
use super::keys::KeySet;
use super::{Flavour, Issuer, Issuers, user_claims};
use crate::apps::Application;
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::crypto::jwt::VerifyError;
use crate::store::Read;
use crate::tenancy;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What was found.
#[derive(Clone, Debug)]
pub struct UserInfo {
    /// The claims that the token's scope lets out.
    pub claims: Map<String, Value>,
    /// Whose application asks: its pages may read the answer.
    pub application: Arc<Application>,
}

/// Reads the claims for an access token at the endpoint of a flavour.
///
/// # Errors
/// [`Problem`]: `invalid_token`, unauthenticated; `insufficient_scope`, forbidden, without the scope `openid`.
pub fn userinfo(
    tx: &impl Read,
    (keys, issuers): (&KeySet, &Issuers),
    flavour: &Flavour,
    token: &str,
    (now, idle_secs): (Timestamp, i64),
) -> Result<UserInfo, Problem> {
    let invalid = |message: &str| Problem::unauthenticated("invalid_token", message);
    let claims = verify_access_token(keys, issuers, token, now).map_err(|error| match error {
        VerifyError::Expired => invalid("The access token has expired"),
        _ => invalid("The access token is not valid"),
    })?;
    let here = match flavour {
        Flavour::Platform => issuers.parse(&claims.iss) == Some(Issuer::Platform),
        Flavour::Environment => issuers.parse(&claims.iss) == Some(Issuer::Environment),
        Flavour::Tenant(slug) => tenancy::tenant_by_slug(tx, slug)?
            .is_some_and(|tenant| issuers.parse(&claims.iss) == Some(Issuer::Tenant(tenant.id))),
    };
    if !here {
        return Err(invalid("The access token is of another issuer than this endpoint"));
    }
    let Holder { application, family, subject } = holder(tx, &claims, now, idle_secs)?
        .ok_or_else(|| invalid("The access token does not hold any more, or is not a person's"))?;
    let scope = ScopeSet::parse(&claims.scope).map_err(|_| invalid("The access token is not valid"))?;
    if !scope.has("openid") {
        return Err(Problem::forbidden("insufficient_scope", "The access token lacks the scope openid"));
    }
    let mut told = Map::new();
    told.insert("sub".to_owned(), Value::String(family.user.to_string()));
    let groups = user_claims::groups(tx, (family.user, family.tenant), &application, &scope)?;
    told.append(&mut user_claims::about(&subject.user, &groups, &scope));
    Ok(UserInfo { claims: told, application })
}
