//! Power cuts at random moments, checked against a model.
//!
//! Each round writes random transactions, cuts the power after a random number of writes, cuts it again while the file
//! recovers, and then compares: every acknowledged commit is there, nothing is half done, and the key still opens it.

use super::disk::Disk;
use super::*;
use crate::store::file::data_file;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

const COUNT: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The operations of one transaction; `None` removes a row.
type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn random_writes(rng: &mut StdRng) -> Writes {
    (0..rng.random_range(1..12))
        .map(|_| {
            let key = format!("key-{:05}", rng.random_range(0..3000)).into_bytes();
            if rng.random_bool(0.25) {
                return (key, None);
            }
            let len = if rng.random_bool(0.03) { rng.random_range(5000..40_000) } else { rng.random_range(0..600) };
            let mut value = vec![0; len];
            rng.fill(&mut value[..]);
            (key, Some(value))
        })
        .collect()
}

/// Transaction number `number`; `Ok` means acknowledged.
fn commit(db: &redb::Database, number: u64, writes: &Writes, durable: bool) -> Result<(), redb::Error> {
    let mut tx = db.begin_write()?;
    tx.set_two_phase_commit(true);
    if !durable {
        tx.set_durability(redb::Durability::None).unwrap();
    }
    {
        let mut table = tx.open_table(TABLE)?;
        for (key, value) in writes {
            match value {
                Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                None => table.remove(key.as_slice())?,
            };
        }
        tx.open_table(COUNT)?.insert("n", number)?;
    }
    tx.commit()?;
    Ok(())
}

/// What the file holds: the number of its last transaction and all rows.
fn state(db: &redb::Database) -> Result<(u64, Rows), redb::Error> {
    let number = match db.begin_read()?.open_table(COUNT) {
        Err(redb::TableError::TableDoesNotExist(_)) => 0,
        table => table?.get("n")?.map_or(0, |number| number.value()),
    };
    Ok((number, rows(db)?))
}

/// What the rows are after the first `number` transactions.
fn model(history: &[Writes], number: u64) -> Rows {
    let mut rows = Rows::new();
    for (key, value) in history[..number as usize].iter().flatten() {
        match value {
            Some(value) => rows.insert(key.clone(), value.clone()),
            None => rows.remove(key),
        };
    }
    rows
}

struct Round {
    rng: StdRng,
    options: Options,
    history: Vec<Writes>,
    /// The last transaction that was acknowledged as durable.
    acknowledged: u64,
    recoveries_cut: u64,
}

impl Round {
    fn new(seed: u64) -> Self {
        // A tiny cache makes redb write pages before it commits.
        let cache_bytes = if seed.is_multiple_of(3) { 64 << 10 } else { 8 << 20 };
        let rng = StdRng::seed_from_u64(seed);
        Self { rng, options: Options { cache_bytes, ..options() }, history: vec![], acknowledged: 0, recoveries_cut: 0 }
    }

    fn write(&mut self, db: &redb::Database, durable: bool) -> Result<(), redb::Error> {
        self.history.push(random_writes(&mut self.rng));
        let number = self.history.len() as u64;
        commit(db, number, &self.history[number as usize - 1], durable)?;
        if durable {
            self.acknowledged = number;
        }
        Ok(())
    }

    fn open(&self, disk: &Disk) -> Result<Opened, OpenError> {
        data_file::open(Arc::new(disk.clone()), Path::new("disk"), &key(1), &self.options)
    }

