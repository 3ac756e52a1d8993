//! Personal tokens.

use super::application::Scopes;
use super::{at, text};
use crate::base::id::UserId;
use crate::base::{DisplayName, Email, Timestamp};
use crate::keys::{Owner, PersonalToken};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST …/personal-tokens`.
#[derive(Deserialize)]
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
pub struct Filter {
    user_id: Option<String>,
}

impl Filter {
    /// Whose; the inner text is not yet an id.
    pub fn user(&self) -> Option<&str> {
        text(&self.user_id)
    }
}

/// A token, without the token itself.
pub fn render(token: &PersonalToken, now: Timestamp) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "user_id": match token.owner { Owner::User(user) => Some(user), Owner::Operator => None },
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
pub fn made(token: &PersonalToken, text: &str, now: Timestamp) -> Value {
    let mut body = render(token, now);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("token".to_owned(), json!(text));
    }
    body
}
