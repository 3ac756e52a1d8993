//! Counting tries.

use super::counter::Whom;
use super::tries::*;
use crate::base::Timestamp;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

const LIMITS: Limits = Limits { here: 3, anywhere: 6, network: 5, window_secs: 60, wait_secs: 100 };

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + secs)
}

fn v4(last: u8) -> Through {
    Through::Network(Some(IpAddr::from([192, 0, 2, last])))
}

fn v6(parts: [u16; 8]) -> Through {
    Through::Network(Some(IpAddr::from(parts)))
}

/// A wrong try.
fn wrong(attempts: &Attempts, account: &str, through: Through, secs: i64) -> Result<(), u32> {
    attempts.count(account, through, LIMITS, at(secs)).map_err(|held| match held {
        Held::Wait { secs, .. } => secs,
        Held::Busy => 0,
    })
}

#[test]
fn an_account_waits_and_then_may_try_again() {
    let attempts = Attempts::default();
    for account in ["a@b.c", "A@B.C", "a@b.c"] {
        assert_eq!(wrong(&attempts, account, v4(1), 1), Ok(()));
    }
    assert_eq!(wrong(&attempts, "a@b.c", v4(1), 2), Err(99));
    assert_eq!(wrong(&attempts, "other@b.c", v4(1), 2), Ok(()));
    assert_eq!(wrong(&attempts, "a@b.c", v4(1), 101), Ok(()), "counting starts again after the wait");
    assert_eq!(wrong(&attempts, "a@b.c", v4(1), 101), Ok(()));
}

#[test]
fn tries_are_forgotten_after_the_window() {
    let attempts = Attempts::default();
    for secs in [0, 30, 61, 90] {
        assert_eq!(wrong(&attempts, "a@b.c", Through::Network(None), secs), Ok(()));
    }
}

#[tokio::test]
async fn what_is_on_its_way_counts_and_what_was_right_is_given_back() {
    let attempts = Attempts::default();
    let counted = counters("a@b.c", v4(1), &LIMITS);
    let enter = || attempts.enter(&counted, LIMITS, at(0));
    let begin = async || attempts.begin("a@b.c", v4(1), LIMITS, at(0)).await;
    let (one, two, three) = (begin().await.unwrap(), begin().await.unwrap(), begin().await.unwrap());
    assert_eq!(enter(), Err(Held::Busy), "three are on their way");
    two.not_made();
    let again = begin().await.unwrap();
    assert_eq!(enter(), Err(Held::Busy));
    drop((one, three));
    assert_eq!(enter(), Err(Held::Busy), "two were wrong, one is on its way");
    again.succeeded();
    assert_eq!(enter(), Ok(()));
}

