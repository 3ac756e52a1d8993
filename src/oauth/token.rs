//! The token endpoint, up to HTTP: read, approve, sign.

use super::approved::{Approved, Refused, admit};
use super::claims::{Claims, Kind};
use super::client_auth::{self, Presented};
use super::error::{ErrorCode, OAuthError, no_resource};
use super::form::Params;
use super::grant::{self, Asked, client_credentials};
use super::issuer::{Flavour, Issuers};
use super::keys::KeySet;
use super::mint::{self, TokenResponse};
use crate::base::{ScopeSet, Timestamp};
use crate::store::Read;
use std::borrow::Cow;

/// A token request, read and not yet checked.
#[derive(Debug)]
pub struct TokenRequest {
    /// What it says about its client.
    pub client: Presented,
    /// What it asks for.
    pub grant: grant::Request,
    /// For which resources (RFC 8707 §2).
    pub resources: Vec<String>,
    /// Whether one of Scalekit's SDKs sent it.
    pub for_sdk: bool,
}

impl TokenRequest {
    /// Reads the body and the `Authorization` header of a request.
    ///
    /// # Errors
    /// [`OAuthError`] for what can be seen without the store.
    pub fn parse(authorization: Option<&str>, body: &[u8]) -> Result<Self, OAuthError> {
        let params = Params::parse(body)?;
        let grant = grant::read(&params)?;
        let resources = params.all("resource").map(ToOwned::to_owned).collect();
        Ok(Self { client: client_auth::read(authorization, &params)?, grant, resources, for_sdk: false })
    }

    /// Whether all the resources are ours.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn check_resources(&self, issuers: &Issuers) -> Result<(), OAuthError> {
        match self.resources.iter().find(|resource| !issuers.is_resource(resource)) {
            Some(foreign) => Err(OAuthError::new(ErrorCode::InvalidTarget, no_resource(foreign))),
            None => Ok(()),
        }
    }
}

/// Decides whether a request gets its token: [`admit`]s the client, then checks that it may use this grant.
///
/// # Errors
/// [`Refused`], to be recorded.
pub fn approve(
    tx: &impl Read,
    flavour: &Flavour,
    request: &TokenRequest,
    now: Timestamp,
) -> Result<Approved, Box<Refused>> {
    let mut approved = admit(tx, flavour, &request.client, now)?;
    approved.for_sdk = request.for_sdk;
    let granted = request.grant.admits(&approved.client).and_then(|()| match &request.grant.asked {
        Asked::ForClient(wanted) => client_credentials::scope(tx, &approved.client, wanted),
        // Such a grant knows its own.
        Asked::ForPerson(_) => Ok(ScopeSet::default()),
    });
    match granted {
        Ok(scope) => approved.scope = scope,
        Err(error) => return Err(Box::new(approved.refuse(error))),
    }
    Ok(approved)
}

/// Signs the token. Costs one signature (RS256: 0.4 ms of a core) and reads no store.
///
/// # Errors
/// `server_error`: there is no key for the application's algorithm, or it gave no signature.
pub fn issue(
    keys: &KeySet,
    issuers: &Issuers,
    approved: &Approved,
    jti: &str,
    now: Timestamp,
) -> Result<TokenResponse, OAuthError> {
    let application = &approved.client.application;
    let signer = mint::signer(keys, approved.issuer, application, approved.for_sdk)?;
    let (iss, client_id, scope) = (issuers.text(approved.issuer), application.client_id(), approved.scope.to_string());
    let iat = now.secs();
    let exp = iat.saturating_add(i64::from(application.token_lifetime));
    let claims = Claims {
        jti: Cow::Borrowed(jti),
        scope: Cow::Borrowed(&scope),
        app_scope: Some(application.scope.level()),
        tenant: approved.tenant,
        partner: approved.partner,
        ..Claims::new(Kind::Access, &iss, &client_id, None, (iat, exp))
    };
    let access_token = mint::sign(signer, approved.issuer, &claims)?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: application.token_lifetime,
        scope,
        refresh_token: None,
        id_token: None,
    })
}
