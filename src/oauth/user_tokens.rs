//! The tokens that an application gets for a person: made in two steps. In the transaction it is decided what is issued
//! ([`Issued`]); after the commit it is signed, on no lock.

use super::id_token::{ID_TOKEN_TYPE, IdTokenClaims, at_hash, c_hash};
use super::keys::KeySet;
use super::subject::Subject;
use super::token::algorithm;
use super::{ACCESS_TOKEN_TYPE, Issuer, Issuers, OAuthError, Standing, TokenResponse, environment, user_claims};
use crate::access::{Amr, Role};
use crate::apps::{AppScope, Application};
use crate::base::id::{FamilyId, GroupId, PartnerId, SessionId, TenantId, UserId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::crypto::digest::MacKey;
use crate::crypto::token::TokenDigest;
use crate::families::{Family, NewRefresh, RefreshText};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How long what belongs to a sign-in holds, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A session without a request.
    pub session_idle: i64,
    /// A refresh token that nobody uses.
    pub refresh_idle: i64,
    /// A family with `offline_access`, whatever happens.
    pub refresh_max: i64,
}

/// What the refresh token of an answer is made of.
#[derive(Clone, Debug)]
pub enum RefreshPart {
    /// The application gets none.
    None,
    /// The first of a family.
    First(NewRefresh),
    /// The one of this number, in the family of the one that was presented.
    Numbered(RefreshText, u32),
}

/// What is to be signed: decided in a transaction that has been committed.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The application that gets the tokens.
    pub application: Arc<Application>,
    /// The family that the tokens are of.
    pub family: Family,
    /// The person that the tokens are for.
    pub subject: Subject,
    /// What these tokens may: the family's scope, or less of it.
    pub scope: ScopeSet,
    /// The groups that the person is in, when the scope asks for them.
    pub groups: Vec<GroupId>,
    /// From the authorization request; only the first ID token of a family has it (OpenID Connect Core §12.2).
    pub nonce: Option<String>,
    /// The refresh token.
    pub refresh: RefreshPart,
    /// What the person is in the organisation, for tokens of the environment.
    pub standing: Standing,
    /// The SHA-256 of the code that they are exchanged for.
    pub code: Option<TokenDigest>,
}

/// What a set of tokens is signed with.
#[derive(Clone, Copy, Debug)]
pub struct Mint<'a> {
    /// The signing keys of this instance.
    pub keys: &'a KeySet,
    /// The issuers of this instance, for `iss`.
    pub issuers: &'a Issuers,
    /// The key of the codes in refresh tokens, [`crate::crypto::keyring::Keyring::pepper`].
    pub pepper: &'a MacKey,
}

/// The claims of a person's access token as they are written (RFC 9068 §2.2, and ScaiKey's own).
#[derive(Debug, Serialize)]
struct UserClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: UserId,
    scope: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    app_scope: &'a str,
    tenant_id: TenantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id: Option<PartnerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    sid: SessionId,
    family: FamilyId,
    auth_time: i64,
    acr: &'a str,
    amr: Amr,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<&'a [GroupId]>,
}

/// Whose issuer the tokens of a family name.
pub fn issuer_of(application: &Application, family: &Family) -> Issuer {
    match application.scope {
        AppScope::Global if family.environment => Issuer::Environment,
        AppScope::Global => Issuer::Platform,
        AppScope::Partner(_) | AppScope::Tenant(_) => Issuer::Tenant(family.tenant),
    }
}

/// Signs the access token and, for `openid`, the ID token: one or two signatures.
///
/// # Errors
/// `server_error`: there is no key for the application's algorithm, or it gave no signature.
pub fn sign(mint: Mint<'_>, issued: &Issued, jti: &str, now: Timestamp) -> Result<TokenResponse, OAuthError> {
    let Issued { application, family, scope, .. } = issued;
    let issuer = issuer_of(application, family);
    let alg = algorithm(issuer, application);
    let signer =
        mint.keys.signer(alg).ok_or_else(|| Problem::internal(format!("there is no signing key for {alg}")))?;
    let iat = now.secs();
    let exp = iat.saturating_add(i64::from(application.token_lifetime)).min(family.expires_at.secs());
    let said = Said {
        iss: mint.issuers.text(issuer),
        client_id: application.client_id(),
        scope: scope.to_string(),
        jti,
        iat,
        exp,
        groups: Some(issued.groups.as_slice())
            .filter(|groups| scope.has("groups") && groups.len() <= user_claims::MAX_GROUPS_IN_TOKEN),
    };
    let in_environment = issuer == Issuer::Environment;
    let access_token = if in_environment {
        signer.sign(ACCESS_TOKEN_TYPE, &environment_access(issued, &said))
    } else {
        signer.sign(ACCESS_TOKEN_TYPE, &access(issued, &said))
    };
    let access_token = access_token.map_err(Problem::internal)?;
    let id_token = match (scope.has("openid"), in_environment) {
        (false, _) => None,
        (true, false) => Some(signer.sign(ID_TOKEN_TYPE, &identity(issued, &said, at_hash(alg, &access_token)))),
        (true, true) => {
            Some(signer.sign(ID_TOKEN_TYPE, &environment_identity(issued, &said, at_hash(alg, &access_token))))
        }
    };
    let id_token = id_token.transpose().map_err(Problem::internal)?;
    let refresh_token = match &issued.refresh {
        RefreshPart::None => None,
        RefreshPart::First(new) => new.first(mint.pepper, family.id),
        RefreshPart::Numbered(text, number) => text.numbered(*number, mint.pepper),
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: u32::try_from(exp.saturating_sub(iat)).unwrap_or(0),
        scope: said.scope,
        refresh_token: refresh_token.map(|token| token.expose().clone()),
        id_token,
    })
}

