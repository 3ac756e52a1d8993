//! The rows of families.

use super::Family;
use super::older::Second;
use crate::apps::MAX_TOKEN_LIFETIME;
use crate::base::Timestamp;
use crate::base::id::{FamilyId, SessionId, TenantId, UserId};
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, older};
use std::ops::ControlFlow;

const BY_USER: Table<(UserId, FamilyId), ()> = Table::new(0x0613, "token families by user");
const BY_SESSION: Table<(SessionId, FamilyId), ()> = Table::new(0x0614, "token families by session");
const BY_TENANT: Table<(TenantId, FamilyId), ()> = Table::new(0x0615, "token families by tenant");
const BY_END: Table<(Timestamp, FamilyId), ()> = Table::new(0x0616, "token families by end");

impl Row for Family {
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

impl Entity for Family {
    type Key = FamilyId;
    const TABLE: Table<FamilyId, Self> = Table::new(0x0612, "token families").remembered();
    const SPARSE: &'static [u16] = &[BY_USER.number, BY_SESSION.number, BY_TENANT.number];
    fn key(&self) -> FamilyId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        // An ended family is no longer anybody's: only the sweep looks for it.
        if self.ended.is_none() {
            entries.many(&BY_USER, &(self.user, self.id));
            entries.many(&BY_SESSION, &(self.session, self.id));
            entries.many(&BY_TENANT, &(self.tenant, self.id));
        }
        entries.many(&BY_END, &(keep_until(self), self.id));
    }
}

/// When the row may go: without it no token of the family holds.
fn keep_until(family: &Family) -> Timestamp {
    match family.ended {
        Some((at, _)) => family.expires_at.min(at.plus_secs(i64::from(MAX_TOKEN_LIFETIME))),
        None => family.expires_at,
    }
}

/// A family, whatever became of it.
pub(super) fn one(tx: &impl Read, id: FamilyId) -> Result<Option<Family>, StoreError> {
    tx.get(&Family::TABLE, &id)
}

/// Whose families are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum FamiliesOf {
    User(UserId),
    Session(SessionId),
    Tenant(TenantId),
    All,
}

/// The families that have not been ended, the oldest first.
pub(super) fn of(tx: &impl Read, which: FamiliesOf) -> Result<Vec<Family>, StoreError> {
    let mut ids = Vec::new();
    let mut take = |id| {
        ids.push(id);
        Ok(ControlFlow::Continue(()))
    };
    let way = Direction::Forward;
    match which {
        FamiliesOf::User(user) => tx.scan_front(&BY_USER, &(user,), way, |(_, id), ()| take(id))?,
        FamiliesOf::Session(session) => tx.scan_front(&BY_SESSION, &(session,), way, |(_, id), ()| take(id))?,
        FamiliesOf::Tenant(tenant) => tx.scan_front(&BY_TENANT, &(tenant,), way, |(_, id), ()| take(id))?,
        FamiliesOf::All => tx.scan_front(&BY_TENANT, &(), way, |(_, id), ()| take(id))?,
    }
    let row = |id| one(tx, id)?.ok_or(StoreError::Corrupt("an index entry without its row"));
    ids.into_iter().map(row).collect()
}

/// Takes away up to `limit` rows of families whose last token has expired. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Family>(&BY_END, ..now, limit)
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, mut family: Family| {
        if let Some(refresh) = &mut family.refresh {
            refresh.secret = tx.keep_bare(refresh.secret);
        }
        family
    })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Family>(tx)
}
