//! The whole thing from outside: the real binary, on a port that the system chooses, with a real data file.
//!
//! Nothing here sleeps, and whatever waits has a deadline.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod audit;
mod backup;
mod bad_credential;
mod bad_token;
mod bad_vault;
mod bench;
mod browser;
mod cli;
mod clicks;
mod clients;
mod commands;
mod conformance;
mod cors;
mod crowd;
mod dependencies;
mod described;
mod discovery;
mod doctor;
mod documents;
mod headers;
mod hosted;
mod init;
mod kill;
mod layers;
mod libraries;
mod looks;
mod mail;
mod needle;
mod old_folder;
mod pages;
mod protocols;
mod proxies;
mod quickstarts;
mod readme;
mod refusals;
mod routes;
mod running;
mod scaigrid;
mod scalekit;
mod server;
mod sign_in;
mod slots;
mod step_up;
mod stop;
mod switches;
mod user_tokens;
mod versions;
mod wire;
