//! The rows of partners and tenants, and the questions that the rest of the crate asks about them without a grant.

use super::{DEFAULT_SLUG, Details, MfaPolicy, OwnLimits, Partner, Status, Tenant};
use crate::access::Place;
use crate::base::id::{PartnerId, TenantId};
use crate::base::{ExternalId, Id, Problem, Slug, Timestamp};
use crate::store::listing::EVERYWHERE;
use crate::store::{
    Card, Direction, Entity, IndexEntries, Listing, Read, Report, Row, StoreError, Table, WriteTx, with_last,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

const PARTNER_BY_SLUG: Table<Slug, PartnerId> = Table::new(0x0301, "partners by slug");
/// Live partners; numbers 0x0302 to 0x0304.
pub(super) const PARTNER_LISTING: Listing<PartnerId> = Listing::new(0x0302, "partners listed");
const TENANT_BY_SLUG: Table<Slug, TenantId> = Table::new(0x0311, "tenants by slug").remembered();
/// Live tenants, by partner; numbers 0x0312 to 0x0314.
pub(super) const TENANT_LISTING: Listing<TenantId> = Listing::new(0x0312, "tenants listed");
/// What every request asks about a tenant, without its settings and branding; no row for a deleted one.
const STANDING: Table<TenantId, TenantState> = Table::new(0x0315, "tenants' standing").remembered();

/// Live tenants by what another program calls them.
const TENANT_BY_EXTERNAL_ID: Table<ExternalId, TenantId> = Table::new(0x0316, "tenants by external id");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TenantState {
    partner: PartnerId,
    status: Status,
    limits: OwnLimits,
    /// Whether whoever works in it must have given a second factor.
    second_factor: bool,
}

impl TenantState {
    fn of(tenant: &Tenant) -> Self {
        Self {
            partner: tenant.partner,
            status: tenant.status,
            limits: tenant.details.session_policy.own(),
            second_factor: MfaPolicy::of(tenant) == MfaPolicy::Required,
        }
    }
}

impl Row for Partner {}

impl Row for TenantState {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        // Whether a second factor is wanted is put in by a step of the schema.
        match version {
            1 => with_last(1, &(OwnLimits::default(), false), version, bytes),
            _ => with_last(2, &false, version, bytes),
        }
    }
}

impl Row for Tenant {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        with_last(1, &Details::default(), version, bytes)
    }
}

impl Entity for Partner {
    type Key = PartnerId;
    const TABLE: Table<PartnerId, Self> = Table::new(0x0300, "partners").remembered();
    fn key(&self) -> PartnerId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&PARTNER_BY_SLUG, &self.slug, &self.id);
    }
}

/// Tenants that were deleted and can be restored, by when.
pub(super) const BY_DELETED: Table<(Timestamp, TenantId), ()> = Table::new(0x0317, "deleted tenants by time");
/// The front of the slug of a deleted tenant that has given its own up.
pub(super) const GIVEN_UP: &str = "deleted-tenant-";

/// Whether a deleted tenant still has its slug, and can be restored.
pub(super) fn can_be_restored(tenant: &Tenant) -> bool {
    tenant.deleted_at.is_some() && tenant.slug.as_str() != format!("{GIVEN_UP}{}", tenant.id.raw())
}

impl Entity for Tenant {
    type Key = TenantId;
    const TABLE: Table<TenantId, Self> = Table::new(0x0310, "tenants").remembered();
    const SPARSE: &'static [u16] = &[BY_DELETED.number, TENANT_BY_EXTERNAL_ID.number];
    fn key(&self) -> TenantId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&TENANT_BY_SLUG, &self.slug, &self.id);
        if let Some(at) = self.deleted_at.filter(|_| can_be_restored(self)) {
            entries.many(&BY_DELETED, &(at, self.id));
        }
        // What a deleted one was called is free for another.
        if let (None, Some(external_id)) = (self.deleted_at, &self.details.external_id) {
            entries.unique(&TENANT_BY_EXTERNAL_ID, external_id, &self.id);
        }
    }
}

fn partner_card(partner: &Partner) -> Option<Card<PartnerId>> {
    partner.deleted_at.is_none().then(|| Card {
        id: partner.id,
        scopes: Vec::new(),
        status: partner.status.number(),
        texts: partner_texts(partner),
        partly: None,
    })
}

fn partner_texts(partner: &Partner) -> Vec<String> {
    vec![partner.slug.to_string(), partner.name.to_string()]
}

fn tenant_card(tenant: &Tenant) -> Option<Card<TenantId>> {
    tenant.deleted_at.is_none().then(|| former_tenant_card(tenant))
}

