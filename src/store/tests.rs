//! What the transaction layer promises, on an in-memory engine.

use super::*;
use crate::base::Timestamp;
use crate::base::id::UserId;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pet {
    id: UserId,
    name: String,
    owner: u64,
}
/// A visit at the vet's, which ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Visit {
    id: UserId,
    until: Timestamp,
}
const BY_END: Table<(Timestamp, UserId), ()> = Table::new(0xff07, "visits by end");
impl Row for Visit {}
impl Entity for Visit {
    type Key = UserId;
    const TABLE: Table<UserId, Visit> = Table::new(0xff06, "visits");
    fn key(&self) -> UserId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&BY_END, &(self.until, self.id));
    }
}
const BY_NAME: Table<String, UserId> = Table::new(0xff01, "pet names");
const BY_OWNER: Table<(u64, UserId), ()> = Table::new(0xff02, "pets by owner");
impl Row for Pet {}
impl Entity for Pet {
    type Key = UserId;
    const TABLE: Table<UserId, Pet> = Table::new(0xff00, "pets");
    fn key(&self) -> UserId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_NAME, &self.name, &self.id);
        entries.many(&BY_OWNER, &(self.owner, self.id));
    }
}

fn store() -> Store {
    let database = Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
    Store::start(database, crate::store::test_token_key(), crate::store::Hooks::default()).unwrap()
}

fn pet(id: u64, name: &str, owner: u64) -> Pet {
    Pet { id: crate::base::Id::from_raw(id), name: name.to_owned(), owner }
}

fn save(store: &Store, pet: Pet) -> Result<(), StoreError> {
    store.write_blocking(move |tx| tx.save(&pet))
}

fn names(store: &Store, owner: u64) -> Vec<u64> {
    store
        .read()
        .list(&BY_OWNER, &(owner,), 100)
        .unwrap()
        .iter()
        .map(|((_, id), ())| crate::base::Id::raw(*id))
        .collect()
}

#[test]
fn indexes_follow_their_row() {
    let store = store();
    save(&store, pet(1, "rex", 7)).unwrap();
    save(&store, pet(2, "tom", 7)).unwrap();
    assert!(matches!(save(&store, pet(3, "rex", 8)), Err(StoreError::Taken("pet names"))));
    save(&store, pet(1, "max", 8)).unwrap();
    assert_eq!((names(&store, 7), names(&store, 8)), (vec![2], vec![1]));
    save(&store, pet(3, "rex", 8)).unwrap();
    assert_eq!(store.read().find::<_, Pet>(&BY_NAME, &"rex".to_owned()).unwrap(), Some(pet(3, "rex", 8)));
    store.write_blocking(|tx| tx.remove::<Pet>(&crate::base::Id::from_raw(3))).unwrap();
    assert_eq!(store.read().find::<_, Pet>(&BY_NAME, &"rex".to_owned()).unwrap(), None);
    assert_eq!(names(&store, 8), [1]);
}

#[test]
fn a_step_of_the_schema_passes_over_what_cannot_be_read() {
    let store = store();
    for id in 1..=3 {
        save(&store, pet(id, &format!("pet {id}"), 7)).unwrap();
    }
    let bad: UserId = crate::base::Id::from_raw(2);
    store.write_blocking(move |tx| tx.put_encoded(&Pet::TABLE, &bad, &[0xff])).unwrap();
    store.write_blocking(|tx| tx.rewrite(|_, pet: Pet| Pet { owner: 8, ..pet })).unwrap();
    assert_eq!((names(&store, 7), names(&store, 8)), (vec![2], vec![1, 3]), "the entry of the bad row is left to it");
    store.write_blocking(|tx| tx.reindex::<Pet, _, _>(&BY_OWNER)).unwrap();
    assert_eq!((names(&store, 7), names(&store, 8)), (vec![], vec![1, 3]));
    assert!(store.read().get(&Pet::TABLE, &bad).is_err(), "it stays for whoever mends it");
}

#[test]
fn the_latest_of_an_index_by_time_come_first() {
    let store = store();
    for (id, until) in [(1, 30), (2, 10), (3, 20)] {
        let visit = Visit { id: crate::base::Id::from_raw(id), until: Timestamp::from_secs(until) };
        store.write_blocking(move |tx| tx.save(&visit)).unwrap();
    }
    let latest = |limit| {
        let found = store.read().latest(&BY_END, limit).unwrap();
        found.into_iter().map(crate::base::Id::raw).collect::<Vec<u64>>()
    };
    assert_eq!((latest(9), latest(2), latest(0)), (vec![1, 3, 2], vec![1, 3], vec![]));
}

