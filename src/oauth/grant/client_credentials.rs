//! The client credentials grant (RFC 6749 §4.4, ScaiKey's quickstart): a token for the
//! client itself. No refresh token, on purpose: the client asks again.

use super::asked::{Asked, ForClient, Grant, scope_param};
use crate::apps::GrantType;
use crate::base::ScopeSet;
use crate::oauth::client_auth::Client;
use crate::oauth::error::{OAuthError, beyond};
use crate::oauth::form::Params;
use crate::roles;
use crate::store::Read;

/// The grant.
#[derive(Clone, Copy, Debug)]
pub struct Request;

impl Grant for Request {
    const TYPE: GrantType = GrantType::ClientCredentials;

    fn admits(client: &Client) -> Result<(), OAuthError> {
        // Without a secret anybody could say to be it (RFC 6749 §4.4: confidential clients only).
        if client.secret.is_some() {
            return Ok(());
        }
        Err(OAuthError::unauthorized_client(
            "The grant client_credentials is for applications of the types SERVICE and WEB only",
        ))
    }

    fn read(params: &Params<'_>) -> Result<Asked, OAuthError> {
        scope_param(params).map(|scope| Asked::ForClient(ForClient { scope }))
    }
}

/// What a client is given.
///
/// A scope that the application may not have fails the request instead of being dropped (RFC 6749 §5.2), so that a client
/// finds out here and not later at an API. One that there is not (any more) is left aside: the answer says what was granted.
///
/// # Errors
/// `invalid_scope`.
pub(in crate::oauth) fn scope(tx: &impl Read, client: &Client, request: &ForClient) -> Result<ScopeSet, OAuthError> {
    let application = &client.application;
    let allowed = &roles::existing(tx, &application.allowed_scopes)?;
    let wanted = request.scope.as_ref().map(|wanted| roles::existing(tx, wanted)).transpose()?;
    match wanted {
        Some(wanted) if wanted.is_empty() => {
            Err(OAuthError::invalid_scope("There is none of the scopes that are asked for"))
        }
        Some(wanted) => match beyond(&wanted, allowed) {
            Some(words) => Err(OAuthError::invalid_scope(words)),
            None => Ok(wanted),
        },
        None if allowed.is_empty() => {
            Err(OAuthError::invalid_scope("The application is allowed no scope; add one to its allowed_scopes"))
        }
        None => Ok(allowed.clone()),
    }
}