/// The card that a tenant would have if it was not deleted: deleted ones stand in no list and are looked through one by one.
pub(super) fn former_tenant_card(tenant: &Tenant) -> Card<TenantId> {
    Card {
        id: tenant.id,
        scopes: vec![tenant.partner.raw()],
        status: tenant.status.number(),
        texts: tenant_texts(tenant),
        partly: None,
    }
}

fn tenant_texts(tenant: &Tenant) -> Vec<String> {
    let names = [tenant.slug.as_str(), tenant.name.as_str()].into_iter();
    names.chain(tenant.details.external_id.as_ref().map(ExternalId::as_str)).map(str::to_owned).collect()
}

/// What a listed partner is found by.
pub(super) fn texts_of_partner(tx: &impl Read, id: PartnerId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(partner(tx, id)?.as_ref().map(partner_texts))
}

/// What a listed tenant is found by.
pub(super) fn texts_of_tenant(tx: &impl Read, id: TenantId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(tenant(tx, id)?.as_ref().map(tenant_texts))
}

/// Whether a list with this status and search would show a tenant.
pub(super) fn tenant_fits(
    tx: &impl Read,
    id: TenantId,
    status: Option<u8>,
    search: Option<&str>,
) -> Result<bool, StoreError> {
    Ok(tenant(tx, id)?.as_ref().and_then(tenant_card).is_some_and(|card| card.fits(status, search)))
}

/// Whether a list with this status and search would show a partner.
pub(super) fn partner_fits(
    tx: &impl Read,
    id: PartnerId,
    status: Option<u8>,
    search: Option<&str>,
) -> Result<bool, StoreError> {
    Ok(partner(tx, id)?.as_ref().and_then(partner_card).is_some_and(|card| card.fits(status, search)))
}

fn taken(error: StoreError) -> Problem {
    match error {
        StoreError::Taken(index) if index == TENANT_BY_EXTERNAL_ID.name => {
            Problem::conflict("external_id_taken", "There is already one with this external id").at("external_id")
        }
        StoreError::Taken(_) => {
            Problem::conflict("slug_taken", "There is already one with this slug, or a deleted one has it: restore that one, or wait until it gives the slug up").at("slug")
        }
        other => other.into(),
    }
}

/// Saves a partner with its place in the lists.
pub(super) fn save_partner(tx: &mut WriteTx<'_>, row: &Partner) -> Result<(), Problem> {
    let before = tx.get(&Partner::TABLE, &row.id)?;
    tx.save(row).map_err(taken)?;
    PARTNER_LISTING.update(tx, before.as_ref().and_then(partner_card).as_ref(), partner_card(row).as_ref())?;
    Ok(())
}

/// Saves a tenant with its place in the lists and its standing.
pub(super) fn save_tenant(tx: &mut WriteTx<'_>, row: &Tenant) -> Result<(), Problem> {
    let before = tx.get(&Tenant::TABLE, &row.id)?;
    tx.save(row).map_err(taken)?;
    TENANT_LISTING.update(tx, before.as_ref().and_then(tenant_card).as_ref(), tenant_card(row).as_ref())?;
    if row.deleted_at.is_some() {
        tx.delete(&STANDING, &row.id)?;
    } else {
        tx.put(&STANDING, &row.id, &TenantState::of(row))?;
    }
    Ok(())
}

/// A partner; none when it was deleted or never was.
///
/// # Errors
/// When the file cannot be read.
pub fn partner(tx: &impl Read, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    Ok(tx.get(&Partner::TABLE, &id)?.filter(|row| row.deleted_at.is_none()))
}

/// A partner by its short name.
///
/// # Errors
/// When the file cannot be read.
pub fn partner_by_slug(tx: &impl Read, slug: &Slug) -> Result<Option<Partner>, StoreError> {
    Ok(tx.find(&PARTNER_BY_SLUG, slug)?.filter(|row: &Partner| row.deleted_at.is_none()))
}

/// A partner by what a user types: `prt_42` or its slug.
///
/// # Errors
/// When the file cannot be read.
pub fn partner_by_text(tx: &impl Read, text: &str) -> Result<Option<Partner>, StoreError> {
    match (PartnerId::parse(text), Slug::parse(text)) {
        (Some(id), _) => partner(tx, id),
        (None, Ok(slug)) => partner_by_slug(tx, &slug),
        (None, Err(_)) => Ok(None),
    }
}

/// A tenant; none when it was deleted or never was.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant(tx: &impl Read, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    Ok(shared_tenant(tx, id)?.map(Arc::unwrap_or_clone))
}

/// As [`tenant`], shared with everybody who reads the same snapshot.
///
/// # Errors
/// When the file cannot be read.
pub fn shared_tenant(tx: &impl Read, id: TenantId) -> Result<Option<Arc<Tenant>>, StoreError> {
    Ok(tx.recall(&Tenant::TABLE, &id)?.filter(|row| row.deleted_at.is_none()))
}