#[test]
fn scans_follow_a_cursor_both_ways() {
    let store = store();
    for id in 1..=5 {
        save(&store, pet(id, &format!("pet {id}"), 7)).unwrap();
    }
    save(&store, pet(9, "other", 8)).unwrap();
    let seen = |start: Option<u64>, way| {
        let mut seen = Vec::new();
        let start = start.map(|id| (7, crate::base::Id::from_raw(id)));
        store
            .read()
            .scan_after(&BY_OWNER, &(7u64,), start.as_ref(), way, |(_, id), ()| {
                seen.push(crate::base::Id::raw(id));
                Ok(if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
            .unwrap();
        seen
    };
    assert_eq!(seen(None, Direction::Forward), [1, 2]);
    assert_eq!(seen(Some(2), Direction::Forward), [3, 4]);
    assert_eq!(seen(Some(5), Direction::Forward), Vec::<u64>::new());
    assert_eq!(seen(None, Direction::Backward), [5, 4]);
    assert_eq!(seen(Some(2), Direction::Backward), [1]);
}

#[test]
fn a_failure_after_a_write_leaves_nothing_and_spares_the_others() {
    let store = store();
    let runs = Arc::new(AtomicU32::new(0));
    // Hold the writer, so that the three that follow share a transaction.
    let (hold, wait) = std::sync::mpsc::channel::<()>();
    let held = store.send::<(), StoreError, _>(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let counted = Arc::clone(&runs);
    let good = store.send::<_, StoreError, _>(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.save(&pet(1, "good", 1))
    });
    let bad = store.send::<(), StoreError, _>(|tx| {
        tx.save(&pet(2, "bad", 1))?;
        Err(StoreError::Corrupt("on purpose"))
    });
    let panics = store.send::<(), StoreError, _>(|tx| {
        tx.save(&pet(3, "worse", 1))?;
        panic!("on purpose")
    });
    let late = store.send::<_, StoreError, _>(|tx| {
        assert!(tx.get(&Pet::TABLE, &crate::base::Id::from_raw(2))?.is_none());
        tx.save(&pet(4, "late", 1))
    });
    drop(hold);
    held.unwrap().blocking_recv().unwrap().unwrap();
    assert!(good.unwrap().blocking_recv().unwrap().is_ok());
    assert!(matches!(bad.unwrap().blocking_recv().unwrap(), Err(StoreError::Corrupt(_))));
    assert!(matches!(panics.unwrap().blocking_recv().unwrap(), Err(StoreError::Panicked)));
    assert!(late.unwrap().blocking_recv().unwrap().is_ok());
    assert_eq!(names(&store, 1), [1, 4]);
    assert_eq!(runs.load(Ordering::SeqCst), 3, "run once, and again after each of the two that spoiled the batch");
}

#[test]
fn a_full_queue_refuses_at_once_and_loses_nothing() {
    let store = store();
    let (hold, wait) = std::sync::mpsc::channel::<()>();
    let held = store.send::<(), StoreError, _>(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let mut waiting = Vec::new();
    let refused = loop {
        let id = waiting.len() as u64 + 1;
        match store.send::<_, StoreError, _>(move |tx| tx.save(&pet(id, &id.to_string(), 1))) {
            Ok(reply) => waiting.push(reply),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full) && waiting.len() >= QUEUE - 1);
    assert_eq!(crate::base::Problem::from(refused).kind, crate::base::Kind::Busy { retry_after_secs: 1 });
    drop(hold);
    held.unwrap().blocking_recv().unwrap().unwrap();
    let accepted = waiting.len();
    assert!(waiting.into_iter().all(|reply| reply.blocking_recv().unwrap().is_ok()));
    assert_eq!(store.read().list(&Pet::TABLE, &(), usize::MAX).unwrap().len(), accepted);
}

#[test]
fn what_nobody_waits_for_is_written_all_the_same() {
    let store = store();
    store.write_later(|tx| tx.save(&pet(1, "lazy", 1))).unwrap();
    // The lazy queue goes into the next transaction, whoever causes it.
    store.write_blocking(|_| Ok::<_, StoreError>(())).unwrap();
    assert_eq!(names(&store, 1), [1]);
    store.close();
    assert!(matches!(save(&store, pet(2, "too late", 1)), Err(StoreError::Closed)));
}

#[test]
fn a_stop_comes_after_what_was_there_before_it() {
    let store = store();
    let (hold, wait) = std::sync::mpsc::channel::<()>();
    let held = store.send::<(), StoreError, _>(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let waiting: Vec<_> =
        (1..=5).map(|id| store.send(move |tx| tx.save(&pet(id, &id.to_string(), 1))).unwrap()).collect();
    let closing = std::thread::spawn({
        let store = store.clone();
        move || store.close()
    });
    drop(hold);
    held.unwrap().blocking_recv().unwrap().unwrap();
    assert!(
        waiting
            .into_iter()
            .all(|reply: oneshot::Receiver<Result<(), StoreError>>| reply.blocking_recv().unwrap().is_ok())
    );
    closing.join().unwrap();
    assert!(matches!(save(&store, pet(6, "too late", 1)), Err(StoreError::Closed)));
}

#[test]
fn what_is_remembered_is_of_one_snapshot() {
    const KEPT: Table<u64, String> = Table::new(0xff03, "kept").remembered();
    let store = store();
    let write = |key: u64, text: Option<&'static str>| {
        store
            .write_blocking(move |tx| match text {
                Some(text) => tx.put(&KEPT, &key, &text.to_owned()),
                None => tx.delete(&KEPT, &key),
            })
            .unwrap();
    };
    write(1, Some("one"));
    let before = store.read();
    let text = |snapshot: &Snapshot, key| snapshot.get(&KEPT, &key).unwrap();
    assert_eq!((text(&before, 1), text(&before, 2)), (Some("one".to_owned()), None));
    write(1, Some("changed"));
    write(2, Some("two"));
    assert_eq!(text(&before, 1), Some("one".to_owned()), "as it was");
    assert_eq!(text(&store.read(), 1), Some("changed".to_owned()));
    assert_eq!(text(&store.read(), 2), Some("two".to_owned()), "that there was none is not remembered");
    write(1, None);
    assert_eq!(text(&store.read(), 1), None);
    let inside = store.write_blocking(|tx| {
        tx.put(&KEPT, &5, &"a".to_owned())?;
        let first = tx.get(&KEPT, &5)?;
        tx.put(&KEPT, &5, &"b".to_owned())?;
        Ok::<_, StoreError>((first, tx.get(&KEPT, &5)?))
    });
    assert_eq!(inside.unwrap(), (Some("a".to_owned()), Some("b".to_owned())), "inside a transaction nothing is");
    let many = store.write_blocking(|tx| (10..3000).try_for_each(|key| tx.put(&KEPT, &key, &key.to_string())));
    many.map_err(|error: StoreError| error).unwrap();
    let snapshot = store.read();
    for key in (10..3000).chain(10..3000) {
        assert_eq!(text(&snapshot, key), Some(key.to_string()), "also beyond what is remembered");
    }
}

#[test]
fn states_differ_between_commits() {
    let store = store();
    let first = store.read();
    assert_eq!(first.state(), store.read().state());
    save(&store, pet(1, "rex", 1)).unwrap();
    assert_ne!(first.state(), store.read().state());
    let inside = store.write_blocking(|tx| Ok::<_, StoreError>(tx.state())).unwrap();
    assert_eq!(inside, None);
}

#[test]
fn a_snapshot_does_not_change() {
    let store = store();
    save(&store, pet(1, "rex", 1)).unwrap();
    let before = store.read();
    save(&store, pet(2, "tom", 1)).unwrap();
    assert_eq!(before.list(&Pet::TABLE, &(), 10).unwrap().len(), 1);
    assert_eq!(store.read().list(&Pet::TABLE, &(), 10).unwrap().len(), 2);
}

#[test]
fn rows_of_an_unknown_version_are_refused() {
    assert!(table::decode_row::<u64>(&[9, 1]).is_err());
    assert!(table::decode_row::<u64>(&[]).is_err());
    assert_eq!(table::decode_row::<u64>(&table::encode_row(&300u64).unwrap()).unwrap(), 300);
}

#[test]
fn what_is_due_is_swept_oldest_first_in_bites() {
    let store = store();
    let at = Timestamp::from_millis;
    for (id, until) in [(1, at(30)), (2, at(10)), (3, at(20)), (4, at(-5)), (5, at(20))] {
        let visit = Visit { id: crate::base::Id::from_raw(id), until };
        store.write_blocking(move |tx| tx.save(&visit)).unwrap();
    }
    let due = |until: Timestamp, limit| -> Vec<u64> {
        let found = store.read().due(&BY_END, ..=until, limit).unwrap();
        found.into_iter().map(crate::base::Id::raw).collect()
    };
    assert_eq!(due(at(20), 9), [4, 2, 3, 5]);
    assert_eq!((due(at(20), 2), due(at(20), 0), due(at(-6), 9)), (vec![4, 2], vec![], vec![]));
    assert_eq!(store.read().due(&BY_END, ..at(20), 9).unwrap().len(), 2, "without the end itself");
    let swept = |limit| store.write_blocking(move |tx| tx.sweep::<Visit>(&BY_END, ..at(30), limit)).unwrap();
    assert_eq!((swept(3), swept(3), swept(3)), (3, 1, 0));
    let left = store.read().list(&Visit::TABLE, &(), 9).unwrap();
    assert_eq!(left.iter().map(|(id, _)| crate::base::Id::raw(*id)).collect::<Vec<_>>(), [1]);
    assert_eq!(store.read().list(&BY_END, &(), 9).unwrap().len(), 1);
}

#[test]
fn a_row_of_the_version_before_gets_what_it_lacked() {
    let old = postcard::to_extend(&(7u64, "rex"), Vec::new()).unwrap();
    let whole: Pair = table::with_last(1, &vec![9u64], 1, &old).unwrap();
    assert_eq!(whole, Pair(7, "rex".to_owned(), vec![9]));
    assert!(table::with_last::<Pair>(1, &vec![9u64], 2, &old).is_err(), "another version");
    assert!(table::with_last::<Pair>(1, &vec![9u64], 1, &old[..3]).is_err(), "half a row");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pair(u64, String, Vec<u64>);
impl Row for Pair {}
