//! What a method is, and what a request says about its client.

use crate::base::Secret;
use crate::oauth::error::OAuthError;
use crate::oauth::form::Params;

/// What a request says about its client. Nothing of it has been checked.
#[derive(Debug)]
pub struct Presented {
    /// Who it says it is.
    pub client_id: String,
    /// What it shows for it.
    pub secret: Option<Secret<String>>,
}

/// Where a client may say who it is.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The form.
    pub params: &'a Params<'a>,
}

/// A way to show who one is (RFC 6749 §2.3). Each has a file and a row in [`super::METHODS`].
pub trait Method {
    /// Its name in discovery (OpenID Connect Core §9).
    const NAME: &'static str;
    /// Whether a client that uses it shows that it is who it says.
    const PROVES: bool;

    /// Whether a request uses it.
    fn is_used(sent: &Sent<'_>) -> bool;

    /// Reads what it shows, of a request that uses it.
    ///
    /// # Errors
    /// `invalid_client` or `invalid_request`.
    fn read(sent: &Sent<'_>) -> Result<Presented, OAuthError>;
}
