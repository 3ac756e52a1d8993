//! The rules of limits: exact at once, over time, and over restarts of both kinds.

use super::*;
use crate::access::{Place, Role, permit};
use crate::base::Id;
use crate::base::id::ApiKeyId;
use crate::store::{Store, StoreError, WriteTx};
use crate::tenancy::testkit::*;
use proptest::prelude::*;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

const WINDOW: u32 = 60;

fn limiter(store: &Store, now: Timestamp) -> Limiter {
    Limiter::load(&store.read(), WINDOW, now).unwrap()
}

fn ask(level: Level, id: u64, limit: u32) -> Ask {
    Ask { subject: Subject { level, id }, limit }
}

fn key(limit: u32) -> [Ask; 1] {
    [ask(Level::Key, 1, limit)]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn admits(limiter: &Limiter, store: &Store, asks: &[Ask], now: Timestamp) -> bool {
    match runtime().block_on(limiter.admit(store, asks, now)) {
        Ok(_) => true,
        Err(Refusal::Full { .. }) => false,
        Err(Refusal::Store(problem)) => panic!("{problem}"),
    }
}

fn refusal(limiter: &Limiter, store: &Store, asks: &[Ask], now: Timestamp) -> (LimitStatus, u32) {
    match runtime().block_on(limiter.admit(store, asks, now)) {
        Err(Refusal::Full { standing, retry_after_secs }) => (standing, retry_after_secs),
        other => panic!("{other:?}"),
    }
}

fn millis(after: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + after)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_any_number_at_once_exactly_the_limit_gets_through() {
    for limit in [1u32, 10, 60, 1000] {
        let store = store();
        let limiter = Arc::new(limiter(&store, NOW));
        let through = Arc::new(AtomicU32::new(0));
        let each = limit.div_ceil(64) + 3;
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let (limiter, through, store) = (Arc::clone(&limiter), Arc::clone(&through), store.clone());
                tokio::spawn(async move {
                    for _ in 0..each {
                        // Four levels, the key's the tightest.
                        let others = [Level::User, Level::Tenant, Level::Partner].map(|level| ask(level, 7, limit * 9));
                        let asks = [key(limit)[0], others[0], others[1], others[2]];
                        if limiter.admit(&store, &asks, NOW).await.is_ok() {
                            through.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(through.load(Ordering::Relaxed), limit);
        assert_eq!(limiter.used(Subject { level: Level::Tenant, id: 7 }, NOW), limit, "what is refused counts nowhere");
    }
}

#[test]
fn the_window_slides() {
    let store = store();
    let limiter = limiter(&store, NOW);
    for after in [0, 10_000, 20_000] {
        assert!(admits(&limiter, &store, &key(3), millis(after)));
    }
    let (standing, wait) = refusal(&limiter, &store, &key(3), millis(20_500));
    assert_eq!((standing.limit, standing.remaining, standing.reset_at, wait), (3, 0, millis(60_000), 40));
    assert!(!admits(&limiter, &store, &key(3), millis(59_999)));
    assert!(admits(&limiter, &store, &key(3), millis(60_000)), "the first one has left");
    assert!(!admits(&limiter, &store, &key(3), millis(60_001)), "and only the first one");
    assert!(admits(&limiter, &store, &key(3), millis(70_000)));
    let (_, wait) = refusal(&limiter, &store, &key(1), millis(70_001));
    assert_eq!(wait, 60, "a limit that was lowered counts at once");
}

#[test]
fn all_levels_count_and_the_tightest_speaks() {
    let store = store();
    let limiter = limiter(&store, NOW);
    let asks = [ask(Level::Key, 1, 60), ask(Level::User, 2, 3), ask(Level::Tenant, 3, 1000)];
    let standing = runtime().block_on(limiter.admit(&store, &asks, NOW)).unwrap();
    assert_eq!((standing.level, standing.limit, standing.remaining), (Level::User, 3, 2));
    assert_eq!(standing.reset_at, millis(60_000));
    assert!(admits(&limiter, &store, &asks, NOW) && admits(&limiter, &store, &asks, NOW));
    let (standing, _) = refusal(&limiter, &store, &asks, NOW);
    assert_eq!(standing.level, Level::User);
    assert_eq!(limiter.used(asks[0].subject, NOW), 3);
}

#[test]
fn a_graceful_restart_changes_nothing() {
    let store = store();
    let before = limiter(&store, NOW);
    for after in [0, 1000, 2000, 3000] {
        assert!(admits(&before, &store, &key(10), millis(after)));
    }
    before.close(&store, millis(3500)).unwrap();
    let after = limiter(&store, millis(4000));
    let through = (0..20).filter(|_| admits(&after, &store, &key(10), millis(4000))).count();
    assert_eq!(through, 6);
    assert!(!admits(&after, &store, &key(10), millis(59_999)));
    assert!(admits(&after, &store, &key(10), millis(60_000)), "each leaves at its own moment");
    assert!(!admits(&after, &store, &key(10), millis(60_000)));
}

#[test]
fn after_a_kill_what_was_written_ahead_counts_as_used() {
    for limit in [1, 4, 10, 60, 1000] {
        for used in [1, limit / 2, limit] {
            let store = store();
            let before = limiter(&store, NOW);
            let first = (0..used).filter(|_| admits(&before, &store, &key(limit), NOW)).count();
            drop(before);
            let after = limiter(&store, millis(1000));
            let second = (0..=limit).filter(|_| admits(&after, &store, &key(limit), millis(1000))).count();
            assert!(first + second <= limit as usize, "{first} and {second} of {limit}");
            assert!(second + first + (limit as usize / 4).max(1) >= limit as usize, "a block is all that is lost");
        }
    }
}

#[derive(Clone, Debug)]
enum Happens {
    Requests(u32),
    Time(i64),
    Kill,
    Stop,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (1u32..12).prop_map(Happens::Requests),
        4 => (1i64..40_000).prop_map(Happens::Time),
        1 => Just(Happens::Kill),
        1 => Just(Happens::Stop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_window_ever_holds_more_than_the_limit(limit in 1u32..20, story in prop::collection::vec(happens(), 1..40)) {
        let store = store();
        let (mut now, mut through) = (NOW.millis(), Vec::new());
        let mut at_work = limiter(&store, NOW);
        for what in story {
            match what {
                Happens::Requests(count) => {
                    for _ in 0..count {
                        if admits(&at_work, &store, &key(limit), Timestamp::from_millis(now)) {
                            through.push(now);
                        }
                    }
                }
                Happens::Time(millis) => now += millis,
                Happens::Kill => at_work = limiter(&store, Timestamp::from_millis(now)),
                Happens::Stop => {
                    at_work.close(&store, Timestamp::from_millis(now)).unwrap();
                    at_work = limiter(&store, Timestamp::from_millis(now));
                }
            }
        }
        for first in &through {
            let inside = through.iter().filter(|at| (*first..first + 60_000).contains(*at)).count();
            prop_assert!(inside <= limit as usize, "{} of {}", inside, limit);
        }
    }

    #[test]
    fn without_restarts_nothing_is_refused_that_has_room(limit in 1u32..9, steps in prop::collection::vec(0i64..30_000, 1..60)) {
        let store = store();
        let limiter = limiter(&store, NOW);
        let (mut now, mut through) = (NOW.millis(), Vec::<i64>::new());
        for step in steps {
            now += step;
            let inside = through.iter().filter(|at| **at > now - 60_000).count();
            let admitted = admits(&limiter, &store, &key(limit), Timestamp::from_millis(now));
            prop_assert_eq!(admitted, inside < limit as usize);
            if admitted {
                through.push(now);
            }
        }
    }
}

#[test]
fn idle_subjects_are_forgotten_with_their_rows() {
    let store = store();
    let limiter = limiter(&store, NOW);
    let mut most = 0;
    let runtime = runtime();
    // 100,000 addresses, 500 in each window: no row for any of them, so this is quick.
    for window in 0..200u64 {
        for id in 0..500 {
            let asks = [ask(Level::Address, window * 500 + id, 5)];
            runtime.block_on(limiter.admit(&store, &asks, millis(window as i64 * 60_000))).unwrap();
        }
        most = most.max(limiter.remembered());
    }
    assert!(most <= 1000, "{most}");
    for (id, after) in [(1, 0), (2, 60_000), (3, 120_000), (3, 180_000)] {
        let now = millis(200 * 60_000 + after);
        runtime.block_on(limiter.admit(&store, &[ask(Level::Key, id, 5)], now)).unwrap();
    }
    // What is swept lazily is there after the next durable write.
    store.write_blocking(|tx| table::set_partner(tx, p(), Some(1))).unwrap();
    let rows = table::windows(&store.read()).unwrap();
    let ids: Vec<u64> = rows.iter().map(|(subject, _)| subject.id).collect();
    assert_eq!(ids, [3]);
}

#[test]
fn a_flood_of_addresses_fills_no_memory() {
    let store = store();
    let limiter = limiter(&store, NOW);
    let runtime = runtime();
    for id in 0..60_000 {
        let _ = runtime.block_on(limiter.admit(&store, &[ask(Level::Address, id, 10)], NOW));
    }
    assert!(limiter.remembered() <= 50_001, "{}", limiter.remembered());
    assert!(admits(&limiter, &store, &[ask(Level::Address, 3, 10)], NOW), "those known before go on");
    assert!(!admits(&limiter, &store, &[ask(Level::Address, 70_000, 10)], NOW), "the others share");
}

#[test]
fn a_request_that_is_given_up_holds_up_nobody() {
    let store = store();
    let limiter = limiter(&store, NOW);
    let asks = key(5);
    // The writer is busy until it is told, so the request waits for its block.
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let busy = {
        let store = store.clone();
        let hold = move |_: &mut WriteTx<'_>| -> Result<(), StoreError> {
            let _ = started.send(());
            let _ = released.recv_timeout(Duration::from_secs(10));
            Ok(())
        };
        std::thread::spawn(move || store.write_blocking(hold))
    };
    has_started.recv_timeout(Duration::from_secs(10)).unwrap();
    let mut given_up = Box::pin(limiter.admit(&store, &asks, NOW));
    assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(given_up);
    release.send(()).unwrap();
    busy.join().unwrap().unwrap();
    let through = (0..10).filter(|_| admits(&limiter, &store, &asks, NOW)).count();
    assert_eq!(through, 5);
}

#[test]
fn a_clock_that_is_set_back_opens_nothing() {
    let store = store();
    let limiter = limiter(&store, NOW);
    for _ in 0..3 {
        assert!(admits(&limiter, &store, &key(3), millis(0)));
    }
    for back in [-5, -59_000, -3_600_000] {
        assert!(!admits(&limiter, &store, &key(3), millis(back)), "{back}");
    }
    assert!(!admits(&limiter, &store, &key(3), millis(-3_600_000 + 59_999)));
    assert!(admits(&limiter, &store, &key(3), millis(-3_600_000 + 60_000)), "nor does it close for an hour");
}

#[test]
fn many_requests_in_a_millisecond_are_one_entry() {
    let store = store();
    let limiter = limiter(&store, NOW);
    let runtime = runtime();
    let limit = 3_000_000;
    for _ in 0..5000 {
        runtime.block_on(limiter.admit(&store, &key(limit), NOW)).unwrap();
    }
    limiter.close(&store, NOW).unwrap();
    let rows = table::windows(&store.read()).unwrap();
    assert_eq!(rows[0].1.entries, [(NOW.millis(), 5000)]);
}

fn limits(world: &World) -> Limits {
    Limits::load(&config::ScaiGrid::default(), &world.store.read(), NOW).unwrap()
}

#[test]
fn limits_of_tenants_and_partners_are_set_from_above() {
    let world = World::new();
    let limits = limits(&world);
    let (a, c) = (world.a.tenant().unwrap(), world.c.tenant().unwrap());
    let partner = holder(Role::PartnerAdmin, Place::Partner(p()));
    let granted = grant::<permit::WriteLimits>(&partner, Place::Partner(p()));
    let own = TenantLimits { key: Some(7), user: None, tenant: Some(50) };
    let set = |id: TenantId, own: TenantLimits| {
        let granted = granted.clone();
        world.write(move |tx| set_tenant(tx, &granted, id, own, NOW))
    };
    set(a, own).unwrap();
    assert_eq!(code(set(c, own)), "tenant_not_found");
    assert_eq!(code(set(a, TenantLimits { user: Some(0), ..own })), "validation_error");
    assert!(limits.tenant(a) == Effective { key: 60, user: 120, tenant: 1000 }, "until it is told");
    limits.reload(&world.store.read()).unwrap();
    assert_eq!(limits.tenant(a), Effective { key: 7, user: 120, tenant: 50 });
    assert_eq!(limits.tenant(c), Effective { key: 60, user: 120, tenant: 1000 });

    let of_partner = granted.clone();
    let raised = world.write(move |tx| set_partner(tx, &of_partner, p(), 9_999, NOW));
    assert_eq!(code(raised), "access_denied", "nobody raises what stands over them");
    world.write(|tx| set_partner(tx, &all(), p(), 9_999, NOW)).unwrap();
    let again = granted.clone();
    world.write(move |tx| clear_tenant(tx, &again, a, NOW)).unwrap();
    limits.reload(&world.store.read()).unwrap();
    assert_eq!((limits.partner(p()), limits.partner(q())), (9_999, 5000));
    assert_eq!(limits.tenant(a), Effective { key: 60, user: 120, tenant: 1000 });
    for role in [Role::TenantAdmin, Role::TenantUser] {
        assert!(!holder(role, world.a).may::<permit::WriteLimits>(world.a));
    }
}

#[test]
fn who_counts_where() {
    let world = World::new();
    let limits = limits(&world);
    let levels = |actor: &Actor| -> Vec<(Level, u32)> {
        limits.asks(actor).iter().map(|ask| (ask.subject.level, ask.limit)).collect()
    };
    let user = holder(Role::TenantUser, world.a);
    assert_eq!(levels(&user), [(Level::User, 120), (Level::Tenant, 1000), (Level::Partner, 5000)]);
    let mut with_key = Actor::clone(&user);
    let line = ApiKeyId::from_raw(5);
    with_key.credential = Credential::ApiKey { id: ApiKeyId::from_raw(6), line, limit: Some(9) };
    assert_eq!(limits.asks(&with_key)[0], Ask { subject: Subject::key(line), limit: 9 });
    assert_eq!(levels(&with_key).len(), 4);
    assert!(levels(&operator()).is_empty());
    let address = |text: &str| Subject::address(text.parse().unwrap());
    assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"), "a /64 is one");
    assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    assert_eq!(address("192.0.2.1"), address("::ffff:192.0.2.1"));
}
