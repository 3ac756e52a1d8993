//! The tests of the data file, and what they share.

mod birth;
mod disk;
mod headers;
mod life;
mod power;
mod slots;
mod tamper;

use super::*;
use crate::base::Secret;
use redb::{ReadableDatabase, ReadableTable, TableDefinition};

const TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("secrets_by_tenant_path");
const NOW: Timestamp = Timestamp::from_secs(1_776_952_800);
const CHEAP: PassphraseCost = PassphraseCost { memory_kib: 64, passes: 1, lanes: 1 };

fn key(byte: u8) -> Unseal {
    Unseal::KeyFile(Secret::new([byte; 32]))
}

fn key_slot(byte: u8, label: &str) -> NewSlot {
    NewSlot::KeyFile { key: Secret::new([byte; 32]), label: label.to_owned() }
}

fn passphrase(text: &str) -> Unseal {
    Unseal::Passphrase(Secret::new(text.to_owned()))
}

fn passphrase_slot(text: &str, label: &str) -> NewSlot {
    NewSlot::Passphrase { passphrase: Secret::new(text.to_owned()), label: label.to_owned(), cost: CHEAP }
}

/// A small cache, and errors that come back instead of ending the process.
fn options() -> Options {
    Options { cache_bytes: 1 << 20, on_io_error: Arc::new(|_| {}) }
}

fn put(db: &redb::Database, rows: &[(&[u8], &[u8])]) {
    let mut tx = db.begin_write().unwrap();
    tx.set_two_phase_commit(true);
    {
        let mut table = tx.open_table(TABLE).unwrap();
        for (key, value) in rows {
            table.insert(*key, *value).unwrap();
        }
    }
    tx.commit().unwrap();
}

type Rows = std::collections::BTreeMap<Vec<u8>, Vec<u8>>;

fn rows(db: &redb::Database) -> Result<Rows, redb::Error> {
    let table = match db.begin_read()?.open_table(TABLE) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Rows::new()),
        table => table?,
    };
    let mut all = Rows::new();
    for row in table.iter()? {
        let (key, value) = row?;
        all.insert(key.value().to_vec(), value.value().to_vec());
    }
    Ok(all)
}
