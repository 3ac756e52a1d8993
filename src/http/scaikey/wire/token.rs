//! Personal tokens.

use super::application::Scopes;
use super::{Wanted, at, tenant_filter, text};
use crate::base::id::{TenantId, TokenId, UserId};
use crate::base::{DisplayName, Email, Id, Problem, ScopeSet, Secret, Timestamp};
use crate::http::reply::{Moment, ShownOnce};
use crate::keys::{self, Owner};
use crate::people;
use crate::store::Read;
use serde::{Deserialize, Serialize};

/// The body of `POST …/personal-tokens`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CreatePersonalToken"))]
#[serde(deny_unknown_fields)]
pub struct CreatePersonalToken {
    /// For whom, by id; oneself if neither this nor `user_email` is said.
    pub user_id: Option<UserId>,
    /// For whom, by e-mail. Not together with `user_id`.
    pub user_email: Option<Email>,
    /// Where it works, by id or slug; the caller's tenant, or the user's home, if not said.
    pub tenant_id: Option<String>,
    /// What to call it; a name with today's date if not said.
    pub name: Option<DisplayName>,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// How long it holds, in seconds; as the server's settings have it if not said.
    pub expires_in_secs: Option<i64>,
}

/// The filters of `GET /admin/personal-tokens`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PersonalTokenQuery {
    /// Only those of one user, by id.
    user_id: Option<String>,
    /// Only those of one user, by e-mail.
    user_email: Option<String>,
    /// Only those that work in one tenant: an id or a slug.
    tenant_id: Option<String>,
}

impl PersonalTokenQuery {
    /// In which tenant they work.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tenant(&self, tx: &impl Read) -> Result<Wanted<TenantId>, Problem> {
        tenant_filter(tx, &self.tenant_id)
    }

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
pub fn owner_email(tx: &impl Read, token: &keys::PersonalToken) -> Result<Option<Email>, Problem> {
    match token.owner {
        Owner::User(user) => Ok(people::user(tx, user)?.map(|user| user.email)),
        Owner::Operator => Ok(None),
    }
}

/// A personal token, without the token itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PersonalToken {
    id: TokenId,
    /// What its owner calls it.
    name: DisplayName,
    /// Its last characters, to tell tokens apart.
    hint: String,
    /// The user whom it speaks for; null for a token of the operator.
    user_id: Option<UserId>,
    /// Their e-mail; null for a token of the operator and for one of a deleted user.
    user_email: Option<Email>,
    /// The tenant that it works in.
    tenant_id: TenantId,
    /// What it is narrowed to.
    scopes: ScopeSet,
    /// Whether it is neither revoked nor expired.
    is_active: bool,
    created_at: Moment,
    expires_at: Moment,
    /// When it was last used, to about an hour.
    last_used_at: Option<Moment>,
    revoked_at: Option<Moment>,
}

/// A personal token that was just made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewPersonalToken {
    #[serde(flatten)]
    kept: PersonalToken,
    /// The token itself: no other answer ever shows it.
    token: ShownOnce,
}

impl PersonalToken {
    /// As it is now, with the e-mail of its owner.
    pub fn new(token: &keys::PersonalToken, email: Option<Email>, now: Timestamp) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            hint: token.hint.clone(),
            user_id: match token.owner {
                Owner::User(user) => Some(user),
                Owner::Operator => None,
            },
            user_email: email,
            tenant_id: token.tenant,
            scopes: token.scopes.clone(),
            is_active: token.is_live(now),
            created_at: Moment(token.created_at),
            expires_at: Moment(token.expires_at),
            last_used_at: at(token.last_used_at),
            revoked_at: at(token.revoked_at),
        }
    }
}

impl NewPersonalToken {
    /// The row of a token and its text.
    pub fn new(kept: PersonalToken, text: Secret<String>) -> Self {
        Self { kept, token: ShownOnce(text) }
    }
}