/// What all these tokens say in one form or the other.
struct Said<'a> {
    iss: String,
    client_id: String,
    scope: String,
    jti: &'a str,
    iat: i64,
    exp: i64,
    groups: Option<&'a [GroupId]>,
}

fn access<'a>(issued: &'a Issued, said: &'a Said<'a>) -> UserClaims<'a> {
    let Issued { application, family, subject, .. } = issued;
    let admin = admin_role(subject);
    let Authenticated { auth_time, acr, amr } = authenticated(family);
    UserClaims {
        iss: &said.iss,
        aud: &said.client_id,
        sub: family.user,
        scope: &said.scope,
        exp: said.exp,
        iat: said.iat,
        jti: said.jti,
        client_id: &said.client_id,
        app_scope: application.scope.level().name(),
        tenant_id: family.tenant,
        partner_id: admin.and_then(|(_, partner)| partner),
        role: admin.map(|(role, _)| role.name()),
        sid: family.session,
        family: family.id,
        auth_time,
        acr,
        amr,
        groups: said.groups,
    }
}

fn environment_access<'a>(issued: &'a Issued, said: &'a Said<'a>) -> environment::UserClaims<'a> {
    let Issued { family, standing, scope, .. } = issued;
    environment::UserClaims {
        iss: &said.iss,
        sub: family.user,
        aud: [&said.client_id],
        client_id: &said.client_id,
        exp: said.exp,
        iat: said.iat,
        nbf: said.iat,
        jti: said.jti,
        sid: family.session,
        oid: environment::organization(family.tenant),
        roles: &standing.roles,
        permissions: &standing.permissions,
        scope: &said.scope,
        scopes: environment::list(scope),
        xoid: standing.external_organization.as_deref(),
        xuid: standing.external_user.as_deref(),
        family: family.id,
    }
}

/// What the scope tells of the person, but for more groups than a token holds.
fn about(issued: &Issued, said: &Said<'_>) -> Map<String, Value> {
    let mut about = user_claims::about(&issued.subject.user, &issued.groups, &issued.scope);
    if said.groups.is_none() {
        about.remove("groups");
    }
    about
}

fn identity<'a>(issued: &'a Issued, said: &'a Said<'a>, at_hash: String) -> IdTokenClaims<'a> {
    let family = &issued.family;
    let Authenticated { auth_time, acr, amr } = authenticated(family);
    IdTokenClaims {
        iss: &said.iss,
        sub: family.user,
        aud: &said.client_id,
        exp: said.exp,
        iat: said.iat,
        auth_time,
        nonce: issued.nonce.as_deref(),
        acr,
        amr,
        at_hash,
        sid: family.session,
        about: about(issued, said),
    }
}

fn environment_identity<'a>(issued: &'a Issued, said: &'a Said<'a>, at_hash: String) -> environment::IdTokenClaims<'a> {
    let Issued { family, standing, .. } = issued;
    let Authenticated { auth_time, acr, amr } = authenticated(family);
    environment::IdTokenClaims {
        iss: &said.iss,
        sub: family.user,
        aud: [&said.client_id],
        azp: &said.client_id,
        client_id: &said.client_id,
        exp: said.exp,
        iat: said.iat,
        auth_time,
        nonce: issued.nonce.as_deref(),
        acr,
        amr,
        at_hash,
        c_hash: issued.code.as_ref().map(c_hash),
        oid: environment::organization(family.tenant),
        sid: family.session,
        xoid: standing.external_organization.as_deref(),
        xuid: standing.external_user.as_deref(),
        about: about(issued, said),
    }
}

struct Authenticated<'a> {
    auth_time: i64,
    acr: &'a str,
    amr: Amr,
}

fn authenticated(family: &Family) -> Authenticated<'_> {
    let how = &family.evidence;
    Authenticated { auth_time: how.at().secs(), acr: how.acr(), amr: how.amr() }
}

/// The highest admin role, and the partner of a partner's admin, which ScaiKey's tokens name.
fn admin_role(subject: &Subject) -> Option<(Role, Option<PartnerId>)> {
    [Role::SuperAdmin, Role::PartnerAdmin, Role::TenantAdmin].into_iter().find_map(|role| {
        let held = subject.roles.iter().find(|held| held.role == role)?;
        Some((role, held.place.partner().filter(|_| role == Role::PartnerAdmin)))
    })
}
