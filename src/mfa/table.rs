//! The rows of second factors, one a user.

use super::{Factors, Setting};
use crate::base::id::UserId;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};

impl Row for Factors {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        // Version 1 did not know whose attempt a waiting secret was of: it is nobody's.
        with_last(1, &None::<Setting>, version, bytes)
    }
}

impl Entity for Factors {
    type Key = UserId;
    const TABLE: Table<UserId, Self> = Table::new(0x0c00, "second factors");
    fn key(&self) -> UserId {
        self.user
    }
    fn indexes(&self, _: &mut IndexEntries) {}
}

/// A user's factors; [`Factors::none`] when there never was one.
///
/// # Errors
/// When the file cannot be read.
pub fn factors(tx: &impl Read, user: UserId) -> Result<Factors, StoreError> {
    Ok(tx.get(&Factors::TABLE, &user)?.unwrap_or_else(|| Factors::none(user)))
}

pub(super) fn save(tx: &mut WriteTx<'_>, factors: &Factors) -> Result<(), StoreError> {
    if *factors == Factors::none(factors.user) { tx.remove::<Factors>(&factors.user) } else { tx.save(factors) }
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Factors>(tx)
}
