//! The grants, a file each. There is no password grant, and no switch for one (RFC 9700 §2.4).

pub mod client_credentials;

use super::{ErrorCode, OAuthError, Params};

/// The grants that work, as discovery names them.
pub const GRANT_TYPES: [&str; 1] = [client_credentials::NAME];

/// What a request asks for, by grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A token for the client itself.
    ClientCredentials(client_credentials::Request),
}

impl Grant {
    /// Reads the grant and its own parameters.
    ///
    /// # Errors
    /// `invalid_request` without a `grant_type`; `unsupported_grant_type`; what the grant finds wrong.
    pub fn read(params: &Params<'_>) -> Result<Self, OAuthError> {
        match params.get("grant_type") {
            Some(client_credentials::NAME) => client_credentials::Request::read(params).map(Self::ClientCredentials),
            Some(_) => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "This grant_type is not supported; client_credentials is",
            )),
            None => Err(OAuthError::invalid_request("The parameter grant_type is missing")),
        }
    }
}
