//! The client credentials grant (RFC 6749 §4.4, ScaiKey's quickstart): a token for the
//! client itself. No refresh token, on purpose: the client asks again.

use crate::base::ScopeSet;
use crate::oauth::claims::CLIENT_CREDENTIALS;
use crate::oauth::client_auth::Client;
use crate::oauth::{OAuthError, Params};
use crate::roles;
use crate::store::Read;

/// The value of `grant_type` that asks for this grant.
pub const NAME: &str = CLIENT_CREDENTIALS;

/// The parameters of this grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for. None: all that the application may have.
    pub scope: Option<ScopeSet>,
}

impl Request {
    pub(super) fn read(params: &Params<'_>) -> Result<Self, OAuthError> {
        super::scope_param(params).map(|scope| Self { scope })
    }
}

/// What a client is given.
///
/// A scope that the application may not have fails the request instead of being dropped (RFC 6749 §5.2), so that a client
/// finds out here and not later at an API. One that there is not (any more) is left aside: the answer says what was granted.
///
/// # Errors
/// `unauthorized_client` for a type without a secret; `invalid_scope`.
pub(in crate::oauth) fn scope(tx: &impl Read, client: &Client, request: &Request) -> Result<ScopeSet, OAuthError> {
    let application = &client.application;
    // Without a secret anybody could say to be it (RFC 6749 §4.4: confidential clients only).
    if client.secret.is_none() {
        return Err(OAuthError::unauthorized_client(
            "The grant client_credentials is for applications of the types SERVICE and WEB only",
        ));
    }
    let allowed = &roles::existing(tx, &application.allowed_scopes)?;
    let wanted = request.scope.as_ref().map(|wanted| roles::existing(tx, wanted)).transpose()?;
    match wanted {
        Some(wanted) if wanted.is_empty() => {
            Err(OAuthError::invalid_scope("There is none of the scopes that are asked for"))
        }
        Some(wanted) if wanted.beyond(allowed).next().is_some() => Err(OAuthError::invalid_scope(format!(
            "The scope asks for more than the application is allowed, which is: {allowed}"
        ))),
        Some(wanted) => Ok(wanted),
        None if allowed.is_empty() => {
            Err(OAuthError::invalid_scope("The application is allowed no scope; add one to its allowed_scopes"))
        }
        None => Ok(allowed.clone()),
    }
}
