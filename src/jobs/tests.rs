//! Jobs run when they are due, once at a time, and what they did is told and kept.

use super::run::once;
use super::*;
use crate::base::{Clock, Timestamp};
use crate::store::{Hooks, Store, file, test_token_key};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

struct Server {
    store: Store,
    clock: Clock,
    board: Board,
}

impl Host for Server {
    fn store(&self) -> &Store {
        &self.store
    }
    fn clock(&self) -> &Clock {
        &self.clock
    }
    fn board(&self) -> &Board {
        &self.board
    }
}

const START: Timestamp = Timestamp::from_secs(1_800_000_000);

fn server_on(store: Store, at: Timestamp) -> Arc<Server> {
    Arc::new(Server { store, clock: Clock::manual(at), board: Board::default() })
}

fn server() -> Arc<Server> {
    server_on(Store::start(file::in_memory().unwrap(), test_token_key(), Hooks::default()).unwrap(), START)
}

/// A job that does what `done` says, and counts its runs.
fn job(every_secs: u32, runs: &Rc<Cell<u32>>, done: fn() -> Done) -> Job<Server> {
    let runs = Rc::clone(runs);
    Job::new("test-job", "Tests.", every_secs, async move |_: Arc<Server>, _| {
        runs.set(runs.get() + 1);
        done()
    })
}

fn failed() -> Done {
    Err(Problem::conflict("too_bad", "It did not work"))
}

#[tokio::test]
async fn what_a_run_did_is_told_and_survives_a_restart() {
    let (first, runs) = (server(), Rc::default());
    let hourly = || vec![job(3600, &runs, || Ok(7))];
    Runner::new(Arc::clone(&first), hourly()).unwrap();
    let status = first.board.get("test-job").unwrap();
    assert_eq!((status.last, status.next_at), (None, None), "due at once");
    once(&first, &hourly()[0]).await;
    let status = first.board.get("test-job").unwrap();
    let last = status.last.clone().unwrap();
    assert_eq!((last.outcome, last.failures, last.succeeded_at), (Outcome::Done(7), 0, Some(START)));
    assert_eq!(status.next_at, Some(START.plus_secs(3600)));
    // Another process over the same rows.
    let Ok(Server { store, .. }) = Arc::try_unwrap(first) else { panic!("it is still in use") };
    let second = server_on(store, START.plus_secs(60));
    Runner::new(Arc::clone(&second), hourly()).unwrap();
    let kept = second.board.get("test-job").unwrap();
    assert_eq!((kept.last, kept.next_at), (status.last, status.next_at), "it does not run again before it is due");
}

#[tokio::test]
async fn failures_are_counted_and_end_with_a_success() {
    let (server, runs) = (server(), Rc::default());
    let bad = job(3600, &runs, failed);
    Runner::new(Arc::clone(&server), vec![job(3600, &runs, failed)]).unwrap();
    for failures in 1..=3 {
        once(&server, &bad).await;
        let status = server.board.get("test-job").unwrap();
        assert!(status.is_failing());
        let last = status.last.unwrap();
        assert_eq!((last.failures, last.succeeded_at), (failures, None));
        let outcome = Outcome::Failed { code: "too_bad".to_owned(), message: "It did not work".to_owned() };
        assert_eq!(last.outcome, outcome);
    }
    once(&server, &job(3600, &runs, || Ok(0))).await;
    let status = server.board.get("test-job").unwrap();
    assert!(!status.is_failing());
    assert_eq!(status.last.unwrap().succeeded_at, Some(START));
}

#[tokio::test]
async fn a_panic_is_a_failure_and_the_others_go_on() {
    let (server, runs) = (server(), Rc::default());
    Runner::new(Arc::clone(&server), vec![job(60, &runs, || Ok(0))]).unwrap();
    once(&server, &job(60, &runs, || panic!("a fault of the test"))).await;
    let last = server.board.get("test-job").unwrap().last.unwrap();
    assert!(matches!(last.outcome, Outcome::Failed { ref code, .. } if code == "internal_error"), "{last:?}");
}

#[tokio::test]
async fn runs_of_a_job_with_a_short_period_are_kept_only_around_failures() {
    let (server, runs) = (server(), Rc::default());
    Runner::new(Arc::clone(&server), vec![job(1, &runs, || Ok(0))]).unwrap();
    let kept = || table::last(&server.store.read(), "test-job").unwrap().map(|last| last.failures);
    once(&server, &job(1, &runs, || Ok(0))).await;
    assert_eq!(kept(), None);
    once(&server, &job(1, &runs, failed)).await;
    assert_eq!(kept(), Some(1));
    once(&server, &job(1, &runs, || Ok(0))).await;
    assert_eq!(kept(), Some(0));
}

#[tokio::test]
async fn a_job_runs_when_it_is_due_or_asked_for_and_one_that_hangs_keeps_nobody() {
    let (server, runs) = (server(), Rc::default());
    let hangs = Job::new("hangs", "Never ends.", 1, async |_: Arc<Server>, _| std::future::pending().await);
    let runner = Runner::new(Arc::clone(&server), vec![hangs, job(3600, &runs, || Ok(0))]).unwrap();
    let walk = async {
        let until = async |number: u32| {
            while runs.get() < number {
                tokio::task::yield_now().await;
            }
        };
        until(1).await;
        // It has looked at the clock some times more then.
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(runs.get(), 1, "the clock of the jobs stands still");
        assert!(server.board.ask("test-job"));
        until(2).await;
        server.clock.advance_secs(3600);
        until(3).await;
        assert!(server.board.get("hangs").unwrap().running_since.is_some());
        assert!(!server.board.ask("nothing"));
    };
    tokio::select! {
        () = runner.run() => {}
        () = walk => {}
    }
}
