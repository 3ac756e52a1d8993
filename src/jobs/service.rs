//! Jobs as those who run the instance see them.

use super::board::{Board, Status};
use super::run::Host;
use crate::access::{Granted, permit};
use crate::audit::{self, Event, Packed};
use crate::base::Problem;
use crate::catalogue::Action;
use crate::store::{StoreError, WriteTx};

/// All jobs, by name.
///
/// # Errors
/// `no_server`.
pub fn list(board: &Board, _: &Granted<permit::ReadJobs>) -> Result<Vec<Status>, Problem> {
    let jobs = board.list();
    if jobs.is_empty() { Err(no_server()) } else { Ok(jobs) }
}

/// The command line can work on a data folder without a server, and then nobody runs jobs.
fn no_server() -> Problem {
    Problem::conflict("no_server", "Jobs are run by the server: start it with scaistack serve")
}

/// One job.
///
/// # Errors
/// `job_not_found`, `no_server`.
pub fn get(board: &Board, _: &Granted<permit::ReadJobs>, name: &str) -> Result<Status, Problem> {
    found(board, name)
}

fn found(board: &Board, name: &str) -> Result<Status, Problem> {
    let none = || Problem::not_found("job_not_found", "There is no such job");
    board.get(name).ok_or_else(|| if board.list().is_empty() { no_server() } else { none() })
}

/// Asks for a run now, whenever the job is due; gives what is known of it. One that runs already runs once more.
///
/// # Errors
/// `job_not_found`, `no_server`.
pub async fn run_now(host: &impl Host, granted: &Granted<permit::RunJobs>, name: &str) -> Result<Status, Problem> {
    let job = found(host.board(), name)?;
    let (actor, place) = (granted.actor(), granted.place());
    let event = Packed::from(Event::by(actor, host.clock().now(), place, Action::JobRun).on("job", job.name));
    let note = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
        audit::append(tx, event.clone());
        Ok(())
    };
    host.store().write(note).await?;
    host.board().ask(job.name);
    Ok(job)
}
