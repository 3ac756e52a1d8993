//! The chain under attack: whoever can write rows without the key is found at the first bad row.

use super::chain::LOG;
use super::*;
use crate::access::Place;
use crate::base::id::TenantId;
use crate::base::{Id, Timestamp};
use crate::crypto::digest::MacKey;
use crate::store::{Read, Seek, Slice, Store, StoreError, Window, WriteTx, file};
use std::sync::Arc;

fn event(action: &str) -> Event {
    Event {
        at: Timestamp::from_secs(1),
        request: None,
        actor: ActorStamp::anonymous("nobody"),
        action: action.to_owned(),
        resource_type: "secret".to_owned(),
        resource_id: "a/b".to_owned(),
        partner: None,
        tenant: None,
        outcome: Outcome::Success,
        ip: None,
        user_agent: None,
        details: Vec::new(),
    }
}

fn key() -> MacKey {
    MacKey::new(&[7; 32])
}

fn store(events: usize) -> Store {
    let store = Store::start(
        file::in_memory().unwrap(),
        crate::store::test_token_key(),
        crate::store::Hooks {
            before_commit: Some(Arc::new(|tx: &mut WriteTx<'_>| before_commit(tx, &key()))),
            above: None,
        },
    )
    .unwrap();
    for n in 0..events {
        store
            .write_blocking(move |tx| {
                append(tx, event(&format!("action {n}")));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
    store
}

fn after(attack: impl FnMut(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + 'static) -> Result<Verified, Broken> {
    let store = store(10);
    store.write_blocking(attack).unwrap();
    verify(&store.read(), &key(), None).unwrap()
}

fn row(tx: &impl Read, number: u64) -> Row {
    tx.get(&LOG, &(number,)).unwrap().unwrap()
}

#[test]
fn an_untouched_chain_holds() {
    let store = store(10);
    let verified = verify(&store.read(), &key(), None).unwrap().unwrap();
    assert_eq!((verified.rows, verified.head.number), (10, 10));
    assert!(verify(&store.read(), &MacKey::new(&[8; 32]), None).unwrap().is_err(), "another key sees another chain");
}

#[test]
fn a_changed_row_is_found() {
    let broken = after(|tx| {
        let mut bad = row(tx, 4);
        Arc::make_mut(&mut bad.event).resource_id = "x".to_owned();
        tx.put(&LOG, &(4,), &bad)
    });
    assert_eq!(broken.unwrap_err().number, 4);
}

#[test]
fn a_deleted_row_is_found() {
    assert_eq!(after(|tx| tx.delete(&LOG, &(4,))).unwrap_err().number, 4);
}

#[test]
fn an_inserted_row_is_found() {
    let broken = after(|tx| {
        let last = row(tx, 10);
        tx.put(&LOG, &(11,), &last)
    });
    assert_eq!(broken.unwrap_err().number, 11);
}

#[test]
fn swapped_rows_are_found() {
    let broken = after(|tx| {
        let (a, b) = (row(tx, 4), row(tx, 5));
        tx.put(&LOG, &(4,), &b)?;
        tx.put(&LOG, &(5,), &a)
    });
    assert_eq!(broken.unwrap_err().number, 4);
}

#[test]
fn a_cut_tail_is_found_with_an_end_kept_elsewhere() {
    let store = store(10);
    let kept = head(&store.read()).unwrap();
    store.write_blocking(|tx| tx.delete(&LOG, &(10,))).unwrap();
    assert!(verify(&store.read(), &key(), None).unwrap().is_ok(), "the chain alone cannot show it");
    assert_eq!(verify(&store.read(), &key(), Some(kept)).unwrap().unwrap_err().number, 10);
}

#[test]
fn a_failed_operation_leaves_no_event() {
    let store = store(1);
    let failed: Result<(), StoreError> = store.write_blocking(|tx| {
        append(tx, event("never"));
        Err(StoreError::Corrupt("on purpose"))
    });
    assert!(failed.is_err());
    assert_eq!(head(&store.read()).unwrap().number, 1);
}

#[test]
fn pages_follow_their_cursor() {
    let store = store(5);
    let all = Filter::default();
    let page = list(&store.read(), Place::Platform, &all, None, 0, 2).unwrap();
    assert_eq!(page.rows.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [5, 4]);
    let page = list(&store.read(), Place::Platform, &all, page.next, 0, 5).unwrap();
    assert_eq!((page.rows.len(), page.next), (3, None));
    let filter = Filter { actions: vec!["action 2".to_owned()], ..Filter::default() };
    assert_eq!(list(&store.read(), Place::Platform, &filter, None, 0, 5).unwrap().rows.len(), 1);
}

/// Rows of three tenants and of none, in runs and alone, in transactions of five.
const TENANTS: [u64; 20] = [1, 1, 1, 2, 1, 1, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 0, 0, 1];

fn store_of_tenants() -> Store {
    let store = store(0);
    for tenants in TENANTS.chunks(5) {
        store
            .write_blocking(move |tx| {
                for tenant in tenants {
                    let tenant = (*tenant > 0).then(|| TenantId::from_raw(*tenant));
                    append(tx, Event { tenant, ..event("x") });
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
    store
}

/// The numbers of a tenant's rows, newest first, found page by page.
fn numbers(store: &Store, tenant: u64, limit: usize) -> Vec<u64> {
    let filter = Filter { tenant: Some(TenantId::from_raw(tenant)), ..Filter::default() };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = list(&store.read(), Place::Platform, &filter, before, 0, limit).unwrap();
        found.extend(page.rows.iter().map(|(number, _)| *number));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}

#[test]
fn a_tenant_has_its_rows_whatever_stands_between_them() {
    let store = store_of_tenants();
    let mut pruned = 0;
    loop {
        for tenant in 1..=4 {
            let expected = (1..=20).rev().filter(|n| *n > pruned && TENANTS[*n as usize - 1] == tenant);
            let expected: Vec<u64> = expected.collect();
            for limit in 1..=6 {
                assert_eq!(
                    numbers(&store, tenant, limit),
                    expected,
                    "tenant {tenant}, {limit} a page, {pruned} pruned"
                );
            }
        }
        assert!(verify(&store.read(), &key(), None).unwrap().is_ok());
        let now = store.write_blocking(|tx| prune(tx, &key(), Timestamp::from_secs(2), 3)).unwrap() as u64;
        if now == 0 {
            break;
        }
        pruned += now;
    }
    assert_eq!(pruned, 20);
    let left = store.read().list(&super::chain::BY_TENANT, &(), 100).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

/// All pages of a stretch of the log from its start on, and then all of them on the way back.
fn there_and_back(store: &Store, place: Place, filter: &Filter, window: impl Fn(Seek) -> Window) -> Vec<u64> {
    let read = |seek| slice(&store.read(), place, filter, window(seek)).unwrap();
    let numbers = |page: &Slice<(u64, Row)>| page.items.iter().map(|(number, _)| *number).collect::<Vec<_>>();
    let mut page = read(Seek::Start);
    assert_eq!(page.prev, None);
    let mut there = vec![numbers(&page)];
    while let Some(next) = page.next {
        page = read(next);
        there.push(numbers(&page));
    }
    let mut back = vec![numbers(&page)];
    while let Some(prev) = page.prev {
        page = read(prev);
        back.push(numbers(&page));
    }
    back.reverse();
    assert_eq!(back.concat(), there.concat(), "the way back shows what the way there has shown");
    there.concat()
}

#[test]
fn the_log_is_read_in_both_orders_and_both_ways() {
    let store = store_of_tenants();
    for tenant in 0..=4 {
        let want: Vec<u64> = (1..=20).filter(|n| tenant == 0 || TENANTS[*n as usize - 1] == tenant).collect();
        let filter = Filter { tenant: (tenant > 0).then(|| TenantId::from_raw(tenant)), ..Filter::default() };
        for limit in 1..=6 {
            let window = |seek| Window::new(seek, limit);
            let newest = there_and_back(&store, Place::Platform, &filter, window);
            assert!(newest.iter().rev().eq(want.iter()), "tenant {tenant}, {limit} a page: {newest:?}");
            let oldest = there_and_back(&store, Place::Platform, &filter, |seek| window(seek).oldest_first());
            assert_eq!(oldest, want, "tenant {tenant}, {limit} a page");
        }
    }
}

#[test]
fn a_time_in_the_log_is_found_without_walking_there() {
    let store = store(0);
    store
        .write_blocking(|tx| {
            for n in 0..200_u64 {
                // A row every ten seconds, each third one of them of a request that took half a minute.
                let at = Timestamp::from_secs(i64::try_from(n * 10).unwrap() - if n % 3 == 2 { 30 } else { 0 });
                append(tx, Event { at, ..event("user.update") });
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let secs = |number: u64| row(&store.read(), number).event.at.secs();
    for (from, to) in [(None, None), (Some(600), None), (None, Some(600)), (Some(600), Some(900)), (Some(1), Some(2))] {
        let fits = |at: i64| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to);
        let want: Vec<u64> = (1..=200).filter(|number| fits(secs(*number))).collect();
        let filter =
            Filter { from: from.map(Timestamp::from_secs), to: to.map(Timestamp::from_secs), ..Filter::default() };
        let newest = there_and_back(&store, Place::Platform, &filter, |seek| Window::new(seek, 7));
        assert!(newest.iter().rev().eq(want.iter()), "{from:?} to {to:?}: {newest:?}");
        let oldest = there_and_back(&store, Place::Platform, &filter, |seek| Window::new(seek, 7).oldest_first());
        assert_eq!(oldest, want, "{from:?} to {to:?}");
    }
}

#[test]
fn reads_of_the_log_are_left_out_unless_they_are_asked_for_by_name() {
    let store = store(0);
    store
        .write_blocking(|tx| {
            for action in ["audit.read", "user.update", "audit.read", "audit.export", "audit.read", "audit.read"] {
                append(tx, event(action));
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let shown = |filter: &Filter| -> Vec<String> {
        let page = list(&store.read(), Place::Platform, filter, None, 0, 2).unwrap();
        page.rows.iter().map(|(_, row)| row.event.action.clone()).collect()
    };
    let without = Filter { without_own_reads: true, ..Filter::default() };
    assert_eq!(shown(&Filter::default()), ["audit.read", "audit.read"]);
    assert_eq!(shown(&without), ["audit.export", "user.update"], "a page is full of what is shown");
    let named = Filter { actions: vec!["audit.read".to_owned()], ..without };
    assert_eq!(shown(&named), ["audit.read", "audit.read"]);
}

#[test]
fn what_is_appended_is_what_is_read() {
    let store = store(0);
    let mut sent = event("secret.read").with("version", 7).outcome(Outcome::Denied);
    sent.ip = Some("192.0.2.1".to_owned());
    let packed = Packed::from(&sent);
    store
        .write_blocking(move |tx| {
            append(tx, packed.clone());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(*row(&store.read(), 1).event, sent);
}

#[test]
fn what_is_pruned_leaves_a_chain_that_holds_and_a_mark_that_cannot_be_forged() {
    let store = store(10);
    let pruned = store.write_blocking(|tx| prune(tx, &key(), Timestamp::from_secs(2), 4)).unwrap();
    assert_eq!(pruned, 4);
    let verified = verify(&store.read(), &key(), None).unwrap().unwrap();
    assert_eq!((verified.rows, verified.head.number), (6, 10));
    store.write_blocking(|tx| prune(tx, &key(), Timestamp::from_secs(2), 99)).unwrap();
    assert_eq!(head(&store.read()).unwrap().number, 10, "numbers go on where they were");
    store.write_blocking(|tx| prune(tx, &key(), Timestamp::from_secs(1), 99)).unwrap();
    // Whoever cuts without the key leaves a mark that does not hold.
    store
        .write_blocking(|tx| {
            append(tx, event("later"));
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store.write_blocking(|tx| prune(tx, &MacKey::new(&[9; 32]), Timestamp::from_secs(2), 99)).unwrap();
    assert!(verify(&store.read(), &key(), None).unwrap().is_err());
}

#[test]
fn a_list_from_a_moment_on_ends_where_the_rows_are_older() {
    let store = store(0);
    for at in [1000, 500, 1000, 850, 960, 1010, 900] {
        store
            .write_blocking(move |tx| {
                append(tx, Event { at: Timestamp::from_secs(at), ..event("look") });
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
    let found = |from| {
        let filter = Filter { from: Some(Timestamp::from_secs(from)), ..Filter::default() };
        let page = list(&store.read(), Place::Platform, &filter, None, 0, 100).unwrap();
        assert_eq!(page.next, None);
        page.rows.iter().map(|(number, _)| *number).collect::<Vec<_>>()
    };
    // A row that is older by less than a minute lies between younger ones; behind one that is much older nothing is looked at.
    assert_eq!(found(900), [7, 6, 5, 3]);
    assert_eq!(found(560), [7, 6, 5, 4, 3, 1]);
}
