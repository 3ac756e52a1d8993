//! The command line: a file per noun. It holds no rules: it asks the JSON API, over the socket of the running server, over HTTP, or in this
//! process, and prints what it hears.
//!
//! Exit codes: 0 done, 1 failed, 2 usage or wrong key.

mod app;
mod audit;
mod backup;
mod check;
mod check_rows;
pub mod client;
mod completions;
mod config;
mod connect;
mod doctor;
#[cfg(test)]
mod empty_tests;
mod failure;
pub mod find;
mod group;
#[cfg(test)]
mod harness;
mod init;
mod input;
mod job;
mod key;
mod key_slot;
mod known;
mod limit;
mod lockout;
mod login_session;
mod man;
mod notify;
mod out;
mod outbox;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod people_tests;
mod recover_admin;
mod restore;
mod role;
mod rotate_keys;
mod run;
mod secret;
#[cfg(test)]
mod secret_tests;
mod serve;
mod session;
mod tenant;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod verify;
mod yaml;

pub use connect::Connect;
pub use failure::Failure;
pub use out::Out;
pub use session::{Limit, Noun, Session, Verb, block_on};

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{Write, stderr};
use std::process::ExitCode;

/// Sign-in, API keys, a secret vault and B2B organisations in one binary with one encrypted file.
#[derive(Debug, Parser)]
#[command(name = "scaistack", version, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Zero to a token:\n  scaistack serve\n  \
    curl -H \"Authorization: Bearer $(scaistack token create)\" http://127.0.0.1:8080/v1/auth/whoami\n\n\
    The other commands speak to the server that runs on the same data folder,\nor to another one with --server.\n\
    Exit codes: 0 done, 1 failed, 2 usage or wrong key.\n\
    With --json errors are JSON too, on stderr: {\"error\": {\"code\", \"message\", …}}")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    /// OAuth applications: services, web, single-page and native ones
    App(Noun<app::App>),
    /// Tenants: the organisations of this instance
    Tenant(Noun<tenant::Tenant>),
    /// Users: people who sign in
    User(Noun<user::User>),
    /// API keys of ScaiGrid
    Key(Noun<key::Key>),
    /// Groups: users of a tenant together
    Group(Noun<group::Group>),
    /// Jobs: what the server does by itself
    Job(Noun<job::Job>),
    /// Sessions: browsers that are signed in
    Session(Noun<login_session::LoginSession>),
    /// Roles: who may what, beyond what a membership gives
    Role(Noun<role::RoleVerb>),
    /// Limits: how many requests there may be in a window of time
    Limit(Noun<limit::LimitVerb>),
    /// Mails that wait, were sent, or were given up
    Outbox(Noun<outbox::Outbox>),
    /// Lock-outs: who has to wait after too many wrong tries
    Lockout(Noun<lockout::Lockout>),
    /// Personal access tokens
    Token(Noun<token::Token>),
    /// Secrets: versioned values under paths
    Secret(Noun<secret::SecretVerb>),
    /// Run a program with secrets in its environment
    ///
    /// A secret at PREFIX gives its fields as they are: `password` becomes PASSWORD. One below it has the rest of its path in front:
    /// `replica` becomes REPLICA_PASSWORD. The program takes the place of this one, and sees neither SCAISTACK_TOKEN nor
    /// SCAISTACK_PASSPHRASE.
    Run(session::Alone<run::Run>),
    /// Keys of the data file: key files and passphrases, each of which opens it
    KeySlot(Noun<key_slot::KeySlot>),
    /// Write a consistent, encrypted copy of the data file, while the server works
    ///
    /// The same keys open it. The file is written on the server's machine and must not exist.
    Backup(session::Alone<backup::Backup>),
    Restore(restore::Restore),
    Verify(verify::Verify),
    /// Look at every row of the data file, and mend what can be mended
    Check(session::Alone<check_rows::Check>),
    /// The audit log
    Audit(Noun<audit::Audit>),
    /// Replace the keys that sign tokens
    RotateKeys(session::Alone<rotate_keys::RotateKeys>),
    /// Print a one-time link that makes an administrator, for when none can sign in
    ///
    /// A link that was printed before is dead.
    RecoverAdmin(session::Alone<recover_admin::RecoverAdmin>),
    Doctor(doctor::Doctor),
    Config(config::ConfigCommand),
    Init(init::Init),
    Completions(completions::Completions),
    Man(man::Pages),
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::App(noun) => noun.run(),
            Self::Tenant(noun) => noun.run(),
            Self::User(noun) => noun.run(),
            Self::Key(noun) => noun.run(),
            Self::Group(noun) => noun.run(),
            Self::Job(noun) => noun.run(),
            Self::Session(noun) => noun.run(),
            Self::Role(noun) => noun.run(),
            Self::Limit(noun) => noun.run(),
            Self::Outbox(noun) => noun.run(),
            Self::Lockout(noun) => noun.run(),
            Self::Token(noun) => noun.run(),
            Self::Secret(noun) => noun.run(),
            Self::Run(command) => command.run(),
            Self::KeySlot(noun) => noun.run(),
            Self::Backup(command) => command.run(),
            Self::Restore(restore) => restore.run(),
            Self::Verify(verify) => verify.run(),
            Self::Check(command) => command.run(),
            Self::Audit(noun) => noun.run(),
            Self::RotateKeys(command) => command.run(),
            Self::RecoverAdmin(command) => command.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Config(config) => config.run(),
            Self::Init(init) => init.run(),
            Self::Completions(completions) => completions.run(&mut Cli::command()),
            Self::Man(pages) => pages.run(Cli::command()),
        }
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    run_with(std::env::args_os())
}

