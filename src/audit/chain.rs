//! The chain: how rows are added, and how it is checked.

use super::event::{Event, Row};
use crate::base::Timestamp;
use crate::base::id::TenantId;
use crate::crypto::digest::{MacKey, constant_time_eq};
use crate::store::{Direction, Read, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The log, by sequence number from 1.
pub(super) const LOG: Table<(u64,), Row> = Table::new(0x0201, "audit log");
/// The numbers of a tenant's rows.
pub(super) const BY_TENANT: Table<(TenantId, u64), ()> = Table::new(0x0202, "audit log by tenant");
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
    /// Its code.
    pub code: [u8; 32],
}

/// The events of one transaction, until it is committed.
#[derive(Default)]
struct Pending(Vec<Arc<Event>>);

/// Adds an event to the transaction. It gets its number and its code when the transaction is committed; an operation that
/// fails after this leaves nothing, like any other write.
pub fn append(tx: &mut WriteTx<'_>, event: impl Into<Arc<Event>>) {
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
    for event in events {
        head.number += 1;
        head.code = code(key, &head.code, head.number, &event)?;
        tx.put(&LOG, &(head.number,), &Row { event: Arc::clone(&event), code: head.code })?;
        if let Some(tenant) = event.tenant {
            tx.put(&BY_TENANT, &(tenant, head.number), &())?;
        }
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

fn code(key: &MacKey, before: &[u8; 32], number: u64, event: &Event) -> Result<[u8; 32], StoreError> {
    let bytes =
        postcard::to_allocvec(event).map_err(|_| StoreError::Corrupt("an audit event that cannot be written"))?;
    Ok(key.mac(&[before, &number.to_be_bytes(), &bytes]))
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
        if let Some(tenant) = tenant {
            tx.delete(&BY_TENANT, &(*tenant, head.number))?;
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
        let reason = if number != at.number + 1 {
            Some("a row before it is missing")
        } else if !constant_time_eq(&code(key, &at.code, number, &row.event)?, &row.code) {
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
