//! `[login]`: ScaiGrid's sign-in for programs, `/v1/auth/*`.

use super::{Checks, Outbound};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// ScaiGrid's sign-in for programs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// Where codes may be sent, beside our own origin and the loopback addresses. Each counts letter for letter.
    pub redirect_uris: Vec<String>,
    /// Another OpenID provider to sign in at, by its issuer. Empty: our own.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The file with our secret there; empty: we have none.
    pub client_secret_file: PathBuf,
}

impl Login {
    pub(super) fn check(&self, checks: &mut Checks, outbound: &Outbound) {
        for uri in &self.redirect_uris {
            let good = url::Url::parse(uri).is_ok_and(|url| {
                url.fragment().is_none() && url.username().is_empty() && !["javascript", "data"].contains(&url.scheme())
            });
            if !good {
                checks.refuse("login.redirect_uris", "must be absolute addresses without a fragment or a user");
            }
        }
        if self.issuer.is_empty() {
            if !self.client_id.is_empty() {
                checks.refuse("login.client_id", "needs login.issuer beside it");
            }
            return;
        }
        let url = url::Url::parse(&self.issuer);
        let plain = url.as_ref().is_ok_and(|url| url.query().is_none() && url.fragment().is_none());
        let scheme = url.map(|url| url.scheme().to_owned()).unwrap_or_default();
        if !plain || !(scheme == "https" || (scheme == "http" && !outbound.allowed_networks.0.is_empty())) {
            checks.refuse(
                "login.issuer",
                "must be an https address without a query; http only within outbound.allowed_networks",
            );
        }
        if self.client_id.is_empty() {
            checks.refuse("login.client_id", "is needed beside login.issuer");
        }
    }
}
