//! The rows of personal tokens. The digest is the key, so that the hot path finds a token in one look-up.

use super::scan::{Digest, edge, stretch};
use super::{Owner, PersonalToken};
use crate::base::Id;
use crate::base::id::{TenantId, TokenId};
use crate::crypto::token::KeptToken;
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx};
use std::sync::Arc;

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

pub(super) fn by_digest(tx: &impl Read, token: &KeptToken) -> Result<Option<Arc<PersonalToken>>, StoreError> {
    tx.recall(&PersonalToken::TABLE, &token.0)
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
pub(super) enum TokensOf {
    All,
    Owner(Owner),
    Tenant(TenantId),
}

/// Tokens that `takes` takes, behind a place in a direction, at most `limit`.
pub(super) fn list(
    tx: &impl Read,
    which: TokensOf,
    (start, way): (Option<TokenId>, Direction),
    limit: usize,
    takes: impl FnMut(&PersonalToken) -> Result<bool, StoreError>,
) -> Result<Vec<PersonalToken>, StoreError> {
    match which {
        TokensOf::All => stretch(tx, (&BY_ID, (), start.map(|id| (id, edge(way))), |key| key.1), way, limit, takes),
        TokensOf::Owner(owner) => {
            let owner = owner_number(owner);
            let start = start.map(|id| (owner, id, edge(way)));
            stretch(tx, (&BY_OWNER, (owner,), start, |key| key.2), way, limit, takes)
        }
        TokensOf::Tenant(tenant) => {
            let start = start.map(|id| (tenant, id, edge(way)));
            stretch(tx, (&BY_TENANT, (tenant,), start, |key| key.2), way, limit, takes)
        }
    }
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, token: PersonalToken| PersonalToken { digest: tx.keep_bare(token.digest), ..token })?;
    super::api_keys::keep_tokens(tx)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<PersonalToken>(tx)
}
