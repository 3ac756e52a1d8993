//! The load: a number of kept connections on a thread of their own, each of which sends the next request when its answer
//! has come. Everything ends by time.

use super::histogram::Histogram;
use super::http1::{self, Request};
use super::process;
use super::{Failure, progress};
use scaistack::crypto::random;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// For caches, the branch predictor and the first growth of buffers; not counted.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// A connection that has failed so often gives up.
const GIVE_UP: u32 = 5;
/// So much of a bad answer is told, in bytes.
const TOLD: usize = 300;

/// What to send where.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// The address of the server.
    pub(super) addr: SocketAddr,
    /// Its process, whose CPU time is read.
    pub(super) pid: u32,
    /// How many connections.
    pub(super) connections: usize,
    /// One of these at random, each time.
    pub(super) requests: Arc<[Request]>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// How long it was measured.
    pub(super) elapsed: Duration,
    /// The good answers (2xx), by the time they took.
    pub(super) times: Histogram,
    /// CPU time of the server meanwhile, in user and system mode.
    pub(super) cpu: Duration,
    /// Other answers and broken connections.
    pub(super) failures: u64,
    /// What the first of them was.
    pub(super) first_failure: Option<String>,
}

impl Outcome {
    /// Takes another turn of the same load in.
    pub(super) fn add(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.times.add(&other.times);
        self.cpu += other.cpu;
        self.failures += other.failures;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    /// Good answers a second.
    pub(super) fn rate(&self) -> f64 {
        self.times.count() as f64 / self.elapsed.as_secs_f64()
    }

    /// CPU time of the server for each good answer, in microseconds.
    pub(super) fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.times.count().max(1) as f64
    }
}

/// How far the load is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    WarmUp,
    Measured,
    Over,
}

/// What the connections share.
pub(super) struct Shared {
    phase: Cell<Phase>,
    times: RefCell<Histogram>,
    failures: Cell<u64>,
    first_failure: RefCell<Option<String>>,
}

impl Shared {
    fn new(phase: Phase) -> Rc<Self> {
        Rc::new(Self {
            phase: Cell::new(phase),
            times: RefCell::new(Histogram::new()),
            failures: Cell::new(0),
            first_failure: RefCell::default(),
        })
    }

    /// Whether there is more to send.
    pub(super) fn goes_on(&self) -> bool {
        self.phase.get() != Phase::Over
    }

    /// A good answer has come, after so long.
    pub(super) fn answered(&self, took: Duration) {
        if self.phase.get() == Phase::Measured {
            self.times.borrow_mut().record(took);
        }
    }

    /// Something went wrong.
    pub(super) fn failed(&self, how: String) {
        self.failures.set(self.failures.get() + 1);
        self.first_failure.borrow_mut().get_or_insert(how);
    }
}

impl Load {
    /// Sends requests for half a second and then, measured, for `seconds`.
    ///
    /// # Errors
    /// When no good answer came, or the server's CPU time cannot be read.
    pub(super) async fn run(&self, measured: Duration) -> Result<Outcome, Failure> {
        let load = self.clone();
        judged(on_own_thread(move || load.drive(measured)).await?)
    }

    /// Sends the first request and gives the body of its answer.
    ///
    /// # Errors
    /// The server is not there, or does not answer well.
    pub(super) async fn answer(&self) -> Result<String, Failure> {
        let request = self.requests.first().ok_or_else(|| Failure::failed("there is nothing to ask"))?;
        let (mut stream, mut buffer) = (TcpStream::connect(self.addr).await?, Vec::new());
        stream.write_all(&request.0).await?;
        let found = http1::read(&mut stream, &mut buffer).await?;
        match found.status {
            200..300 => Ok(String::from_utf8_lossy(found.body_in(&buffer)).into_owned()),
            status => Err(Failure::failed(format!("the answer was {status}"))),
        }
    }

