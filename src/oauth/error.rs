//! The errors of the token endpoint (RFC 6749 §5.2), without a word of HTTP.

use crate::base::{Kind, Problem, Scope, ScopeSet};
use std::borrow::Cow;
use std::fmt;

/// The code of an OAuth error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A parameter is missing, repeated or malformed, or the client tries to sign in twice.
    InvalidRequest,
    /// The client is unknown, or does not show that it is who it says.
    InvalidClient,
    /// The client is known, and may not do this.
    UnauthorizedClient,
    /// The code or refresh token does not hold, or was issued to another client or for another redirect URI.
    InvalidGrant,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// The scope is malformed, or beyond what the client may ask for.
    InvalidScope,
    /// The resource is none of ours (RFC 8707 §2).
    InvalidTarget,
    /// A fault of ours (named in RFC 6749 §4.1.2.1; the token endpoint has no code of its own for it).
    ServerError,
    /// Too much to do just now (as above).
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The code as the answer prints it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

/// What was sent, as a description may name it: only characters that RFC 6749 §5.2 allows there, and not more than helps.
pub(in crate::oauth) fn quoted(text: &str) -> String {
    const MOST: usize = 200;
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let short: String = text.chars().filter(allowed).take(MOST).collect();
    if text.chars().count() > MOST { short + "..." } else { short }
}

/// Names the scopes that a client asks for and may not have, and those that it may. None: it may have them all.
pub(in crate::oauth) fn beyond(wanted: &ScopeSet, allowed: &ScopeSet) -> Option<String> {
    let beyond: Vec<&str> = wanted.beyond(allowed).map(Scope::as_str).collect();
    (!beyond.is_empty()).then(|| {
        let beyond = quoted(&beyond.join(" "));
        format!("The application is not allowed the scope {beyond}; it is allowed: {allowed}")
    })
}

/// Names a resource that is none of ours.
pub(in crate::oauth) fn no_resource(resource: &str) -> String {
    format!("This server gives no tokens for the resource {}", quoted(resource))
}

/// Why a token was not given.
#[derive(Clone, Debug)]
pub struct OAuthError {
    /// The code that the client reads as `error`.
    pub code: ErrorCode,
    /// For the developer of the client, in the characters that RFC 6749 §5.2 allows. Of what was sent only scopes and
    /// resources are named, by [`quoted`].
    pub description: Cow<'static, str>,
    /// The status that fits: 400, 401 when the client could not be authenticated, 404 for an address of no tenant, 5xx.
    pub status: u16,
    /// Whether the answer has to name the way to authenticate (RFC 9110 §11.6.1): with every 401.
    pub www_authenticate: bool,
    /// For the log only.
    pub internal: Option<String>,
}

impl OAuthError {
    /// With the usual status of its code.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let status = match code {
            ErrorCode::InvalidClient => 401,
            ErrorCode::ServerError => 500,
            ErrorCode::TemporarilyUnavailable => 503,
            ErrorCode::InvalidRequest
            | ErrorCode::UnauthorizedClient
            | ErrorCode::InvalidGrant
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidTarget => 400,
        };
        Self { code, description: description.into(), status, www_authenticate: status == 401, internal: None }
    }

    /// The request cannot be taken as it is.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// The client could not be authenticated.
    pub fn invalid_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidClient, description)
    }

    /// The client may not do this.
    pub fn unauthorized_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::UnauthorizedClient, description)
    }

    /// What was presented for tokens does not hold.
    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    /// The scope cannot be given.
    pub fn invalid_scope(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidScope, description)
    }
}

impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> Self {
        let mut error = match problem.kind {
            Kind::Busy { .. } | Kind::RateLimited { .. } => {
                Self::new(ErrorCode::TemporarilyUnavailable, "The server cannot take this now; try again")
            }
            _ => Self::new(ErrorCode::ServerError, "Something went wrong on our side"),
        };
        error.internal = Some(problem.internal.unwrap_or(problem.message));
        error
    }
}

/// For our own endpoints, which speak another dialect than RFC 6749's.
impl From<OAuthError> for Problem {
    fn from(error: OAuthError) -> Self {
        let message = error.description.into_owned();
        match error.code {
            ErrorCode::ServerError => Self::internal(error.internal.unwrap_or(message)),
            ErrorCode::TemporarilyUnavailable => Self::busy(message),
            ErrorCode::InvalidGrant | ErrorCode::InvalidClient => Self::unauthenticated("invalid_grant", message),
            ErrorCode::UnauthorizedClient => Self::forbidden("access_denied", message),
            ErrorCode::InvalidRequest
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidTarget => Self::malformed(error.code.as_str(), message),
        }
    }
}

impl From<crate::store::StoreError> for OAuthError {
    fn from(error: crate::store::StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}

impl std::error::Error for OAuthError {}
