//! The rows of consents: by user first, since a sign-in asks for one user's.

use super::Consent;
use crate::base::id::{ApplicationId, TenantId, UserId};
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table};

type Key = (UserId, ApplicationId, TenantId);

impl Row for Consent {}

impl Entity for Consent {
    type Key = Key;
    const TABLE: Table<Key, Self> = Table::new(0x0620, "consents");
    fn key(&self) -> Key {
        (self.user, self.application, self.tenant)
    }
    // One user's are few and stand side by side.
    fn indexes(&self, _: &mut IndexEntries) {}
}

pub(super) fn one(tx: &impl Read, key: &Key) -> Result<Option<Consent>, StoreError> {
    tx.get(&Consent::TABLE, key)
}

/// All of a user; with an application, only those for it.
pub(super) fn of_user(
    tx: &impl Read,
    user: UserId,
    application: Option<ApplicationId>,
) -> Result<Vec<Consent>, StoreError> {
    let rows = match application {
        Some(application) => tx.list(&Consent::TABLE, &(user, application), usize::MAX)?,
        None => tx.list(&Consent::TABLE, &(user,), usize::MAX)?,
    };
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Consent>(tx)
}
