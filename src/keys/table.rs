//! The rows of personal tokens. The digest is the key, so that the hot path finds a token in one look-up.

use super::{Owner, PersonalToken};
use crate::base::Id;
use crate::base::id::{TenantId, TokenId};
use crate::crypto::token::TokenDigest;
use crate::store::{Direction, Entity, IndexEntries, Read, Row, StoreError, Table, WriteTx};
use std::ops::ControlFlow;

type Digest = [u8; 32];

const BY_ID: Table<(TokenId, Digest), ()> = Table::new(0x0701, "personal tokens by id");
/// By owner; 0 is the operator.
const BY_OWNER: Table<(u64, TokenId, Digest), ()> = Table::new(0x0702, "personal tokens by owner");
const BY_TENANT: Table<(TenantId, TokenId, Digest), ()> = Table::new(0x0703, "personal tokens by tenant");

impl Row for PersonalToken {}

impl Entity for PersonalToken {
    type Key = Digest;
    const TABLE: Table<Digest, Self> = Table::new(0x0700, "personal tokens").remembered();
    fn key(&self) -> Digest {
        self.digest.0
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_ID, &(self.id, self.digest.0));
        entries.many(&BY_OWNER, &(owner_number(self.owner), self.id, self.digest.0));
        entries.many(&BY_TENANT, &(self.tenant, self.id, self.digest.0));
    }
}

fn owner_number(owner: Owner) -> u64 {
    match owner {
        Owner::Operator => 0,
        Owner::User(user) => user.raw(),
    }
}

pub(super) fn by_digest(tx: &impl Read, digest: &TokenDigest) -> Result<Option<PersonalToken>, StoreError> {
    tx.get(&PersonalToken::TABLE, &digest.0)
}

pub(super) fn by_id(tx: &impl Read, id: TokenId) -> Result<Option<PersonalToken>, StoreError> {
    match tx.list(&BY_ID, &(id,), 1)?.first() {
        Some(((_, digest), ())) => tx.get(&PersonalToken::TABLE, digest),
        None => Ok(None),
    }
}

pub(super) fn save(tx: &mut WriteTx<'_>, token: &PersonalToken) -> Result<(), StoreError> {
    tx.save(token)
}

/// Notes a use without touching the indexes, which do not depend on it.
pub(super) fn note_use(tx: &mut WriteTx<'_>, token: &PersonalToken) -> Result<(), StoreError> {
    tx.put(&PersonalToken::TABLE, &token.digest.0, token)
}

/// Whose or where, for a list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    All,
    Owner(Owner),
    Tenant(TenantId),
}

/// Tokens that `takes` takes, the newest first, behind `before`, at most `limit`.
pub(super) fn list(
    tx: &impl Read,
    which: Which,
    before: Option<TokenId>,
    limit: usize,
    mut takes: impl FnMut(&PersonalToken) -> Result<bool, StoreError>,
) -> Result<Vec<PersonalToken>, StoreError> {
    const LOWEST: Digest = [0; 32];
    let mut found = Vec::new();
    let mut visit = |digest: &Digest| {
        if found.len() < limit
            && let Some(token) = tx.get(&PersonalToken::TABLE, digest)?
            && takes(&token)?
        {
            found.push(token);
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let way = Direction::Backward;
    match which {
        Which::All => {
            let start = before.map(|id| (id, LOWEST));
            tx.scan_after(&BY_ID, &(), start.as_ref(), way, |(_, digest), ()| visit(&digest))?;
        }
        Which::Owner(owner) => {
            let owner = owner_number(owner);
            let start = before.map(|id| (owner, id, LOWEST));
            tx.scan_after(&BY_OWNER, &(owner,), start.as_ref(), way, |(_, _, digest), ()| visit(&digest))?;
        }
        Which::Tenant(tenant) => {
            let start = before.map(|id| (tenant, id, LOWEST));
            tx.scan_after(&BY_TENANT, &(tenant,), start.as_ref(), way, |(_, _, digest), ()| visit(&digest))?;
        }
    }
    Ok(found)
}