/// A tenant by its short name.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_by_slug(tx: &impl Read, slug: &Slug) -> Result<Option<Tenant>, StoreError> {
    Ok(tx.find(&TENANT_BY_SLUG, slug)?.filter(|row: &Tenant| row.deleted_at.is_none()))
}

/// A tenant by what a user types: `tnt_42` or its slug. (No slug has a `_`, so the two never mix.)
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_by_text(tx: &impl Read, text: &str) -> Result<Option<Tenant>, StoreError> {
    match (TenantId::parse(text), Slug::parse(text)) {
        (Some(id), _) => tenant(tx, id),
        (None, Ok(slug)) => tenant_by_slug(tx, &slug),
        (None, Err(_)) => Ok(None),
    }
}

/// The tenant that has this short name, or had it when it was deleted.
pub(super) fn slug_holder(tx: &impl Read, slug: &Slug) -> Result<Option<TenantId>, StoreError> {
    tx.get(&TENANT_BY_SLUG, slug)
}

/// A live tenant by what another program calls it: one look-up. Whoever asks may not be told more without a grant.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_with_external_id(tx: &impl Read, external_id: &ExternalId) -> Result<Option<TenantId>, StoreError> {
    tx.get(&TENANT_BY_EXTERNAL_ID, external_id)
}

/// What a tenant's policy says about sessions: one look-up, remembered. Nothing of a deleted one.
///
/// # Errors
/// When the file cannot be read.
pub fn own_limits(tx: &impl Read, tenant: TenantId) -> Result<OwnLimits, StoreError> {
    Ok(tx.get(&STANDING, &tenant)?.map(|standing| standing.limits).unwrap_or_default())
}

/// Whether whoever works in a tenant must have given a second factor: one look-up, remembered. Not in a deleted one.
///
/// # Errors
/// When the file cannot be read.
pub fn wants_second_factor(tx: &impl Read, tenant: TenantId) -> Result<bool, StoreError> {
    Ok(tx.recall(&STANDING, &tenant)?.is_some_and(|standing| standing.second_factor))
}

/// A step of the schema: a tenant's standing says whether it wants a second factor.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_second_factors(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    for id in TENANT_LISTING.ids(tx, EVERYWHERE, None)? {
        if let Some(tenant) = tenant(tx, id)? {
            tx.put(&STANDING, &id, &TenantState::of(&tenant))?;
        }
    }
    Ok(())
}

/// The tenant that the first start made.
///
/// # Errors
/// When the file cannot be read.
pub fn default_tenant(tx: &impl Read) -> Result<Option<Tenant>, StoreError> {
    match Slug::parse(DEFAULT_SLUG) {
        Ok(slug) => tenant_by_slug(tx, &slug),
        Err(_) => Ok(None),
    }
}

/// The id of the tenant that the first start made: one look-up. Whether it is still there, and in good standing, is for
/// [`live_place`] to say.
///
/// # Errors
/// When the file cannot be read.
pub fn default_tenant_id(tx: &impl Read) -> Result<Option<TenantId>, StoreError> {
    match Slug::parse(DEFAULT_SLUG) {
        Ok(slug) => tx.get(&TENANT_BY_SLUG, &slug),
        Err(_) => Ok(None),
    }
}

/// Where a tenant is, suspended or not: one look-up. None when it was deleted or never was.
///
/// # Errors
/// When the file cannot be read.
pub fn place_of(tx: &impl Read, tenant: TenantId) -> Result<Option<Place>, StoreError> {
    Ok(tx.get(&STANDING, &tenant)?.map(|standing| Place::Tenant { partner: standing.partner, tenant }))
}

/// There is no such tenant, for who asks.
pub fn no_tenant() -> Problem {
    Problem::not_found("tenant_not_found", "There is no such tenant")
}

/// Where a tenant is that `reach` covers, suspended or not: one look-up.
///
/// # Errors
/// `tenant_not_found`, also when it is out of reach.
pub fn place_within(tx: &impl Read, reach: Place, tenant: TenantId) -> Result<Place, Problem> {
    place_of(tx, tenant)?.filter(|there| reach.covers(*there)).ok_or_else(no_tenant)
}

/// Where a tenant is if it and its partner are in good standing: two look-ups. Asked for each credential.
///
/// # Errors
/// When the file cannot be read.
pub fn live_place(tx: &impl Read, tenant: TenantId) -> Result<Option<Place>, StoreError> {
    let Some(standing) = tx.recall(&STANDING, &tenant)?.filter(|standing| standing.status == Status::Active) else {
        return Ok(None);
    };
    let active = is_partner_active(tx, standing.partner)?;
    Ok(active.then_some(Place::Tenant { partner: standing.partner, tenant }))
}

