//! The one row of the setup link.

use super::Link;
use crate::store::{Read, Row, StoreError, Table, WriteTx};

const LINK: Table<(), Link> = Table::new(0x0a00, "setup link");

impl Row for Link {}

pub(super) fn get(tx: &impl Read) -> Result<Option<Link>, StoreError> {
    tx.get(&LINK, &())
}

pub(super) fn put(tx: &mut WriteTx<'_>, link: &Link) -> Result<(), StoreError> {
    tx.put(&LINK, &(), link)
}
