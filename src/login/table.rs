//! The rows of flows.

use super::Flow;
use crate::base::Timestamp;
use crate::base::id::LoginFlowId;
use crate::crypto::token::TokenDigest;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx};

const BY_STATE: Table<[u8; 32], LoginFlowId> = Table::new(0x0F21, "login flows by state");
const BY_END: Table<(Timestamp, LoginFlowId), ()> = Table::new(0x0F22, "login flows by end");

impl Row for Flow {}

impl Entity for Flow {
    type Key = LoginFlowId;
    const TABLE: Table<LoginFlowId, Self> = Table::new(0x0F20, "login flows");
    fn key(&self) -> LoginFlowId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_STATE, &self.state.0, &self.id);
        entries.many(&BY_END, &(self.keep_until, self.id));
    }
}

pub(super) fn by_id(tx: &impl Read, id: LoginFlowId) -> Result<Option<Flow>, StoreError> {
    tx.get(&Flow::TABLE, &id)
}

pub(super) fn by_state(tx: &impl Read, state: &TokenDigest) -> Result<Option<Flow>, StoreError> {
    tx.find(&BY_STATE, &state.0)
}

/// Takes away up to `limit` flows that need not be kept any more. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Flow>(&BY_END, ..=now, limit)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Flow>(tx)
}
