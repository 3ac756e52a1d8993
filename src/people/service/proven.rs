//! Who has set the password by a link that was mailed, for rows that were written before this was kept.

use super::super::table;
use crate::audit::{self, Outcome};
use crate::base::id::UserId;
use crate::base::{Id, Timestamp};
use crate::catalogue::Action;
use crate::store::{StoreError, WriteTx};
use std::collections::BTreeMap;

/// A step of the schema: fills in [`super::super::User::mailbox_proven_at`] from what the log tells.
///
/// `email_verified` cannot be taken for it, since an administrator may have asserted it for an account of which they know the
/// password: such an account is exactly what the first acceptance of an invitation has to take from them. A row about a
/// password that was set by a link is a proof, a later password or address by an administrator undoes it, and of whom the log
/// tells nothing (it keeps 400 days) nothing is known: they set a new password when they next accept an invitation, and lose
/// nothing before that.
///
/// # Errors
/// When the file cannot be read or written.
pub fn prove_mailboxes(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let mut proven: BTreeMap<UserId, Timestamp> = BTreeMap::new();
    audit::each(tx, |event| {
        let Some(user) = UserId::parse(&event.resource_id).filter(|_| event.outcome == Outcome::Success) else {
            return;
        };
        match Action::parse(&event.action) {
            Some(Action::UserResetPassword | Action::UserAcceptInvitation) => {
                proven.insert(user, event.at);
            }
            Some(Action::UserSetPassword | Action::SetupClaim) => {
                proven.remove(&user);
            }
            Some(Action::UserUpdate) if event.details.iter().any(|(name, _)| name == "former_email") => {
                proven.remove(&user);
            }
            _ => {}
        }
    })?;
    for (id, at) in proven {
        if let Some(mut user) = table::user(tx, id)?.filter(|user| user.mailbox_proven_at.is_none()) {
            user.mailbox_proven_at = Some(at);
            table::save_quietly(tx, &user)?;
        }
    }
    Ok(())
}
