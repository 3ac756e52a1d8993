//! Personal tokens.

use super::application::Scopes;
use super::{Wanted, at, text};
use crate::base::id::UserId;
use crate::base::{DisplayName, Email, Id, Problem, Timestamp};
use crate::keys::{Owner, PersonalToken};
use crate::people;
use crate::store::Read;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST …/personal-tokens`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// For whom, by id; oneself if neither is said.
    pub user_id: Option<UserId>,
    /// For whom, by e-mail.
    pub user_email: Option<Email>,
    /// Where it works, by id or slug; the caller's tenant, or the user's home, if not said.
    pub tenant_id: Option<String>,
    /// What to call it.
    pub name: Option<DisplayName>,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// How long it holds, in seconds.
    pub expires_in_secs: Option<i64>,
}

/// The filters of `GET /admin/personal-tokens`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    user_id: Option<String>,
    user_email: Option<String>,
}

impl Filter {
    /// Whose tokens to list.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, tx: &impl Read) -> Result<Wanted<UserId>, Problem> {
        let by_id = match text(&self.user_id) {
            None => Wanted::Any,
            Some(id) => UserId::parse(id).map_or(Wanted::Nothing, Wanted::Only),
        };
        let by_email = match text(&self.user_email).map(Email::parse) {
            None => Wanted::Any,
            Some(Err(_)) => Wanted::Nothing,
            Some(Ok(email)) => people::by_email(tx, &email)?.map_or(Wanted::Nothing, |user| Wanted::Only(user.id)),
        };
        Ok(match (by_id, by_email) {
            (Wanted::Any, other) | (other, Wanted::Any) => other,
            (Wanted::Only(a), Wanted::Only(b)) if a == b => by_id,
            _ => Wanted::Nothing,
        })
    }
}

/// The e-mail of a token's owner; none for the operator's tokens and those of a deleted user.
///
/// # Errors
/// When the file cannot be read.
pub fn owner_email(tx: &impl Read, token: &PersonalToken) -> Result<Option<Email>, Problem> {
    match token.owner {
        Owner::User(user) => Ok(people::user(tx, user)?.map(|user| user.email)),
        Owner::Operator => Ok(None),
    }
}

/// A token, without the token itself.
pub fn render(token: &PersonalToken, email: Option<&Email>, now: Timestamp) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "user_id": match token.owner { Owner::User(user) => Some(user), Owner::Operator => None },
        "user_email": email,
        "tenant_id": token.tenant,
        "scopes": token.scopes,
        "is_active": token.is_live(now),
        "created_at": token.created_at.iso_secs(),
        "expires_at": token.expires_at.iso_secs(),
        "last_used_at": at(token.last_used_at),
        "revoked_at": at(token.revoked_at),
    })
}

/// A token that was just made: the only answer that ever shows it.
pub fn made(token: &PersonalToken, email: Option<&Email>, text: &str, now: Timestamp) -> Value {
    let mut body = render(token, email, now);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("token".to_owned(), json!(text));
    }
    body
}
