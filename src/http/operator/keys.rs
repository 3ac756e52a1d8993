//! The next step in the life of the signing keys.

use super::operating::{Services, operate};
use crate::base::Problem;
use crate::base::id::SigningKeyId;
use crate::crypto::jwt::SigningAlg;
use crate::http::extract::{Caller, OptionalJson};
use crate::http::reply::{Moment, Reply};
use crate::oauth::keys::{self, KeySet, KeyState, SigningKeyRow, When};
use actix_web::web;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which key is to be followed by another, and how soon.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// `RS256` if not said.
    #[serde(default)]
    alg: SigningAlg,
    /// `staged` if not said.
    #[serde(default)]
    when: Soon,
}

/// When the next key is put to use.
#[derive(Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Soon {
    /// In two steps: the first call publishes a key, the next one, an hour later or more, puts it to use.
    #[default]
    Staged,
    /// At once. The old key stays in the key set, so that the tokens out there hold.
    AtOnce,
    /// At once, and every older key of the algorithm leaves the key set: the tokens that they signed fail from now on.
    Compromised,
}

/// A signing key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SigningKey {
    id: SigningKeyId,
    /// What tokens call it.
    kid: String,
    alg: SigningAlg,
    state: SigningKeyState,
    created_at: Moment,
}

/// Where a key is in its life.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum SigningKeyState {
    /// In the key set, and signs nothing yet.
    Published,
    /// In the key set, and signs new tokens.
    Active,
    /// In the key set for the tokens that it signed.
    Retired,
}

impl From<SigningKeyRow> for SigningKey {
    fn from(row: SigningKeyRow) -> Self {
        let state = match row.state {
            KeyState::Published { .. } => SigningKeyState::Published,
            KeyState::Active { .. } => SigningKeyState::Active,
            KeyState::Retired { .. } => SigningKeyState::Retired,
        };
        Self { id: row.id, kid: row.kid, alg: row.alg, state, created_at: Moment(row.created_at) }
    }
}

/// `POST /rotate-keys`: publishes the next signing key, or puts the published one to use. The answer shows that key.
pub async fn rotate(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Rotate>,
) -> Result<Reply<SigningKey>, Problem> {
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
    Ok(Reply(SigningKey::from(row)))
}
