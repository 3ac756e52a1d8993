//! The plans against this server: Basic OP and logout at the platform's issuer, Form Post OP at a tenant's.

use super::Module;
use super::browser::Via;
use super::provider::{Client, Provider, Run};
use crate::server::{Server, unique};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError, Weak};

const EMAIL: &str = "jane@conformance.example";
const PASSWORD: &str = "seven quiet lamps on a pier";
const REDIRECT_URI: &str = "https://rp.example/cb";
const POST_LOGOUT_REDIRECT_URI: &str = "https://rp.example/bye";

/// What the suite may say in yellow about this server.
const KNOWN_WARNINGS: [&str; 2] =
    ["access_token_signing_alg_values_supported is not registered", "the claims parameter is ignored"];

/// Which issuer answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    Platform,
    Tenant,
}

/// A server with clients of both flavours, and somebody who has every claim.
struct Ours {
    server: Server,
    platform: Provider,
    tenant: Provider,
}

impl Ours {
    /// The one that the running modules share.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Ours>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let ours = Arc::new(Self::start());
            *shared = Arc::downgrade(&ours);
            ours
        })
    }

    fn start() -> Self {
        let server = Server::start();
        let operator = server.admin();
        let tenant = server.tenant("conformance");
        server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&jane()).send().expect(201);
        server.secret(PASSWORD);
        let platform = provider(&server, &operator, "/platform", &json!({ "scope": "GLOBAL" }));
        let of_tenant = json!({ "scope": "TENANT", "tenant_id": tenant });
        let tenant = provider(&server, &operator, &format!("/tenants/{tenant}"), &of_tenant);
        Self { server, platform, tenant }
    }
}

/// Somebody with every standard claim.
fn jane() -> Value {
    json!({
        "email": EMAIL, "password": PASSWORD, "email_verified": true, "tenant_id": "conformance",
        "first_name": "Jane", "last_name": "Doe", "display_name": "Jane Mary Doe",
        "profile": {
            "middle_name": "Mary", "nickname": "jd", "preferred_username": "jane", "profile": "https://jane.example/",
            "picture": "https://jane.example/me.jpg", "website": "https://jane.example/", "gender": "female",
            "birthdate": "1990-01-02", "zoneinfo": "Europe/Amsterdam", "locale": "nl-NL",
            "phone_number": "+31201234567", "phone_number_verified": true,
            "address": {
                "street_address": "Dam 1", "locality": "Amsterdam", "postal_code": "1012 JS", "country": "NL",
            },
        },
    })
}

/// An issuer with its three clients, which need no PKCE.
fn provider(server: &Server, operator: &str, issuer: &str, at: &Value) -> Provider {
    let client = || {
        let mut body = json!({
            "name": unique("conformance"), "application_type": "WEB", "require_pkce": false,
            "allowed_scopes": ["openid", "profile", "email", "address", "phone", "offline_access"],
            "redirect_uris": [REDIRECT_URI], "post_logout_redirect_uris": [POST_LOGOUT_REDIRECT_URI],
        });
        body.as_object_mut().unwrap().extend(at.as_object().unwrap().clone());
        let made = server.call("POST", "/api/v1/admin/applications").bearer(operator).json(&body).send().expect(201);
        let made = made.get("data").unwrap_or(&made);
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("{made:#}")).to_owned();
        Client { id: text("client_id"), secret: server.secret(&text("client_secret")) }
    };
    let client_for_both = client();
    Provider {
        discovery: format!("{}{issuer}/.well-known/openid-configuration", server.url),
        post_client: client_for_both.clone(),
        client: client_for_both,
        other: client(),
        redirect_uri: REDIRECT_URI.to_owned(),
        post_logout_redirect_uri: POST_LOGOUT_REDIRECT_URI.to_owned(),
        login: EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

/// Runs a module. It must pass, and warn of nothing but what is known.
pub fn passes(flavour: Flavour, mode: Via, module: fn(&Run<'_>)) {
    let ours = Ours::shared();
    let run = Run::new(if flavour == Flavour::Platform { &ours.platform } else { &ours.tenant }, mode);
    module(&run);
    for secret in run.secrets.borrow().iter().filter(|secret| secret.len() >= 8) {
        ours.server.secret(secret);
    }
    let warnings = run.warnings.borrow();
    let new: Vec<_> = warnings.iter().filter(|warning| !KNOWN_WARNINGS.contains(&warning.as_str())).collect();
    assert!(new.is_empty(), "{new:#?}");
}

/// As many as the suite has in these plans (README.md), so that none was lost on the way.
#[test]
fn every_module_of_the_plans_is_there() {
    let count = |modules: &[Module]| modules.len();
    assert_eq!((count(super::BASIC), count(super::CONFIG), count(super::LOGOUT)), (37, 1, 11));
}
