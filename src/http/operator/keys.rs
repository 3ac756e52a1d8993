//! The next step in the life of the signing keys.

use super::{Services, ok, operate};
use crate::base::Problem;
use crate::crypto::jwt::SigningAlg;
use crate::http::extract::{Caller, OptionalJson};
use crate::oauth::keys::{self, KeySet, When};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The body: which key, and how soon.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// `RS256` if not said.
    #[serde(default)]
    alg: SigningAlg,
    #[serde(default)]
    when: Soon,
}

/// [`When`], as it is written.
#[derive(Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Soon {
    #[default]
    Staged,
    AtOnce,
    Compromised,
}

/// `POST /rotate-keys`: publishes the next key, or puts the published one to use.
pub async fn rotate(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Rotate>,
) -> Result<HttpResponse, Problem> {
    let granted = operate(&actor)?;
    let Rotate { alg, when } = body.unwrap_or_default();
    let when = match when {
        Soon::Staged => When::Staged,
        Soon::AtOnce => When::AtOnce,
        Soon::Compromised => When::Compromised,
    };
    let (id, keyring, now) = (stack.new_id(), Arc::clone(&stack.keyring), stack.now());
    // An RSA key takes a tenth of a second of a core.
    let made = web::block(move || keys::generate(alg, id, &keyring)).await;
    let new = made.map_err(Problem::internal)??;
    let row = stack.store.write(move |tx| keys::rotate(tx, &granted, &new, when, now)).await?;
    stack.keys.replace(KeySet::load(&stack.store.read(), &stack.keyring, now)?);
    Ok(ok(&json!({
        "id": row.id,
        "kid": row.kid,
        "alg": row.alg.as_str(),
        "state": row.state.name(),
        "created_at": row.created_at.iso_secs(),
    })))
}
