//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.5): a code becomes tokens, once.

use super::asked::{Asked, Drawn, Exchanged, ForPerson, Grant, Refusal};
use crate::apps::{Application, ApplicationType, GrantType};
use crate::base::ScopeSet;
use crate::base::Timestamp;
use crate::crypto::digest::MacKey;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::oauth::approved::Approved;
use crate::oauth::client_auth::Client;
use crate::oauth::code::{self, Exchange, Redeemed};
use crate::oauth::consent;
use crate::oauth::error::OAuthError;
use crate::oauth::form::Params;
use crate::oauth::issuer::Issuer;
use crate::oauth::subject::subject;
use crate::oauth::user_tokens::{Issued, RefreshPart};
use crate::roles;
use crate::store::{Read, StoreError, WriteTx};
use crate::token_families::{self, EndReason, Family, Refresh, RefreshText};
use std::sync::Arc;

/// The parameters of this grant.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The digest of the code. None: what was sent can be no code of ours.
    digest: Option<TokenDigest>,
    /// `redirect_uri`.
    redirect_uri: Option<String>,
    /// `code_verifier`.
    verifier: Option<String>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request([secret])")
    }
}

impl Grant for Request {
    const TYPE: GrantType = GrantType::AuthorizationCode;

    /// Every client: it is bound to the code, and so to what the authorization endpoint let it have.
    fn admits(_: &Client) -> Result<(), OAuthError> {
        Ok(())
    }

    fn read(params: &Params<'_>) -> Result<Asked, OAuthError> {
        let code = params.get("code").ok_or_else(|| OAuthError::invalid_request("The parameter code is missing"))?;
        Ok(Asked::ForPerson(Arc::new(Self {
            digest: token::parse(TokenKind::GrantCode, code).ok(),
            redirect_uri: params.get("redirect_uri").map(ToOwned::to_owned),
            verifier: params.get("code_verifier").map(ToOwned::to_owned),
        })))
    }
}

impl ForPerson for Request {
    fn grant_type(&self) -> &'static str {
        Self::NAME
    }

    fn refresh_text(&self, _: &MacKey) -> Option<RefreshText> {
        None
    }

    fn exchange(
        &self,
        tx: &mut WriteTx<'_>,
        approved: &Approved,
        drawn: &Drawn,
        now: Timestamp,
    ) -> Result<Exchanged, StoreError> {
        let Drawn { lifetimes, family: id, refresh, .. } = drawn;
        let id = *id;
        let application = &approved.client.application;
        let unknown = "The code is unknown, has expired or was used";
        let Some(digest) = self.digest else { return Ok(Refusal::plain(OAuthError::invalid_grant(unknown))) };
        let exchange = Exchange {
            digest,
            application: application.id,
            tenant: approved.tenant,
            environment: approved.issuer == Issuer::Environment,
            redirect_uri: self.redirect_uri.clone(),
            verifier: self.verifier.clone(),
            family: id,
        };
        let longest = application.refreshed_until(now, lifetimes.refresh_max);
        let granted = match code::redeem(tx, &exchange, longest, now)? {
            Redeemed::Granted(granted) => granted,
            Redeemed::Unknown => return Ok(Refusal::plain(OAuthError::invalid_grant(unknown))),
            Redeemed::Misused(what) => return Ok(Refusal::plain(OAuthError::invalid_grant(what))),
            Redeemed::Reused { family, user, ended } => {
                let ended = if ended { Some((family, user, EndReason::CodeReplayed)) } else { None };
                return Ok(Refusal::ending(OAuthError::invalid_grant(unknown), ended));
            }
        };
        let scope = roles::existing(tx, &granted.scope.within(&application.allowed_scopes))?;
        let refreshes = gets_refresh(application, &scope);
        let mut family = Family {
            id,
            application: application.id,
            user: granted.user,
            session: granted.session,
            tenant: granted.tenant,
            offline: scope.has("offline_access"),
            evidence: granted.evidence,
            refresh: refreshes.then(|| Refresh {
                secret: tx.keep(&refresh.digest()),
                newest: 1,
                used_at: now,
                idle_secs: lifetimes.refresh_idle,
            }),
            scope: scope.clone(),
            created_at: now,
            expires_at: if refreshes { longest } else { now.plus_secs(i64::from(application.token_lifetime)) },
            ended: None,
            forbidden: Vec::new(),
            environment: exchange.environment,
        };
        let Some(subject) = subject(tx, &family, application, now, lifetimes.session_idle)? else {
            return Ok(Refusal::plain(OAuthError::invalid_grant("The sign-in that the code is from has ended")));
        };
        if let (false, Some(session)) = (family.offline, &subject.session) {
            family.expires_at = family.expires_at.min(session.expires_at);
        }
        // A code holds what was so when it was made: the consent, and the password that was shown.
        let agreed = consent::allows(tx, family.user, family.application, family.tenant, &granted.scope)?;
        if !agreed || !subject.user.password_mark().was_there(granted.created_at) {
            let gone = "The consent that the code is from was withdrawn, or the password was changed since";
            return Ok(Refusal::plain(OAuthError::invalid_grant(gone)));
        }
        token_families::create(tx, &family)?;
        let refresh = if refreshes { RefreshPart::First(refresh.clone()) } else { RefreshPart::None };
        let issued = Issued::of(tx, (application.clone(), family, subject), scope, refresh, now)?;
        Ok(Exchanged::Issued(Box::new(Issued { nonce: granted.nonce, code: Some(digest), ..issued })))
    }
}

/// Whether an application gets a refresh token: WEB and NATIVE do unasked, as ScaiKey's documentation says; the others
/// ask for `offline_access`. None gets one that it may not use.
fn gets_refresh(application: &Application, scope: &ScopeSet) -> bool {
    let unasked = matches!(application.application_type, ApplicationType::Web | ApplicationType::Native);
    application.may_use(GrantType::RefreshToken) && (unasked || scope.has("offline_access"))
}