/// Runs a command; the first argument is the program's name.
pub fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let is_json = asks_for_json(&arguments);
    let failure = match Cli::try_parse_from(&arguments) {
        Ok(cli) => match cli.command.run() {
            Ok(()) => return ExitCode::SUCCESS,
            Err(failure) => failure,
        },
        Err(error) if is_json && error.use_stderr() => misuse(&error),
        Err(error) => {
            // Help and versions come this way too, with code 0 and on stdout.
            let _ = error.print();
            if let Some(hint) = hint(&error) {
                let _ = writeln!(stderr(), "\n{hint}");
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    tell(&failure, is_json, &mut stderr());
    ExitCode::from(failure.code())
}

/// Says why a command failed. A reader that has gone away cannot be told.
fn tell(failure: &Failure, is_json: bool, to: &mut dyn Write) {
    match failure {
        Failure::Exit(_) => {}
        failure if is_json => {
            let _ = writeln!(to, "{:#}", failure.json());
        }
        failure => {
            for line in failure.to_string().lines() {
                let _ = writeln!(to, "error: {line}");
            }
        }
    }
}

/// Whether errors are to be JSON too. The flags are looked for by hand, for a line that does not parse is such an error.
fn asks_for_json(arguments: &[OsString]) -> bool {
    let own: Vec<_> = arguments.iter().take_while(|argument| *argument != "--").collect();
    own.iter().any(|argument| *argument == "--json" || *argument == "--output=json" || *argument == "-ojson")
        || own.windows(2).any(|pair| (pair[0] == "--output" || pair[0] == "-o") && pair[1] == "json")
}

/// A line that does not parse, as a failure: what clap says, without its hints on usage.
fn misuse(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let text: Vec<_> =
        lines.map(|line| line.trim().trim_start_matches("error: ")).filter(|line| !line.is_empty()).collect();
    Failure::usage(text.into_iter().chain(hint(error)).collect::<Vec<_>>().join(" "))
}

/// What clap cannot know.
fn hint(error: &clap::Error) -> Option<&'static str> {
    let argument = error.get(clap::error::ContextKind::InvalidArg)?.to_string();
    let is_unknown = error.kind() == clap::error::ErrorKind::UnknownArgument;
    (is_unknown && argument.starts_with("--server")).then_some(
        "This command works on the files of the machine it runs on: run it on the server's machine, without --server.",
    )
}
