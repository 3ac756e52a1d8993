//! Tenants.

use super::super::settings;
use super::super::table::{self, TENANT_LISTING, no_tenant, save_tenant};
use super::super::{DEFAULT_SLUG, NewTenant, Status, Tenant, TenantFilter, TenantPatch};
use super::{keep_default, one_of, partner_within, slug};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::{PartnerId, TenantId};
use crate::base::{DisplayName, Id, JsonObject, Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Effects, Ending};
use crate::store::listing::EVERYWHERE;
use crate::store::{Listed, Paging, Read, Slice, Window, WriteTx};
use std::collections::BTreeSet;
use std::sync::Arc;

fn bad(field: &'static str) -> impl Fn(&'static str) -> Problem {
    move |rule| Problem::invalid(field, rule)
}

/// The most characters of a tenant's name (Scalekit's schema).
const MAX_NAME: usize = 200;

fn check_name(name: &DisplayName) -> Result<(), Problem> {
    if name.as_str().chars().count() > MAX_NAME {
        return Err(Problem::invalid("name", "must be 1 to 200 characters without control characters"));
    }
    Ok(())
}

/// Makes a tenant.
///
/// # Errors
/// `partner_not_found`, `slug_taken`, `external_id_taken`, `quota_exceeded`, `validation_error`.
pub fn create_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteTenants>,
    new: &NewTenant,
    id: TenantId,
    now: Timestamp,
) -> Result<Tenant, Problem> {
    settings::check(&new.settings)?;
    check_name(&new.name)?;
    new.details.check()?;
    room_for_tenant(tx, granted.place(), new.partner)?;
    let tenant = insert_tenant(tx, new, id, now)?;
    let event = Event::by(granted.actor(), now, tenant.place(), Action::TenantCreate);
    audit::append(tx, event.on("tenant", id).with("slug", &tenant.slug));
    Ok(tenant)
}

/// Makes a tenant without a grant, a quota and an audit row: for the first start.
pub(crate) fn insert_tenant(
    tx: &mut WriteTx<'_>,
    new: &NewTenant,
    id: TenantId,
    now: Timestamp,
) -> Result<Tenant, Problem> {
    let tenant = Tenant {
        id,
        slug: slug::given_or_made(tx, new.slug.as_ref(), &new.name, id)?,
        name: new.name.clone(),
        status: Status::Active,
        contact_email: new.contact_email.clone(),
        partner: new.partner,
        settings: new.settings.clone(),
        branding: new.branding.clone(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        details: new.details.clone(),
    };
    save_tenant(tx, &tenant)?;
    Ok(tenant)
}

/// The partner is there, within the grant, and may have one tenant more.
pub(super) fn room_for_tenant(tx: &impl Read, place: Place, id: PartnerId) -> Result<(), Problem> {
    let partner = partner_within(tx, place, id)?;
    if let Some(max) = partner.max_tenants
        && TENANT_LISTING.count(tx, id.raw(), None)? >= u64::from(max)
    {
        return Err(Problem::conflict("quota_exceeded", "The partner has as many tenants as it may have")
            .with("quota", "max_tenants")
            .with("limit", max));
    }
    Ok(())
}

/// One tenant.
///
/// # Errors
/// `tenant_not_found`, also when it is outside the grant.
pub fn get_tenant(tx: &impl Read, granted: &Granted<permit::ReadTenants>, id: TenantId) -> Result<Tenant, Problem> {
    tenant_within(tx, granted.place(), id)
}

/// A tenant within `place`, for a caller whose permission was asked for before.
///
/// # Errors
/// `tenant_not_found`.
pub fn tenant_within(tx: &impl Read, place: Place, id: TenantId) -> Result<Tenant, Problem> {
    table::tenant(tx, id)?.filter(|tenant| place.covers(tenant.place())).ok_or_else(no_tenant)
}

/// Tenants that the grant reaches, the oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list_tenants(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    filter: &TenantFilter,
    paging: Paging,
) -> Result<Listed<Tenant>, Problem> {
    let (status, search) = (filter.status.map(Status::number), filter.search.as_deref());
    let wanted = filter.partner.map_or(EVERYWHERE, PartnerId::raw);
    let texts = |id| table::texts_of_tenant(tx, id);
    let listed = match granted.place() {
        Place::Platform => TENANT_LISTING.page(tx, wanted, status, search, paging, texts)?,
        Place::Partner(mine) if filter.partner.is_none_or(|partner| partner == mine) => {
            TENANT_LISTING.page(tx, mine.raw(), status, search, paging, texts)?
        }
        Place::Tenant { partner, tenant } if filter.partner.is_none_or(|wanted| wanted == partner) => {
            one_of(table::tenant_fits(tx, tenant, status, search)?, tenant, paging)
        }
        Place::Partner(_) | Place::Tenant { .. } => Listed::empty(paging),
    };
    Ok(listed.rows("tenant", |id| table::tenant(tx, id))?)
}

