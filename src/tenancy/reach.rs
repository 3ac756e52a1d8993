//! From what a request names, a tenant by id or by slug, to where a permission is asked for.

use super::Tenant;
use super::table::{is_active, no_tenant, place_of, tenant_by_slug};
use crate::access::{Actor, Granted, Permission, over};
use crate::base::id::TenantId;
use crate::base::{Problem, Slug};
use crate::store::Read;
use std::sync::Arc;

/// The permission over what is in a tenant: at a place that covers it; without a tenant, at the widest.
///
/// # Errors
/// As [`over`]; when the file cannot be read.
pub fn narrowed<P: Permission>(
    tx: &impl Read,
    actor: &Arc<Actor>,
    tenant: Option<TenantId>,
) -> Result<Granted<P>, Problem> {
    over(actor, tenant.map(|tenant| place_of(tx, tenant)).transpose()?.flatten())
}

/// The tenant in good standing that an address names by its slug.
///
/// # Errors
/// `tenant_not_found`.
pub fn active_by_slug(tx: &impl Read, slug: &str) -> Result<Tenant, Problem> {
    let slug = Slug::parse(slug).map_err(|_| no_tenant())?;
    let tenant = tenant_by_slug(tx, &slug)?.ok_or_else(no_tenant)?;
    if is_active(tx, tenant.id)? { Ok(tenant) } else { Err(no_tenant()) }
}
