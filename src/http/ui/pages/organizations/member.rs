//! Somebody who belongs to an organisation.

use crate::base::Problem;
use crate::http::ui::context::Ctx;
use crate::people::{self, Membership, User};
use crate::roles::{self, CustomRole};
use crate::store::Read;
use crate::tenancy::Tenant;

/// Somebody who belongs to an organisation. Without a membership it is only the home of their account.
#[derive(Debug)]
pub(super) struct Member {
    pub user: User,
    pub membership: Option<Membership>,
    pub roles: Vec<CustomRole>,
}

/// A user as somebody of this organisation.
pub(super) fn member(ctx: &Ctx, tx: &impl Read, tenant: &Tenant, user: User) -> Result<Member, Problem> {
    let membership = people::belonging(tx, tenant.id, user.id)?;
    let roles = match &membership {
        Some(_) => roles::roles_given(tx, &user, tenant.place(), ctx.stack.now())?,
        None => Vec::new(),
    };
    Ok(Member { user, membership, roles })
}
