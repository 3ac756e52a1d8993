//! Reading and writing rows: the same [`Read`] for a published snapshot and inside a transaction.

use super::StoreError;
use super::key::{Key, KeyBytes};
use super::table::{Entity, Row, Table, decode_row};
use crate::base::Timestamp;
use crate::crypto::digest::MacKey;
use crate::crypto::token::{KeptToken, TokenDigest};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition};
use std::any::Any;
use std::collections::HashMap;
use std::ops::{Bound, ControlFlow, RangeBounds};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The one redb tree that holds every row.
pub(super) const ROWS: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("rows");

/// Which way a scan goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest key.
    Forward,
    /// From the largest key.
    Backward,
}

/// A decoded row of some table.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// How the bytes of a row are read.
pub type Decode<'d> = &'d dyn Fn(&[u8]) -> Result<AnyRow, StoreError>;

pub(super) type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>;

/// The two things an engine must be able to do; everything else of [`Read`] is built on them.
pub trait RawRead {
    /// The key under which tokens are kept.
    fn token_key(&self) -> &MacKey;

    /// Shows the row at `key` to `visit`, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or `visit` fails.
    fn raw_get(&self, key: &[u8], visit: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), StoreError>;

    /// Shows the rows between two keys in order until `visit` breaks.
    ///
    /// # Errors
    /// When the file cannot be read, or `visit` fails.
    fn raw_scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, way: Direction, visit: Visit) -> Result<(), StoreError>;

    /// The row at `key` as `decode` reads it, for a table whose rows are remembered: the same key is read and decoded once.
    /// With `absence`, so is that there is none.
    ///
    /// # Errors
    /// When the file cannot be read, or `decode` fails.
    fn raw_recall(&self, key: &[u8], absence: bool, decode: Decode) -> Result<Option<AnyRow>, StoreError> {
        let _ = absence;
        let mut row = None;
        self.raw_get(key, &mut |bytes| {
            row = Some(decode(bytes)?);
            Ok(())
        })?;
        Ok(row)
    }

    /// Which state of the store this is: what was read from one with the same number reads the same from this one. None
    /// inside a transaction, whose state changes.
    fn state(&self) -> Option<u64> {
        None
    }
}

/// The end of the keys that start with `front`.
pub(super) fn after(front: &KeyBytes) -> Bound<KeyBytes> {
    front.clone().after().map_or(Bound::Unbounded, Bound::Excluded)
}

/// Reads typed rows.
pub trait Read: RawRead {
    /// What is kept of a token, and what it is found by: one HMAC.
    fn keep(&self, token: &TokenDigest) -> KeptToken {
        token.kept_under(self.token_key())
    }

    /// One row.
    ///
    /// # Errors
    /// When the file or the row cannot be read.
    fn get<K: Key, V: Row>(&self, table: &Table<K, V>, key: &K) -> Result<Option<V>, StoreError> {
        if table.remembered {
            return Ok(self.recall(table, key)?.map(|row| V::clone(&row)));
        }
        let mut row = None;
        self.raw_get(&table.key(key), &mut |bytes| {
            row = Some(decode_row(bytes)?);
            Ok(())
        })?;
        Ok(row)
    }

    /// One row of a [remembered](Table::remembered) table, shared with everybody who reads it from the same snapshot.
    ///
    /// # Errors
    /// When the file or the row cannot be read.
    fn recall<K: Key, V: Row>(&self, table: &Table<K, V>, key: &K) -> Result<Option<Arc<V>>, StoreError> {
        let decode = |bytes: &[u8]| Ok(Arc::new(decode_row::<V>(bytes)?) as AnyRow);
        let row = self.raw_recall(&table.key(key), table.absence, &decode)?;
        row.map(|row| row.downcast().map_err(|_| StoreError::Corrupt("a row of two types"))).transpose()
    }

    /// The row that an index's one entry points to.
    ///
    /// # Errors
    /// When the file or a row cannot be read.
    fn find<K: Key, E: Entity>(&self, index: &Table<K, E::Key>, key: &K) -> Result<Option<E>, StoreError>
    where
        E::Key: Row,
    {
        match self.get(index, key)? {
            Some(primary) => self.get(&E::TABLE, &primary),
            None => Ok(None),
        }
    }

