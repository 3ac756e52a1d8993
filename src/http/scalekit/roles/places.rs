//! Where roles are: in the environment, or in one organisation; and the permission over those there.

use super::super::operation::Call;
use super::super::rules;
use crate::access::{Granted, Permission, Place, widest};
use crate::base::Problem;
use crate::tenancy;

/// The permission over the roles of the whole instance.
pub(super) fn everywhere<P: Permission>(call: &Call) -> Result<Granted<P>, Problem> {
    Ok(call.actor.grant::<P>(Place::Platform)?)
}

/// The permission over the roles of one organisation. Who has it somewhere else only hears that there is no such
/// organisation.
pub(super) fn there<P: Permission>(call: &Call, organization: &str) -> Result<Granted<P>, Problem> {
    widest::<P>(&call.actor)?;
    let tenant = rules::organization_id("org_id", organization)?;
    let known = tenancy::tenant(&call.stack.store.read(), tenant)?.ok_or_else(rules::no_organization)?;
    call.actor.grant::<P>(known.place()).map_err(|_| rules::no_organization())
}
