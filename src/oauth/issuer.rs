//! Who a token says it is from, and where the endpoints of each flavour stand.

use crate::base::id::TenantId;
use crate::base::{Id, Slug};
use serde::{Deserialize, Serialize};

/// Which of the OAuth flavours a request came to: ScaiKey's platform, for GLOBAL applications, or a tenant; or
/// Scalekit's environment, for GLOBAL applications too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `/api/v1/platform/oauth/…`
    Platform,
    /// `/api/v1/auth/tenants/{slug}/oauth/…`
    Tenant(Slug),
    /// `/oauth/…`, `/keys`, `/userinfo` …
    Environment,
}

/// Who issued a token. A tenant's issuer has its id, which stays when the slug in the address changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Issuer {
    /// `<public_url>/platform`
    Platform,
    /// `<public_url>/tenants/<tnt_id>`
    Tenant(TenantId),
    /// `<public_url>`
    Environment,
}

/// The addresses of this instance, all below its public URL.
#[derive(Clone, Debug)]
pub struct Issuers {
    public_url: String,
    platform: String,
    tenants: String,
}

impl Issuers {
    /// Below `public_url`; a slash at its end makes no difference.
    pub fn new(public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { platform: format!("{public_url}/platform"), tenants: format!("{public_url}/tenants/"), public_url }
    }

    /// The public address, without a slash at its end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether a `resource` (RFC 8707 §2) is this instance, or an address of it: the only one that our tokens are for.
    pub fn is_resource(&self, resource: &str) -> bool {
        match resource.strip_prefix(&self.public_url) {
            Some(rest) => !resource.contains('#') && (rest.is_empty() || rest.starts_with('/')),
            None => false,
        }
    }

    /// The `iss` of an issuer.
    pub fn text(&self, issuer: Issuer) -> String {
        match issuer {
            Issuer::Platform => self.platform.clone(),
            Issuer::Tenant(tenant) => format!("{}{tenant}", self.tenants),
            Issuer::Environment => self.public_url.clone(),
        }
    }

    /// Reads an `iss`, if it is one of ours, letter for letter.
    pub fn parse(&self, iss: &str) -> Option<Issuer> {
        if iss == self.platform {
            return Some(Issuer::Platform);
        }
        if iss == self.public_url {
            return Some(Issuer::Environment);
        }
        TenantId::parse(iss.strip_prefix(&self.tenants)?).map(Issuer::Tenant)
    }

    /// Where a flavour gives tokens.
    pub fn token_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "token", "oauth/token")
    }

    /// Where a flavour begins a sign-in for an application (RFC 6749 §3.1).
    pub fn authorization_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "authorize", "oauth/authorize")
    }

    /// Where a flavour ends a session that an application asks to end (OpenID Connect RP-Initiated Logout §2).
    pub fn end_session_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "logout", "oidc/logout")
    }

    /// Where a flavour tells about the person behind a token (OpenID Connect Core §5.3).
    pub fn userinfo_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "userinfo", "userinfo")
    }

    /// Where a flavour says what a token is worth (RFC 7662).
    pub fn introspection_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "introspect", "oauth/introspect")
    }

    /// Where a flavour takes tokens back (RFC 7009).
    pub fn revocation_endpoint(&self, flavour: &Flavour) -> String {
        self.endpoint(flavour, "revoke", "revoke")
    }

    /// By its name below ScaiKey's `oauth/`, and by its path in Scalekit.
    fn endpoint(&self, flavour: &Flavour, name: &str, in_environment: &str) -> String {
        let url = &self.public_url;
        match flavour {
            Flavour::Platform => format!("{url}/api/v1/platform/oauth/{name}"),
            Flavour::Tenant(slug) => format!("{url}/api/v1/auth/tenants/{slug}/oauth/{name}"),
            Flavour::Environment => format!("{url}/{in_environment}"),
        }
    }

    /// Where a flavour shows the public keys: the same everywhere. `/keys` is not it, where Scalekit's SDKs find those of RS256
    /// alone.
    pub fn jwks_uri(&self, flavour: &Flavour) -> String {
        let url = &self.public_url;
        match flavour {
            Flavour::Platform => format!("{url}/api/v1/platform/.well-known/jwks.json"),
            Flavour::Tenant(slug) => format!("{url}/api/v1/auth/tenants/{slug}/.well-known/jwks.json"),
            Flavour::Environment => format!("{url}/oauth/keys"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_instance_is_a_resource() {
        let issuers = Issuers::new("https://id.example");
        for good in ["https://id.example", "https://id.example/", "https://id.example/v1/secrets"] {
            assert!(issuers.is_resource(good), "{good}");
        }
        for bad in ["", "https://id.example.evil", "https://api.example", "https://id.example/#x", "id.example"] {
            assert!(!issuers.is_resource(bad), "{bad}");
        }
    }

    #[test]
    fn issuers_come_back_letter_for_letter() {
        let issuers = Issuers::new("https://id.example/");
        let tenant = Issuer::Tenant(TenantId::from_raw(42));
        assert_eq!(issuers.text(Issuer::Platform), "https://id.example/platform");
        assert_eq!(issuers.text(tenant), "https://id.example/tenants/tnt_42");
        assert_eq!(issuers.text(Issuer::Environment), "https://id.example");
        assert_eq!(issuers.parse("https://id.example"), Some(Issuer::Environment));
        assert_eq!(issuers.parse("https://id.example/tenants/tnt_42"), Some(tenant));
        for bad in [
            "",
            "https://id.example/",
            "https://id.example/platform/",
            "https://id.example/tenants/",
            "https://id.example/tenants/tnt_042",
            "https://id.example/tenants/tnt_42/",
            "https://id.example/tenants/42",
            "https://ID.example/platform",
            "https://evil.example/platform",
        ] {
            assert_eq!(issuers.parse(bad), None, "{bad}");
        }
    }
}