    /// Visits the rows whose key starts with `front` (the leading parts of the table's key), until `visit` breaks.
    ///
    /// # Errors
    /// When the file or a row cannot be read, or `visit` fails.
    fn scan_front<K: Key, V: Row>(
        &self,
        table: &Table<K, V>,
        front: &impl Key,
        way: Direction,
        mut visit: impl FnMut(K, V) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let from = table.key(front);
        let to = after(&from);
        self.raw_scan(Bound::Included(&from), to.as_ref().map(|end| &**end), way, &mut |key, row| {
            visit(K::decode(&mut &key[2..])?, decode_row(row)?)
        })
    }

    /// Visits keys as [`Read::scan_after`] does, and not the rows, which may be unreadable.
    ///
    /// # Errors
    /// When the file or a key cannot be read, or `visit` fails.
    fn scan_keys<K: Key, V: Row>(
        &self,
        table: &Table<K, V>,
        front: &impl Key,
        start: Option<&K>,
        way: Direction,
        mut visit: impl FnMut(K) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        raw_scan_after(self, table, front, start, way, &mut |key, _| visit(K::decode(&mut &key[2..])?))
    }

    /// All rows of a table that can be read.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn readable_rows<K: Key, V: Row>(&self, table: &Table<K, V>) -> Result<Vec<V>, StoreError> {
        let mut rows = Vec::new();
        let from = table.key(&());
        let to = after(&from);
        self.raw_scan(Bound::Included(&from), to.as_ref().map(|end| &**end), Direction::Forward, &mut |_, row| {
            rows.extend(decode_row(row).ok());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// As [`Read::scan_front`], but starts behind `start` (in the direction of travel): how a page follows its cursor.
    ///
    /// # Errors
    /// When the file or a row cannot be read, or `visit` fails.
    fn scan_after<K: Key, V: Row>(
        &self,
        table: &Table<K, V>,
        front: &impl Key,
        start: Option<&K>,
        way: Direction,
        mut visit: impl FnMut(K, V) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        raw_scan_after(self, table, front, start, way, &mut |key, row| {
            visit(K::decode(&mut &key[2..])?, decode_row(row)?)
        })
    }

    /// Visits the rows whose key starts with `front`, from the last one in front of the keys that start with `end` back to the
    /// first. `end` begins with `front`; None: from the last one of all.
    ///
    /// # Errors
    /// When the file or a row cannot be read, or `visit` fails.
    fn scan_before<K: Key, V: Row>(
        &self,
        table: &Table<K, V>,
        front: &impl Key,
        end: Option<&impl Key>,
        mut visit: impl FnMut(K, V) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let Some(end) = end else { return self.scan_front(table, front, Direction::Backward, visit) };
        let (from, to) = (table.key(front), table.key(end));
        if !to.starts_with(&from) {
            return Ok(());
        }
        self.raw_scan(Bound::Included(&from), Bound::Excluded(&to), Direction::Backward, &mut |key, row| {
            visit(K::decode(&mut &key[2..])?, decode_row(row)?)
        })
    }

    /// The first `limit` rows whose key starts with `front`.
    ///
    /// # Errors
    /// When the file or a row cannot be read.
    fn list<K: Key, V: Row>(
        &self,
        table: &Table<K, V>,
        front: &impl Key,
        limit: usize,
    ) -> Result<Vec<(K, V)>, StoreError> {
        let mut rows = Vec::new();
        if limit > 0 {
            self.scan_front(table, front, Direction::Forward, |key, row| {
                rows.push((key, row));
                Ok(if rows.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
        }
        Ok(rows)
    }

    /// The rows that an index names for the moments up to an end, the oldest first, `limit` at most. `until` has no start:
    /// `..now` or `..=now`.
    ///
    /// # Errors
    /// When the file or a row cannot be read.
    fn due<K: Key>(
        &self,
        index: &Table<(Timestamp, K), ()>,
        until: impl RangeBounds<Timestamp>,
        limit: usize,
    ) -> Result<Vec<K>, StoreError> {
        let mut found = Vec::new();
        self.scan_front(index, &(), Direction::Forward, |(at, key), ()| {
            if found.len() >= limit || !until.contains(&at) {
                return Ok(ControlFlow::Break(()));
            }
            found.push(key);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The rows that an index names for the latest moments, the newest first, `limit` at most.
    ///
    /// # Errors
    /// When the file or a row cannot be read.
    fn latest<K: Key>(&self, index: &Table<(Timestamp, K), ()>, limit: usize) -> Result<Vec<K>, StoreError> {
        let mut found = Vec::new();
        self.scan_front(index, &(), Direction::Backward, |(_, key), ()| {
            if found.len() >= limit {
                return Ok(ControlFlow::Break(()));
            }
            found.push(key);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }
}

impl<T: RawRead> Read for T {}

/// Visits the bytes of the rows whose key starts with `front`, behind `start` if it is given.
fn raw_scan_after<K: Key, V: Row>(
    tx: &(impl RawRead + ?Sized),
    table: &Table<K, V>,
    front: &impl Key,
    start: Option<&K>,
    way: Direction,
    visit: Visit,
) -> Result<(), StoreError> {
    let front = table.key(front);
    let end = after(&front);
    let start = start.map(|key| table.key(key));
    let (from, to) = match (way, &start) {
        (Direction::Forward, Some(start)) => (Bound::Excluded(&**start), end.as_ref().map(|end| &**end)),
        (Direction::Backward, Some(start)) => (Bound::Included(&*front), Bound::Excluded(&**start)),
        (_, None) => (Bound::Included(&*front), end.as_ref().map(|end| &**end)),
    };
    // A start outside the front would turn the range inside out.
    if start.as_ref().is_some_and(|start| !start.starts_with(&front)) {
        return Ok(());
    }
    tx.raw_scan(from, to, way, visit)
}

pub(super) fn scan_table<'a>(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    from: Bound<&'a [u8]>,
    to: Bound<&'a [u8]>,
    way: Direction,
    visit: Visit,
) -> Result<(), StoreError> {
    let mut rows = table.range::<&[u8]>((from, to))?;
    loop {
        let next = match way {
            Direction::Forward => rows.next(),
            Direction::Backward => rows.next_back(),
        };
        let Some(row) = next else { return Ok(()) };
        let (key, value) = row?;
        if visit(key.value(), value.value())?.is_break() {
            return Ok(());
        }
    }
}

/// What readers see: the state after the last durable commit. Cheap to clone; do not keep one for long, since its pages
/// cannot be freed meanwhile.
#[derive(Clone)]
pub struct Snapshot(pub(super) Arc<SnapshotInner>);

pub(super) struct SnapshotInner {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    token_key: Arc<MacKey>,
    /// No other snapshot of this process has the same.
    number: u64,
    /// Rows of [remembered](Table::remembered) tables by their keys.
    remembered: RwLock<HashMap<Box<[u8]>, Option<AnyRow>>>,
}

/// How many rows a snapshot remembers at most.
const REMEMBERED: usize = 1024;

static SNAPSHOTS: AtomicU64 = AtomicU64::new(0);

impl Snapshot {
    pub(super) fn take(transaction: &ReadTransaction, token_key: &Arc<MacKey>) -> Result<Self, StoreError> {
        let number = SNAPSHOTS.fetch_add(1, Ordering::Relaxed);
        Ok(Self(Arc::new(SnapshotInner {
            table: transaction.open_table(ROWS)?,
            token_key: Arc::clone(token_key),
            number,
            remembered: RwLock::default(),
        })))
    }
}

impl RawRead for Snapshot {
    fn token_key(&self) -> &MacKey {
        &self.0.token_key
    }

    fn raw_get(&self, key: &[u8], visit: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.0.table.get(key)?.map_or(Ok(()), |row| visit(row.value()))
    }

    fn raw_scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, way: Direction, visit: Visit) -> Result<(), StoreError> {
        scan_table(&self.0.table, from, to, way, visit)
    }

    fn raw_recall(&self, key: &[u8], absence: bool, decode: Decode) -> Result<Option<AnyRow>, StoreError> {
        if let Some(row) = self.0.remembered.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(row.clone());
        }
        let row = self.0.table.get(key)?.map(|row| decode(row.value())).transpose()?;
        if row.is_some() || absence {
            let mut remembered = self.0.remembered.write().unwrap_or_else(PoisonError::into_inner);
            if remembered.len() < REMEMBERED {
                remembered.insert(key.into(), row.clone());
            }
        }
        Ok(row)
    }

    fn state(&self) -> Option<u64> {
        Some(self.0.number)
    }
}
