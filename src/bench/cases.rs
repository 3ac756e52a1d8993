//! The cases: each puts its load on the server and on its limit by turns, so that both see the same machine.

use super::baseline_app as application;
use super::child::Child;
use super::folder::Folder;
use super::http1::Request;
use super::limits;
use super::load::{Load, Outcome, TURNS, by_turns};
use super::report::{Aim, Figure, Limit, Measured, Report, Target};
use super::server::Server;
use super::{Bench, Case, Failure, baseline, crowd, grpc, idle, progress, tokens};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::sleep;

/// How often a start is timed; the middle one counts.
const STARTS: usize = 5;
/// How long a server is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(2);
pub(super) const MIB: f64 = 1024.0 * 1024.0;

/// Measures what was asked for.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn measure(bench: &Bench) -> Result<Report, Failure> {
    let parent = bench.dir.clone().unwrap_or_else(std::env::temp_dir);
    let folder = Folder::make(&parent)?;
    progress("starting a server");
    let program = bench.program()?;
    let mut server = Server::start(&program, &folder).await?;
    let mut footprint = Vec::new();
    if bench.has(Case::Footprint) {
        progress("memory of an idle server");
        sleep(IDLE).await;
        footprint.push(figure("memory, idle", "MiB", server.child.resident()? as f64 / MIB, at_most(20.0)));
    }
    let with_secrets = [Case::SecretRead, Case::SecretWrite, Case::Footprint].into_iter().any(|case| bench.has(case));
    let secrets = if with_secrets { Some(server.secret_requests().await?) } else { None };
    if bench.has(Case::Footprint) {
        progress("starts");
        let size = std::fs::metadata(&program)?.len();
        let times;
        (server, times) = restarts(server, &folder, STARTS).await?;
        footprint.push(figure("size of the program", "MB", size as f64 / 1e6, at_most(25.0)));
        footprint.push(figure("start, 1000 secrets", "ms", times.as_secs_f64() * 1e3, at_most(100.0)));
    }
    let mut cases = Vec::new();
    let loads = [
        Case::ClientCredentials,
        Case::ClientCredentialsEs256,
        Case::Introspection,
        Case::SecretRead,
        Case::SecretWrite,
        Case::KeyCheck,
        Case::GrpcList,
        Case::GrpcCreateUser,
        Case::UserTokens,
    ];
    if loads.into_iter().any(|case| bench.has(case)) {
        let (child, addr) = baseline::start(&folder).await?;
        let floor = Floor { child, addr, bench };
        if bench.has(Case::ClientCredentials) {
            cases.push(client_credentials(&server, &floor).await?);
        }
        if bench.has(Case::ClientCredentialsEs256) {
            cases.push(tokens::client_credentials_es256(&server, &floor).await?);
        }
        if bench.has(Case::Introspection) {
            cases.push(tokens::introspection(&server, &floor).await?);
        }
        if let Some((reads, _)) = secrets.as_ref().filter(|_| bench.has(Case::SecretRead)) {
            cases.push(secret_read(&server, &floor, reads).await?);
        }
        if bench.has(Case::KeyCheck) {
            cases.push(key_check(&server, &floor).await?);
        }
        cases.extend(over_grpc(&server, &floor).await?);
        if bench.has(Case::UserTokens) {
            cases.push(tokens::user_tokens(&folder, &floor).await?);
        }
        if let Some((_, writes)) = secrets.as_ref().filter(|_| bench.has(Case::SecretWrite)) {
            cases.push(secret_write(&server, &floor, &folder, writes).await?);
        }
    }
    if bench.has(Case::GrpcIdle) {
        cases.push(idle::idle(&program, &folder).await?);
    }
    if bench.has(Case::Footprint) {
        let none = Aim::None;
        footprint.push(figure("memory, after the load", "MiB", server.child.resident()? as f64 / MIB, none));
        footprint.push(figure("data file, after the load", "MB", server.file_len()? as f64 / 1e6, none));
        let time;
        (server, time) = restarts(server, &folder, 1).await?;
        footprint.push(figure("start, after the load", "ms", time.as_secs_f64() * 1e3, none));
        cases.push(Measured { case: "footprint", load: None, figures: footprint });
    }
    if bench.has(Case::Crowd) {
        cases.push(crowd::crowd(&server, bench.measured()).await?);
    }
    server.child.stop().await?;
    Ok(Report(cases))
}

/// What was asked for of the cases over gRPC.
async fn over_grpc(server: &Server, floor: &Floor<'_>) -> Result<Vec<Measured>, Failure> {
    let mut measured = Vec::new();
    if ![Case::GrpcList, Case::GrpcCreateUser].into_iter().any(|case| floor.bench.has(case)) {
        return Ok(measured);
    }
    let ready = grpc::prepare(server).await?;
    if floor.bench.has(Case::GrpcList) {
        measured.push(grpc::list(server, floor, &ready).await?);
    }
    if floor.bench.has(Case::GrpcCreateUser) {
        measured.push(grpc::create_user(server, floor, &ready).await?);
    }
    Ok(measured)
}

/// The child with the smallest application.
pub(super) struct Floor<'a> {
    child: Child,
    addr: SocketAddr,
    pub(super) bench: &'a Bench,
}

