//! Whether the rows of a store are what they should be: each reads as its type, stands under its own key, and has just the
//! index entries that it names. What is wrong is named; what follows from the rows can be mended.

use super::table::{Entity, IndexEntries, Row, Table, decode_row};
use super::tx::after;
use super::{Card, Direction, Key, Listing, RawRead, Read, StoreError, WriteTx};
use crate::base::Id;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;
use std::ops::{Bound, ControlFlow};

/// The most faults that are named.
const MAX_FAULTS: usize = 10_000;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The table's name.
    pub table: &'static str,
    /// The row's key: its numbers, as ids have them behind their prefix, or its text.
    pub row: String,
    /// What is wrong.
    pub what: String,
    /// Whether [`Report::mend`] puts it right.
    pub can_be_mended: bool,
}

type Mend = Box<dyn FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError>>;

/// What a look at all rows has found.
#[derive(Default)]
pub struct Report {
    /// How many rows were looked at.
    pub rows: u64,
    /// The names of their tables.
    pub tables: BTreeSet<&'static str>,
    /// What is wrong, up to [`MAX_FAULTS`] of it.
    pub faults: Vec<Fault>,
    mends: Vec<Mend>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("rows", &self.rows).field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// A key without its table's number, for people.
fn shown(key: &[u8]) -> String {
    let printable = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_graphic());
    let mut parts = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        let text = rest.strip_suffix(&[0, 0]).unwrap_or(rest);
        if printable(text) {
            parts.push(String::from_utf8_lossy(text).into_owned());
            break;
        }
        match rest.split_first_chunk::<8>() {
            Some((number, behind))
                if key.len() <= 24 || parts.is_empty() && printable(behind.strip_suffix(&[0, 0]).unwrap_or(behind)) =>
            {
                parts.push(u64::from_be_bytes(*number).to_string());
                rest = behind;
            }
            _ => {
                parts.push(rest.iter().map(|byte| format!("{byte:02x}")).collect());
                break;
            }
        }
    }
    parts.join("/")
}

/// Visits the bytes of all rows of a table.
fn raw_rows<K: Key, V: Row>(
    tx: &impl RawRead,
    table: &Table<K, V>,
    mut visit: impl FnMut(&[u8], &[u8]),
) -> Result<(), StoreError> {
    let from = table.key(&());
    let to = after(&from);
    tx.raw_scan(Bound::Included(&from), to.as_ref().map(|end| &**end), Direction::Forward, &mut |key, row| {
        visit(key, row);
        Ok(ControlFlow::Continue(()))
    })
}

impl Report {
    /// Names a fault that nothing here can mend.
    pub fn fault(&mut self, table: &'static str, row: impl Into<String>, what: impl Into<String>) {
        self.add(table, row.into(), what.into(), None);
    }

    /// Names a fault, and how it is mended. `mend` runs in the transaction that has looked.
    pub fn mendable(
        &mut self,
        table: &'static str,
        row: impl Into<String>,
        what: impl Into<String>,
        mend: impl FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError> + 'static,
    ) {
        self.add(table, row.into(), what.into(), Some(Box::new(mend)));
    }

