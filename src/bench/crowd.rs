//! A thousand people sign in at once, wave after wave, while programs get tokens: hashing passwords must take neither the memory nor
//! the time of the others.

use super::cases::at_most;
use super::http1::{self, Request};
use super::load::{Outcome, block_on, on_own_thread};
use super::report::{Aim, Figure, Limit, Measured};
use super::server::Server;
use super::{Failure, process, progress};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How many sign in at once.
const CROWD: usize = 1000;
/// How many connections get tokens meanwhile.
const PROGRAMS: usize = 8;
/// How long one of the crowd waits for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures token requests alone, and then with the crowd.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn crowd(server: &Server, measured: Duration) -> Result<Measured, Failure> {
    progress("a thousand sign-ins at once");
    let (tokens, sign_in) = (server.token_request("RS256").await?, server.sign_in_request().await?);
    let load = server.load(PROGRAMS, [tokens]);
    let alone = load.run(measured / 2).await?;
    let over = Arc::new(AtomicBool::new(false));
    let (addr, told) = (server.addr, Arc::clone(&over));
    let waves = on_own_thread(move || block_on(waves(addr, sign_in, told))?);
    let (meanwhile, waves) = tokio::join!(
        async {
            let outcome = load.run(measured).await;
            over.store(true, Ordering::Relaxed);
            outcome
        },
        waves
    );
    let (meanwhile, (in_time, later)) = (meanwhile?, waves?);
    progress(&format!("{in_time} signed in, {later} were told to come again"));
    let millis = |outcome: &Outcome| outcome.times.quantile(0.99).as_secs_f64() * 1e3;
    let peak = process::peak(server.child.pid())? as f64 / (1024.0 * 1024.0);
    let limit = |value, of| Some(Limit { value, of });
    Ok(Measured {
        case: "crowd",
        figures: vec![
            Figure {
                what: "p99 of token requests",
                unit: "ms",
                value: millis(&meanwhile),
                limit: limit(millis(&alone), "ms, nobody signs in"),
                aim: at_most(50.0),
            },
            Figure {
                what: "rate of token requests",
                unit: "/s",
                value: meanwhile.rate(),
                limit: limit(alone.rate(), "/s, nobody signs in"),
                aim: Aim::None,
            },
            Figure { what: "memory, at most", unit: "MiB", value: peak, limit: None, aim: at_most(150.0) },
        ],
        load: Some(meanwhile),
    })
}

/// Sends the crowd in until it is over. Gives how many came in, and how many were told to come again.
async fn waves(addr: SocketAddr, request: Request, over: Arc<AtomicBool>) -> Result<(u64, u64), Failure> {
    let (mut good, mut busy) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        let (all_there, mut crowd) = (Rc::new(Barrier::new(CROWD)), JoinSet::new());
        for _ in 0..CROWD {
            let (request, all_there) = (request.clone(), Rc::clone(&all_there));
            crowd.spawn_local(async move {
                let connected = TcpStream::connect(addr).await;
                all_there.wait().await;
                let mut stream = connected?;
                stream.write_all(&request.0).await?;
                http1::read(&mut stream, &mut Vec::new()).await.map(|found| found.status)
            });
        }
        let wave = async {
            while let Some(done) = crowd.join_next().await {
                match done.map_err(std::io::Error::other)?? {
                    200 => good += 1,
                    503 => busy += 1,
                    status => return Err(Failure::failed(format!("a sign-in was answered with HTTP {status}"))),
                }
            }
            Ok(())
        };
        timeout(PATIENCE, wave).await.map_err(|_| Failure::failed("the crowd was not answered in time"))??;
    }
    Ok((good, busy))
}
