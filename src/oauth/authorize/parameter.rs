//! The parameters that the endpoints for browsers take: one list for each, from which repetitions are refused and the
//! documentation is made.

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It has to be there.
    Required,
    /// It may be there.
    Optional,
    /// It may be there several times.
    Repeatable,
    /// It may be there at the environment, where a repetition has an error code of its own; elsewhere it says nothing.
    Environment,
    /// It may be there and changes nothing.
    Ignored,
    /// A request with it is refused: to pass over it would be to answer another question.
    Refused,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name that it is sent under.
    pub name: &'static str,
    /// What becomes of it.
    pub usage: Use,
    /// What it says.
    pub about: &'static str,
}

/// A parameter of a list.
pub(in crate::oauth) const fn parameter(name: &'static str, usage: Use, about: &'static str) -> Parameter {
    Parameter { name, usage, about }
}

/// The parameters of an authorization request.
pub const AUTHORIZATION: &[Parameter] = &[
    parameter("client_id", Use::Required, "The application."),
    parameter("response_type", Use::Required, "`code`."),
    parameter("redirect_uri", Use::Optional, "One that is registered; needed if there are several, and for `openid`."),
    parameter("scope", Use::Optional, "With blanks between; `openid` for an ID token. The environment has a default."),
    parameter("state", Use::Optional, "Comes back as it is."),
    parameter("nonce", Use::Optional, "Stands in the ID token."),
    parameter("code_challenge", Use::Optional, "For PKCE (RFC 7636 §4.3); public clients need it."),
    parameter("code_challenge_method", Use::Optional, "`S256`."),
    parameter("response_mode", Use::Optional, "`query` or `form_post`."),
    parameter("prompt", Use::Optional, "`none`, `login`, `consent`, `select_account`."),
    parameter("max_age", Use::Optional, "How old the sign-in may be, in seconds."),
    parameter("acr_values", Use::Optional, "Whether a second factor is wanted."),
    parameter("login_hint", Use::Optional, "An e-mail address to begin with."),
    parameter("id_token_hint", Use::Optional, "Who is expected."),
    parameter("claims", Use::Optional, "A JSON object; the scopes say which claims there are."),
    parameter("resource", Use::Repeatable, "This instance or an address of it (RFC 8707)."),
    parameter("provider", Use::Environment, "At the environment: the provider to sign in with."),
    parameter("connection_id", Use::Environment, "At the environment: the connection to sign in with."),
    parameter("organization_id", Use::Environment, "At the environment: the organization to sign in to, `org_<n>`."),
    parameter("ui_locales", Use::Ignored, "The pages speak one language."),
    parameter("claims_locales", Use::Ignored, "Claims are in the language that they were written in."),
    parameter("display", Use::Ignored, "The pages fit every window."),
    parameter("request", Use::Refused, "Request objects are not supported."),
    parameter("request_uri", Use::Refused, "Request objects are not supported."),
    parameter("registration", Use::Refused, "Applications are registered beforehand."),
];

/// The parameters of a sign-out.
pub const SIGN_OUT: &[Parameter] = &[
    parameter("id_token_hint", Use::Optional, "The ID token of the sign-in that ends."),
    parameter("client_id", Use::Optional, "The application."),
    parameter("post_logout_redirect_uri", Use::Optional, "Where to go then: one that is registered."),
    parameter("state", Use::Optional, "Comes back as it is."),
    parameter("logout_hint", Use::Ignored, "Who is meant."),
    parameter("ui_locales", Use::Ignored, "The pages speak one language."),
];
