//! The rows of codes.

use super::Code;
use super::older::Second;
use crate::base::Timestamp;
use crate::crypto::token::TokenDigest;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, older};

const BY_END: Table<(Timestamp, [u8; 32]), ()> = Table::new(0x0611, "authorization codes by end");

impl Row for Code {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        let old: Second = match version {
            // Version 1 ended before `environment`, the last field, and there was no such issuer.
            1 => older(&false, bytes)?,
            2 => older(&(), bytes)?,
            _ => return Err(StoreError::Corrupt("a row of an unknown version")),
        };
        Ok(old.into())
    }
}

impl Entity for Code {
    type Key = [u8; 32];
    const TABLE: Table<[u8; 32], Self> = Table::new(0x0610, "authorization codes");
    fn key(&self) -> [u8; 32] {
        self.digest.0
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_END, &(self.keep_until, self.digest.0));
    }
}

pub(super) fn one(tx: &impl Read, digest: &TokenDigest) -> Result<Option<Code>, StoreError> {
    tx.get(&Code::TABLE, &tx.keep(digest).0)
}

/// Takes away up to `limit` rows that need not be kept any more. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Code>(&BY_END, ..now, limit)
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, code: Code| Code { digest: tx.keep_bare(code.digest), ..code })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Code>(tx)
}
