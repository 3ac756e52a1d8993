//! The one row of the setup link.

use super::Link;
use crate::store::{Read, Report, Row, StoreError, Table, WriteTx};

const LINK: Table<(), Link> = Table::new(0x0a00, "setup link");

impl Row for Link {}

pub(super) fn get(tx: &impl Read) -> Result<Option<Link>, StoreError> {
    tx.get(&LINK, &())
}

pub(super) fn put(tx: &mut WriteTx<'_>, link: &Link) -> Result<(), StoreError> {
    tx.put(&LINK, &(), link)
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    match get(tx)? {
        Some(link) => put(tx, &Link { digest: tx.keep_bare(link.digest), ..link }),
        None => Ok(()),
    }
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.table(tx, &LINK)
}
