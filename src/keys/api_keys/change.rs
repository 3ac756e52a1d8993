//! Switching keys off and on, and revoking them.

use super::create::check_limit;
use super::read::reached;
use super::{ApiKey, KeyState, Reach, no_key, table};
use crate::access::{Actor, Place};
use crate::audit::{self, Event};
use crate::base::id::{ApiKeyId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{Cause, Ending};
use crate::store::{Entity, Read, StoreError, WriteTx};
use crate::{people, tenancy};
use std::sync::Arc;

/// A key that the caller may change, and where it is: one of their own, or of somebody who does not stand above them there.
fn changed(
    tx: &WriteTx<'_>,
    reach: &Reach,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<(Arc<Actor>, ApiKey, Place), Problem> {
    let (key, there) = reached(tx, reach, id)?;
    let actor = reach.actor().cloned().ok_or_else(no_key)?;
    if !reach.is_own(&key)
        && let Some(user) = people::user(tx, key.user)?
    {
        people::check_outranks_in(tx, &actor, &user, there, now)?;
    }
    Ok((actor, key, there))
}

/// Switches a key off (`Some`) or on again; a second time changes nothing.
///
/// # Errors
/// `api_key_not_found`, `outranked`; `api_key_revoked`.
pub fn set_disabled(
    tx: &mut WriteTx<'_>,
    reach: &Reach,
    id: ApiKeyId,
    disabled: bool,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    let (actor, mut key, there) = changed(tx, reach, id, now)?;
    if key.state(now) == KeyState::Revoked {
        return Err(Problem::conflict("api_key_revoked", "The API key is revoked, for good"));
    }
    if key.disabled_at.is_some() == disabled {
        return Ok(key);
    }
    key.disabled_at = disabled.then_some(now);
    tx.save(&key)?;
    let event = Event::by(&actor, now, there, Action::ApiKeyUpdate).on("api_key", id).with("name", &key.name);
    audit::append(tx, event.with("disabled", disabled));
    Ok(key)
}

/// Sets a key's own limit in requests a window, at most `most`; none: the tenant's counts again.
///
/// # Errors
/// `api_key_not_found`, `outranked`; `validation_error` for `rate_limit`.
pub fn set_limit(
    tx: &mut WriteTx<'_>,
    reach: &Reach,
    id: ApiKeyId,
    limit: Option<u32>,
    most: u32,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    let (actor, mut key, there) = changed(tx, reach, id, now)?;
    check_limit(limit, most)?;
    if key.limit == limit {
        return Ok(key);
    }
    let was = std::mem::replace(&mut key.limit, limit);
    tx.save(&key)?;
    let words = |limit: Option<u32>| limit.map_or_else(|| "default".to_owned(), |limit| limit.to_string());
    let event = Event::by(&actor, now, there, Action::ApiKeyUpdate).on("api_key", id).with("name", &key.name);
    audit::append(tx, event.with("rate_limit", words(limit)).with("former_rate_limit", words(was)));
    Ok(key)
}

/// Revokes a key for good; a second time changes nothing.
///
/// # Errors
/// `api_key_not_found`, `outranked`.
pub fn revoke(tx: &mut WriteTx<'_>, reach: &Reach, id: ApiKeyId, now: Timestamp) -> Result<ApiKey, Problem> {
    let (actor, mut key, there) = changed(tx, reach, id, now)?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(now);
        tx.save(&key)?;
        let event = Event::by(&actor, now, there, Action::ApiKeyDelete).on("api_key", id);
        audit::append(tx, event.with("name", &key.name).with("user", key.user));
    }
    Ok(key)
}

/// Revokes the keys of a user, all or those of a tenant, because of something that has ended. How many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn revoke_all_of(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: Option<TenantId>,
    ending: &Ending,
    cause: &Cause,
) -> Result<u64, StoreError> {
    let mut keys = table::of_user(tx, user)?;
    keys.retain(|key| key.revoked_at.is_none() && tenant.is_none_or(|tenant| tenant == key.tenant));
    revoke_each(tx, keys, ending, cause)
}

/// Revokes the keys of everybody, because of something that has ended. How many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn revoke_everywhere(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<u64, StoreError> {
    let mut keys: Vec<ApiKey> = tx.readable_rows(&ApiKey::TABLE)?;
    keys.retain(|key| key.revoked_at.is_none());
    revoke_each(tx, keys, ending, cause)
}

fn revoke_each(tx: &mut WriteTx<'_>, mut keys: Vec<ApiKey>, ending: &Ending, cause: &Cause) -> Result<u64, StoreError> {
    for key in &mut keys {
        key.revoked_at = Some(cause.at());
        tx.save(key)?;
        if let Some(there) = tenancy::place_of(tx, key.tenant)? {
            let event = cause.event(there, Action::ApiKeyDelete).on("api_key", key.id).with("name", &key.name);
            audit::append(tx, event.with("user", key.user).with("because", ending.kind().name()));
        }
    }
    Ok(keys.len() as u64)
}

/// Whether a user has keys that work, now or when they are switched on again: none that was revoked or has expired.
///
/// # Errors
/// When the file cannot be read.
pub fn any_of(tx: &impl Read, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let works = |key: &ApiKey| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end);
    Ok(table::of_user(tx, user)?.iter().any(works))
}