    /// Sends every request once.
    ///
    /// # Errors
    /// When an answer is not good.
    pub(super) async fn each(&self) -> Result<(), Failure> {
        let load = self.clone();
        let shared = on_own_thread(move || {
            let (next, shared) = (Rc::new(Cell::new(0)), Shared::new(Phase::Measured));
            let told = Rc::clone(&shared);
            block_on(async move {
                let mut connections = JoinSet::new();
                for _ in 0..load.connections {
                    let (next, requests) = (Rc::clone(&next), Arc::clone(&load.requests));
                    let pick = move || {
                        let at = next.replace(next.get() + 1);
                        requests.get(at).cloned()
                    };
                    connections.spawn_local(connection(load.addr, pick, Rc::clone(&shared)));
                }
                while connections.join_next().await.is_some() {}
            })?;
            Ok((told.times.borrow().count(), told.first_failure.take()))
        });
        let (good, failure) = shared.await?;
        match failure {
            None if good == self.requests.len() as u64 => Ok(()),
            how => Err(Failure::failed(format!("the server did not take it: {}", how.unwrap_or_default()))),
        }
    }

    fn drive(self, measured: Duration) -> Result<Outcome, Failure> {
        drive(self.pid, self.connections, measured, |shared| {
            let (mut numbers, requests, state) = (Numbers::new(), Arc::clone(&self.requests), Rc::clone(&shared));
            let pick = move || state.goes_on().then(|| requests.get(numbers.below(requests.len())).cloned()).flatten();
            connection(self.addr, pick, shared)
        })
    }
}

/// Tells of failures; without any good answer there is nothing to show.
///
/// # Errors
/// No good answer came.
pub(super) fn judged(outcome: Outcome) -> Result<Outcome, Failure> {
    match (outcome.times.count(), &outcome.first_failure) {
        (0, how) => Err(Failure::failed(format!("no good answer came: {}", how.as_deref().unwrap_or("none at all")))),
        (_, Some(how)) => {
            progress(&format!("{} requests failed; the first: {how}", outcome.failures));
            Ok(outcome)
        }
        _ => Ok(outcome),
    }
}

/// How often the server and its limit take turns.
pub(super) const TURNS: u32 = 2;

/// Puts a load on the server and on its limit by turns, so that both see the same machine: each `measured` long in all.
///
/// # Errors
/// A load that did not come to its end.
pub(super) async fn by_turns<F: Future<Output = Result<Outcome, Failure>>>(
    measured: Duration,
    ours: impl Fn(Duration) -> F,
    limit: impl Fn(Duration) -> F,
) -> Result<(Outcome, Outcome), Failure> {
    let turn = measured / TURNS;
    let mut sums = (ours(turn).await?, limit(turn).await?);
    for _ in 1..TURNS {
        sums.0.add(ours(turn).await?);
        sums.1.add(limit(turn).await?);
    }
    Ok(sums)
}

/// Measures what connections do that `connect` makes: half a second of warming up, then `measured`. `pid`: the process whose
/// CPU time is read.
pub(super) fn drive<F: Future<Output = ()> + 'static>(
    pid: u32,
    connections: usize,
    measured: Duration,
    mut connect: impl FnMut(Rc<Shared>) -> F,
) -> Result<Outcome, Failure> {
    block_on(async move {
        let shared = Shared::new(Phase::WarmUp);
        let mut open = JoinSet::new();
        for _ in 0..connections {
            open.spawn_local(connect(Rc::clone(&shared)));
        }
        sleep(WARM_UP).await;
        let cpu_before = process::cpu(pid)?;
        let started = Instant::now();
        shared.phase.set(Phase::Measured);
        sleep(measured).await;
        shared.phase.set(Phase::Over);
        let elapsed = started.elapsed();
        let cpu = process::cpu(pid)?.saturating_sub(cpu_before);
        // Each of them ends with the answer that it waits for, within its own time.
        while open.join_next().await.is_some() {}
        Ok(Outcome {
            elapsed,
            times: shared.times.replace(Histogram::new()),
            cpu,
            failures: shared.failures.get(),
            first_failure: shared.first_failure.take(),
        })
    })?
}

/// One connection: sends what `pick` gives until it gives nothing. After a failure it connects again, a few times.
async fn connection(addr: SocketAddr, mut pick: impl FnMut() -> Option<Request>, shared: Rc<Shared>) {
    let mut failed = 0;
    let mut buffer = Vec::with_capacity(8 * 1024);
    while failed < GIVE_UP {
        let Ok(Ok(mut stream)) = timeout(ANSWER, TcpStream::connect(addr)).await else {
            shared.failed("nobody listens".to_owned());
            failed += 1;
            continue;
        };
        let _ = stream.set_nodelay(true);
        buffer.clear();
        loop {
            let Some(request) = pick() else { return };
            let sent = Instant::now();
            match timeout(ANSWER, exchange(&mut stream, &request, &mut buffer)).await {
                Ok(Ok(status)) => {
                    if !(200..300).contains(&status.0) {
                        shared.failed(format!("HTTP {}: {}", status.0, status.1));
                    } else {
                        shared.answered(sent.elapsed());
                    }
                }
                Ok(Err(error)) => {
                    shared.failed(error.to_string());
                    failed += 1;
                    break;
                }
                Err(_) => {
                    shared.failed("an answer took too long".to_owned());
                    failed += 1;
                    break;
                }
            }
        }
    }
}

