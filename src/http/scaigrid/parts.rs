//! What several handlers need: a permission where the caller works, and the ids in addresses and bodies. An id of another
//! kind names nothing, so it is answered like one that no row has.

use crate::access::{Actor, Granted, Permission, Principal, permit};
use crate::base::id::{ApiKeyId, CustomRoleId, GroupId, UserId};
use crate::base::{Id, Problem};
use std::sync::Arc;

/// A permission at the caller's own tenant.
///
/// # Errors
/// The refusal of who lacks it.
pub fn here<P: Permission>(actor: &Arc<Actor>) -> Result<Granted<P>, Problem> {
    Ok(actor.grant::<P>(actor.home())?)
}

/// Whether it is oneself who is named.
pub fn is_self(actor: &Actor, id: UserId) -> bool {
    matches!(&actor.principal, Principal::User { id: own, .. } if *own == id)
}

/// The user to look at: everybody may look at themselves, and with `users:manage` at others.
///
/// # Errors
/// The refusal of who may not, whoever is named; `user_not_found`.
pub fn user_to_show(actor: &Arc<Actor>, text: &str) -> Result<UserId, Problem> {
    let id = user_id(text);
    if !id.as_ref().is_ok_and(|id| is_self(actor, *id)) {
        here::<permit::ManageUsers>(actor)?;
    }
    id
}

/// A user's id.
///
/// # Errors
/// `user_not_found`.
pub fn user_id(text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))
}

/// A group's id.
///
/// # Errors
/// `group_not_found`.
pub fn group_id(text: &str) -> Result<GroupId, Problem> {
    GroupId::parse(text).ok_or_else(|| Problem::not_found("group_not_found", "There is no such group"))
}

/// A custom role's id.
///
/// # Errors
/// `role_not_found`.
pub fn role_id(text: &str) -> Result<CustomRoleId, Problem> {
    CustomRoleId::parse(text).ok_or_else(|| Problem::not_found("role_not_found", "There is no such custom role"))
}

/// An API key's id.
///
/// # Errors
/// `api_key_not_found`.
pub fn key_id(text: &str) -> Result<ApiKeyId, Problem> {
    ApiKeyId::parse(text).ok_or_else(|| Problem::not_found("api_key_not_found", "There is no such API key"))
}
