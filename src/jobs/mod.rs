//! Jobs: work that the server does by the clock, and what is known of each.
//!
//! A [`Job`] has a name, a period and a piece of work that may be run again at any time. [`Runner`] runs every job in a loop of
//! its own, so one that hangs does not keep the others from their work, and no job runs twice at once. When a job was last run
//! is kept in the data file, so a restart does not run everything again; a job that fails is tried again after a minute, then
//! later each time. The [`Board`] tells what each of them did. Which jobs there are is for the layers above.

mod board;
mod run;
mod schedule;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use board::{Board, Status};
pub use run::{Host, Job, Runner};
pub use service::{get, list, run_now};
pub use table::{LastRun, Outcome, check_rows};

use crate::base::Problem;

/// What a run of a job gives: how many rows (files, mails) it has dealt with.
pub type Done = Result<usize, Problem>;
