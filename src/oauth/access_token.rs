//! Access tokens that come back: checked, and turned into the actor behind them.

use super::claims::{ACCESS_TOKEN_TYPE, AccessClaims, CLIENT_CREDENTIALS};
use super::keys::KeySet;
use super::{Issuer, Issuers};
use crate::access::{Actor, Assignment, Credential, Origin, Place, Principal, Role};
use crate::apps::{self, AppScope, ApplicationStatus};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::crypto::jwt::{Expect, MAX_TOKEN_LEN, VerifyError};
use crate::store::Read;
use crate::tenancy;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::borrow::Cow;

/// Checks an access token of ours: signed with a key of ours, of the type `at+jwt`, from one of our issuers, not expired; and
/// that the issuer, the tenant and the client in it belong together.
///
/// # Errors
/// [`VerifyError`]. Tell the caller no more than "expired" or "invalid".
pub fn verify_access_token(
    keys: &KeySet,
    issuers: &Issuers,
    token: &str,
    now: Timestamp,
) -> Result<AccessClaims, VerifyError> {
    let foreign = VerifyError::Invalid("another issuer");
    // Which of our issuers it has to be is read from the token before its signature is checked. That only chooses among
    // issuers that are ours; the signature covers the choice.
    let peeked = peek_issuer(token).ok_or(VerifyError::Invalid("no issuer"))?;
    let issuer = issuers.parse(&peeked).ok_or(foreign)?;
    let expected = [peeked.as_str()];
    let expect = Expect { typ: Some(ACCESS_TOKEN_TYPE), ..Expect::new(&expected, now) };
    let claims: AccessClaims = keys.verifier().verify(token, &expect)?;
    let tenant = match issuer {
        Issuer::Platform => None,
        Issuer::Tenant(tenant) => Some(tenant),
    };
    if claims.iss != peeked {
        return Err(foreign);
    }
    if claims.tenant_id != tenant || claims.platform_token != tenant.is_none() {
        return Err(VerifyError::Invalid("issuer and tenant do not belong together"));
    }
    if claims.aud != claims.client_id || claims.sub != claims.client_id || claims.token_type != CLIENT_CREDENTIALS {
        return Err(VerifyError::Invalid("not a client's token"));
    }
    Ok(claims)
}

/// The `iss` of a token that nobody has checked.
fn peek_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Peek<'a> {
        #[serde(borrow)]
        iss: Cow<'a, str>,
    }
    if token.len() > MAX_TOKEN_LEN {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Peek<'_>>(&payload).ok().map(|peek| peek.iss.into_owned())
}

/// The actor behind a checked token: its application as it is **now**. A disabled or deleted application and a suspended
/// tenant have no actor, whatever the token says; a scope that the application has lost since does not count any more.
///
/// # Errors
/// [`Problem`]: `invalid_token`, or the file cannot be read.
pub fn actor_for(tx: &impl Read, claims: &AccessClaims, origin: Origin) -> Result<Actor, Problem> {
    let dead = || Problem::unauthenticated("invalid_token", "The access token does not hold any more");
    let application = apps::client(tx, &claims.client_id)?.ok_or_else(dead)?;
    if application.status != ApplicationStatus::Active || application.scope.level().name() != claims.app_scope {
        return Err(dead());
    }
    let (role, place, home) = match (application.scope, claims.tenant_id) {
        (AppScope::Global, None) if claims.platform_token => {
            let home = tenancy::default_tenant(tx)?.ok_or_else(dead)?;
            (Role::SuperAdmin, Place::Platform, home.id)
        }
        (AppScope::Partner(partner), Some(tenant)) if claims.partner_id == Some(partner) => {
            (Role::PartnerAdmin, Place::Partner(partner), tenant)
        }
        (AppScope::Tenant(own), Some(tenant)) if own == tenant => {
            (Role::TenantAdmin, tenancy::live_place(tx, own)?.ok_or_else(dead)?, own)
        }
        _ => return Err(dead()),
    };
    // The tenant in good standing, and (after a move) still the partner's.
    let home_place = tenancy::live_place(tx, home)?.filter(|home| place.covers(*home)).ok_or_else(dead)?;
    let Place::Tenant { partner, tenant } = home_place else { return Err(dead()) };
    let granted = ScopeSet::parse(&claims.scope).map_err(|_| dead())?;
    let scopes = ScopeSet::from_texts(granted.iter().filter(|scope| application.allowed_scopes.has(scope)));
    Ok(Actor {
        principal: Principal::Application {
            id: application.id,
            client_id: claims.client_id.clone(),
            name: application.name.to_string(),
        },
        tenant,
        partner,
        credential: Credential::AccessToken { jti: claims.jti.clone(), platform: claims.platform_token },
        roles: vec![Assignment { role, place }],
        custom: crate::access::CoreSet::default(),
        scopes: Some(scopes.map_err(|_| dead())?),
        expires_at: Some(Timestamp::from_secs(claims.exp)),
        mfa_at: None,
        origin,
    })
}
