//! What lies in the trash.

use super::find::tenant_of;
use crate::access::{Granted, permit};
use crate::base::{Problem, SecretPath, Timestamp};
use crate::store::{Direction, Entity, Read};
use crate::vault::TrashedSecret;
use crate::vault::table::Trashed;
use std::ops::ControlFlow;

/// Soft-deleted secrets that can still be restored, by path in a direction behind `start`, `limit` at most.
///
/// # Errors
/// When the file cannot be read.
pub fn trash(
    tx: &impl Read,
    granted: &Granted<permit::DeleteSecrets>,
    (start, way): (Option<&SecretPath>, Direction),
    limit: usize,
    now: Timestamp,
) -> Result<Vec<TrashedSecret>, Problem> {
    let tenant = tenant_of(granted)?;
    let start = start.map(|path| (tenant, path.clone()));
    let mut found = Vec::new();
    tx.scan_after(&Trashed::TABLE, &(tenant,), start.as_ref(), way, |(_, path), row| {
        if now < row.recoverable_until {
            found.push(TrashedSecret {
                path,
                deleted_at: row.deleted_at,
                deleted_by: row.deleted_by,
                recoverable_until: row.recoverable_until,
            });
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}
