//! Which password a user has, as far as others need to know: by the moment when it was set.

use super::{User, table};
use crate::base::id::UserId;
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use serde::{Deserialize, Serialize};

/// Names one password of one user: what was proven with it holds as long as it is theirs. A hash of the same password under
/// another cost does not change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordMark(Option<Timestamp>);

impl PasswordMark {
    /// That there is none yet.
    pub const NONE: Self = Self(None);

    /// Whether the password was there at a moment already.
    pub fn was_there(self, at: Timestamp) -> bool {
        self.0.is_none_or(|set| set <= at)
    }
}

impl User {
    /// The mark of the password that they have; of somebody without one, that they have none.
    pub fn password_mark(&self) -> PasswordMark {
        PasswordMark(self.password_changed_at)
    }

    /// Gives them another password.
    pub(super) fn take_password(&mut self, phc: &str, now: Timestamp) {
        self.change_mark(now);
        self.password_hash = Some(phc.to_owned());
        self.updated_at = now;
    }

    /// Takes the password from them. What was proven or mailed for it does not hold for the one that may come after it.
    pub(super) fn lose_password(&mut self, now: Timestamp) {
        self.change_mark(now);
        self.password_hash = None;
    }

    /// Two changes within one millisecond have two marks.
    fn change_mark(&mut self, now: Timestamp) {
        let next = self.password_changed_at.map(|last| Timestamp::from_millis(last.millis() + 1));
        self.password_changed_at = next.max(Some(now));
    }
}

/// A live user, if they still have the password that was proven: hashing takes a while, and longer when many wait, so that it
/// can be another one by now. For the transaction in which the proof is used.
///
/// # Errors
/// When the file cannot be read.
pub fn with_password(tx: &impl Read, id: UserId, mark: PasswordMark) -> Result<Option<User>, StoreError> {
    Ok(table::user(tx, id)?.filter(|user| user.password_mark() == mark))
}

/// The refusal of a change that rests on a password which is another one by now.
pub(super) fn changed_meanwhile() -> Problem {
    Problem::conflict("password_changed", "The password was changed meanwhile: sign in again with the new one")
}
