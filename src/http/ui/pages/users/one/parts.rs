//! What stands on the page of one user.

use super::super::view::UserRights;
use crate::apps::Application;
use crate::base::id::SessionId;
use crate::http::ui::pages::retention::Retention;
use crate::keys::PersonalToken;
use crate::keys::api_keys::ApiKey;
use crate::mfa::Factors;
use crate::oauth::consent::Consent;
use crate::people::groups::Group;
use crate::people::{AdminRole, Membership, User};
use crate::sessions::Session;

/// How many of a kind stand on the page; the whole list is a link away.
pub(super) const MOST: usize = 5;

/// The first of a list, and whether there are more.
#[derive(Debug)]
pub(super) struct Front<T> {
    pub rows: Vec<T>,
    pub more: bool,
}

impl<T> Front<T> {
    /// From up to one more than is shown.
    pub fn of(mut rows: Vec<T>) -> Self {
        let more = rows.len() > MOST;
        rows.truncate(MOST);
        Self { rows, more }
    }
}

/// What stands on the page of one user. What the reader may not see at all is none.
#[derive(Debug)]
pub(super) struct One<'a> {
    pub user: &'a User,
    pub home: String,
    pub memberships: &'a [(String, Membership)],
    /// The roles beyond memberships, and where.
    pub roles: &'a [(String, AdminRole)],
    pub factors: Option<Factors>,
    /// The groups, and whether the user is a member directly.
    pub groups: &'a [(Group, bool)],
    pub sessions: Option<Front<Session>>,
    pub keys: Option<Front<ApiKey>>,
    pub tokens: Option<Front<PersonalToken>>,
    /// What the user has agreed to: the tenant's name, what, and for whom.
    pub consents: &'a [(String, Consent, Application)],
    pub retention: Retention,
    pub may: UserRights,
    /// The session of the reader.
    pub current: SessionId,
    /// Whether a mail server is set.
    pub mail: bool,
}
