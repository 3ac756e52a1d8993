//! What the schema says of single values, and the words for what breaks it. The fields are named as in the request, with dots
//! for depth: `organization.display_name`.

use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::store::{Read, StoreError};
use crate::tenancy;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The prefix of a tenant's id here.
pub const ORGANIZATION: &str = "org";

/// The prefix of the environment's id.
const ENVIRONMENT: &str = "env";

/// The longest id, in characters.
const MAX_ID: usize = 32;

/// The id of the environment: this instance is one, and is numbered as the tenant that its first start made.
///
/// # Errors
/// When the file cannot be read.
pub fn environment(tx: &impl Read) -> Result<String, StoreError> {
    Ok(tenancy::default_tenant_id(tx)?.map(|id| id.display_as(ENVIRONMENT)).unwrap_or_default())
}

/// A text of this many characters.
///
/// # Errors
/// Invalid, with the field.
pub fn length(field: &str, text: &str, characters: RangeInclusive<usize>) -> Result<(), Problem> {
    let (least, most) = (*characters.start(), *characters.end());
    // A character takes at most four bytes, so most texts need no count.
    let count = text.chars().take(most.saturating_add(1)).count();
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(Problem::invalid(
        field,
        match (least, count) {
            (1, 0) => "is required".to_owned(),
            (0, _) => format!("must be at most {most} characters"),
            _ => format!("must be {least} to {most} characters"),
        },
    ))
}

/// Metadata: at most `pairs` pairs, keys of 3 to 25 characters, values of 1 to 256.
///
/// # Errors
/// Invalid, with the field and the key.
pub fn metadata(field: &str, map: &BTreeMap<String, String>, pairs: usize) -> Result<(), Problem> {
    if map.len() > pairs {
        return Err(Problem::invalid(field, format!("must have at most {pairs} pairs")));
    }
    for (key, value) in map {
        length(field, key, 3..=25).map_err(|_| Problem::invalid(field, "must have keys of 3 to 25 characters"))?;
        length(&format!("{field}.{key}"), value, 1..=256)?;
    }
    Ok(())
}

/// An organisation's id.
///
/// # Errors
/// Invalid, with the field; not found when no organisation can have it.
pub fn organization_id(field: &str, text: &str) -> Result<TenantId, Problem> {
    TenantId::parse_as(ORGANIZATION, text).ok_or_else(|| wrong_id(field, text, ORGANIZATION, no_organization))
}

/// A user's id.
///
/// # Errors
/// Invalid, with the field; not found when no user can have it.
pub fn user_id(field: &str, text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).ok_or_else(|| wrong_id(field, text, UserId::PREFIX, no_user))
}

/// A session's id.
///
/// # Errors
/// Invalid, with the field; not found when no session can have it.
pub fn session_id(field: &str, text: &str) -> Result<SessionId, Problem> {
    SessionId::parse(text).ok_or_else(|| wrong_id(field, text, SessionId::PREFIX, no_session))
}

/// An id of another kind is a mistake; one that no row can have is like one that no row has.
fn wrong_id(field: &str, text: &str, prefix: &str, unknown: fn() -> Problem) -> Problem {
    if text.is_empty() {
        Problem::invalid(field, "is required")
    } else if text.len() <= MAX_ID && text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_')) {
        unknown()
    } else {
        Problem::invalid(field, format!("must be an id such as {prefix}_1234567890123456"))
    }
}

/// There is no such organisation, or none that the caller may know of.
pub fn no_organization() -> Problem {
    Problem::not_found("tenant_not_found", "There is no such organization")
}

/// There is no such user, or none that the caller may know of.
pub fn no_user() -> Problem {
    Problem::not_found("user_not_found", "There is no such user")
}

/// There is no such session, or none that the caller may know of.
pub fn no_session() -> Problem {
    Problem::not_found("session_not_found", "There is no such session")
}

/// A sub-message that must be there.
///
/// # Errors
/// Invalid, with the field.
pub fn required<T>(field: &str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::invalid(field, "is required"))
}
