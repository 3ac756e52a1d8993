//! The rows of limits: what has been let through, and what differs from the settings.

use super::{Level, Subject, TenantLimits};
use crate::base::id::{PartnerId, TenantId};
use crate::store::{Direction, Read, Report, Row, StoreError, Table, WriteTx};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

const WINDOWS: Table<(u8, u64), WindowRow> = Table::new(0x0E00, "requests let through");
const TENANTS: Table<TenantId, TenantLimits> = Table::new(0x0E01, "limits of tenants");
const PARTNERS: Table<PartnerId, u64> = Table::new(0x0E02, "limits of partners");

/// What has been let through of a subject's requests, and what may have been since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WindowRow {
    /// Moments in milliseconds, and how many requests fell on each; rising.
    pub entries: Vec<(i64, u32)>,
    /// How many more may have been let through since.
    pub block: u32,
    /// Until when, in milliseconds.
    pub until: i64,
}

impl Row for WindowRow {}
impl Row for TenantLimits {}

impl WindowRow {
    /// Whether nothing that it tells is in the window any more.
    fn is_over(&self, now: i64, length: i64) -> bool {
        let block = if self.block == 0 { 0 } else { self.until };
        let last = self.entries.last().map_or(0, |(at, _)| *at).max(block);
        last + length <= now
    }
}

fn key(subject: Subject) -> (u8, u64) {
    (subject.level.number(), subject.id)
}

pub(super) fn put(tx: &mut WriteTx<'_>, subject: Subject, row: &WindowRow) -> Result<(), StoreError> {
    tx.put(&WINDOWS, &key(subject), row)
}

/// Takes away a row that tells nothing any more.
pub(super) fn sweep(tx: &mut WriteTx<'_>, subject: Subject, now: i64, length: i64) -> Result<(), StoreError> {
    match tx.get(&WINDOWS, &key(subject))? {
        // It may have been written anew since somebody asked for this.
        Some(row) if row.is_over(now, length) => tx.delete(&WINDOWS, &key(subject)),
        _ => Ok(()),
    }
}

/// All rows of windows.
pub(super) fn windows(tx: &impl Read) -> Result<Vec<(Subject, WindowRow)>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&WINDOWS, &(), Direction::Forward, |(level, id), row| {
        found.extend(Level::from_number(level).map(|level| (Subject { level, id }, row)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

pub(super) fn tenant(tx: &impl Read, id: TenantId) -> Result<Option<TenantLimits>, StoreError> {
    tx.get(&TENANTS, &id)
}

pub(super) fn partner(tx: &impl Read, id: PartnerId) -> Result<Option<u32>, StoreError> {
    Ok(tx.get(&PARTNERS, &id)?.and_then(|limit| u32::try_from(limit).ok()))
}

pub(super) fn set_tenant(tx: &mut WriteTx<'_>, id: TenantId, limits: Option<&TenantLimits>) -> Result<(), StoreError> {
    match limits {
        Some(limits) => tx.put(&TENANTS, &id, limits),
        None => tx.delete(&TENANTS, &id),
    }
}

pub(super) fn set_partner(tx: &mut WriteTx<'_>, id: PartnerId, limit: Option<u32>) -> Result<(), StoreError> {
    match limit {
        Some(limit) => tx.put(&PARTNERS, &id, &u64::from(limit)),
        None => tx.delete(&PARTNERS, &id),
    }
}

/// Every tenant's own limits.
pub(super) fn tenants(tx: &impl Read) -> Result<Vec<(TenantId, TenantLimits)>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&TENANTS, &(), Direction::Forward, |id, limits| {
        found.push((id, limits));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Every partner's own limit.
pub(super) fn partners(tx: &impl Read) -> Result<Vec<(PartnerId, u32)>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&PARTNERS, &(), Direction::Forward, |id, limit| {
        found.extend(u32::try_from(limit).map(|limit| (id, limit)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.table(tx, &WINDOWS)?;
    report.table(tx, &TENANTS)?;
    report.table(tx, &PARTNERS)
}
