//! Token introspection (RFC 7662): what a token is worth now.

use super::access_token::{holder, program_holds, verify_access_token};
use super::claims::Claims;
use super::keys::KeySet;
use super::subject::subject;
use super::{Approved, Issuers, OAuthError};
use crate::access::Amr;
use crate::apps::{self, ApplicationStatus};
use crate::base::Timestamp;
use crate::base::id::{PartnerId, SessionId, TenantId};
use crate::crypto::digest::MacKey;
use crate::store::Read;
use crate::token_families::{Family, Presented, RefreshText, Turn, judge};
use serde::Serialize;
use std::sync::Arc;

/// The answer (RFC 7662 §2.2). A token that is not active is told nothing about, whatever the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Introspection {
    /// Whether it holds.
    pub active: bool,
    /// What it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub scope: Option<String>,
    /// Whose client holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub client_id: Option<String>,
    /// The person's e-mail, when the token may tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub username: Option<String>,
    /// `Bearer`, of an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub token_type: Option<&'static str>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "i64"))]
    pub exp: Option<i64>,
    /// When it was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "i64"))]
    pub iat: Option<i64>,
    /// Whose token it is: a person's id, or the client_id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub sub: Option<String>,
    /// For which client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub aud: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub iss: Option<String>,
    /// The id of an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub jti: Option<String>,
    /// The tenant that the token is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "TenantId"))]
    pub tenant_id: Option<TenantId>,
    /// The partner of that tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "PartnerId"))]
    pub partner_id: Option<PartnerId>,
    /// The session of a person's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "SessionId"))]
    pub sid: Option<SessionId>,
    /// When the person signed in, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "i64"))]
    pub auth_time: Option<i64>,
    /// How strongly the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub acr: Option<&'static str>,
    /// By which methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub amr: Option<Amr>,
}

/// What a client is told about a token: its own, and, if an administrator has allowed it
/// ([`crate::apps::Application::introspect_any_token`]), the access tokens of every application at the issuer where it asks:
/// for an application of a tenant, those of that tenant. Any other is as inactive as one that never was, be it another's, a
/// personal token or an API key.
///
/// # Errors
/// `invalid_client` for a client without a secret; what the file fails with.
pub fn introspect(
    tx: &impl Read,
    (keys, issuers, pepper): (&KeySet, &Issuers, &MacKey),
    approved: &Approved,
    token: &str,
    (now, idle_secs): (Timestamp, i64),
) -> Result<Introspection, OAuthError> {
    if approved.client.secret.is_none() {
        return Err(OAuthError::invalid_client("Introspection is for applications of the types SERVICE and WEB"));
    }
    if let Some(text) = RefreshText::read(pepper, token) {
        return of_refresh(tx, issuers, approved, &text, now, idle_secs);
    }
    let inactive = Ok(Introspection::default());
    let Ok(claims) = verify_access_token(keys, issuers, token, now) else { return inactive };
    let own = &approved.client.application;
    let may_know = own.introspect_any_token || claims.client_id == own.client_id();
    if claims.iss != issuers.text(approved.issuer) || !may_know {
        return inactive;
    }
    if claims.person().is_none() {
        // A program's token holds as long as it would still be taken here.
        return if program_holds(tx, &claims, now)? { Ok(of_access(Arc::unwrap_or_clone(claims))) } else { inactive };
    }
    let Some(holder) = holder(tx, &claims, now, idle_secs)? else { return inactive };
    let may_tell = claims.scope.split(' ').any(|scope| scope == "email");
    let username = may_tell.then(|| holder.subject.user.email.to_string());
    Ok(Introspection { username, ..of_person(of_access(Arc::unwrap_or_clone(claims)), &holder.family) })
}

fn of_access(claims: Claims<'_>) -> Introspection {
    Introspection {
        active: true,
        sub: Some(claims.sub().to_string()),
        scope: Some(claims.scope.into_owned()),
        client_id: Some(claims.client_id.into_owned()),
        token_type: Some("Bearer"),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        aud: Some(claims.aud.into_owned()),
        iss: Some(claims.iss.into_owned()),
        jti: Some(claims.jti.into_owned()),
        tenant_id: claims.tenant,
        partner_id: claims.partner,
        ..Introspection::default()
    }
}

fn of_person(told: Introspection, family: &Family) -> Introspection {
    let how = &family.evidence;
    Introspection {
        tenant_id: Some(family.tenant),
        sid: Some(family.session),
        auth_time: Some(how.at().secs()),
        acr: Some(how.acr()),
        amr: Some(how.amr()),
        ..told
    }
}

fn of_refresh(
    tx: &impl Read,
    issuers: &Issuers,
    approved: &Approved,
    text: &RefreshText,
    now: Timestamp,
    idle_secs: i64,
) -> Result<Introspection, OAuthError> {
    let own = &approved.client.application;
    let inactive = Ok(Introspection::default());
    let Presented::Live(family) = Presented::find(tx, text, now)? else { return inactive };
    if !approved.is_holder_of(&family) || !approved.is_issuer_of(&family) {
        return inactive;
    }
    let holds = judge(&family, text) != Turn::Replayed && own.status == ApplicationStatus::Active;
    if !holds || subject(tx, &family, own, now, idle_secs)?.is_none() {
        return inactive;
    }
    let told = Introspection {
        active: true,
        scope: Some(family.scope.to_string()),
        client_id: Some(apps::client_id(own.id)),
        exp: Some(family.expires_at.secs()),
        iat: Some(family.created_at.secs()),
        sub: Some(family.user.to_string()),
        iss: Some(issuers.text(approved.issuer)),
        ..Introspection::default()
    };
    Ok(of_person(told, &family))
}
