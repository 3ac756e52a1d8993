//! OAuth against a store in memory, with time driven by hand.

mod authorize;
mod claims;
mod client_credentials;
mod codes;
mod consent;
mod crossing;
mod end_session;
mod environment;
mod errors;
mod given;
mod grants;
mod keys;
mod person;
mod refresh;
mod registry;
mod steps;
mod tokens;

use super::keys::{KeySet, ensure, generate};
use super::*;
use crate::apps::testkit::{NOW, World, origin, slug};
use crate::base::Timestamp;
use crate::base::{Id, Problem};
use crate::crypto::jwt::SigningAlg;
use crate::crypto::keyring::Keyring;
use crate::store::{Store, file};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::sync::LazyLock;

/// One key for each algorithm, made once: an RSA key takes a while.
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let keyring = keyring();
    let store =
        Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default())
            .unwrap();
    for (n, alg) in SigningAlg::ALL.into_iter().enumerate() {
        let key = generate(alg, Id::from_raw(n as u64 + 1), &keyring).unwrap();
        store.write_blocking(move |tx| ensure(tx, &key, NOW).map(|_| ())).map_err(|error: Problem| error).unwrap();
    }
    KeySet::load(&store.read(), &keyring, NOW).unwrap()
});

/// The type in the header of an access token.
fn access_token_type() -> &'static str {
    super::claims::Kind::Access.typ()
}

fn keyring() -> Keyring {
    Keyring::new(&[1; 32])
}

fn issuers() -> Issuers {
    Issuers::new("https://id.example")
}

fn at(tenant: &str) -> Flavour {
    Flavour::Tenant(slug(tenant))
}

fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// A request for a client's own token, with HTTP Basic.
fn ask(
    world: &World,
    flavour: &Flavour,
    client_id: &str,
    secret: &str,
    scope: Option<&str>,
    now: Timestamp,
) -> Result<TokenResponse, OAuthError> {
    let scope = scope.map(|scope| format!("&scope={}", scope.replace(' ', "+"))).unwrap_or_default();
    let body = format!("grant_type=client_credentials{scope}");
    let request = TokenRequest::parse(Some(&basic(client_id, secret)), body.as_bytes())?;
    let approved = approve(&world.store.read(), flavour, &request, now).map_err(|refused| refused.error)?;
    issue(&KEYS, &issuers(), &approved, &new_jti(approved.issuer), now)
}

/// A part of a token, unchecked: 0 is the header, 1 the claims.
fn part(token: &str, number: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
}
