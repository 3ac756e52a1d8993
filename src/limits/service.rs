//! Limits that differ from the settings: who has them, and who may set them.

use super::{MAX_LIMIT, Overrides, TenantLimits, table};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::{PartnerId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// Everything that differs.
///
/// # Errors
/// When the file cannot be read.
pub fn overrides(tx: &impl Read) -> Result<Overrides, StoreError> {
    Ok(Overrides {
        tenants: table::tenants(tx)?.into_iter().collect(),
        partners: table::partners(tx)?.into_iter().collect(),
    })
}

fn partner_place(tx: &impl Read, reach: Place, id: PartnerId) -> Result<Place, Problem> {
    let there = Place::Partner(id);
    if reach.covers(there) && tenancy::partner(tx, id)?.is_some() {
        return Ok(there);
    }
    Err(Problem::not_found("partner_not_found", "There is no such partner"))
}

fn check(field: &str, limit: Option<u32>) -> Result<(), Problem> {
    match limit {
        Some(limit) if !(1..=MAX_LIMIT).contains(&limit) => {
            Err(Problem::invalid(field, format!("must be 1 to {MAX_LIMIT} requests a window")))
        }
        _ => Ok(()),
    }
}

fn words(limit: Option<u32>) -> String {
    limit.map_or_else(|| "default".to_owned(), |limit| limit.to_string())
}

/// What a tenant has of its own.
///
/// # Errors
/// `tenant_not_found`.
pub fn of_tenant(tx: &impl Read, granted: &Granted<permit::ReadLimits>, id: TenantId) -> Result<TenantLimits, Problem> {
    tenancy::place_within(tx, granted.place(), id)?;
    Ok(table::tenant(tx, id)?.unwrap_or_default())
}

/// What a partner has of its own.
///
/// # Errors
/// `partner_not_found`.
pub fn of_partner(
    tx: &impl Read,
    granted: &Granted<permit::ReadLimits>,
    id: PartnerId,
) -> Result<Option<u32>, Problem> {
    partner_place(tx, granted.place(), id)?;
    Ok(table::partner(tx, id)?)
}

/// Gives a tenant limits of its own; what is none is as the settings say. Call [`Limits::reload`](super::Limits::reload) afterwards.
///
/// # Errors
/// `tenant_not_found`; `validation_error`.
pub fn set_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteLimits>,
    id: TenantId,
    limits: TenantLimits,
    now: Timestamp,
) -> Result<(), Problem> {
    let there = tenancy::place_within(tx, granted.place(), id)?;
    let named = [("api_key", limits.key), ("user", limits.user), ("tenant", limits.tenant)];
    named.iter().try_for_each(|(field, limit)| check(field, *limit))?;
    table::set_tenant(tx, id, Some(&limits).filter(|limits| **limits != TenantLimits::default()))?;
    let event = Event::by(granted.actor(), now, there, Action::LimitsUpdate).on("tenant", id);
    audit::append(tx, named.into_iter().fold(event, |event, (name, limit)| event.with(name, words(limit))));
    Ok(())
}

/// Takes a tenant's own limits away. Call [`Limits::reload`](super::Limits::reload) afterwards.
///
/// # Errors
/// `tenant_not_found`.
pub fn clear_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteLimits>,
    id: TenantId,
    now: Timestamp,
) -> Result<(), Problem> {
    let there = tenancy::place_within(tx, granted.place(), id)?;
    table::set_tenant(tx, id, None)?;
    audit::append(tx, Event::by(granted.actor(), now, there, Action::LimitsDelete).on("tenant", id));
    Ok(())
}

/// Nobody raises the limit that stands over their own place: a partner's is set for the platform.
fn over_partners(granted: &Granted<permit::WriteLimits>) -> Result<(), Problem> {
    if granted.place() == Place::Platform {
        return Ok(());
    }
    let message = "Only a super_admin sets the limit of a partner";
    Err(Problem::forbidden("access_denied", message).with("permission", "limits.write").with("missing", "role"))
}

/// Gives a partner a limit of its own. Call [`Limits::reload`](super::Limits::reload) afterwards.
///
/// # Errors
/// `partner_not_found`; `access_denied` for all but those who rule the platform; `validation_error`.
pub fn set_partner(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteLimits>,
    id: PartnerId,
    limit: u32,
    now: Timestamp,
) -> Result<(), Problem> {
    let there = partner_place(tx, granted.place(), id)?;
    over_partners(granted)?;
    check("partner", Some(limit))?;
    table::set_partner(tx, id, Some(limit))?;
    let event = Event::by(granted.actor(), now, there, Action::LimitsUpdate).on("partner", id);
    audit::append(tx, event.with("partner", limit));
    Ok(())
}

/// Takes a partner's own limit away. Call [`Limits::reload`](super::Limits::reload) afterwards.
///
/// # Errors
/// `partner_not_found`; `access_denied` for all but those who rule the platform.
pub fn clear_partner(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteLimits>,
    id: PartnerId,
    now: Timestamp,
) -> Result<(), Problem> {
    let there = partner_place(tx, granted.place(), id)?;
    over_partners(granted)?;
    table::set_partner(tx, id, None)?;
    audit::append(tx, Event::by(granted.actor(), now, there, Action::LimitsDelete).on("partner", id));
    Ok(())
}
