//! Authorization requests (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2): read, checked, and what has to happen before one is
//! answered. Nothing of HTTP and nothing of pages.
//!
//! [`check()`] says whether a request can be trusted enough to be answered at its `redirect_uri` ([`Refused::Redirect`]) or only
//! on a page of ours ([`Refused::Page`]): a browser is sent nowhere before the client and the address are known (RFC 9700
//! §4.11). [`next_step`] then decides between the pages and the code.

mod answer;
mod check;
mod parameter;
mod params;
mod steps;

pub use answer::Answer;
pub(in crate::oauth) use answer::{percent, with_query};
pub use check::{CheckContext, check, still_holds};
pub use parameter::{AUTHORIZATION, Parameter, SIGN_OUT, Use};
pub use params::Sent;
pub use steps::{Facts, Progress, SignedIn, Step, next_step, tenants_for};

use crate::base::id::{ApplicationId, TenantId, UserId};
use crate::base::{Problem, ScopeSet};
use crate::oauth::Issuer;
use crate::oauth::pkce::Challenge;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The longest `state` in bytes: brokers send thousands.
pub const MAX_STATE: usize = 8 * 1024;
/// The longest `nonce` in bytes.
pub const MAX_NONCE: usize = 1024;

/// How the answer travels to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts to it (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// What the client asks to be shown (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// No page at all; alone.
    pub none: bool,
    /// Sign in again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Ask which account.
    pub select_account: bool,
}

/// The `state`, as bytes: whatever was sent comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State(pub(super) Vec<u8>);

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({} bytes)", self.0.len())
    }
}

/// Where an answer goes, and what goes back with every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The address, byte for byte as the request has it (or as it is registered, where the request has none).
    pub redirect_uri: String,
    /// How the answer gets there.
    pub mode: ResponseMode,
    /// What the client wants back.
    pub state: Option<State>,
    /// Whose answer it is: `iss` (RFC 9207).
    pub issuer: Issuer,
}

/// An authorization request that is sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The application that asks.
    pub application: ApplicationId,
    /// The tenant at whose endpoint; none at the platform's.
    pub tenant: Option<TenantId>,
    /// Where the answer goes.
    pub back: Return,
    /// Whether the request named the `redirect_uri`: the token request must do the same then (RFC 6749 §4.1.3).
    pub names_redirect_uri: bool,
    /// What is asked for; never more than the application is allowed.
    pub scope: ScopeSet,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The S256 challenge.
    pub code_challenge: Option<Challenge>,
    /// What to show.
    pub prompt: Prompt,
    /// How old the sign-in may be, in seconds.
    pub max_age: Option<u32>,
    /// Who might want to sign in.
    pub login_hint: Option<String>,
    /// Who has to be signed in, from an `id_token_hint`.
    pub hinted: Option<UserId>,
    /// Whether a second factor is wanted of whoever has one (`acr_values`). What it came to stands in `acr`.
    pub wants_mfa: bool,
}

/// The code of an error that is sent to the client (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The application may not ask for a code.
    UnauthorizedClient,
    /// The user, or this server for them, said no.
    AccessDenied,
    /// Only `code` is answered.
    UnsupportedResponseType,
    /// The scope is malformed, missing, or beyond what the application is allowed.
    InvalidScope,
    /// A fault of ours.
    ServerError,
    /// Too much to do just now.
    TemporarilyUnavailable,
    /// Somebody has to sign in, and `prompt=none` forbids to ask.
    LoginRequired,
    /// Somebody has to agree, and `prompt=none` forbids to ask.
    ConsentRequired,
    /// Somebody has to choose an account, and `prompt=none` forbids to ask.
    AccountSelectionRequired,
    /// Something else has to be asked, and `prompt=none` forbids it.
    InteractionRequired,
    /// `request` is not taken.
    RequestNotSupported,
    /// `request_uri` is not taken.
    RequestUriNotSupported,
    /// `registration` is not taken.
    RegistrationNotSupported,
    /// `resource` names something that our tokens are not for (RFC 8707 §2).
    InvalidTarget,
    /// `organization_id` names none. This code and those below are Scalekit's.
    InvalidOrganizationId,
    /// `connection_id` names none.
    InvalidConnectionId,
    /// What selects the connection is unclear.
    InvalidConnectionSelector,
    /// The `provider` is known, and nothing connects to it.
    NoConfiguredConnections,
}

impl ErrorCode {
    /// The code as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidOrganizationId => "invalid_organization_id",
            Self::InvalidConnectionId => "invalid_connection_id",
            Self::InvalidConnectionSelector => "invalid_connection_selector",
            Self::NoConfiguredConnections => "no_configured_connections",
        }
    }
}

/// An error for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code that the client reads.
    pub code: ErrorCode,
    /// For the developer, in the characters of RFC 6749 §4.1.2.1. Of what was sent only scopes and resources are named.
    pub description: Cow<'static, str>,
}

impl Fault {
    /// An error with its words.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }
}

/// Why a request can only be answered on a page of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// The request cannot be read.
    Unreadable,
    /// There is no tenant at this address.
    NoTenant,
    /// The tenant or its partner is suspended.
    TenantSuspended,
    /// `client_id` is missing, repeated, or nobody's.
    UnknownClient,
    /// The application is switched off.
    DisabledClient,
    /// The application has other endpoints than this one.
    OtherEndpoint,
    /// `redirect_uri` is missing or repeated.
    NoRedirectUri,
    /// `redirect_uri` is not registered.
    ForeignRedirectUri,
}

impl PageFault {
    /// The stable code, for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NoTenant => "no_tenant",
            Self::TenantSuspended => "tenant_suspended",
            Self::UnknownClient => "unknown_client",
            Self::DisabledClient => "disabled_client",
            Self::OtherEndpoint => "other_endpoint",
            Self::NoRedirectUri => "no_redirect_uri",
            Self::ForeignRedirectUri => "foreign_redirect_uri",
        }
    }
}

/// Why a request is not taken.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Nobody may be redirected.
    Page {
        /// Why no address of the request can be trusted.
        fault: PageFault,
        /// The application that the request names, if there is such.
        application: Option<ApplicationId>,
        /// The `redirect_uri` that is not registered.
        given: Option<String>,
    },
    /// The client is told.
    Redirect {
        /// Where the answer goes, and how.
        back: Box<Return>,
        /// The error that it carries.
        fault: Fault,
    },
    /// A fault of ours, before we knew where to send it.
    Failed(Problem),
}

impl Refused {
    fn page(fault: PageFault) -> Self {
        Self::Page { fault, application: None, given: None }
    }
}

impl From<crate::store::StoreError> for Refused {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}