    fn add(&mut self, table: &'static str, row: String, what: String, mend: Option<Mend>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { table, row, what, can_be_mended: mend.is_some() });
            self.mends.extend(mend);
        }
    }

    /// Looks at the rows of a table that is no entity's.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn table<K: Key, V: Row>(&mut self, tx: &impl RawRead, table: &Table<K, V>) -> Result<(), StoreError> {
        let mut wrong = Vec::new();
        self.tables.insert(table.name);
        raw_rows(tx, table, |key, row| {
            self.rows += 1;
            let own = key.get(2..).unwrap_or_default();
            if let Err(error) = K::decode(&mut &*own).map(drop).and_then(|()| decode_row::<V>(row).map(drop)) {
                wrong.push((shown(own), error.to_string()));
            }
        })?;
        wrong.into_iter().for_each(|(row, what)| self.fault(table.name, row, what));
        Ok(())
    }

    /// Looks at the rows of an entity and at its indexes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn entity<E: Entity>(&mut self, tx: &impl RawRead) -> Result<(), StoreError> {
        let (name, hasher) = (E::TABLE.name, RandomState::new());
        self.tables.insert(name);
        let sparse = E::SPARSE.iter().map(|number| number.to_be_bytes());
        let (mut expected, mut tables) = (HashSet::new(), sparse.collect::<BTreeSet<_>>());
        let (mut rows, mut wrong, mut whole) = (Vec::new(), Vec::new(), true);
        raw_rows(tx, &E::TABLE, |key, row| {
            self.rows += 1;
            let own = shown(key.get(2..).unwrap_or_default());
            match decode_row::<E>(row) {
                Ok(row) if *E::TABLE.key(&row.key()) == *key => rows.push((own, row)),
                Ok(_) => wrong.push((own, "stands under the key of another row".to_owned())),
                Err(error) => {
                    whole = false;
                    wrong.push((own, error.to_string()));
                }
            }
        })?;
        wrong.into_iter().for_each(|(row, what)| self.fault(name, row, what));
        for (own, row) in rows {
            let mut entries = IndexEntries::default();
            row.indexes(&mut entries);
            for entry in entries.entries {
                expected.insert(hasher.hash_one((&*entry.key, &entry.value)));
                tables.extend(entry.key.first_chunk::<2>().copied());
                let mut has = None;
                tx.raw_get(&entry.key, &mut |value| {
                    has = Some(value == entry.value);
                    Ok(())
                })?;
                match has {
                    Some(true) => {}
                    Some(false) => {
                        let index = entry.unique.unwrap_or("an index");
                        self.fault(
                            name,
                            &*own,
                            format!("has the same key in {index} as another row, which is found by it"),
                        );
                    }
                    None => self.mendable(name, &*own, "is not in an index", move |tx| {
                        let mut is_free = true;
                        tx.raw_get(&entry.key, &mut |_| {
                            is_free = false;
                            Ok(())
                        })?;
                        if is_free { tx.raw_put(&entry.key, &entry.value) } else { Ok(()) }
                    }),
                }
            }
        }
        // Entries of a row that cannot be read are nobody's fault.
        if whole {
            self.orphans(tx, name, &tables, |key, value| expected.contains(&hasher.hash_one((key, value))))
        } else {
            Ok(())
        }
    }

    fn orphans(
        &mut self,
        tx: &impl RawRead,
        name: &'static str,
        tables: &BTreeSet<[u8; 2]>,
        is_expected: impl Fn(&[u8], &Vec<u8>) -> bool,
    ) -> Result<(), StoreError> {
        for table in tables {
            let from: Table<(), ()> = Table::new(u16::from_be_bytes(*table), "an index");
            let mut orphans = Vec::new();
            raw_rows(tx, &from, |key, value| {
                if !is_expected(key, &value.to_vec()) {
                    orphans.push(key.to_vec());
                }
            })?;
            for key in orphans {
                let what = "is named by an index, but has nothing to do there";
                self.mendable(name, shown(key.get(2..).unwrap_or_default()), what, move |tx| tx.raw_delete(&key));
            }
        }
        Ok(())
    }

    /// Compares a listing with the cards of all its entities; `rebuild` makes it anew. Cards that need a row that cannot be read
    /// say nothing about the listing: it is made anew when mending that row has helped, and stays as it is otherwise.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn listing<I: Id>(
        &mut self,
        tx: &impl Read,
        listing: &Listing<I>,
        cards: Result<Vec<Card<I>>, StoreError>,
        rebuild: fn(&mut WriteTx<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let what = match cards.and_then(|cards| listing.agrees_with(tx, &cards)) {
            Ok(true) => return Ok(()),
            Ok(false) => "does not say what its rows say".to_owned(),
            Err(StoreError::Corrupt(why)) => format!("cannot be compared with its rows: there is {why}"),
            Err(error) => return Err(error),
        };
        self.mendable(listing.name(), "", what, rebuild);
        Ok(())
    }

    /// Puts right what can be put right, in the transaction that has looked. What was found stands there still: look again. What
    /// needs a row that cannot be read is left as it is.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn mend(&mut self, tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
        self.mends.drain(..).try_for_each(|mend| match mend(tx) {
            Err(StoreError::Corrupt(_)) => Ok(()),
            other => other,
        })
    }
}
