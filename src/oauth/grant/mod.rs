//! The grants, a file each. There is no password grant, and no switch for one (RFC 9700 §2.4).

pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;
mod user;

pub use user::{UserGrant, UserRequest};

use super::{ErrorCode, OAuthError, Params};
use crate::base::ScopeSet;

/// The grants that work, as discovery names them.
pub const GRANT_TYPES: [&str; 3] = [authorization_code::NAME, refresh_token::NAME, client_credentials::NAME];

/// What a request asks for, by grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A token for the client itself.
    ClientCredentials(client_credentials::Request),
    /// Tokens for a person.
    User(UserRequest),
}

impl Grant {
    /// Reads the grant and its own parameters.
    ///
    /// # Errors
    /// `invalid_request` without a `grant_type`; `unsupported_grant_type`; what the grant finds wrong.
    pub fn read(params: &Params<'_>) -> Result<Self, OAuthError> {
        match params.get("grant_type") {
            Some(client_credentials::NAME) => client_credentials::Request::read(params).map(Self::ClientCredentials),
            Some(authorization_code::NAME) => {
                authorization_code::Request::read(params).map(|request| Self::User(UserRequest::Code(request)))
            }
            Some(refresh_token::NAME) => {
                refresh_token::Request::read(params).map(|request| Self::User(UserRequest::Refresh(request)))
            }
            Some(_) => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "This grant_type is not supported; authorization_code, refresh_token and client_credentials are",
            )),
            None => Err(OAuthError::invalid_request("The parameter grant_type is missing")),
        }
    }
}

/// The parameter `scope`. None: it was not sent, or is blank, which asks for the default.
fn scope_param(params: &Params<'_>) -> Result<Option<ScopeSet>, OAuthError> {
    let malformed = |_| OAuthError::invalid_scope("The scope is malformed: write scopes with one blank between them");
    let scope = params.get("scope").map(ScopeSet::parse).transpose().map_err(malformed)?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}