impl Floor<'_> {
    /// Where it is, and its process.
    pub(super) fn place(&self) -> (SocketAddr, u32) {
        (self.addr, self.child.pid())
    }

    /// Load on it alone.
    pub(super) fn load(&self, route: Request, connections: usize) -> Load {
        Load { addr: self.addr, pid: self.child.pid(), connections, requests: [route].into() }
    }

    /// Puts load on the server and on the smallest application by turns.
    ///
    /// # Errors
    /// A load that did not come to its end.
    pub(super) async fn by_turns(&self, load: &Load, route: Request) -> Result<(Outcome, Outcome), Failure> {
        let bare = Load { addr: self.addr, pid: self.child.pid(), requests: [route].into(), ..load.clone() };
        by_turns(self.bench.measured(), |turn| load.run(turn), |turn| bare.run(turn)).await
    }

    /// What a load costs beside a handler with a fixed answer. `cpu` and `late` are what is aimed at for the CPU time of a
    /// request in microseconds, and for the 99th percentile in milliseconds.
    ///
    /// # Errors
    /// A load that did not come to its end.
    pub(super) async fn beside_fixed(
        &self,
        case: &'static str,
        load: &Load,
        (cpu, late): (Aim, Aim),
    ) -> Result<Measured, Failure> {
        let (ours, fixed) = self.by_turns(load, Request::new("GET", application::FIXED, &[], "")).await?;
        let limit = Some(Limit { value: fixed.cpu_micros(), of: "us, handler with a fixed answer" });
        let figures = vec![
            Figure { what: "CPU a request", unit: "us", value: ours.cpu_micros(), limit, aim: cpu },
            p99(&ours, &fixed, "ms, handler with a fixed answer", late),
        ];
        Ok(Measured { case, figures, load: Some(ours) })
    }
}

async fn client_credentials(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("client credentials");
    let load = server.load(floor.bench.connections as usize, [server.token_request("RS256").await?]);
    let signer = limits::rsa_signer()?;
    let alone = Duration::from_secs(1);
    let before = limits::bare_signature(&signer, alone)?;
    let (ours, floor) = floor.by_turns(&load, Request::new("POST", application::SIGN, &[], "")).await?;
    let signature = (before + limits::bare_signature(&signer, alone)?) / 2.0;
    let beside = |value, of| Some(Limit { value, of });
    Ok(Measured {
        case: "client-credentials",
        figures: vec![
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: beside(signature, "us, bare signature"),
                aim: Aim::Ratio(Target::AtMost(1.15)),
            },
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: beside(floor.cpu_micros(), "us, handler that only signs"),
                aim: Aim::None,
            },
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: beside(floor.rate(), "/s, handler that only signs"),
                aim: Aim::Ratio(Target::AtLeast(0.9)),
            },
            p99(&ours, &floor, "ms, handler that only signs", Aim::None),
        ],
        load: Some(ours),
    })
}

async fn secret_read(server: &Server, floor: &Floor<'_>, reads: &[Request]) -> Result<Measured, Failure> {
    progress("secret reads");
    let load = server.load(floor.bench.connections as usize, reads);
    floor.beside_fixed("secret-read", &load, (at_most(35.0), at_most(5.0))).await
}

async fn key_check(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("key checks");
    let load = server.load(floor.bench.connections as usize, [server.key_request().await?]);
    floor.beside_fixed("key-check", &load, (at_most(20.0), Aim::None)).await
}

async fn secret_write(
    server: &Server,
    floor: &Floor<'_>,
    folder: &Folder,
    writes: &[Request],
) -> Result<Measured, Failure> {
    progress("secret writes");
    let connections = floor.bench.connections as usize * 2;
    let load = server.load(connections, writes);
    let route = Request::new("PUT", application::WRITE, &[], "");
    let bare = limits::bare_store(folder, connections, floor.bench.measured() / TURNS).await?;
    let (ours, floor) = floor.by_turns(&load, route).await?;
    Ok(Measured {
        case: "secret-write",
        figures: vec![
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: Some(Limit { value: floor.rate(), of: "/s, handler that only writes a row" }),
                aim: Aim::Ratio(Target::AtLeast(0.6)),
            },
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: Some(Limit { value: bare.rate(), of: "/s, rows of the bare store, without HTTP" }),
                aim: Aim::None,
            },
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: Some(Limit { value: floor.cpu_micros(), of: "us, handler that only writes a row" }),
                aim: Aim::None,
            },
            p99(&ours, &floor, "ms, handler that only writes a row", at_most(25.0)),
        ],
        load: Some(ours),
    })
}

/// Restarts a few times; the time is the middle one.
async fn restarts(mut server: Server, folder: &Folder, count: usize) -> Result<(Server, Duration), Failure> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let time;
        (server, time) = server.restart(folder).await?;
        times.push(time);
    }
    times.sort();
    Ok((server, times.get(count / 2).copied().unwrap_or_default()))
}

pub(super) fn p99(ours: &Outcome, limit: &Outcome, of: &'static str, aim: Aim) -> Figure {
    let millis = |outcome: &Outcome| outcome.times.quantile(0.99).as_secs_f64() * 1e3;
    Figure { what: "p99", unit: "ms", value: millis(ours), limit: Some(Limit { value: millis(limit), of }), aim }
}

/// A figure without a limit of the same run.
pub(super) fn figure(what: &'static str, unit: &'static str, value: f64, aim: Aim) -> Figure {
    Figure { what, unit, value, limit: None, aim }
}

pub(super) fn at_most(most: f64) -> Aim {
    Aim::Figure(Target::AtMost(most))
}
