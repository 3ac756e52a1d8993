//! Partners.

use super::super::table::{self, PARTNER_LISTING, TENANT_LISTING, save_partner};
use super::super::{DEFAULT_SLUG, NewPartner, Partner, PartnerFilter, PartnerPatch, Status};
use super::{keep_default, no_partner, one_of, partner_within};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::PartnerId;
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::listing::EVERYWHERE;
use crate::store::{Listed, Paging, Read, WriteTx};

/// Makes a partner.
///
/// # Errors
/// `slug_taken`; not found when the grant is for less than the platform.
pub fn create_partner(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WritePartners>,
    new: &NewPartner,
    id: PartnerId,
    now: Timestamp,
) -> Result<Partner, Problem> {
    if !granted.place().covers(Place::Partner(id)) {
        return Err(no_partner());
    }
    let partner = insert_partner(tx, new, id, now)?;
    let event = Event::by(granted.actor(), now, Place::Partner(id), Action::PartnerCreate);
    audit::append(tx, event.on("partner", id).with("slug", &partner.slug));
    Ok(partner)
}

/// Makes a partner without a grant and without an audit row: for the first start, which has no actor.
pub(crate) fn insert_partner(
    tx: &mut WriteTx<'_>,
    new: &NewPartner,
    id: PartnerId,
    now: Timestamp,
) -> Result<Partner, Problem> {
    let partner = Partner {
        id,
        slug: new.slug.clone(),
        name: new.name.clone(),
        status: Status::Active,
        contact_email: new.contact_email.clone(),
        max_tenants: new.max_tenants,
        max_users_per_tenant: new.max_users_per_tenant,
        max_applications_per_tenant: new.max_applications_per_tenant,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    save_partner(tx, &partner)?;
    Ok(partner)
}

/// One partner.
///
/// # Errors
/// `partner_not_found`, also when it is outside the grant.
pub fn get_partner(tx: &impl Read, granted: &Granted<permit::ReadPartners>, id: PartnerId) -> Result<Partner, Problem> {
    partner_within(tx, granted.place(), id)
}

/// Partners that the grant reaches, the oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list_partners(
    tx: &impl Read,
    granted: &Granted<permit::ReadPartners>,
    filter: &PartnerFilter,
    paging: Paging,
) -> Result<Listed<Partner>, Problem> {
    let (status, search) = (filter.status.map(Status::number), filter.search.as_deref());
    let texts = |id| table::texts_of_partner(tx, id);
    let listed = match granted.place() {
        Place::Platform => PARTNER_LISTING.page(tx, EVERYWHERE, status, search, paging, texts)?,
        Place::Partner(id) => one_of(table::partner_fits(tx, id, status, search)?, id, paging),
        Place::Tenant { .. } => Listed::empty(paging),
    };
    Ok(listed.rows("partner", |id| table::partner(tx, id))?)
}

/// Changes a partner.
///
/// # Errors
/// `partner_not_found`, `slug_taken`, `default_is_kept`.
pub fn update_partner(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WritePartners>,
    id: PartnerId,
    patch: &PartnerPatch,
    now: Timestamp,
) -> Result<Partner, Problem> {
    let old = partner_within(tx, granted.place(), id)?;
    let PartnerPatch {
        slug,
        name,
        status,
        contact_email,
        max_tenants,
        max_users_per_tenant,
        max_applications_per_tenant,
    } = patch.clone();
    let new = Partner {
        slug: slug.unwrap_or_else(|| old.slug.clone()),
        name: name.unwrap_or_else(|| old.name.clone()),
        status: status.unwrap_or(old.status),
        contact_email: contact_email.unwrap_or_else(|| old.contact_email.clone()),
        max_tenants: max_tenants.unwrap_or(old.max_tenants),
        max_users_per_tenant: max_users_per_tenant.unwrap_or(old.max_users_per_tenant),
        max_applications_per_tenant: max_applications_per_tenant.unwrap_or(old.max_applications_per_tenant),
        updated_at: now,
        ..old
    };
    if old.slug.as_str() == DEFAULT_SLUG && (new.slug != old.slug || new.status != Status::Active) {
        return Err(keep_default());
    }
    save_partner(tx, &new)?;
    let event = Event::by(granted.actor(), now, Place::Partner(id), Action::PartnerUpdate);
    audit::append(tx, event.on("partner", id).with("slug", &new.slug).with("status", new.status.name()));
    Ok(new)
}

/// Deletes a partner that has no tenants. Its slug stays taken.
///
/// # Errors
/// `partner_not_found`, `partner_not_empty`, `default_is_kept`.
pub fn delete_partner(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WritePartners>,
    id: PartnerId,
    now: Timestamp,
) -> Result<(), Problem> {
    let mut partner = partner_within(tx, granted.place(), id)?;
    if partner.slug.as_str() == DEFAULT_SLUG {
        return Err(keep_default());
    }
    if TENANT_LISTING.count(tx, id.raw(), None)? > 0 {
        return Err(Problem::conflict("partner_not_empty", "The partner still has tenants; move or delete them first"));
    }
    partner.deleted_at = Some(now);
    save_partner(tx, &partner)?;
    let event = Event::by(granted.actor(), now, Place::Partner(id), Action::PartnerDelete);
    audit::append(tx, event.on("partner", id).with("slug", &partner.slug));
    Ok(())
}
