//! The tokens that an application gets for a person: made in two steps. In the transaction it is decided what is issued
//! ([`Issued`]); after the commit it is signed, on no lock.

use super::claims::{Claims, Kind, OrganizationClaims};
use super::error::OAuthError;
use super::id_token::{at_hash, c_hash};
use super::issuer::Issuer;
use super::mint::{self, Mint, TokenResponse};
use super::standing::standing;
use super::subject::Subject;
use super::user_claims;
use crate::access::Role;
use crate::apps::{AppScope, Application};
use crate::base::id::PartnerId;
use crate::base::{ScopeSet, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::store::{Read, StoreError};
use crate::token_families::{Family, NewRefresh, RefreshText};
use serde_json::{Map, Value};
use std::borrow::Cow;
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
    pub groups: Vec<String>,
    /// From the authorization request; only the first ID token of a family has it (OpenID Connect Core §12.2).
    pub nonce: Option<String>,
    /// The refresh token.
    pub refresh: RefreshPart,
    /// What the person is in the organisation, for tokens of the environment.
    pub standing: OrganizationClaims,
    /// The SHA-256 of the code that they are exchanged for.
    pub code: Option<TokenDigest>,
}

impl Issued {
    /// The tokens of a family for a person, as they are at this moment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn of(
        tx: &impl Read,
        (application, family, subject): (Arc<Application>, Family, Subject),
        scope: ScopeSet,
        refresh: RefreshPart,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let groups = user_claims::groups(tx, (family.user, family.tenant), &application, &scope)?;
        let standing = standing(tx, &family, &subject, now)?;
        Ok(Self { application, family, subject, scope, groups, nonce: None, refresh, standing, code: None })
    }
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
    let signer = mint::signer(mint.keys, issuer, application, mint.for_sdk)?;
    let iat = now.secs();
    let exp = iat.saturating_add(i64::from(application.token_lifetime)).min(family.expires_at.secs());
    let (iss, client_id) = (mint.issuers.text(issuer), application.client_id());
    let scope_text = scope.to_string();
    let groups = Some(issued.groups.as_slice())
        .filter(|groups| scope.has("groups") && groups.len() <= user_claims::MAX_GROUPS_IN_TOKEN);
    let admin = admin_role(&issued.subject);
    // What both tokens say.
    let of = |kind| Claims {
        tenant: Some(family.tenant),
        sid: Some(family.session),
        evidence: Some(family.evidence),
        standing: Some(&issued.standing),
        ..Claims::new(kind, &iss, &client_id, Some(family.user), (iat, exp))
    };
    let access = Claims {
        jti: Cow::Borrowed(jti),
        scope: Cow::Borrowed(&scope_text),
        app_scope: Some(application.scope.level()),
        partner: admin.and_then(|(_, partner)| partner),
        role: admin.map(|(role, _)| role),
        family: Some(family.id),
        groups,
        ..of(Kind::Access)
    };
    let access_token = mint::sign(signer, issuer, &access)?;
    let id_token = if scope.has("openid") {
        let identity = Claims {
            nonce: issued.nonce.as_deref(),
            at_hash: Some(at_hash(signer.alg(), &access_token)),
            c_hash: issued.code.as_ref().map(c_hash),
            about: about(issued, groups.is_some()),
            ..of(Kind::Identity)
        };
        Some(mint::sign(signer, issuer, &identity)?)
    } else {
        None
    };
    let refresh_token = match &issued.refresh {
        RefreshPart::None => None,
        RefreshPart::First(new) => new.first(mint.pepper, family.id),
        RefreshPart::Numbered(text, number) => text.numbered(*number, mint.pepper),
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: u32::try_from(exp.saturating_sub(iat)).unwrap_or(0),
        scope: scope_text,
        refresh_token: refresh_token.map(|token| token.expose().clone()),
        id_token,
    })
}

/// What the scope tells of the person; without the groups, where those are more than a token holds.
fn about(issued: &Issued, with_groups: bool) -> Map<String, Value> {
    let mut about = user_claims::about(&issued.subject.user, &issued.groups, &issued.scope);
    if !with_groups {
        about.remove("groups");
    }
    about
}

/// The highest admin role, and the partner of a partner's admin, which ScaiKey's tokens name.
fn admin_role(subject: &Subject) -> Option<(Role, Option<PartnerId>)> {
    [Role::SuperAdmin, Role::PartnerAdmin, Role::TenantAdmin].into_iter().find_map(|role| {
        let held = subject.roles.iter().find(|held| held.role == role)?;
        Some((role, held.place.partner().filter(|_| role == Role::PartnerAdmin)))
    })
}
