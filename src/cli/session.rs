//! What a command gets that speaks to a server, and the shapes of such commands.

use super::client::Client;
use super::connect::Connect;
use super::failure::Failure;
use super::input::Input;
use super::out::Out;
use clap::{Args, Subcommand};

/// A server, a place to print, and stdin.
pub struct Session {
    /// The client that speaks to the server.
    pub client: Client,
    /// Where to print.
    pub out: Out,
    /// Where secrets come in.
    pub stdin: Input,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Puts the client away, for a command that does not come back.
    pub fn end(&mut self) {
        self.client = Client::ended();
    }
}

/// How many rows of a list to print.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many at most [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Limit {
    /// The most rows.
    pub fn most(self) -> usize {
        self.limit.unwrap_or(usize::MAX)
    }
}

/// Something that is done to a server.
pub trait Verb {
    /// Does it.
    ///
    /// # Errors
    /// It was not done, or not all of it.
    fn run(self, session: &mut Session) -> impl Future<Output = Result<(), Failure>>;
}

/// A noun with its verbs: `scaistack app create`.
#[derive(Args, Debug)]
pub struct Noun<V: Subcommand> {
    #[command(flatten)]
    connect: Connect,
    #[command(subcommand)]
    verb: V,
}

impl<V: Subcommand> Noun<V> {
    /// What is to be done, without whom to ask for it.
    #[cfg(test)]
    pub fn into_verb(self) -> V {
        self.verb
    }
}

impl<V: Subcommand + Verb> Noun<V> {
    /// Connects and does it.
    ///
    /// # Errors
    /// Nobody is there, or it was not done.
    pub fn run(self) -> Result<(), Failure> {
        with_session(self.connect, self.verb)
    }
}

/// A verb without a noun: `scaistack backup`.
#[derive(Args, Debug)]
pub struct Alone<V: Args> {
    #[command(flatten)]
    connect: Connect,
    #[command(flatten)]
    verb: V,
}

impl<V: Args> Alone<V> {
    /// What is to be done, without whom to ask for it.
    #[cfg(test)]
    pub fn into_verb(self) -> V {
        self.verb
    }
}

impl<V: Args + Verb> Alone<V> {
    /// Connects and does it.
    ///
    /// # Errors
    /// Nobody is there, or it was not done.
    pub fn run(self) -> Result<(), Failure> {
        with_session(self.connect, self.verb)
    }
}

fn with_session(connect: Connect, verb: impl Verb) -> Result<(), Failure> {
    block_on(async {
        let out = Out::of_process(connect.form.format());
        let client = connect.client().await?;
        verb.run(&mut Session { client, out, stdin: Input::of_process() }).await
    })
}

/// Runs a future to its end on this thread; it may start others that stay on it.
///
/// # Errors
/// What the future fails with, or that the system gives no runtime.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, future)
}
