//! The rows of codes.

use super::Code;
use crate::base::Timestamp;
use crate::crypto::token::TokenDigest;
use crate::store::{Direction, Entity, IndexEntries, Read, Row, StoreError, Table};
use std::ops::ControlFlow;

const BY_END: Table<(Timestamp, [u8; 32]), ()> = Table::new(0x0611, "authorization codes by end");

impl Row for Code {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        if version != 1 {
            return Err(StoreError::Corrupt("a code of an unknown version"));
        }
        // Version 1 ended before `environment`, the last field, and there was no such issuer.
        let wrong = |_| StoreError::Corrupt("a code that cannot be read");
        let whole = postcard::to_extend(&false, bytes.to_vec()).map_err(wrong)?;
        postcard::from_bytes(&whole).map_err(wrong)
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
    tx.get(&Code::TABLE, &digest.0)
}

/// The codes that need not be kept after `at`.
pub(super) fn over_before(tx: &impl Read, at: Timestamp, limit: usize) -> Result<Vec<[u8; 32]>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&BY_END, &(), Direction::Forward, |(end, digest), ()| {
        if end >= at || found.len() >= limit {
            return Ok(ControlFlow::Break(()));
        }
        found.push(digest);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}
