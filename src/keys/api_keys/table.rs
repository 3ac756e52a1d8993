//! The rows of API keys. The digest is the key, so that a request finds its row in one look-up.

use super::super::scan::{Digest, edge, stretch};
use super::ApiKey;
use crate::base::id::{ApiKeyId, TenantId, UserId};
use crate::crypto::token::KeptToken;
use crate::store::{Direction, Entity, IndexEntries, Read, Report, StoreError, Table, WriteTx};
use std::ops::ControlFlow;
use std::sync::Arc;

const BY_ID: Table<(ApiKeyId, Digest), ()> = Table::new(0x0711, "API keys by id");
const BY_OWNER: Table<(UserId, TenantId, ApiKeyId, Digest), ()> = Table::new(0x0712, "API keys by owner");
const BY_TENANT: Table<(TenantId, ApiKeyId, Digest), ()> = Table::new(0x0713, "API keys by tenant");

impl Entity for ApiKey {
    type Key = Digest;
    const TABLE: Table<Digest, Self> = Table::new(0x0710, "API keys").remembered();
    fn key(&self) -> Digest {
        self.digest.0
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_ID, &(self.id, self.digest.0));
        entries.many(&BY_OWNER, &(self.user, self.tenant, self.id, self.digest.0));
        entries.many(&BY_TENANT, &(self.tenant, self.id, self.digest.0));
    }
}

pub(super) fn by_digest(tx: &impl Read, token: &KeptToken) -> Result<Option<Arc<ApiKey>>, StoreError> {
    tx.recall(&ApiKey::TABLE, &token.0)
}

pub(super) fn by_id(tx: &impl Read, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    match tx.list(&BY_ID, &(id,), 1)?.first() {
        Some(((_, digest), ())) => tx.get(&ApiKey::TABLE, digest),
        None => Ok(None),
    }
}

/// Notes a use without touching the indexes, which do not depend on it.
pub(super) fn note_use(tx: &mut WriteTx<'_>, key: &ApiKey) -> Result<(), StoreError> {
    tx.put(&ApiKey::TABLE, &key.digest.0, key)
}

/// All keys of a user, whatever became of them.
pub(super) fn of_user(tx: &impl Read, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&BY_OWNER, &(user,), Direction::Forward, |(_, _, _, digest), ()| {
        found.extend(tx.get(&ApiKey::TABLE, &digest)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Whose or where, for a list.
#[derive(Clone, Copy, Debug)]
pub(super) enum ApiKeysOf {
    All,
    Tenant(TenantId),
    Owner(UserId, TenantId),
}

/// Keys that `takes` takes, behind a place in a direction, at most `limit`.
pub(super) fn list(
    tx: &impl Read,
    which: ApiKeysOf,
    (start, way): (Option<ApiKeyId>, Direction),
    limit: usize,
    takes: impl FnMut(&ApiKey) -> Result<bool, StoreError>,
) -> Result<Vec<ApiKey>, StoreError> {
    match which {
        ApiKeysOf::All => stretch(tx, (&BY_ID, (), start.map(|id| (id, edge(way))), |key| key.1), way, limit, takes),
        ApiKeysOf::Tenant(tenant) => {
            let start = start.map(|id| (tenant, id, edge(way)));
            stretch(tx, (&BY_TENANT, (tenant,), start, |key| key.2), way, limit, takes)
        }
        ApiKeysOf::Owner(user, tenant) => {
            let start = start.map(|id| (user, tenant, id, edge(way)));
            stretch(tx, (&BY_OWNER, (user, tenant), start, |key| key.3), way, limit, takes)
        }
    }
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, key: ApiKey| ApiKey { digest: tx.keep_bare(key.digest), ..key })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<ApiKey>(tx)
}
