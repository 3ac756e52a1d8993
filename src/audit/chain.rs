//! The chain: how rows are added, and how it is checked.

use super::event::{Event, Row};
use crate::base::Timestamp;
use crate::base::id::TenantId;
use crate::crypto::digest::{MacKey, constant_time_eq};
use crate::store::{Direction, Read, StoreError, Table, WriteTx, encoded};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The log, by sequence number from 1. Its number is the highest of all tables, so that new rows stand at the end of the
/// tree: there they are appended, and pages stay full behind them.
pub(super) const LOG: Table<(u64,), Row> = Table::new(0xF201, "audit log");
/// Which rows are a tenant's: the number of the first of a run of rows, and how many are in the run.
pub(super) const BY_TENANT: Table<(TenantId, u64), u64> = Table::new(0x0202, "audit log by tenant");
/// Where pruning has cut.
pub(super) const CHECKPOINT: Table<(), Checkpoint> = Table::new(0x0203, "audit checkpoint");

/// The last row that pruning took away, signed, so that nobody without the key can pass a cut off as pruning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    number: u64,
    code: [u8; 32],
    signature: [u8; 32],
}

impl crate::store::Row for Checkpoint {}

impl Checkpoint {
    fn sign(key: &MacKey, last: Head) -> Self {
        Self { number: last.number, code: last.code, signature: Self::signature(key, last) }
    }

    fn signature(key: &MacKey, last: Head) -> [u8; 32] {
        key.mac(&[b"checkpoint", &last.number.to_be_bytes(), &last.code])
    }

    fn head(&self) -> Head {
        Head { number: self.number, code: self.code }
    }
}

/// The end of the chain: what to keep elsewhere, to notice a cut tail or a whole file put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The number of the last row.
    pub number: u64,
    /// The code of the last row, over that row and the code before.
    pub code: [u8; 32],
}

/// An event as the bytes that its row begins with: what waits for a transaction, in one piece.
#[derive(Clone, Debug)]
pub struct Packed {
    tenant: Option<TenantId>,
    /// Empty if the event could not be written.
    row: Arc<[u8]>,
}

impl From<&Event> for Packed {
    fn from(event: &Event) -> Self {
        Self { tenant: event.tenant, row: encoded::<Row>(event).unwrap_or_default().into() }
    }
}

impl From<Event> for Packed {
    fn from(event: Event) -> Self {
        Self::from(&event)
    }
}

/// The events of one transaction, until it is committed.
#[derive(Default)]
struct Pending(Vec<Packed>);

/// Adds an event to the transaction. It gets its number and its code when the transaction is committed; an operation that
/// fails after this leaves nothing, like any other write.
pub fn append(tx: &mut WriteTx<'_>, event: impl Into<Packed>) {
    tx.touch();
    tx.local::<Pending>().0.push(event.into());
}

/// Chains the events of a transaction. The store calls it before each commit.
///
/// # Errors
/// When the file cannot be read or written.
pub fn before_commit(tx: &mut WriteTx<'_>, key: &MacKey) -> Result<(), StoreError> {
    let events = std::mem::take(&mut tx.local::<Pending>().0);
    if events.is_empty() {
        return Ok(());
    }
    let mut head = head(tx)?;
    let mut runs: Vec<(TenantId, u64, u64)> = Vec::new();
    let mut row = Vec::new();
    for Packed { tenant, row: event } in events {
        head.number += 1;
        // The version in front is not part of what is chained.
        let bytes = event.get(1..).ok_or(StoreError::Corrupt("an audit event that cannot be written"))?;
        head.code = code(key, &head.code, head.number, bytes);
        row.clear();
        row.extend_from_slice(&event);
        row.extend_from_slice(&head.code);
        tx.put_encoded(&LOG, &(head.number,), &row)?;
        match (tenant, runs.last_mut()) {
            (Some(tenant), Some((last, first, count))) if *last == tenant && *first + *count == head.number => {
                *count += 1
            }
            (Some(tenant), _) => runs.push((tenant, head.number, 1)),
            (None, _) => {}
        }
    }
    for (tenant, first, count) in runs {
        tx.put(&BY_TENANT, &(tenant, first), &count)?;
    }
    Ok(())
}

