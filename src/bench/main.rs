//! How fast the server is on this machine, each figure beside the limit that was measured in the same run, because machines
//! differ and drift. CPU time for each request is the steadiest of them.
//!
//! The server is a child: the program `scaistack` beside this one, with `serve`, on a port of its own, with a temporary data
//! folder. A second child, this program with `--baseline`, serves the smallest application on the same listener. The load
//! comes from a thread of this process over the loopback, so rates include its share of the machine.

mod baseline;
mod baseline_app;
mod cases;
mod child;
mod crowd;
mod folder;
mod grpc;
mod histogram;
mod http1;
mod idle;
mod limits;
mod load;
mod people;
mod process;
mod report;
mod server;
mod tokens;

use clap::{Parser, ValueEnum};
use scaistack::cli::{Failure, block_on};
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Measure this machine
///
/// Starts a server of its own with a temporary data folder, puts load on it and shows each figure beside the limit that was
/// measured in the same run. Takes about a minute and touches no other data.
#[derive(Clone, Debug, Parser)]
#[command(name = "scaistack-bench", version)]
#[command(after_help = "Examples:\n  scaistack-bench\n  scaistack-bench --seconds 10 secret-read secret-write\n  \
    scaistack-bench --dir /var/lib/scaistack --json secret-write")]
struct Bench {
    /// How long each measurement lasts, in seconds
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// How many connections the load has; writes have twice as many
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1024))]
    connections: u32,
    /// Where to put the temporary folder: durable writes are as fast as its disk [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The server's program [default: scaistack beside this one]
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Serve the smallest application until stdin ends.
    #[arg(long, hide = true)]
    baseline: bool,
    /// What to measure [default: everything]
    #[arg(value_enum, value_name = "CASE")]
    cases: Vec<Case>,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Case {
    /// Tokens for a client: RS256, the secret in the Authorization header
    ClientCredentials,
    /// Tokens for a client: ES256
    ClientCredentialsEs256,
    /// What a token is worth, asked with the client's secret
    Introspection,
    /// Codes with PKCE redeemed and refreshed, both durable, ES256; the codes are made meanwhile and not counted
    UserTokens,
    /// Secrets of 100 bytes, read with a personal token, each read with its audit row
    SecretRead,
    /// Secrets of 100 bytes, each a new durable version
    SecretWrite,
    /// The models of the settings, asked for with an API key, which is checked and counted at four levels
    KeyCheck,
    /// Ten organisations of a hundred listed over gRPC
    GrpcList,
    /// People made with a membership over gRPC, each durable, without a mail
    GrpcCreateUser,
    /// Memory of a thousand gRPC connections that wait, in clear text and over TLS
    GrpcIdle,
    /// Tokens for a client while a thousand people sign in at once, and the memory that takes
    Crowd,
    /// Memory, size and the time of a start
    Footprint,
}

impl Bench {
    /// Measures, and prints what it found.
    ///
    /// # Errors
    /// A measurement that did not come to its end. Nothing is left behind then either.
    fn run(self) -> Result<(), Failure> {
        if self.baseline {
            return block_on(baseline::serve());
        }
        let report = block_on(async {
            let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
            tokio::select! {
                report = cases::measure(&self) => report,
                // What was started and made is put away as this future is dropped.
                _ = interrupt.recv() => Err(Failure::failed("interrupted")),
                _ = terminate.recv() => Err(Failure::failed("terminated")),
            }
        })?;
        let text = if self.json { format!("{:#}\n", report.json()) } else { report.text() };
        Ok(std::io::stdout().write_all(text.as_bytes())?)
    }

    /// The program that is measured.
    ///
    /// # Errors
    /// It is not there.
    fn program(&self) -> Result<PathBuf, Failure> {
        let beside = || std::env::current_exe().map(|own| own.with_file_name("scaistack"));
        let program = self.server.clone().map_or_else(beside, Ok)?;
        if program.is_file() {
            return Ok(std::path::absolute(program)?);
        }
        let message = format!("there is no server at {}: build it, or name it with --server", program.display());
        Err(Failure::usage(message))
    }

    fn has(&self, case: Case) -> bool {
        self.cases.is_empty() || self.cases.contains(&case)
    }

    fn measured(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

/// Tells on stderr what is being done.
fn progress(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn main() -> ExitCode {
    match Bench::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(stderr(), "error: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