/// Sends a request and reads its answer: the status and, unless it is good, the beginning of the body.
async fn exchange(stream: &mut TcpStream, request: &Request, buffer: &mut Vec<u8>) -> std::io::Result<(u16, String)> {
    stream.write_all(&request.0).await?;
    let found = http1::read(stream, buffer).await?;
    let body = match found.status {
        200..300 => String::new(),
        _ => {
            let body = found.body_in(buffer);
            String::from_utf8_lossy(body.get(..TOLD).unwrap_or(body)).into_owned()
        }
    };
    buffer.drain(..found.end);
    Ok((found.status, body))
}

/// Numbers that look random, without asking the operating system for each (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn new() -> Self {
        Self(u64::from_be_bytes(random::bytes()) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ((u128::from(number) * end as u128) >> 64) as usize
    }
}

/// Runs `work` on a thread of its own, so that the load shares none with whoever waits for it.
pub(super) async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (done, outcome) = oneshot::channel();
    std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        let _ = done.send(work());
    })?;
    outcome.await.unwrap_or_else(|_| Err(Failure::failed("the load generator ended early")))
}

/// Runs a future, and what it spawns, on this thread.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(tokio::task::LocalSet::new().block_on(&runtime, future))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    /// A server that answers `answers` in turn, over and over, on every connection.
    async fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut buffer, mut turn) = (Vec::new(), 0);
                    while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                        while let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                            buffer.drain(..end + 4);
                            let answer = answers[turn % answers.len()];
                            turn += 1;
                            if answer.is_empty() || stream.write_all(answer.as_bytes()).await.is_err() {
                                return;
                            }
                        }
                    }
                });
            }
        });
        addr
    }

    fn load(addr: SocketAddr, requests: usize) -> Load {
        let requests = (0..requests).map(|n| Request::new("GET", &format!("/{n}"), &[], "")).collect();
        Load { addr, pid: std::process::id(), connections: 3, requests }
    }

    const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const BAD: &str = "HTTP/1.1 500 Oh\r\ncontent-length: 3\r\n\r\nbad";

    #[tokio::test]
    async fn good_answers_are_counted_and_timed() {
        let addr = serve(&[GOOD]).await;
        let outcome = load(addr, 2).run(Duration::from_millis(200)).await.unwrap();
        assert!(outcome.times.count() > 10 && outcome.failures == 0, "{outcome:?}");
        assert!(outcome.elapsed >= Duration::from_millis(200) && outcome.rate() > 50.0);
        assert!(outcome.times.quantile(0.99) < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn failures_are_told_and_do_not_stop_it() {
        let addr = serve(&[GOOD, BAD]).await;
        let outcome = load(addr, 1).run(Duration::from_millis(50)).await.unwrap();
        assert!(outcome.failures > 0 && outcome.times.count() > 0);
        assert_eq!(outcome.first_failure.as_deref(), Some("HTTP 500: bad"));
        let addr = serve(&[""]).await;
        let failure = load(addr, 1).run(Duration::from_millis(10)).await.unwrap_err();
        assert!(failure.to_string().contains("no good answer"), "{failure}");
    }

    #[tokio::test]
    async fn each_request_once() {
        let addr = serve(&[GOOD]).await;
        load(addr, 50).each().await.unwrap();
        let addr = serve(&[GOOD, GOOD, BAD]).await;
        assert!(load(addr, 50).each().await.unwrap_err().to_string().contains("HTTP 500"));
    }

    #[test]
    fn numbers_stay_below_and_reach_all() {
        let mut numbers = Numbers::new();
        let mut seen = [0u32; 10];
        (0..10_000).for_each(|_| seen[numbers.below(10)] += 1);
        assert!(seen.iter().all(|count| (700..1300).contains(count)), "{seen:?}");
    }
}