/// The end of the chain now.
///
/// # Errors
/// When the file cannot be read.
pub fn head(tx: &impl Read) -> Result<Head, StoreError> {
    let mut last = None;
    tx.scan_front(&LOG, &(), Direction::Backward, |(number,), row| {
        last = Some(Head { number, code: row.code });
        Ok(ControlFlow::Break(()))
    })?;
    match last {
        Some(head) => Ok(head),
        None => Ok(tx.get(&CHECKPOINT, &())?.map_or(Head::default(), |checkpoint| checkpoint.head())),
    }
}

fn code(key: &MacKey, before: &[u8; 32], number: u64, event: &[u8]) -> [u8; 32] {
    key.mac(&[before, &number.to_be_bytes(), event])
}

/// Takes away at most `limit` of the oldest rows, those from before `before`, and leaves a signed mark so that the rest
/// still verifies. Gives how many went.
///
/// # Errors
/// When the file cannot be read or written.
pub fn prune(tx: &mut WriteTx<'_>, key: &MacKey, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let mut old = Vec::new();
    tx.scan_front(&LOG, &(), Direction::Forward, |(number,), row| {
        if row.event.at >= before || old.len() == limit {
            return Ok(ControlFlow::Break(()));
        }
        old.push((Head { number, code: row.code }, row.event.tenant));
        Ok(ControlFlow::Continue(()))
    })?;
    let Some((last, _)) = old.last().copied() else { return Ok(0) };
    for (head, tenant) in &old {
        tx.delete(&LOG, &(head.number,))?;
        // Rows go in their order, so each is the first of its run by then.
        if let Some(tenant) = tenant
            && let Some(count) = tx.get(&BY_TENANT, &(*tenant, head.number))?
        {
            tx.delete(&BY_TENANT, &(*tenant, head.number))?;
            if count > 1 {
                tx.put(&BY_TENANT, &(*tenant, head.number + 1), &(count - 1))?;
            }
        }
    }
    tx.put(&CHECKPOINT, &(), &Checkpoint::sign(key, last))?;
    Ok(old.len())
}

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many rows were checked.
    pub rows: u64,
    /// The end of the chain.
    pub head: Head,
}

/// A chain that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The number of the first bad row.
    pub number: u64,
    /// What is wrong there, in words for an operator.
    pub reason: &'static str,
}

/// Walks the whole chain. With `expected`, an end that was kept elsewhere, also notices a tail that was cut off.
///
/// # Errors
/// When the file cannot be read. A broken chain is no error but the inner result.
pub fn verify(tx: &impl Read, key: &MacKey, expected: Option<Head>) -> Result<Result<Verified, Broken>, StoreError> {
    let start = match tx.get(&CHECKPOINT, &())? {
        None => Head::default(),
        Some(checkpoint) => {
            if !constant_time_eq(&Checkpoint::signature(key, checkpoint.head()), &checkpoint.signature) {
                return Ok(Err(Broken { number: checkpoint.number, reason: "the mark that pruning left is not ours" }));
            }
            checkpoint.head()
        }
    };
    let mut at = start;
    let mut rows = 0;
    let mut broken = None;
    let mut expected_seen = expected.is_none_or(|expected| expected == start || expected.number == 0);
    tx.scan_front(&LOG, &(), Direction::Forward, |(number,), row| {
        let event = encoded::<Row>(&*row.event)?.split_off(1);
        let reason = if number != at.number + 1 {
            Some("a row before it is missing")
        } else if !constant_time_eq(&code(key, &at.code, number, &event), &row.code) {
            Some("the row was changed, moved or put in")
        } else {
            None
        };
        if let Some(reason) = reason {
            broken = Some(Broken { number: if number == at.number + 1 { number } else { at.number + 1 }, reason });
            return Ok(ControlFlow::Break(()));
        }
        at = Head { number, code: row.code };
        rows += 1;
        if expected.is_some_and(|expected| expected == at) {
            expected_seen = true;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(broken) = broken {
        return Ok(Err(broken));
    }
    if !expected_seen {
        return Ok(Err(Broken {
            number: at.number + 1,
            reason: "the end that was kept elsewhere is not in the chain",
        }));
    }
    Ok(Ok(Verified { rows, head: at }))
}
