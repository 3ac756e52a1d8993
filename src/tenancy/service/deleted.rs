//! Tenants that were deleted: shown and restored within the retention; afterwards their slug is free.

use super::super::Tenant;
use super::super::table::{self, BY_DELETED, no_tenant, save_tenant};
use super::tenants::room_for_tenant;
use crate::access::{Granted, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Slug, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::listing::readable_of;
use crate::store::{Entity, Listed, Paging, Read, Slice, StoreError, Window, WriteTx};

/// The most deleted tenants that one list looks at.
const MOST: usize = 10_000;

/// A tenant that was deleted and whose slug has not been given up.
fn deleted_tenant(tx: &impl Read, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    Ok(tx.get(&Tenant::TABLE, &id)?.filter(|tenant: &Tenant| table::can_be_restored(tenant)))
}

/// A deleted tenant that the grant may bring back.
///
/// # Errors
/// `tenant_not_found` for one that is not deleted, has given its slug up, or is out of reach.
pub fn get_tenant_to_restore(
    tx: &impl Read,
    granted: &Granted<permit::DeleteTenants>,
    id: TenantId,
) -> Result<Tenant, Problem> {
    deleted_tenant(tx, id)?.filter(|tenant| granted.place().covers(tenant.place())).ok_or_else(no_tenant)
}

/// The deleted tenant that has a slug, if the grant may bring it back.
///
/// # Errors
/// `tenant_not_found`.
pub fn deleted_with_slug(
    tx: &impl Read,
    granted: &Granted<permit::DeleteTenants>,
    slug: &Slug,
) -> Result<Tenant, Problem> {
    let id = table::slug_holder(tx, slug)?.ok_or_else(no_tenant)?;
    get_tenant_to_restore(tx, granted, id)
}

/// The deleted tenants that the grant reaches, that can be restored and that a search finds, the oldest first. Of the 10,000
/// that were deleted last.
///
/// # Errors
/// When the file cannot be read.
pub fn deleted_tenants(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    search: Option<&str>,
    paging: Paging,
) -> Result<Listed<Tenant>, Problem> {
    let mut found = found(tx, granted, search)?;
    // In the order of the other lists, so that a page follows a place.
    found.sort_by_key(|row: &Tenant| row.id.raw());
    Ok(Listed::cut(found, paging, |row| row.id.raw()))
}

/// As [`deleted_tenants`], a stretch of them, by when they were made.
///
/// # Errors
/// When the file cannot be read.
pub fn slice_deleted_tenants(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    search: Option<&str>,
    window: Window,
) -> Result<Slice<Tenant>, Problem> {
    Ok(window.within_rows(found(tx, granted, search)?, |tenant| tenant.id))
}

fn found(tx: &impl Read, granted: &Granted<permit::ReadTenants>, search: Option<&str>) -> Result<Vec<Tenant>, Problem> {
    let ids = tx.latest(&BY_DELETED, MOST)?;
    let mut found = readable_of("deleted tenant", &ids, |id| deleted_tenant(tx, id))?;
    found.retain(|tenant| {
        granted.place().covers(tenant.place()) && table::former_tenant_card(tenant).fits(None, search)
    });
    Ok(found)
}

/// Brings a deleted tenant back with everything in it. Sessions that ended with it stay ended, and homes that moved stay where
/// they moved.
///
/// # Errors
/// `tenant_not_found` for one that is not deleted, has given its slug up, or is out of reach; `partner_not_found`,
/// `quota_exceeded`, `external_id_taken`.
pub fn restore_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteTenants>,
    id: TenantId,
    now: Timestamp,
) -> Result<Tenant, Problem> {
    let mut tenant = get_tenant_to_restore(tx, granted, id)?;
    room_for_tenant(tx, granted.place(), tenant.partner)?;
    tenant.deleted_at = None;
    tenant.updated_at = now;
    save_tenant(tx, &tenant)?;
    let ending = Ending::TenantMoved { tenant: id, from: None, to: tenant.partner };
    endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, tenant.place(), Action::TenantRestore).on("tenant", id);
    audit::append(tx, event.with("slug", &tenant.slug));
    Ok(tenant)
}

/// Gives up the slugs of up to `limit` tenants that were deleted before a moment: others can have them, and those tenants
/// cannot be restored any more. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn release_deleted(
    tx: &mut WriteTx<'_>,
    before: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    let due = tx.due(&BY_DELETED, ..before, limit)?;
    for id in &due {
        let Some(mut tenant) = deleted_tenant(tx, *id)? else { continue };
        let given_up = Slug::parse(&format!("{}{}", table::GIVEN_UP, id.raw()))
            .map_err(|_| StoreError::Corrupt("a slug that was made from a number"))?;
        let former = std::mem::replace(&mut tenant.slug, given_up);
        tx.save(&tenant)?;
        let operator = ActorStamp::of(&Principal::Operator);
        let cause = Cause::unasked(operator.clone(), now);
        endings::raise(tx, &Ending::TenantReleased { tenant: *id }, &cause)?;
        let event = Event::unasked(operator, now, Place::Platform, Action::TenantRelease).on("tenant", id);
        audit::append(tx, event.with("slug", former));
    }
    Ok(due.len())
}
