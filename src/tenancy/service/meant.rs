//! Which tenant or partner somebody means.

use super::{list_partners, list_tenants};
use crate::access::{Granted, Place, permit};
use crate::base::id::TenantId;
use crate::base::meant::{Meant, fronts};
use crate::base::{Id as _, Problem, text};
use crate::store::{Paging, Read, StoreError};
use crate::tenancy::{Partner, PartnerFilter, Tenant, TenantFilter, table};

/// Up to `most` tenants that the grant reaches, of those that a search finds; without words, the oldest.
///
/// # Errors
/// When the file cannot be read.
pub fn search_tenants(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    words: &str,
    most: u32,
) -> Result<Vec<Tenant>, Problem> {
    let search = Some(words.to_owned()).filter(|words| !words.is_empty());
    Ok(list_tenants(tx, granted, &TenantFilter { search, ..TenantFilter::default() }, Paging::new(1, most)?)?.items)
}

/// A tenant by what a person types who may have it from any page or API: `tnt_42`, Scalekit's `org_42`, or its slug in any case.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_by_typed(tx: &impl Read, given: &str) -> Result<Option<Tenant>, StoreError> {
    let given = given.trim().to_lowercase();
    match TenantId::parse_as("org", &given) {
        Some(id) => table::tenant(tx, id),
        None => table::tenant_by_text(tx, &given),
    }
}

/// Which tenant is meant by an id, a slug or a name, of those that the grant reaches. Case and accents of a name do not count.
///
/// # Errors
/// When the file cannot be read.
pub fn meant_tenant(
    tx: &impl Read,
    granted: &Granted<permit::ReadTenants>,
    given: &str,
) -> Result<Meant<Tenant>, Problem> {
    let given = given.trim();
    let named = tenant_by_typed(tx, given)?;
    if let Some(tenant) = named.filter(|tenant| granted.place().covers(tenant.place())) {
        return Ok(Meant::One(tenant));
    }
    let name = text::searched(given);
    for front in fronts(given) {
        let found = search_tenants(tx, granted, front, Paging::MAX)?;
        if !found.is_empty() {
            return Ok(Meant::of(found, |tenant| text::searched(tenant.name.as_str()) == name));
        }
    }
    Ok(Meant::Unknown(Vec::new()))
}

/// Up to `most` partners that the grant reaches, of those that a search finds; without words, the oldest.
///
/// # Errors
/// When the file cannot be read.
pub fn search_partners(
    tx: &impl Read,
    granted: &Granted<permit::ReadPartners>,
    words: &str,
    most: u32,
) -> Result<Vec<Partner>, Problem> {
    let search = Some(words.to_owned()).filter(|words| !words.is_empty());
    let filter = PartnerFilter { search, ..PartnerFilter::default() };
    Ok(list_partners(tx, granted, &filter, Paging::new(1, most)?)?.items)
}

/// Which partner is meant by an id, a slug or a name, of those that the grant reaches.
///
/// # Errors
/// When the file cannot be read.
pub fn meant_partner(
    tx: &impl Read,
    granted: &Granted<permit::ReadPartners>,
    given: &str,
) -> Result<Meant<Partner>, Problem> {
    let given = given.trim();
    let named = table::partner_by_text(tx, &given.to_lowercase())?;
    if let Some(partner) = named.filter(|partner| granted.place().covers(Place::Partner(partner.id))) {
        return Ok(Meant::One(partner));
    }
    let name = text::searched(given);
    for front in fronts(given) {
        let found = search_partners(tx, granted, front, Paging::MAX)?;
        if !found.is_empty() {
            return Ok(Meant::of(found, |partner| text::searched(partner.name.as_str()) == name));
        }
    }
    Ok(Meant::Unknown(Vec::new()))
}
