//! Tokens between two steps that were used: each works once, also with two requests at the same moment and after a restart.

use crate::base::Timestamp;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};

const BY_END: Table<(Timestamp, [u8; 16]), ()> = Table::new(0x0c11, "used sign-in tokens by end");

/// A token that was used; kept until it could not be used anyway.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Used {
    nonce: [u8; 16],
    until: Timestamp,
}

impl Row for Used {}

impl Entity for Used {
    type Key = [u8; 16];
    const TABLE: Table<[u8; 16], Self> = Table::new(0x0c10, "used sign-in tokens");
    fn key(&self) -> [u8; 16] {
        self.nonce
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_END, &(self.until, self.nonce));
    }
}

pub(super) fn is_used(tx: &impl Read, nonce: &[u8; 16]) -> Result<bool, StoreError> {
    Ok(tx.get(&Used::TABLE, nonce)?.is_some())
}

/// Uses a token up; false when it was used before.
pub(super) fn use_up(tx: &mut WriteTx<'_>, nonce: [u8; 16], until: Timestamp) -> Result<bool, StoreError> {
    if is_used(tx, &nonce)? {
        return Ok(false);
    }
    tx.save(&Used { nonce, until })?;
    Ok(true)
}

/// Takes away up to `limit` marks of tokens whose time has passed. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Used>(&BY_END, ..=now, limit)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Used>(tx)
}
