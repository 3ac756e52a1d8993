//! Where the credentials of somebody are kept: a tenant that they belong to, as long as there is one.

use super::super::{NewMembership, table};
use crate::access::{Place, Principal, Role};
use crate::audit::{self, ActorStamp, Outcome};
use crate::base::id::{TenantId, UserId};
use crate::base::{Id, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::listing::EVERYWHERE;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::collections::HashSet;

/// The tenants that somebody belongs to and that are there, the oldest membership first.
fn homes(tx: &impl Read, user: UserId) -> Result<Vec<TenantId>, StoreError> {
    let mut found: Vec<(Timestamp, TenantId)> = Vec::new();
    for tenant in table::tenants_of(tx, user)? {
        if tenancy::place_of(tx, tenant)?.is_some()
            && let Some(membership) = table::membership(tx, tenant, user)?
        {
            found.push((membership.joined_at, tenant));
        }
    }
    found.sort_by_key(|(joined, tenant)| (*joined, tenant.raw()));
    Ok(found.into_iter().map(|(_, tenant)| tenant).collect())
}

/// Moves somebody's home to the oldest membership when they do not, or no longer, belong to the one that they have. Whether it
/// moved; who belongs nowhere keeps the home.
///
/// # Errors
/// When the file cannot be read or written.
pub fn settle_home(tx: &mut WriteTx<'_>, id: UserId, cause: &Cause) -> Result<bool, StoreError> {
    let Some(mut user) = table::user(tx, id)? else { return Ok(false) };
    let homes = homes(tx, id)?;
    let Some(oldest) = homes.first().copied().filter(|_| !homes.contains(&user.home_tenant)) else { return Ok(false) };
    let former = std::mem::replace(&mut user.home_tenant, oldest);
    user.updated_at = cause.at();
    table::save_home(tx, &user)?;
    let place = tenancy::place_of(tx, oldest)?.unwrap_or(Place::Platform);
    let event = cause.event(place, Action::UserMoveHome).on("user", id);
    audit::append(tx, event.with("email", &user.email).with("former_home", former));
    Ok(true)
}

/// Moves the homes of everybody who had theirs in a tenant that is gone. Gives how many moved.
///
/// # Errors
/// When the file cannot be read or written.
pub fn leave_home(tx: &mut WriteTx<'_>, tenant: TenantId, cause: &Cause) -> Result<u64, StoreError> {
    let mut moved = 0;
    for id in table::LISTING.ids(tx, tenant.raw(), None)? {
        if table::user(tx, id)?.is_some_and(|user| user.home_tenant == tenant) {
            moved += u64::from(settle_home(tx, id, cause)?);
        }
    }
    Ok(moved)
}

/// The memberships that the log shows to have been taken away.
fn taken_away(tx: &impl Read) -> Result<HashSet<(TenantId, UserId)>, StoreError> {
    let mut taken = HashSet::new();
    audit::each(tx, |event| {
        if event.action == Action::MembershipDelete.name()
            && event.outcome == Outcome::Success
            && let (Some(tenant), Some(user)) = (event.tenant, UserId::parse(&event.resource_id))
        {
            taken.insert((tenant, user));
        }
    })?;
    Ok(taken)
}

/// A step of the schema: before it the home counted as a membership without being one. Whoever has none of their home gets one,
/// as tenant_viewer, which is what they could do there; but not those from whom the audit log shows that it was taken: what
/// they still hold there ends. Homes of tenants that were deleted move.
///
/// # Errors
/// When the file cannot be read or written.
pub fn belong_at_home(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    // A step has no clock; the newest row of the log is as near as it gets.
    let newest = audit::newest(tx)?.unwrap_or_default();
    let cause = Cause::unasked(ActorStamp::of(&Principal::Operator), newest);
    let taken = taken_away(tx)?;
    for id in table::LISTING.ids(tx, EVERYWHERE, None)? {
        let Some(user) = table::user(tx, id)? else { continue };
        let home = user.home_tenant;
        if table::belonging(tx, home, id)?.is_none() && tenancy::place_of(tx, home)?.is_some() {
            if taken.contains(&(home, id)) {
                endings::raise(tx, &Ending::MemberLeft { tenant: home, user: id }, &cause)?;
            } else {
                tx.save(&NewMembership::at_once(Role::TenantViewer).of(home, id, user.created_at))?;
            }
        }
        settle_home(tx, id, &cause)?;
    }
    Ok(())
}