    /// Writes until the power is cut, and returns what is on the platter then.
    fn work_until_the_cut(&mut self, disk: &Disk) -> Result<Vec<u8>, String> {
        let root = RootKey::random();
        let preamble = Preamble::new(&root, &[key_slot(1, "default")], NOW).unwrap();
        let made = data_file::create_in(Arc::new(disk.clone()), Path::new("disk"), root, preamble, &self.options);
        let Opened { db, file, .. } = made.map_err(|error| format!("create: {error}"))?;
        for _ in 0..self.rng.random_range(0..60) {
            self.write(&db, true).map_err(|error| format!("before the cut: {error}"))?;
        }
        disk.cut_after(self.rng.random_range(0..400));
        let close_after = if self.rng.random_bool(0.2) { self.rng.random_range(0..20) } else { 500 };
        for _ in 0..close_after {
            let durable = !self.rng.random_bool(0.2);
            if self.write(&db, durable).is_err() {
                break;
            }
            if self.rng.random_bool(0.03) {
                let _ = file.add_slot(&key_slot(self.rng.random(), "more"), NOW);
            }
        }
        if close_after < 500 {
            disk.cut_after(self.rng.random_range(0..60));
            drop(db);
            return Ok(disk.power_cut(&mut self.rng));
        }
        let image = disk.power_cut(&mut self.rng);
        drop(db);
        Ok(image)
    }

    /// Whether `db` holds a state that may follow the cut, and which.
    fn check(&self, db: &redb::Database) -> Result<u64, String> {
        let (number, rows) = state(db).map_err(|error| format!("read: {error}"))?;
        if number < self.acknowledged {
            return Err(format!("commit {} was acknowledged, {number} is what is left", self.acknowledged));
        }
        if rows != model(&self.history, number) {
            return Err(format!("the rows are not those of commit {number}"));
        }
        Ok(number)
    }

    fn run(&mut self, disk: &Disk) -> Result<(), String> {
        let mut image = self.work_until_the_cut(disk)?;
        let mut recovered = None;
        for _ in 0..self.rng.random_range(0..3) {
            let disk = Disk::from_image(&image);
            disk.cut_after(self.rng.random_range(0..40));
            let opened = self.open(&disk);
            if let Ok(opened) = &opened {
                recovered = Some(self.check(&opened.db)?);
            }
            image = disk.power_cut(&mut self.rng);
            self.recoveries_cut += 1;
        }
        let opened = self.open(&Disk::from_image(&image)).map_err(|error| format!("open: {error}"))?;
        let number = self.check(&opened.db)?;
        match recovered.filter(|before| *before != number) {
            Some(before) => Err(format!("recovered to commit {before}, later to {number}")),
            None => Ok(()),
        }
    }
}

/// What came of many rounds.
struct Outcome {
    failures: Vec<String>,
    acknowledged: u64,
    recoveries_cut: u64,
}

/// Runs the rounds on two threads.
fn rounds(seeds: u64, disk: impl Fn() -> Disk + Sync) -> Outcome {
    let next = AtomicU64::new(0);
    let outcome = std::sync::Mutex::new(Outcome { failures: vec![], acknowledged: 0, recoveries_cut: 0 });
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let mut round = Round::new(seed);
                    let run = std::panic::AssertUnwindSafe(|| round.run(&disk()));
                    let result = std::panic::catch_unwind(run).unwrap_or_else(|_| Err("a panic".to_owned()));
                    let mut outcome = outcome.lock().unwrap();
                    outcome.acknowledged += round.acknowledged;
                    outcome.recoveries_cut += round.recoveries_cut;
                    outcome.failures.extend(result.err().map(|what| format!("seed {seed}: {what}")));
                }
            });
        }
    });
    outcome.into_inner().unwrap()
}

#[test]
fn no_acknowledged_commit_is_lost_and_none_is_half_done_when_the_power_is_cut() {
    let seeds = std::env::var("SCAISTACK_CRASH_SEEDS").map_or(300, |seeds| seeds.parse().unwrap());
    let outcome = rounds(seeds, Disk::default);
    let Outcome { failures, acknowledged, recoveries_cut } = outcome;
    println!("{seeds} rounds, {acknowledged} commits acknowledged, power cut {recoveries_cut} times in recovery");
    assert!(failures.is_empty(), "{} of {seeds} rounds failed: {failures:#?}", failures.len());
}

#[test]
fn the_check_notices_a_disk_that_skips_half_of_its_syncs() {
    let failures = rounds(60, Disk::lazy).failures;
    println!("{} of 60 rounds failed, as they should: {failures:#?}", failures.len());
    assert!(failures.len() >= 6, "the check would not notice lost writes: {failures:#?}");
}
