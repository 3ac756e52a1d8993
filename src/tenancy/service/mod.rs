//! What admins do with partners and tenants.

mod deleted;
mod meant;
mod partners;
mod slug;
mod tenants;

pub use deleted::{
    deleted_tenants, deleted_with_slug, get_tenant_to_restore, release_deleted, restore_tenant, slice_deleted_tenants,
};
pub use meant::{meant_partner, meant_tenant, search_partners, search_tenants, tenant_by_typed};
pub(crate) use partners::insert_partner;
pub use partners::{create_partner, delete_partner, get_partner, list_partners, update_partner};
pub(crate) use tenants::insert_tenant;
pub use tenants::{
    create_tenant, delete_tenant, get_tenant, list_tenants, slice_tenants, tenant_within, update_tenant,
};

use super::Partner;
use super::table;
use crate::access::Place;
use crate::base::Problem;
use crate::base::id::PartnerId;
use crate::store::{Listed, Paging, Read};

fn no_partner() -> Problem {
    Problem::not_found("partner_not_found", "There is no such partner")
}

fn keep_default() -> Problem {
    Problem::conflict(
        "default_is_kept",
        "The default partner and tenant keep their slug, stay active and stay in place",
    )
}

/// A partner within `place`, for a caller whose permission was asked for before.
///
/// # Errors
/// `partner_not_found`.
pub fn partner_within(tx: &impl Read, place: Place, id: PartnerId) -> Result<Partner, Problem> {
    if !place.covers(Place::Partner(id)) {
        return Err(no_partner());
    }
    table::partner(tx, id)?.ok_or_else(no_partner)
}

fn one_of<I>(takes: bool, id: I, paging: Paging) -> Listed<I> {
    let mut listed = Listed::empty(paging);
    if takes {
        listed.total = 1;
        if paging.is_first() {
            listed.items.push(id);
        }
    }
    listed
}
