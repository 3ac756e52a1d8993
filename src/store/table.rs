//! Typed tables over one ordered key space, rows with a version, and indexes that keep themselves true.
//!
//! All tables live in **one** redb tree: a row's key is the table's number and then its own key. One tree means that a
//! transaction that touches five tables rewrites one root, and that reading needs no look-up of a table by name.

use super::StoreError;
use super::key::{Key, KeyBytes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A table: its number for good, and its name for people. Keys are `K`, rows are `V`.
#[derive(Debug)]
pub struct Table<K, V> {
    /// The two bytes in front of every key. Never reused for another table.
    pub number: u16,
    /// For messages and metrics.
    pub name: &'static str,
    /// Whether a snapshot remembers the rows that it has shown.
    pub(super) remembered: bool,
    /// Whether it remembers as well that there is none.
    pub(super) absence: bool,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Row> Table<K, V> {
    /// Declares a table. `tests::numbers_are_unique` in `lib.rs` holds the numbers of all tables apart.
    pub const fn new(number: u16, name: &'static str) -> Self {
        Self { number, name, remembered: false, absence: false, types: PhantomData }
    }

    /// Of small rows that nearly every request asks for: a snapshot remembers the ones it has shown, and spares the walk
    /// through the tree. Nothing is remembered beyond a commit.
    pub const fn remembered(self) -> Self {
        Self { remembered: true, ..self }
    }

    /// As [`Table::remembered`], for rows that are mostly not there: that there is none is remembered too. Only where nobody
    /// but who has shown a credential chooses the key, so that nobody can fill the memory with questions.
    pub const fn remembered_with_absence(self) -> Self {
        Self { remembered: true, absence: true, ..self }
    }

    /// The bytes of a row's key.
    pub(super) fn key(&self, key: &impl Key) -> KeyBytes {
        let mut out = KeyBytes::default();
        self.number.encode(&mut out);
        key.encode(&mut out);
        out
    }
}

/// What a table holds: serde through postcard, behind one byte that says which version of the type wrote it.
pub trait Row: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The version that is written now.
    const VERSION: u8 = 1;

    /// Reads a row of an older version.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when there was never such a version.
    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        let _ = (version, bytes);
        Err(StoreError::Corrupt("a row of an unknown version"))
    }
}

impl Row for () {}
impl Row for u64 {}
impl Row for Vec<u8> {}
impl Row for String {}
impl<I: crate::base::Id + Serialize + DeserializeOwned> Row for I {}

/// The bytes of a row: the version's, then postcard's. `row` may be the leading fields of a `V` only; the rest is appended
/// before it is put.
///
/// # Errors
/// [`StoreError::Corrupt`] for a type that postcard cannot write.
pub fn encoded<V: Row>(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut start = Vec::with_capacity(128);
    start.push(V::VERSION);
    postcard::to_extend(row, start).map_err(|_| StoreError::Corrupt("a row that cannot be written"))
}

/// Reads a row that was written by version `before`, which ended before the fields that are the last ones now: `rest` is
/// what they hold then. For [`Row::upgrade`].
///
/// # Errors
/// [`StoreError::Corrupt`] for another version, and for bytes that are no such row.
pub fn with_last<V: Row>(before: u8, rest: &impl Serialize, version: u8, bytes: &[u8]) -> Result<V, StoreError> {
    if version != before {
        return Err(StoreError::Corrupt("a row of an unknown version"));
    }
    older(rest, bytes)
}

/// Reads a row in the form of an older version, `rest` as in [`with_last`]. For [`Row::upgrade`].
///
/// # Errors
/// [`StoreError::Corrupt`] for bytes that are no such row.
pub fn older<T: DeserializeOwned>(rest: &impl Serialize, bytes: &[u8]) -> Result<T, StoreError> {
    let wrong = |_| StoreError::Corrupt("a row of an older version that cannot be read");
    let whole = postcard::to_extend(rest, bytes.to_vec()).map_err(wrong)?;
    postcard::from_bytes(&whole).map_err(wrong)
}

pub(super) fn encode_row<V: Row>(row: &V) -> Result<Vec<u8>, StoreError> {
    encoded::<V>(row)
}

pub(super) fn decode_row<V: Row>(bytes: &[u8]) -> Result<V, StoreError> {
    let (version, bytes) = bytes.split_first().ok_or(StoreError::Corrupt("an empty row"))?;
    if *version == V::VERSION {
        postcard::from_bytes(bytes).map_err(|_| StoreError::Corrupt("a row that cannot be read"))
    } else {
        V::upgrade(*version, bytes)
    }
}

/// A row that knows its own key and its index entries, so that `save` and `remove` keep all of them true.
pub trait Entity: Row {
    /// The primary key.
    type Key: Key;

    /// Where the rows live.
    const TABLE: Table<Self::Key, Self>;

    /// The numbers of the indexes in which not every row stands: [`Report`](super::Report) looks for what is too much in them also
    /// when no row has an entry there.
    const SPARSE: &'static [u16] = &[];

    /// This row's primary key.
    fn key(&self) -> Self::Key;

    /// Names every index entry of this row.
    fn indexes(&self, entries: &mut IndexEntries);
}

/// The index entries of one row, gathered by [`Entity::indexes`].
#[derive(Debug, Default)]
pub struct IndexEntries {
    pub(super) entries: Vec<IndexEntry>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub key: KeyBytes,
    pub value: Vec<u8>,
    /// The index's name, when no other row may have this key.
    pub unique: Option<&'static str>,
}

impl IndexEntries {
    /// An index in which one key belongs to one row: `unique(&BY_SLUG, &slug, &id)`.
    pub fn unique<K: Key, P: Row>(&mut self, index: &Table<K, P>, key: &K, points_to: &P) {
        self.push(index, key, points_to, Some(index.name));
    }

    /// An index in which many rows share a key's front; its last part is the primary key: `many(&BY_TENANT, &(tenant, id))`.
    pub fn many<K: Key>(&mut self, index: &Table<K, ()>, key: &K) {
        self.push(index, key, &(), None);
    }

    fn push<K: Key, P: Row>(&mut self, index: &Table<K, P>, key: &K, value: &P, unique: Option<&'static str>) {
        // Index values are ids and units, which always encode.
        if let Ok(value) = encode_row(value) {
            self.entries.push(IndexEntry { key: index.key(key), value, unique });
        }
    }
}