#[tokio::test]
async fn of_300_wrong_tries_at_once_the_limit_is_made_and_right_ones_all_come_in() {
    let attempts = Attempts::default();
    let made = std::sync::atomic::AtomicU32::new(0);
    let each = async |right: bool| {
        let begun = attempts.begin("a@b.c", v4(1), LIMITS, at(0)).await?;
        made.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if right {
            begun.succeeded();
        }
        Ok::<_, Held>(())
    };
    let all = futures_util::future::join_all((0..200).map(|_| each(true))).await;
    assert!(all.iter().all(Result::is_ok), "each waits for its turn");
    made.store(0, Ordering::Relaxed);
    let all = futures_util::future::join_all((0..300).map(|_| each(false))).await;
    assert_eq!(made.load(Ordering::Relaxed), LIMITS.here);
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 3);
    let whom = all.iter().find_map(|one| match one {
        Err(Held::Wait { secs: 100, whom }) => Some(*whom),
        _ => None,
    });
    assert!(matches!(whom, Some(Whom::AccountFrom(Some(_)))), "{whom:?}");
    assert_eq!(attempts.waiting.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_success_clears_its_own_account_here_and_not_the_network_nor_what_others_have_tried() {
    let attempts = Attempts::default();
    for name in ["a", "b", "c", "d", "e"] {
        wrong(&attempts, name, v4(1), 0).unwrap();
        let known = Through::Known([1; 16]);
        attempts.begin(name, known, LIMITS, at(0)).await.unwrap().succeeded();
    }
    assert!(wrong(&attempts, "f", v4(1), 0).is_err(), "the network has to wait");
    assert_eq!(wrong(&attempts, "a", v4(2), 0), Ok(()));
    let attempts = Attempts::default();
    for last in 1..=6 {
        wrong(&attempts, "a", v4(last), 0).unwrap();
    }
    assert!(wrong(&attempts, "a", v4(7), 0).is_err(), "six wrong tries from everywhere");
    attempts.forgive("a", Some(IpAddr::from([192, 0, 2, 7])), LIMITS);
    assert_eq!(wrong(&attempts, "a", v4(7), 0), Ok(()));
}

#[test]
fn strangers_do_not_hold_up_what_is_known_and_it_is_bounded_too() {
    let attempts = Attempts::default();
    for last in 1..=6 {
        wrong(&attempts, "a", v4(last), 0).unwrap();
    }
    let (one, other) = (Through::Known([1; 16]), Through::Known([2; 16]));
    for _ in 0..LIMITS.here {
        assert_eq!(wrong(&attempts, "a", one, 0), Ok(()));
    }
    assert!(wrong(&attempts, "a", one, 0).is_err());
    assert_eq!(wrong(&attempts, "a", other, 0), Ok(()));
    assert_eq!(wrong(&attempts, "b", one, 0), Ok(()), "known to one account is not known to another");
}

#[test]
fn an_ipv6_network_is_its_64_and_wider_ones_have_rising_limits() {
    let limits = Limits { here: 1000, anywhere: 1000, ..LIMITS };
    let tried = |attempts: &Attempts, parts| attempts.count("x", v6(parts), limits, at(0)).is_ok();
    let attempts = Attempts::default();
    for last in 1..=5 {
        assert!(tried(&attempts, [0x2001, 0xdb8, 0, 0, 0, 0, 0, last]));
    }
    assert!(!tried(&attempts, [0x2001, 0xdb8, 0, 0, 9, 9, 9, 9]), "the same /64");
    assert!(tried(&attempts, [0x2001, 0xdb8, 0, 1, 0, 0, 0, 1]), "another");
    // A new /64 for each try: a /56 gets ten, a /48 twenty.
    let count = |part: fn(u16) -> [u16; 8]| {
        let attempts = Attempts::default();
        (0..200).filter(|n| tried(&attempts, part(*n))).count()
    };
    assert_eq!(count(|n| [0x2001, 0xdb8, 1, n, 0, 0, 0, 1]), 10);
    assert_eq!(count(|n| [0x2001, 0xdb8, 1, n << 8, 0, 0, 0, 1]), 20);
    assert_eq!(count(|n| [0x2001, 0xdb8, n, 0, 0, 0, 0, 1]), 200, "these have nothing in common");
}

#[test]
fn a_flood_of_names_does_not_push_out_who_has_to_wait() {
    let attempts = Attempts::default();
    let limits = Limits { network: u32::MAX, ..LIMITS };
    for _ in 0..3 {
        attempts.count("victim", v4(1), limits, at(0)).unwrap();
    }
    for n in 0..MAX_REMEMBERED {
        attempts.count(&format!("name {n}"), Through::Network(None), limits, at(1)).unwrap();
    }
    assert!(attempts.lock().len() <= MAX_REMEMBERED);
    assert!(attempts.count("victim", v4(1), limits, at(2)).is_err());
}

/// Who has to wait, in words.
fn whom(held: &[Lockout]) -> Vec<String> {
    held.iter()
        .map(|held| match held.whom {
            Whom::Account => "account".to_owned(),
            Whom::AccountFrom(from) => from.map_or("from nowhere".to_owned(), |from| format!("from {from}")),
            Whom::AccountHere => "here".to_owned(),
            Whom::Network(network) => format!("network {network}"),
        })
        .collect()
}

#[test]
fn it_is_told_who_has_to_wait_and_it_can_be_lifted() {
    let attempts = Attempts::default();
    let tried = |through, times| (0..times).for_each(|_| _ = wrong(&attempts, "a@b.c", through, 0));
    tried(v4(1), 3);
    tried(v4(2), 3);
    tried(Through::Known([1; 16]), 3);
    ["b", "c"].iter().for_each(|name| wrong(&attempts, name, v4(1), 0).unwrap());
    let account = ["account", "from 192.0.2.1", "from 192.0.2.2", "here"];
    assert_eq!(whom(&attempts.lockouts("A@B.C", at(1))), account);
    assert_eq!(whom(&attempts.networks(at(1))), ["network 192.0.2.1"]);
    assert_eq!(attempts.lockouts("b", at(1)), []);
    assert_eq!(attempts.lockouts("a@b.c", at(100)), [], "the wait is over");
    let held = attempts.count("a@b.c", v4(3), LIMITS, at(1));
    assert_eq!(held, Err(Held::Wait { secs: 99, whom: Whom::Account }));
    assert_eq!(attempts.lift("a@b.c", at(1)), 4);
    assert_eq!((attempts.lockouts("a@b.c", at(1)), attempts.lift("a@b.c", at(1))), (Vec::new(), 0));
    assert_eq!(wrong(&attempts, "a@b.c", v4(2), 1), Ok(()));
    assert!(wrong(&attempts, "a@b.c", v4(1), 1).is_err(), "the network waits still");
    assert_eq!(attempts.lift_networks(IpAddr::from([192, 0, 2, 1]), at(1)), 1);
    assert_eq!(wrong(&attempts, "a@b.c", v4(1), 1), Ok(()));
}

#[tokio::test]
async fn what_was_counted_outlives_a_restart() {
    const WINDOW: u32 = 60;
    let store = crate::tenancy::testkit::store();
    let load = |which, secs| Attempts::load(&store.read(), which, at(secs), WINDOW).unwrap();
    let attempts = load(1, 0);
    (0..3).for_each(|_| wrong(&attempts, "a", v4(1), 0).unwrap());
    wrong(&attempts, "b", v4(2), 0).unwrap();
    let running = attempts.begin("c", v4(3), LIMITS, at(0)).await.unwrap();
    // Of a: account, from there, network; of b the same.
    assert_eq!(attempts.save(&store, at(1), WINDOW).await.unwrap(), 6);
    assert_eq!(attempts.save(&store, at(1), WINDOW).await.unwrap(), 0, "nothing has changed");
    running.succeeded();
    let again = load(1, 2);
    assert_eq!(wrong(&again, "a", v4(1), 2), Err(98));
    assert_eq!((wrong(&again, "b", v4(2), 2), wrong(&again, "b", v4(2), 2)), (Ok(()), Ok(())));
    assert_eq!(wrong(&again, "b", v4(2), 2), Err(100), "the one before the restart counts");
    assert_eq!(load(2, 2).lockouts("a", at(2)), [], "others are told apart");
    again.lift("a", at(3));
    again.save(&store, at(3), WINDOW).await.unwrap();
    assert_eq!(load(1, 4).lockouts("a", at(4)), []);
    // What is over is taken away.
    let late = load(1, 500);
    assert_eq!(late.lock().len(), 0);
    assert!(late.save(&store, at(500), WINDOW).await.unwrap() > 0);
    assert_eq!(load(1, 0).lock().len(), 0);
}
