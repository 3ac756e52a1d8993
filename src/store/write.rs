//! Writing rows: what an operation is handed inside a transaction.

use super::StoreError;
use super::key::Key;
use super::table::{Entity, IndexEntries, IndexEntry, Row, Table, encode_row};
use super::tx::{Direction, RawRead, Read, Visit, after, scan_table};
use crate::base::Timestamp;
use crate::crypto::digest::MacKey;
use crate::crypto::token::{KeptToken, TokenDigest};
use redb::ReadableTable;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::{Bound, ControlFlow, RangeBounds};
use std::sync::Arc;

/// A write transaction. Several operations share one; each sees what those before it wrote.
///
/// An operation may be run again after another one failed, so it must not wait, hash, ask for the time or for randomness:
/// such things come in as arguments.
pub struct WriteTx<'t> {
    table: redb::Table<'t, &'static [u8], &'static [u8]>,
    token_key: Arc<MacKey>,
    /// Set by the first write of an operation; the writer resets it between operations.
    pub(super) touched: bool,
    locals: HashMap<TypeId, Box<dyn Any>>,
    above: Option<Arc<dyn Any + Send + Sync>>,
}

impl RawRead for WriteTx<'_> {
    fn token_key(&self) -> &MacKey {
        &self.token_key
    }

    fn raw_get(&self, key: &[u8], visit: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.table.get(key)?.map_or(Ok(()), |row| visit(row.value()))
    }

    fn raw_scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, way: Direction, visit: Visit) -> Result<(), StoreError> {
        scan_table(&self.table, from, to, way, visit)
    }
}

