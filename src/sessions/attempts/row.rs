//! The rows of counters.

use super::counter::Counter;
use crate::base::Timestamp;
use crate::store::{Row, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What is counted of sign-ins.
pub const OF_SIGN_INS: u8 = 1;
/// What is counted of mails.
pub const OF_MAILS: u8 = 2;

pub(super) const TRIES: Table<(u8, [u8; 32]), TriesRow> = Table::new(0x0906, "wrong tries");

/// Wrong tries within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TriesRow {
    pub(super) start: Timestamp,
    pub(super) wrong: u32,
    pub(super) wait_until: Option<Timestamp>,
}

impl Row for TriesRow {}

/// The rows that the file has.
pub(super) type Saved = HashMap<Counter, TriesRow>;

/// A row that is to be put or, without one, to be taken away.
pub(super) type Change = (Counter, Option<TriesRow>);

pub(super) fn put(tx: &mut WriteTx<'_>, which: u8, changes: &[Change]) -> Result<(), StoreError> {
    for (counter, row) in changes {
        match row {
            Some(row) => tx.put(&TRIES, &(which, counter.0), row)?,
            None => tx.delete(&TRIES, &(which, counter.0))?,
        }
    }
    Ok(())
}
