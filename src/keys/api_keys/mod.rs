//! API keys, `sgk_…`: made once, shown once, kept as a keyed hash, each of one user in one
//! tenant. A key carries its user's ScaiGrid permissions as they are at each request, narrowed to its scopes if it has any.

mod change;
mod create;
mod read;
mod reroll;
mod resolve;
mod table;
#[cfg(test)]
mod tests;

pub use change::{any_of, revoke, revoke_all_of, revoke_everywhere, set_disabled, set_limit};
pub use create::{create, create_for};
pub use read::{Filter, get, list_all, list_own, slice_all, slice_own};
pub use reroll::{MAX_GRACE_SECS, reroll};
pub use resolve::{LiveKey, Resolved, authenticate, touch};
pub use table::{check_rows, keep_tokens};

use crate::access::{Actor, CORE_PERMISSIONS, Granted, Place, Principal, permit};
use crate::base::id::{ApiKeyId, TenantId, UserId};
use crate::base::{DisplayName, Problem, ScopeSet, Secret, Timestamp};
use crate::crypto::token::{self, KeptToken, TokenDigest, TokenKind};
use crate::store::Row;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// How old a noted last use gets before it is noted again.
pub const LAST_USE_EVERY_SECS: i64 = 60;
/// The highest limit of its own that a key can have, in requests a window.
pub const MAX_LIMIT: u32 = 1_000_000;

/// What a key without scopes is narrowed to: the core permissions, each as a scope.
static ALL_CORE: LazyLock<ScopeSet> = LazyLock::new(|| ScopeSet::from_texts(CORE_PERMISSIONS).unwrap_or_default());

/// An API key, without the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The key's id, by which it is administered.
    pub id: ApiKeyId,
    /// What is kept of the key: how it is found.
    pub digest: KeptToken,
    /// Its last characters, to tell keys apart.
    pub hint: String,
    /// What its owner calls it.
    pub name: DisplayName,
    /// Whom it speaks for.
    pub user: UserId,
    /// The tenant that it works in.
    pub tenant: TenantId,
    /// What it is narrowed to; empty: all of its user's ScaiGrid permissions.
    pub scopes: ScopeSet,
    /// Its own limit in requests a window; none: the tenant's.
    pub limit: Option<u32>,
    /// The first key of its line. All keys of a line count together, so that a new one begins with no fresh window.
    pub line: ApiKeyId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; none: never.
    pub expires_at: Option<Timestamp>,
    /// When it was switched off, if it is.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The key that took its place.
    pub replaced_by: Option<ApiKeyId>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Timestamp>,
}

impl Row for ApiKey {}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It opens what its owner may open.
    Active,
    /// It was switched off and can be switched on again.
    Disabled,
    /// Its time is over.
    Expired,
    /// It was revoked, for good.
    Revoked,
}

impl KeyState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Disabled, Self::Expired, Self::Revoked];

    /// The name in answers: `active`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiKey {
    /// What has become of it.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            KeyState::Expired
        } else if self.disabled_at.is_some() {
            KeyState::Disabled
        } else {
            KeyState::Active
        }
    }

    /// What it is narrowed to.
    pub fn effective_scopes(&self) -> &ScopeSet {
        if self.scopes.is_empty() { &ALL_CORE } else { &self.scopes }
    }
}

/// A fresh key's fingerprint. The key itself was made outside: [`crate::crypto::token::make`].
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// The digest of the key.
    pub digest: TokenDigest,
    /// [`crate::crypto::token::hint`] of the key.
    pub hint: String,
}

/// A fresh key and its fingerprint.
pub fn fresh() -> (Secret<String>, Fingerprint) {
    let text = token::make(TokenKind::ApiKey);
    let hint = token::hint(text.expose()).to_owned();
    let fingerprint = Fingerprint { digest: TokenDigest::of(text.expose()), hint };
    (text, fingerprint)
}

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What is kept and shown of the key's text.
    pub fingerprint: Fingerprint,
    /// What to call it.
    pub name: DisplayName,
    /// What it is narrowed to; empty: nothing, if who asks is not narrowed either.
    pub scopes: ScopeSet,
    /// Its own limit in requests a window.
    pub limit: Option<u32>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Which keys somebody reaches: the own ones, and those of the tenants whose users they manage. At least one of the two.
#[derive(Clone, Debug)]
pub struct Reach {
    own: Option<Granted<permit::ManageApiKeys>>,
    others: Option<Granted<permit::ManageUsers>>,
}

impl Reach {
    /// Of an actor; `managed` is the widest grant to manage users that the actor has, if any.
    ///
    /// # Errors
    /// `access_denied` when the actor has neither.
    pub fn of(actor: &Arc<Actor>, managed: Option<Granted<permit::ManageUsers>>) -> Result<Self, Problem> {
        let own = actor.grant::<permit::ManageApiKeys>(actor.home());
        match (own, managed) {
            (Err(denied), None) => Err(denied.into()),
            (own, others) => Ok(Self { own: own.ok(), others }),
        }
    }

    /// The actor to whom either permission was granted.
    fn actor(&self) -> Option<&Arc<Actor>> {
        self.own.as_ref().map(Granted::actor).or_else(|| self.others.as_ref().map(Granted::actor))
    }

    fn is_own(&self, key: &ApiKey) -> bool {
        self.own.as_ref().is_some_and(|own| {
            own.place().tenant() == Some(key.tenant)
                && matches!(own.actor().principal, Principal::User { id, .. } if id == key.user)
        })
    }

    /// The permission to put another key into the place of one.
    fn check_reroll(&self, key: &ApiKey, there: Place) -> Result<(), Problem> {
        let actor = self.actor().ok_or_else(no_key)?;
        match self.is_own(key) {
            true => actor.check::<permit::MakeApiKeys>(there)?,
            false => actor.check::<permit::MakeApiKeysForOthers>(there)?,
        }
        Ok(())
    }

    fn covers(&self, key: &ApiKey, there: Place) -> bool {
        self.is_own(key) || self.others.as_ref().is_some_and(|others| others.place().covers(there))
    }
}

pub(super) fn no_key() -> Problem {
    Problem::not_found("api_key_not_found", "There is no such API key")
}

/// Whether a narrowed credential may hand on a scope: it has it, or it may make admins anyway.
fn may_hand_on(held: &ScopeSet, scope: &str) -> bool {
    held.has(scope) || (held.has("admin:write") && CORE_PERMISSIONS.contains(&scope))
}

/// Refuses a key that could do what the credential that asks for it cannot.
fn check_not_wider(actor: &Actor, scopes: &ScopeSet) -> Result<(), Problem> {
    let Some(held) = &actor.scopes else { return Ok(()) };
    let wanted = if scopes.is_empty() { &*ALL_CORE } else { scopes };
    if wanted.iter().all(|scope| may_hand_on(held, scope)) {
        return Ok(());
    }
    let message = "A credential cannot make a key with scopes that it lacks itself";
    Err(Problem::forbidden("scope_not_held", message))
}