/// Whether a tenant and its partner are there and in good standing: if not, no credential of the tenant may work.
///
/// # Errors
/// When the file cannot be read.
pub fn is_active(tx: &impl Read, tenant: TenantId) -> Result<bool, StoreError> {
    Ok(live_place(tx, tenant)?.is_some())
}

/// Whether a partner is there and in good standing.
///
/// # Errors
/// When the file cannot be read.
pub fn is_partner_active(tx: &impl Read, id: PartnerId) -> Result<bool, StoreError> {
    let partner = tx.recall(&Partner::TABLE, &id)?;
    Ok(partner.is_some_and(|partner| partner.status == Status::Active && partner.deleted_at.is_none()))
}

/// A partner's live tenants, the oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn tenants_of(tx: &impl Read, partner: PartnerId) -> Result<Vec<TenantId>, StoreError> {
    TENANT_LISTING.ids(tx, partner.raw(), None)
}

/// A step of the schema: partners and tenants are found without accents and by all their words.
///
/// # Errors
/// When the file cannot be read or written.
pub fn fold_fully(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    relist_partners(tx)?;
    relist_tenants(tx)
}

fn relist_partners(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let cards = partner_cards(tx)?;
    PARTNER_LISTING.rebuild(tx, &cards)
}

fn relist_tenants(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let cards = tenant_cards(tx)?;
    TENANT_LISTING.rebuild(tx, &cards)
}

fn partner_cards(tx: &impl Read) -> Result<Vec<Card<PartnerId>>, StoreError> {
    Ok(tx.readable_rows(&Partner::TABLE)?.iter().filter_map(partner_card).collect())
}

fn tenant_cards(tx: &impl Read) -> Result<Vec<Card<TenantId>>, StoreError> {
    Ok(tx.readable_rows(&Tenant::TABLE)?.iter().filter_map(tenant_card).collect())
}

/// A step of the schema: the lists of partners and tenants are counted in blocks.
///
/// # Errors
/// When the file cannot be read or written.
pub fn count_blocks(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    PARTNER_LISTING.build_blocks(tx)?;
    TENANT_LISTING.build_blocks(tx)
}

/// How many tenants there are: one look-up.
///
/// # Errors
/// When the file cannot be read.
pub fn count_tenants(tx: &impl Read) -> Result<u64, StoreError> {
    TENANT_LISTING.count(tx, EVERYWHERE, None)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Partner>(tx)?;
    report.entity::<Tenant>(tx)?;
    check_standings(tx, report)?;
    report.listing(tx, &PARTNER_LISTING, partner_cards(tx), relist_partners)?;
    report.listing(tx, &TENANT_LISTING, tenant_cards(tx), relist_tenants)
}

/// Each live tenant has the standing that its row gives it, and nobody else has one.
fn check_standings(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    let mut ids = BTreeSet::new();
    tx.scan_keys(&STANDING, &(), None, Direction::Forward, |id| {
        ids.insert(id);
        Ok(ControlFlow::Continue(()))
    })?;
    report.rows += ids.len() as u64;
    ids.extend(tx.readable_rows(&Tenant::TABLE)?.into_iter().map(|tenant| tenant.id));
    for id in ids {
        let has = readable(tx.get(&STANDING, &id))?;
        let row = id.raw().to_string();
        match (readable(tx.get(&Tenant::TABLE, &id))?, has) {
            (Some(tenant), Some(has)) if has == standing_of(tenant.as_ref()) => {}
            (Some(tenant), _) => {
                let wanted = standing_of(tenant.as_ref());
                report.mendable(STANDING.name, row, "is not what the tenant's row says", move |tx| match &wanted {
                    Some(standing) => tx.put(&STANDING, &id, standing),
                    None => tx.delete(&STANDING, &id),
                });
            }
            // A tenant whose row cannot be read keeps its standing, if there is one: nothing says what it should be.
            (None, Some(_)) => {}
            (None, None) => report.fault(STANDING.name, row, "cannot be read, nor can the tenant's row"),
        }
    }
    Ok(())
}

fn standing_of(tenant: Option<&Tenant>) -> Option<TenantState> {
    tenant.filter(|tenant| tenant.deleted_at.is_none()).map(TenantState::of)
}

/// What is there, or that nothing is; none: it cannot be read.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<Option<T>>, StoreError> {
    match found {
        Ok(row) => Ok(Some(row)),
        Err(StoreError::Corrupt(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A step of the schema: deleted tenants are found by when they were deleted.
///
/// # Errors
/// When the file cannot be read or written.
pub fn index_deleted(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.reindex::<Tenant, _, _>(&BY_DELETED)
}
