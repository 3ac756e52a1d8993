//! The tenants that somebody can work in: their own, and those that they administer from above.

use crate::access::{Place, Role, permit};
use crate::base::id::TenantId;
use crate::base::meant::Meant;
use crate::base::{Problem, text};
use crate::http::ui::context::Ctx;
use crate::http::ui::pages::tenant_field::called;
use crate::store::Read;
use crate::tenancy::{self, Tenant};
use std::collections::{BTreeMap, BTreeSet};

/// How many are shown.
pub(super) const MOST: usize = 50;

/// A tenant that can be chosen.
#[derive(Debug)]
pub(super) struct Row {
    pub tenant: Tenant,
    /// What the reader is there by belonging to it; none: they administer it from above.
    pub role: Option<Role>,
    pub is_here: bool,
}

/// The tenants with a role of the reader's in them.
fn own(ctx: &Ctx) -> BTreeMap<TenantId, Role> {
    let mut own = BTreeMap::new();
    for held in &ctx.signed_in.whole.roles {
        if let Some(tenant) = held.place.tenant() {
            own.entry(tenant).or_insert(held.role);
        }
    }
    own
}

/// Where a role of the reader's reaches beyond single tenants; the platform covers all the others.
fn above(ctx: &Ctx) -> Vec<Place> {
    let whole = &ctx.signed_in.whole;
    let wide: BTreeSet<_> = whole
        .roles
        .iter()
        .filter_map(|held| match held.place {
            Place::Platform => Some(None),
            Place::Partner(partner) => Some(Some(partner)),
            Place::Tenant { .. } => None,
        })
        .collect();
    if wide.contains(&None) {
        return vec![Place::Platform];
    }
    wide.into_iter().flatten().map(Place::Partner).collect()
}

/// Up to [`MOST`] of those that words find, the reader's own first; and whether there are more.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn rows(ctx: &Ctx, tx: &impl Read, words: &str) -> Result<(Vec<Row>, bool), Problem> {
    let (own, whole) = (own(ctx), &ctx.signed_in.whole);
    let here = ctx.signed_in.is_narrowed().then_some(ctx.actor().tenant);
    let mut found = Vec::new();
    for id in own.keys() {
        found.extend(tenancy::tenant(tx, *id)?.filter(|tenant| fits(tenant, words)));
    }
    found.sort_by_cached_key(|tenant| text::searched(tenant.name.as_str()));
    for place in above(ctx) {
        let granted = whole.grant::<permit::ReadTenants>(place)?;
        let most = u32::try_from(MOST + own.len() + 1).unwrap_or(u32::MAX).min(crate::store::Paging::MAX);
        let others = tenancy::search_tenants(tx, &granted, words, most)?;
        found.extend(others.into_iter().filter(|tenant| !own.contains_key(&tenant.id)));
    }
    let more = found.len() > MOST;
    found.truncate(MOST);
    let row = |tenant: Tenant| Row { role: own.get(&tenant.id).copied(), is_here: here == Some(tenant.id), tenant };
    Ok((found.into_iter().map(row).collect(), more))
}

/// Whether all words begin one of the tenant's.
fn fits(tenant: &Tenant, words: &str) -> bool {
    let of_it = format!("{} {}", text::searched(tenant.name.as_str()), tenant.slug);
    text::searched(words).split_whitespace().all(|word| {
        of_it.split(|c: char| !c.is_alphanumeric()).any(|have| have.starts_with(word))
            || tenant.slug.as_str().starts_with(word)
    })
}

/// The tenant that a text names, of those that the reader can work in; otherwise what is wrong with it, behind the field's name.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn meant(ctx: &Ctx, given: &str) -> Result<Result<Tenant, String>, Problem> {
    let (snapshot, whole) = (ctx.stack.store.read(), &ctx.signed_in.whole);
    let named = tenancy::tenant_by_typed(&snapshot, given)?;
    if let Some(tenant) = named.filter(|tenant| whole.roles.iter().any(|held| held.place.covers(tenant.place()))) {
        return Ok(Ok(tenant));
    }
    let mut found = Vec::new();
    for id in own(ctx).keys() {
        found.extend(tenancy::tenant(&snapshot, *id)?);
    }
    for place in above(ctx) {
        let granted = whole.grant::<permit::ReadTenants>(place)?;
        match tenancy::meant_tenant(&snapshot, &granted, given)? {
            Meant::One(tenant) => found.push(tenant),
            Meant::Several(some) | Meant::Unknown(some) => found.extend(some),
        }
    }
    found.sort_by_key(|tenant| tenant.id);
    found.dedup_by_key(|tenant| tenant.id);
    let name = text::searched(given);
    let is_called = |tenant: &Tenant| text::searched(tenant.name.as_str()) == name;
    // What is close is of use to whoever typed a name; who followed a link is only told that it is not theirs.
    found.retain(|tenant| is_called(tenant) || fits(tenant, given));
    Ok(Meant::of(found, is_called).only("tenant", called))
}
