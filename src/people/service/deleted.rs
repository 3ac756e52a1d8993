//! Users who were deleted: shown and restored within the retention, gone afterwards.

use super::super::table::{self, BY_DELETED};
use super::super::{Membership, Status, User, UserFilter};
use super::guard::check_secures;
use super::home::settle_home;
use super::sight::{self, Sight};
use super::{home_of, no_user, room_for_user, scopes};
use crate::access::{Granted, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::UserId;
use crate::base::{Email, Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::Cause;
use crate::store::listing::readable_of;
use crate::store::{Entity, Listed, Paging, Read, Slice, StoreError, Window, WriteTx};
use crate::tenancy;

/// The most deleted users that one list looks at.
const MOST: usize = 10_000;

/// The deleted users whom the grant reaches and who can be restored, the oldest first. Of the 10,000 that were deleted last.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn deleted(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    filter: &UserFilter,
    paging: Paging,
) -> Result<Listed<User>, Problem> {
    let mut found = found(tx, granted, filter)?;
    // In the order of the other lists, so that a page follows a place.
    found.sort_by_key(|row: &User| row.id.raw());
    Ok(Listed::cut(found, paging, |row| row.id.raw()))
}

/// As [`deleted`], a stretch of them, by when their accounts were made.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn slice_deleted(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    filter: &UserFilter,
    window: Window,
) -> Result<Slice<User>, Problem> {
    Ok(window.within_rows(found(tx, granted, filter)?, |user| user.id))
}

fn found(tx: &impl Read, granted: &Granted<permit::ReadUsers>, filter: &UserFilter) -> Result<Vec<User>, Problem> {
    let (status, search) = (filter.status.map(Status::number), filter.search.as_deref());
    let Some(scope) = scopes(tx, granted.place(), filter.tenant, filter.partner)? else { return Ok(Vec::new()) };
    let ids = tx.latest(&BY_DELETED, MOST)?;
    let mut found = Vec::new();
    for user in readable_of("deleted user", &ids, |id| tx.get(&User::TABLE, &id))? {
        if sight::of(tx, granted.place(), &user)? == Sight::Whole
            && table::former_card(tx, &user)?.is_within(scope, status, search)
        {
            found.push(user);
        }
    }
    Ok(found)
}

/// A deleted user whom the grant may bring back.
///
/// # Errors
/// As [`restore`], but for `external_id_taken`.
pub fn get_to_restore(
    tx: &impl Read,
    granted: &Granted<permit::DeleteUsers>,
    id: UserId,
    now: Timestamp,
) -> Result<User, Problem> {
    let place = granted.place();
    let user = tx.get(&User::TABLE, &id)?.filter(|user| user.deleted_at.is_some()).ok_or_else(no_user)?;
    if sight::of(tx, place, &user)? != Sight::Whole {
        return Err(no_user());
    }
    check_secures(tx, granted.actor(), place, &user, now)?;
    Ok(user)
}

/// The deleted user who has an e-mail, if the grant may bring them back.
///
/// # Errors
/// As [`get_to_restore`].
pub fn deleted_with_email(
    tx: &impl Read,
    granted: &Granted<permit::DeleteUsers>,
    email: &Email,
    now: Timestamp,
) -> Result<User, Problem> {
    let id = table::holder_of_email(tx, email)?.ok_or_else(no_user)?;
    get_to_restore(tx, granted, id, now)
}

/// Brings a deleted user back, as they were but for what ended with them: they have no password, no second factor, no key and
/// no group, and belong to the tenants that they belonged to.
///
/// # Errors
/// `user_not_found` for somebody who is not deleted, was purged, or is out of reach; `member_elsewhere`, `not_home_tenant` and
/// `outranked` as for deleting; `external_id_taken`; `quota_exceeded` when a tenant has no room for them any more.
pub fn restore(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteUsers>,
    id: UserId,
    now: Timestamp,
) -> Result<User, Problem> {
    let mut user = get_to_restore(tx, granted, id, now)?;
    for tenant in table::all_tenants_of(tx, id)? {
        if let Some(there) = tenancy::place_of(tx, tenant)? {
            room_for_user(tx, there)?;
        }
    }
    user.deleted_at = None;
    user.updated_at = now;
    table::save(tx, &user)?;
    settle_home(tx, id, &Cause::by(granted.actor(), now))?;
    let home = home_of(tx, &user)?;
    let event = Event::by(granted.actor(), now, home, Action::UserRestore).on("user", id);
    audit::append(tx, event.with("email", &user.email));
    table::user(tx, id)?.ok_or_else(no_user)
}

/// Takes away up to `limit` users who were deleted before a moment, with their memberships: their addresses are free again.
/// Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn purge_deleted(
    tx: &mut WriteTx<'_>,
    before: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    let due = tx.due(&BY_DELETED, ..before, limit)?;
    for id in &due {
        for tenant in table::all_tenants_of(tx, *id)? {
            tx.remove::<Membership>(&(tenant, *id))?;
        }
        tx.remove::<User>(id)?;
        let operator = ActorStamp::of(&Principal::Operator);
        audit::append(tx, Event::unasked(operator, now, Place::Platform, Action::UserPurge).on("user", id));
    }
    Ok(due.len())
}
