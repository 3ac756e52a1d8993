//! The organisation that an address names.

use crate::access::{Granted, Permission, permit};
use crate::base::id::TenantId;
use crate::base::{Id, Problem};
use crate::http::ui::context::Ctx;
use crate::store::Read;
use crate::tenancy::{self, Tenant};

/// Says that there is none.
pub(super) fn none() -> Problem {
    Problem::not_found("tenant_not_found", "There is no such organization")
}

/// The organisation that an address names, by `org_…` or `tnt_…`.
pub(super) fn found(ctx: &Ctx, tx: &impl Read, id: &str) -> Result<Tenant, Problem> {
    let id = TenantId::parse_as("org", id).or_else(|| TenantId::parse(id)).ok_or_else(none)?;
    tenancy::get_tenant(tx, &ctx.widest::<permit::ReadTenants>()?, id)
}

/// As [`found`], with a permission for what follows.
pub(super) fn found_for<P: Permission>(ctx: &Ctx, id: &str) -> Result<(Tenant, Granted<P>), Problem> {
    let tenant = found(ctx, &ctx.stack.store.read(), id)?;
    Ok((tenant, ctx.widest::<P>()?))
}
