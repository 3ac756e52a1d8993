//! Lists over an index whose last part is the digest of a key or token.

use crate::store::listing::readable;
use crate::store::{Direction, Entity, Key, Read, StoreError, Table};
use std::fmt;
use std::ops::ControlFlow;

/// How keys and tokens are found.
pub(super) type Digest = [u8; 32];

/// What sorts in front of every digest, or behind: a scan that starts there passes the row of that id over.
pub(super) const fn edge(way: Direction) -> Digest {
    match way {
        Direction::Backward => [0; 32],
        Direction::Forward => [u8::MAX; 32],
    }
}

/// A stretch of an index: which, the front of its keys, the key to start behind, and where a key has the digest.
pub(super) type Stretch<'a, K, F> = (&'a Table<K, ()>, F, Option<K>, fn(&K) -> Digest);

/// The front of a digest, by which `scaistack check` names the row too.
struct Front<'d>(&'d Digest);

impl fmt::Display for Front<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The rows of a stretch that `takes` takes, in a direction, at most `limit`. One that cannot be read is left out.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn stretch<E: Entity<Key = Digest>, K: Key, F: Key>(
    tx: &impl Read,
    (index, front, start, digest): Stretch<'_, K, F>,
    way: Direction,
    limit: usize,
    mut takes: impl FnMut(&E) -> Result<bool, StoreError>,
) -> Result<Vec<E>, StoreError> {
    let mut found = Vec::new();
    tx.scan_after(index, &front, start.as_ref(), way, |key, ()| {
        let digest = digest(&key);
        if found.len() < limit
            && let Some(row) = readable(E::TABLE.name, &Front(&digest), tx.get(&E::TABLE, &digest))?
            && takes(&row)?
        {
            found.push(row);
        }
        Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}
