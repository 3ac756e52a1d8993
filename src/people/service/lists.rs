//! Lists of users, and what keeps them true when a tenant goes to another partner.

use super::super::table::{self, LISTING};
use super::super::{IdentitySource, Status, User, UserFilter, groups};
use super::sight::{self, Sight};
use crate::access::{Granted, Place, permit};
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::store::listing::{EVERYWHERE, readable_of};
use crate::store::{Listed, Paging, Read, Slice, StoreError, Window, WriteTx};
use crate::tenancy;

/// Users who belong to the tenants that the grant reaches, the oldest first.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    filter: &UserFilter,
    paging: Paging,
) -> Result<Listed<User>, Problem> {
    let (status, search) = (filter.status.map(Status::number), filter.search.as_deref());
    let Some(scope) = scopes(tx, granted.place(), filter.tenant, filter.partner)? else {
        return Ok(Listed::empty(paging));
    };
    let listed = LISTING.page(tx, scope, status, search, paging, |id| table::texts_in(tx, scope, id))?;
    Ok(listed.rows("user", |id| listed_user(tx, granted.place(), id))?)
}

/// A stretch of the users who belong to the tenants that the grant reaches, the newest first.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    filter: &UserFilter,
    window: Window,
) -> Result<Slice<User>, Problem> {
    let (status, search) = (filter.status.map(Status::number), filter.search.as_deref());
    let Some(scope) = scopes(tx, granted.place(), filter.tenant, filter.partner)? else { return Ok(Slice::empty()) };
    let found = LISTING.slice(tx, scope, status, search, window, |id| table::texts_in(tx, scope, id))?;
    Ok(found.rows("user", |id| listed_user(tx, granted.place(), id))?)
}

/// A user whom a list names, as much of them as those who administer `place` may see.
pub(super) fn listed_user(tx: &impl Read, place: Place, id: UserId) -> Result<Option<User>, StoreError> {
    match table::user(tx, id)? {
        Some(user) => sight::shown(tx, place, user),
        None => Ok(None),
    }
}

/// The list to look at; none: a filter that nobody can pass.
pub(in crate::people) fn scopes(
    tx: &impl Read,
    place: Place,
    tenant: Option<TenantId>,
    partner: Option<PartnerId>,
) -> Result<Option<u64>, Problem> {
    if let Some(tenant) = tenant.or(place.tenant()) {
        let there = tenancy::place_within(tx, place, tenant)?;
        let right_partner = partner.is_none_or(|partner| there.partner() == Some(partner));
        return Ok(right_partner.then_some(tenant.raw()));
    }
    Ok(match (place.partner(), partner) {
        (None, None) => Some(EVERYWHERE),
        (Some(mine), Some(wanted)) if mine != wanted => None,
        (Some(partner), _) | (None, Some(partner)) => Some(table::partner_scope(partner)),
    })
}

/// Brings the lists up to date of the people of a tenant that has gone from a partner to another, away, or come back (`from`
/// none).
///
/// # Errors
/// When the file cannot be read or written.
pub fn relocated(tx: &mut WriteTx<'_>, tenant: TenantId, from: Option<PartnerId>) -> Result<(), StoreError> {
    for id in LISTING.ids(tx, tenant.raw(), None)? {
        let before = table::card_with(tx, id, Some((tenant, from)))?;
        let now = table::card_with(tx, id, None)?;
        LISTING.update(tx, before.as_ref(), now.as_ref())?;
    }
    Ok(())
}

/// A step of the schema: users are listed by partner too.
///
/// # Errors
/// When the file cannot be read or written.
pub fn list_by_partner(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let users = LISTING.ids(tx, EVERYWHERE, None)?;
    for now in table::cards_of(tx, &users)? {
        let mut before = now.clone();
        before.scopes.retain(|scope| !table::is_partner_scope(*scope));
        LISTING.update(tx, Some(&before), Some(&now))?;
    }
    Ok(())
}

/// A step of the schema: users are found by their external id too.
///
/// # Errors
/// When the file cannot be read or written.
pub fn find_by_external_id(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    for id in LISTING.ids(tx, EVERYWHERE, None)? {
        let Some(external_id) = table::user(tx, id)?.and_then(|user| user.external_id) else { continue };
        for now in table::cards_of(tx, &[id])? {
            let mut before = now.clone();
            before.texts.retain(|text| text != external_id.as_str());
            LISTING.update(tx, Some(&before), Some(&now))?;
        }
    }
    Ok(())
}

/// A step of the schema: the lists of users and groups are counted in blocks.
///
/// # Errors
/// When the file cannot be read or written.
pub fn count_blocks(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    LISTING.build_blocks(tx)?;
    groups::count_blocks(tx)
}

/// A step of the schema: users and groups are found without accents and by all their words, and an e-mail by all its spellings.
///
/// # Errors
/// When the file cannot be read or written.
pub fn fold_fully(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    table::relist_all(tx)?;
    groups::relist_all(tx)
}

/// Users whose source is not what it should be: one that came from a provider is noted as another's or as local, or the
/// reverse. No provider is connected to a tenant here yet, so every user who is not local is one.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn mismatches(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    tenant: Option<TenantId>,
    paging: Paging,
) -> Result<Listed<User>, Problem> {
    let Some(scope) = scopes(tx, granted.place(), tenant, None)? else { return Ok(Listed::empty(paging)) };
    let place = granted.place();
    let (ids, mut found) = (table::not_local(tx)?, Vec::new());
    for user in readable_of("user", &ids, |id| table::user(tx, id))? {
        let here = LISTING.holds(tx, scope, user.id)? && sight::of(tx, place, &user)? == Sight::Whole;
        if here && user.identity_source != IdentitySource::Local {
            found.push(user);
        }
    }
    found.sort_unstable_by_key(|user| user.id);
    Ok(Listed::cut(found, paging, |user| user.id.raw()))
}
