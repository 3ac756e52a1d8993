//! From a key's digest to who it is: the way of every request with an `sgk_` key. Nothing is cached beyond a snapshot, so
//! what was revoked is revoked for the next request.

use super::{ApiKey, KeyState, LAST_USE_EVERY_SECS, table};
use crate::access::{Actor, Assignment, CoreSet, Credential, Origin, Principal, Proof};
use crate::base::Timestamp;
use crate::base::id::PartnerId;
use crate::crypto::token::{self, KeptToken, TokenDigest, TokenKind};
use crate::people::{self, SecondFactor};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::sync::Arc;

/// What a digest leads to.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// A key that works.
    Live(Box<LiveKey>),
    /// A key that does not work (any more), or none at all. Callers are told no more than that.
    Dead,
}

/// A key that works, and for whom.
#[derive(Clone, Debug)]
pub struct LiveKey {
    /// The row of the key.
    pub key: Arc<ApiKey>,
    /// Whom it speaks for.
    pub principal: Principal,
    /// The partner of the key's tenant.
    pub partner: PartnerId,
    /// The user's roles that count there.
    pub roles: Vec<Assignment>,
    /// The noted last use is old: hand [`touch`] to `Store::write_later`.
    pub stale_last_use: bool,
}

impl LiveKey {
    /// The actor of a request with this key.
    pub fn into_actor(self, origin: Origin) -> Actor {
        let key = self.key;
        Actor {
            scopes: Some(key.effective_scopes().clone()),
            principal: self.principal,
            tenant: key.tenant,
            partner: self.partner,
            credential: Credential::ApiKey { id: key.id, line: key.line, limit: key.limit },
            proof: Proof::Stored,
            roles: self.roles,
            custom: CoreSet::default(),
            expires_at: key.expires_at,
            mfa_at: None,
            origin,
        }
    }
}

/// From the text of a key to who it is. A mistyped one is told from its checksum alone: `read` is not called for it.
///
/// # Errors
/// When the file cannot be read.
pub fn authenticate<R: Read>(text: &str, read: impl FnOnce() -> R, now: Timestamp) -> Result<Resolved, StoreError> {
    match token::parse(TokenKind::ApiKey, text) {
        Ok(digest) => resolve(&read(), &digest, now),
        Err(_) => Ok(Resolved::Dead),
    }
}

/// Looks a key up: the key, the standing of its tenant and partner, its user, the user's membership.
///
/// # Errors
/// When the file cannot be read.
fn resolve(tx: &impl Read, digest: &TokenDigest, now: Timestamp) -> Result<Resolved, StoreError> {
    let Some(key) = table::by_digest(tx, &tx.keep(digest))?.filter(|key| key.state(now) == KeyState::Active) else {
        return Ok(Resolved::Dead);
    };
    let place = tenancy::live_place(tx, key.tenant)?;
    let Some((place, partner)) = place.and_then(|place| Some((place, place.partner()?))) else {
        return Ok(Resolved::Dead);
    };
    let Some(user) = people::known_user(tx, key.user)? else { return Ok(Resolved::Dead) };
    let mut roles = people::assignments_in(tx, &user, place, now)?;
    people::hold_to_second_factor(tx, &mut roles, SecondFactor::AskedBy(key.tenant))?;
    if !people::may_use(&user) || !people::may_enter(&roles, place) {
        return Ok(Resolved::Dead);
    }
    let principal = Principal::User { id: user.id, email: user.email.clone() };
    let stale_last_use = is_stale(&key, now);
    Ok(Resolved::Live(Box::new(LiveKey { key, principal, partner, roles, stale_last_use })))
}

fn is_stale(key: &ApiKey, now: Timestamp) -> bool {
    key.last_used_at.is_none_or(|at| now >= at.plus_secs(LAST_USE_EVERY_SECS))
}

/// Notes that a key was used at `now`, unless that is noted already.
///
/// # Errors
/// When the file cannot be read or written.
pub fn touch(tx: &mut WriteTx<'_>, token: &KeptToken, now: Timestamp) -> Result<(), StoreError> {
    match table::by_digest(tx, token)? {
        // Many requests may have seen the old row and asked for this; the first one is enough.
        Some(key) if is_stale(&key, now) => {
            table::note_use(tx, &ApiKey { last_used_at: Some(now), ..ApiKey::clone(&key) })
        }
        _ => Ok(()),
    }
}
