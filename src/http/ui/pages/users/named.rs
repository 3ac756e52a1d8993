//! The user that an address names, and what the reader may do with them.

use super::view::UserRights;
use crate::access::{Place, Principal, permit};
use crate::base::id::UserId;
use crate::base::{Id, Kind, Problem};
use crate::http::ui::context::Ctx;
use crate::people::{self, User};
use crate::store::Read;

/// Says that there is none.
pub(super) fn none() -> Problem {
    Problem::not_found("user_not_found", "There is no such user")
}

/// The user that an address names.
pub(super) fn found(ctx: &Ctx, tx: &impl Read, id: &str) -> Result<User, Problem> {
    people::get(tx, &ctx.widest::<permit::ReadUsers>()?, UserId::parse(id).ok_or_else(none)?)
}

/// Whether a user is the reader.
pub(super) fn is_me(ctx: &Ctx, user: UserId) -> bool {
    matches!(&ctx.actor().principal, Principal::User { id, .. } if *id == user)
}

/// What the reader may change of a user, by the rules that the services hold to; and why not, where it is to be said.
pub(super) fn may(ctx: &Ctx, tx: &impl Read, user: UserId) -> Result<UserRights, Problem> {
    let Ok(granted) = ctx.widest::<permit::WriteUsers>() else { return Ok(UserRights::default()) };
    let now = ctx.stack.now();
    let allowed = |asked: Result<(User, Place), Problem>| match asked {
        Ok(_) => Ok(None),
        Err(problem) if problem.kind == Kind::Forbidden => Ok(Some(problem.code)),
        Err(problem) => Err(problem),
    };
    let change = allowed(people::get_to_change(tx, &granted, user, now))?.is_none();
    let not = allowed(people::get_to_secure(tx, &granted, user, now))?;
    let secure = not.is_none();
    Ok(UserRights {
        change,
        secure,
        not,
        end_sessions: ctx.may::<permit::EndSessions>(),
        credentials: secure && ctx.may::<permit::ManageCredentials>(),
        roles: true,
        groups: ctx.may::<permit::WriteGroups>(),
        me: false,
    })
}
