//! Seeing which keys there are. Nothing here ever shows a key.

use super::table::{self, ApiKeysOf};
use super::{ApiKey, KeyState, Reach, no_key};
use crate::access::{Granted, Place, Principal, permit};
use crate::base::id::{ApiKeyId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::store::{Direction, Read, Slice, StoreError, Window};
use crate::tenancy;

/// Which keys a list is to hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// In this state only; none: all but the revoked ones.
    pub state: Option<KeyState>,
    /// The keys of this user only.
    pub user: Option<UserId>,
}

impl Filter {
    fn takes(&self, key: &ApiKey, now: Timestamp) -> bool {
        let state = key.state(now);
        self.state.map_or(state != KeyState::Revoked, |wanted| wanted == state)
            && self.user.is_none_or(|user| user == key.user)
    }
}

/// A key that the caller reaches.
///
/// # Errors
/// `api_key_not_found`.
pub fn get(tx: &impl Read, reach: &Reach, id: ApiKeyId) -> Result<ApiKey, Problem> {
    reached(tx, reach, id).map(|(key, _)| key)
}

/// A key that the caller reaches, and where it is.
pub(super) fn reached(tx: &impl Read, reach: &Reach, id: ApiKeyId) -> Result<(ApiKey, Place), Problem> {
    let key = table::by_id(tx, id)?.ok_or_else(no_key)?;
    let there = tenancy::place_of(tx, key.tenant)?.ok_or_else(no_key)?;
    if reach.covers(&key, there) { Ok((key, there)) } else { Err(no_key()) }
}

/// One's own keys in the tenant of the grant, the newest first, behind `before`.
///
/// # Errors
/// When the file cannot be read.
pub fn list_own(
    tx: &impl Read,
    granted: &Granted<permit::ManageApiKeys>,
    filter: Filter,
    before: Option<ApiKeyId>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<ApiKey>, Problem> {
    Ok(own_behind(tx, granted, filter, (before, Direction::Backward), limit, now)?)
}

/// As [`list_own`], a stretch of it, in either order. They are not counted: the total is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn slice_own(
    tx: &impl Read,
    granted: &Granted<permit::ManageApiKeys>,
    filter: Filter,
    window: Window,
    now: Timestamp,
) -> Result<Slice<ApiKey>, Problem> {
    let read = |start: Option<u64>, way, limit| {
        own_behind(tx, granted, filter, (start.map(ApiKeyId::from_raw), way), limit, now)
    };
    Ok(window.over_rows(0, |key| key.id.raw(), read)?)
}

fn own_behind(
    tx: &impl Read,
    granted: &Granted<permit::ManageApiKeys>,
    filter: Filter,
    from: (Option<ApiKeyId>, Direction),
    limit: usize,
    now: Timestamp,
) -> Result<Vec<ApiKey>, StoreError> {
    let (Principal::User { id, .. }, Some(tenant)) = (&granted.actor().principal, granted.place().tenant()) else {
        // Only users own keys.
        return Ok(Vec::new());
    };
    table::list(tx, ApiKeysOf::Owner(*id, tenant), from, limit, |key| Ok(filter.takes(key, now)))
}

/// The keys of the tenants that the grant reaches, the newest first, behind `before`.
///
/// # Errors
/// When the file cannot be read.
pub fn list_all(
    tx: &impl Read,
    granted: &Granted<permit::ManageUsers>,
    filter: Filter,
    before: Option<ApiKeyId>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<ApiKey>, Problem> {
    Ok(all_behind(tx, granted, filter, (before, Direction::Backward), limit, now)?)
}

/// As [`list_all`], a stretch of it, in either order. They are not counted: the total is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn slice_all(
    tx: &impl Read,
    granted: &Granted<permit::ManageUsers>,
    filter: Filter,
    window: Window,
    now: Timestamp,
) -> Result<Slice<ApiKey>, Problem> {
    let read = |start: Option<u64>, way, limit| {
        all_behind(tx, granted, filter, (start.map(ApiKeyId::from_raw), way), limit, now)
    };
    Ok(window.over_rows(0, |key| key.id.raw(), read)?)
}

fn all_behind(
    tx: &impl Read,
    granted: &Granted<permit::ManageUsers>,
    filter: Filter,
    from: (Option<ApiKeyId>, Direction),
    limit: usize,
    now: Timestamp,
) -> Result<Vec<ApiKey>, StoreError> {
    let place = granted.place();
    let which = match (filter.user, place) {
        (Some(user), Place::Tenant { tenant, .. }) => ApiKeysOf::Owner(user, tenant),
        (None, Place::Tenant { tenant, .. }) => ApiKeysOf::Tenant(tenant),
        (_, Place::Platform | Place::Partner(_)) => ApiKeysOf::All,
    };
    table::list(tx, which, from, limit, |key| {
        let here = || -> Result<bool, StoreError> {
            match place {
                Place::Platform | Place::Tenant { .. } => Ok(true),
                Place::Partner(_) => Ok(tenancy::place_of(tx, key.tenant)?.is_some_and(|there| place.covers(there))),
            }
        };
        Ok(filter.takes(key, now) && here()?)
    })
}
