//! The rows of links.
//!
//! By digest: whoever comes with a link has nothing else.

use super::{Link, Made, Purpose};
use crate::base::Timestamp;
use crate::base::id::UserId;
use crate::crypto::token::TokenDigest;
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};
use std::ops::ControlFlow;

const BY_USER: Table<(UserId, u8, [u8; 32]), ()> = Table::new(0x0D11, "links by user");
const BY_END: Table<(Timestamp, [u8; 32]), ()> = Table::new(0x0D12, "links by end");

impl Row for Link {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        // Version 1 did not say what was so then: it is compared by the time at which the link was made. Until version 3 all
        // links were mailed.
        match version {
            1 => with_last(1, &(None::<Made>, false), version, bytes),
            _ => with_last(2, &false, version, bytes),
        }
    }
}

impl Entity for Link {
    type Key = [u8; 32];
    const TABLE: Table<[u8; 32], Self> = Table::new(0x0D10, "links");
    fn key(&self) -> [u8; 32] {
        self.digest.0
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_USER, &(self.user, self.purpose.number(), self.digest.0));
        entries.many(&BY_END, &(self.expires_at, self.digest.0));
    }
}

/// Saves a new link; those of the same kind for the same user are dead. An invitation takes the place of that tenant's only.
pub(super) fn replace(tx: &mut WriteTx<'_>, link: &Link) -> Result<(), StoreError> {
    let mut old = Vec::new();
    tx.scan_front(&BY_USER, &(link.user, link.purpose.number()), Direction::Forward, |(_, _, digest), ()| {
        old.push(digest);
        Ok(ControlFlow::Continue(()))
    })?;
    for digest in old {
        let same = match link.purpose {
            Purpose::Invitation => tx.get(&Link::TABLE, &digest)?.is_some_and(|old: Link| old.tenant == link.tenant),
            Purpose::ResetPassword | Purpose::VerifyEmail => true,
        };
        if same {
            tx.remove::<Link>(&digest)?;
        }
    }
    tx.save(link)
}

/// A link that works now.
pub(super) fn live(
    tx: &impl Read,
    purpose: Purpose,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<Option<Link>, StoreError> {
    let found: Option<Link> = tx.get(&Link::TABLE, &tx.keep(digest).0)?;
    Ok(found.filter(|link| link.purpose == purpose && link.used_at.is_none() && now < link.expires_at))
}

/// Takes away up to `limit` links that have ended. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Link>(&BY_END, ..now, limit)
}

/// Takes away all links, used or not, and counts them: after a restore, which makes used ones work again.
///
/// # Errors
/// When the file cannot be read or written.
pub fn end_all(tx: &mut WriteTx<'_>) -> Result<u64, StoreError> {
    let taken = tx.sweep::<Link>(&BY_END, .., usize::MAX)?;
    Ok(u64::try_from(taken).unwrap_or(u64::MAX))
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, link: Link| Link { digest: tx.keep_bare(link.digest), ..link })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Link>(tx)
}