/// A stretch of the tenants that the grant reaches, the newest first. A search that is a tenant's id, in either form, finds
/// that one.
///
/// # Errors
/// When the file cannot be read.
pub fn slice_tenants(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    search: Option<&str>,
    window: Window,
) -> Result<Slice<Arc<Tenant>>, Problem> {
    let by_id =
        search.map(str::trim).and_then(|text| TenantId::parse(text).or_else(|| TenantId::parse_as("org", text)));
    if let Some(id) = by_id {
        return match tenant_within(tx, granted.place(), id) {
            Ok(tenant) => {
                let tenant = Arc::new(tenant);
                window.within(&BTreeSet::from([id])).try_map(|_| Ok(Arc::clone(&tenant)))
            }
            Err(problem) if problem.kind == Kind::NotFound => Ok(Slice::empty()),
            Err(problem) => Err(problem),
        };
    }
    let texts = |id| table::texts_of_tenant(tx, id);
    let slice = match granted.place() {
        Place::Platform => TENANT_LISTING.slice(tx, EVERYWHERE, None, search, window, texts)?,
        Place::Partner(mine) => TENANT_LISTING.slice(tx, mine.raw(), None, search, window, texts)?,
        Place::Tenant { tenant, .. } => {
            let fits = table::tenant_fits(tx, tenant, None, search)?;
            window.within(&fits.then_some(tenant).into_iter().collect::<BTreeSet<TenantId>>())
        }
    };
    Ok(slice.rows("tenant", |id| table::shared_tenant(tx, id))?)
}

/// Changes a tenant. A new partner must be within the grant and have room.
///
/// # Errors
/// `tenant_not_found`, `partner_not_found`, `slug_taken`, `external_id_taken`, `quota_exceeded`, `default_is_kept`,
/// `validation_error`.
pub fn update_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteTenants>,
    id: TenantId,
    patch: &TenantPatch,
    now: Timestamp,
) -> Result<Tenant, Problem> {
    let old = tenant_within(tx, granted.place(), id)?;
    let TenantPatch { slug, name, status, contact_email, partner, settings, branding, details } = patch.clone();
    if let Some(name) = &name {
        check_name(name)?;
    }
    let name = name.unwrap_or_else(|| old.name.clone());
    let merged = |field: &'static str, have: &JsonObject, patch: Option<serde_json::Value>| match patch {
        Some(patch) => have.merged(&patch).map_err(bad(field)),
        None => Ok(have.clone()),
    };
    let new = Tenant {
        slug: match slug {
            Some(slug) => slug::given_or_made(tx, slug.as_ref(), &name, id)?,
            None => old.slug.clone(),
        },
        name,
        status: status.unwrap_or(old.status),
        contact_email: contact_email.unwrap_or_else(|| old.contact_email.clone()),
        partner: partner.unwrap_or(old.partner),
        settings: merged("settings", &old.settings, settings)?,
        branding: merged("branding", &old.branding, branding)?,
        details: details.applied_to(&old.details)?,
        updated_at: now,
        ..old
    };
    settings::check(&new.settings)?;
    let moved = new.partner != old.partner;
    if old.slug.as_str() == DEFAULT_SLUG && (new.slug != old.slug || new.status != Status::Active || moved) {
        return Err(keep_default());
    }
    if moved {
        room_for_tenant(tx, granted.place(), new.partner)?;
    }
    save_tenant(tx, &new)?;
    let cause = Cause::by(granted.actor(), now);
    let mut effects = Effects::default();
    if moved {
        let ending = Ending::TenantMoved { tenant: id, from: Some(old.partner), to: new.partner };
        effects = effects.and(endings::raise(tx, &ending, &cause)?);
    }
    if new.status == Status::Suspended && old.status == Status::Active {
        effects = effects.and(endings::raise(tx, &Ending::TenantSuspended { tenant: id }, &cause)?);
    }
    let event = Event::by(granted.actor(), now, new.place(), Action::TenantUpdate).on("tenant", id);
    let event = event.with("slug", &new.slug).with("status", new.status.name());
    let event = if moved { event.with("moved_from", old.partner) } else { event };
    audit::append(tx, effects.told(event));
    Ok(new)
}

/// Deletes a tenant: nothing in it can be reached any more. Until the retention is over it can be restored and keeps its slug.
///
/// # Errors
/// `tenant_not_found`, `default_is_kept`.
pub fn delete_tenant(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteTenants>,
    id: TenantId,
    now: Timestamp,
) -> Result<(), Problem> {
    let mut tenant = tenant_within(tx, granted.place(), id)?;
    if tenant.slug.as_str() == DEFAULT_SLUG {
        return Err(keep_default());
    }
    tenant.deleted_at = Some(now);
    save_tenant(tx, &tenant)?;
    let ending = Ending::TenantDeleted { tenant: id, partner: tenant.partner };
    let effects = endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, tenant.place(), Action::TenantDelete);
    audit::append(tx, effects.told(event.on("tenant", id).with("slug", &tenant.slug)));
    Ok(())
}
