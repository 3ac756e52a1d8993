//! Access tokens of programs that were revoked by themselves (RFC 7009). Those of people stand in their family's row.

use crate::base::Timestamp;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};

const BY_END: Table<(Timestamp, String), ()> = Table::new(0x0618, "revoked tokens by end");

/// A token that fails although its signature holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Revoked {
    jti: String,
    /// When it would have ended.
    expires_at: Timestamp,
}

impl Row for Revoked {}

impl Entity for Revoked {
    type Key = String;
    const TABLE: Table<String, Self> = Table::new(0x0617, "revoked tokens");
    fn key(&self) -> String {
        self.jti.clone()
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_END, &(self.expires_at, self.jti.clone()));
    }
}

/// Whether this token was revoked.
pub(super) fn has(tx: &impl Read, jti: &str) -> Result<bool, StoreError> {
    Ok(tx.get(&Revoked::TABLE, &jti.to_owned())?.is_some())
}

/// Revokes a token. False: it was revoked before.
pub(super) fn add(tx: &mut WriteTx<'_>, jti: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
    if has(tx, jti)? {
        return Ok(false);
    }
    tx.save(&Revoked { jti: jti.to_owned(), expires_at })?;
    Ok(true)
}

/// Forgets up to `limit` tokens that would have ended by now. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Revoked>(&BY_END, ..now, limit)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub(super) fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Revoked>(tx)
}