impl<'t> WriteTx<'t> {
    pub(super) fn new(
        table: redb::Table<'t, &'static [u8], &'static [u8]>,
        token_key: Arc<MacKey>,
        above: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Self {
        Self { table, token_key, touched: false, locals: HashMap::new(), above }
    }

    /// What the layers above gave the store ([`Hooks`](super::Hooks)), if it is of this type.
    pub fn above<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.above.as_ref()?).downcast().ok()
    }

    /// Changes every row of a table that can be read, for a step of the schema. A row may get another key.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn rewrite<E: Entity>(&mut self, change: impl Fn(&Self, E) -> E) -> Result<(), StoreError> {
        for row in self.readable_rows(&E::TABLE)? {
            let key = row.key();
            let changed = change(self, row);
            self.remove::<E>(&key)?;
            self.save(&changed)?;
        }
        Ok(())
    }

    /// What is kept of a token of which an older version kept the SHA-256 itself, for a step of the schema.
    pub fn keep_bare(&self, kept: KeptToken) -> KeptToken {
        self.keep(&TokenDigest(kept.0))
    }

    /// Puts a row, over an older one if there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put<K: Key, V: Row>(&mut self, table: &Table<K, V>, key: &K, row: &V) -> Result<(), StoreError> {
        let (key, row) = (table.key(key), encode_row(row)?);
        self.raw_put(&key, &row)
    }

    /// Puts a row that is in the form of [`encoded`](super::encoded) already.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_encoded<K: Key, V: Row>(&mut self, table: &Table<K, V>, key: &K, row: &[u8]) -> Result<(), StoreError> {
        self.raw_put(&table.key(key), row)
    }

    /// Takes a row away, if it is there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn delete<K: Key, V: Row>(&mut self, table: &Table<K, V>, key: &K) -> Result<(), StoreError> {
        self.raw_delete(&table.key(key))
    }

    /// Saves an entity, over its older self if there is one, and brings its index entries up to date.
    ///
    /// # Errors
    /// [`StoreError::Taken`] with the index's name when another row has one of its unique keys; nothing is written then.
    pub fn save<E: Entity>(&mut self, entity: &E) -> Result<(), StoreError> {
        let key = entity.key();
        let mut fresh = IndexEntries::default();
        entity.indexes(&mut fresh);
        let mut stale = IndexEntries::default();
        if let Some(old) = self.get(&E::TABLE, &key)? {
            old.indexes(&mut stale);
        }
        for entry in fresh.entries.iter().filter(|entry| !stale.entries.contains(entry)) {
            let Some(index) = entry.unique else { continue };
            let mut holder = None;
            self.raw_get(&entry.key, &mut |value| {
                holder = Some(value.to_vec());
                Ok(())
            })?;
            if holder.is_some_and(|holder| holder != entry.value) {
                return Err(StoreError::Taken(index));
            }
        }
        for entry in stale.entries.iter().filter(|entry| !fresh.entries.contains(entry)) {
            self.drop_entry(entry)?;
        }
        for entry in fresh.entries.iter().filter(|entry| !stale.entries.contains(entry)) {
            self.raw_put(&entry.key, &entry.value)?;
        }
        self.put(&E::TABLE, &key, entity)
    }

    /// Takes an entity and its index entries away.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn remove<E: Entity>(&mut self, key: &E::Key) -> Result<(), StoreError> {
        let Some(old) = self.get(&E::TABLE, key)? else { return Ok(()) };
        let mut stale = IndexEntries::default();
        old.indexes(&mut stale);
        for entry in &stale.entries {
            self.drop_entry(entry)?;
        }
        self.delete(&E::TABLE, key)
    }

    /// Takes an index entry of a row away. A unique one that points to another row stays: two rows can have come to the same
    /// key when what makes keys the same was changed.
    fn drop_entry(&mut self, entry: &IndexEntry) -> Result<(), StoreError> {
        if entry.unique.is_some() {
            let mut is_own = true;
            self.raw_get(&entry.key, &mut |value| {
                is_own = value == entry.value;
                Ok(())
            })?;
            if !is_own {
                return Ok(());
            }
        }
        self.raw_delete(&entry.key)
    }

    /// Makes an index of an entity anew, after what its keys are made of was changed. Of rows that have come to the same key of
    /// a unique index, the one with the smallest primary key, which is the oldest, has it.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn reindex<E: Entity, K: Key, P: Row>(&mut self, index: &Table<K, P>) -> Result<(), StoreError> {
        self.clear(index)?;
        let front = index.key(&());
        // What cannot be read is in no index, and no reason to stop.
        for row in self.readable_rows(&E::TABLE)? {
            let mut entries = IndexEntries::default();
            row.indexes(&mut entries);
            for entry in entries.entries.iter().filter(|entry| entry.key.starts_with(&front)) {
                let mut is_free = true;
                self.raw_get(&entry.key, &mut |_| {
                    is_free = false;
                    Ok(())
                })?;
                if is_free {
                    self.raw_put(&entry.key, &entry.value)?;
                }
            }
        }
        Ok(())
    }

    /// Takes all rows of a table away.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn clear<K: Key, V: Row>(&mut self, table: &Table<K, V>) -> Result<(), StoreError> {
        let front = table.key(&());
        let end = after(&front);
        loop {
            let mut keys: Vec<Vec<u8>> = Vec::new();
            self.raw_scan(
                Bound::Included(&front),
                end.as_ref().map(|end| &**end),
                Direction::Forward,
                &mut |key, _| {
                    keys.push(key.to_vec());
                    Ok(if keys.len() == 10_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                },
            )?;
            if keys.is_empty() {
                return Ok(());
            }
            keys.iter().try_for_each(|key| self.raw_delete(key))?;
        }
    }

    /// Takes the entities away that [`Read::due`] names. Gives how many.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn sweep<E: Entity>(
        &mut self,
        index: &Table<(Timestamp, E::Key), ()>,
        until: impl RangeBounds<Timestamp>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let old = self.due(index, until, limit)?;
        for key in &old {
            self.remove::<E>(key)?;
        }
        Ok(old.len())
    }

    /// Says that this operation has written, although nothing is in a table yet: what it left in a [`WriteTx::local`] goes
    /// there before the commit.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// A value that lives as long as this transaction and is shared by its operations: a head, a counter.
    pub fn local<T: Default + 'static>(&mut self) -> &mut T {
        let slot = self.locals.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        if !slot.is::<T>() {
            *slot = Box::new(T::default());
        }
        match slot.downcast_mut() {
            Some(value) => value,
            None => unreachable!("the slot was just made to hold this type"),
        }
    }

    pub(super) fn raw_put(&mut self, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
        self.touched = true;
        self.table.insert(key, row)?;
        Ok(())
    }

    pub(super) fn raw_delete(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.touched = true;
        self.table.remove(key)?;
        Ok(())
    }
}
