//! What a client can find out by itself: the metadata of each flavour (RFC 8414 §2).

use super::client_auth::METHODS;
use super::grant::GRANT_TYPES;
use super::{Flavour, Issuer, Issuers};
use crate::access::PERMISSIONS;
use crate::crypto::jwt::SigningAlg;
use serde::Serialize;

/// The metadata of an issuer. Lists what works and nothing else: no authorization endpoint, because no grant here needs
/// one (RFC 8414 §2 allows to leave it out then), and so no response types.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// Where tokens are given.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// The scopes that mean something to this server; applications may have others of their own.
    pub scopes_supported: Vec<&'static str>,
    /// Required by RFC 8414, and empty: nothing answers to a `response_type`.
    pub response_types_supported: &'static [&'static str],
    /// The grants.
    pub grant_types_supported: &'static [&'static str],
    /// How clients authenticate.
    pub token_endpoint_auth_methods_supported: &'static [&'static str],
    /// How access tokens may be signed. Not registered, but what a resource server has to know.
    pub access_token_signing_alg_values_supported: Vec<&'static str>,
}

impl Metadata {
    /// Of one flavour; `issuer` is the tenant's if it is a tenant's.
    pub fn new(issuers: &Issuers, issuer: Issuer, flavour: &Flavour) -> Self {
        Self {
            issuer: issuers.text(issuer),
            token_endpoint: issuers.token_endpoint(flavour),
            jwks_uri: issuers.jwks_uri(flavour),
            scopes_supported: scopes(),
            response_types_supported: &[],
            grant_types_supported: &GRANT_TYPES,
            token_endpoint_auth_methods_supported: &METHODS,
            access_token_signing_alg_values_supported: SigningAlg::ALL.map(SigningAlg::as_str).to_vec(),
        }
    }
}

/// `openid`, which the seed gives to every application, and the scopes of the permission table.
fn scopes() -> Vec<&'static str> {
    let mut scopes = vec!["openid"];
    for scope in PERMISSIONS.iter().flat_map(|rule| rule.scopes) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes
}
