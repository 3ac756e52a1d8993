//! What a client can find out by itself: the metadata of each flavour (RFC 8414 §2, OpenID Connect Discovery §3).

use super::{Flavour, Issuer, Issuers, pkce, user_claims};
use super::{client_auth, grant};
use crate::access::{ACR_MULTI, ACR_SINGLE};
use crate::catalogue::{Holder, Scope};
use crate::crypto::jwt::SigningAlg;
use serde::Serialize;

/// The claims of an ID token about itself and the sign-in.
const OWN_CLAIMS: [&str; 10] = ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];

/// The metadata of an issuer. Lists what works and nothing else.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metadata {
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// Where a browser is sent to sign in.
    pub authorization_endpoint: String,
    /// Where tokens are given.
    pub token_endpoint: String,
    /// Where a token is told about the person.
    pub userinfo_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// Where a client asks what a token is worth (RFC 7662).
    pub introspection_endpoint: String,
    /// Where a client gives tokens back (RFC 7009).
    pub revocation_endpoint: String,
    /// Where a browser is sent to sign out (OpenID Connect RP-Initiated Logout §2.1).
    pub end_session_endpoint: String,
    /// The scopes that mean something to this server; applications may have others of their own.
    pub scopes_supported: Vec<&'static str>,
    /// `code`: tokens never travel through a browser's address (RFC 9700 §2.1.2).
    pub response_types_supported: &'static [&'static str],
    /// How the code comes back.
    pub response_modes_supported: &'static [&'static str],
    /// The grants that the token endpoint takes.
    pub grant_types_supported: Vec<&'static str>,
    /// PKCE: S256 only.
    pub code_challenge_methods_supported: &'static [&'static str],
    /// `public`: a person is called the same everywhere.
    pub subject_types_supported: &'static [&'static str],
    /// How ID tokens may be signed; each application has one of them.
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
    /// How clients authenticate; `none` is for SPA and NATIVE applications.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate there.
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate there.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// What ID tokens and userinfo can say.
    pub claims_supported: Vec<&'static str>,
    /// Claims stand in the answer itself.
    pub claim_types_supported: &'static [&'static str],
    /// With one factor, with two (REFEDS).
    pub acr_values_supported: &'static [&'static str],
    /// The languages of the pages: whatever `ui_locales` says, it is this one.
    pub ui_locales_supported: &'static [&'static str],
    /// What `prompt` may be.
    pub prompt_values_supported: &'static [&'static str],
    /// Always false: the parameter `claims` is not taken yet.
    pub claims_parameter_supported: bool,
    /// Always false: the parameter `request` is not taken yet.
    pub request_parameter_supported: bool,
    /// Not yet; without this line it would count as supported.
    pub request_uri_parameter_supported: bool,
    /// Every answer of the authorization endpoint names the issuer (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// How access tokens may be signed. Not registered, but what a resource server has to know.
    pub access_token_signing_alg_values_supported: Vec<&'static str>,
}

impl Metadata {
    /// Of one flavour; `issuer` is the tenant's if it is a tenant's.
    pub fn new(issuers: &Issuers, issuer: Issuer, flavour: &Flavour) -> Self {
        let algorithms = SigningAlg::ALL.map(SigningAlg::as_str).to_vec();
        Self {
            issuer: issuers.text(issuer),
            authorization_endpoint: issuers.authorization_endpoint(flavour),
            token_endpoint: issuers.token_endpoint(flavour),
            userinfo_endpoint: issuers.userinfo_endpoint(flavour),
            jwks_uri: issuers.jwks_uri(flavour),
            introspection_endpoint: issuers.introspection_endpoint(flavour),
            revocation_endpoint: issuers.revocation_endpoint(flavour),
            end_session_endpoint: issuers.end_session_endpoint(flavour),
            scopes_supported: Scope::of(Holder::Application).map(|scope| scope.name).collect(),
            response_types_supported: &["code"],
            response_modes_supported: &["query", "form_post"],
            grant_types_supported: grant::names(),
            code_challenge_methods_supported: &pkce::METHODS,
            subject_types_supported: &["public"],
            id_token_signing_alg_values_supported: algorithms.clone(),
            token_endpoint_auth_methods_supported: client_auth::names(),
            introspection_endpoint_auth_methods_supported: client_auth::proving_names(),
            revocation_endpoint_auth_methods_supported: client_auth::names(),
            claims_supported: user_claims::CLAIMS.into_iter().chain(OWN_CLAIMS).collect(),
            claim_types_supported: &["normal"],
            acr_values_supported: &[ACR_SINGLE, ACR_MULTI],
            ui_locales_supported: &["en"],
            prompt_values_supported: &["none", "login", "consent", "select_account"],
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            authorization_response_iss_parameter_supported: true,
            access_token_signing_alg_values_supported: algorithms,
        }
    }
}
