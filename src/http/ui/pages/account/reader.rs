//! Who reads the pages of one's own account.

use crate::access::{Principal, permit};
use crate::base::Problem;
use crate::http::ui::context::Ctx;
use crate::people::{self, User};

/// The reader's own row.
pub(super) fn oneself(ctx: &Ctx) -> Result<User, Problem> {
    ctx.here::<permit::OwnAccount>()?;
    let Principal::User { id, .. } = &ctx.actor().principal else {
        return Err(Problem::forbidden("not_a_user", "Only a user has an account"));
    };
    people::user(&ctx.stack.store.read(), *id)?
        .ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))
}
