//! The rows of links.
//!
//! By digest: whoever comes with a link has nothing else.

use super::{KEEP_SECS, Maker, PortalLink};
use crate::base::Timestamp;
use crate::crypto::token::TokenDigest;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};

const BY_END: Table<(Timestamp, [u8; 32]), ()> = Table::new(0x1001, "portal links by end");

impl Row for PortalLink {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        with_last(1, &Maker::Unknown, version, bytes)
    }
}

impl Entity for PortalLink {
    type Key = [u8; 32];
    const TABLE: Table<[u8; 32], Self> = Table::new(0x1000, "portal links");
    fn key(&self) -> [u8; 32] {
        self.digest.0
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_END, &(self.expires_at, self.digest.0));
    }
}

/// A link, in whatever state.
pub(super) fn link(tx: &impl Read, digest: &TokenDigest) -> Result<Option<PortalLink>, StoreError> {
    tx.get(&PortalLink::TABLE, &tx.keep(digest).0)
}

/// Takes away up to `limit` links of which nothing needs to be said any more. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<PortalLink>(&BY_END, ..now.plus_secs(-KEEP_SECS), limit)
}

/// Takes away all links, used or not, and counts them: after a restore, which makes used ones work again.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_all(tx: &mut WriteTx<'_>) -> Result<u64, StoreError> {
    let taken = tx.sweep::<PortalLink>(&BY_END, .., usize::MAX)?;
    Ok(u64::try_from(taken).unwrap_or(u64::MAX))
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, link: PortalLink| PortalLink { digest: tx.keep_bare(link.digest), ..link })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<PortalLink>(tx)
}
