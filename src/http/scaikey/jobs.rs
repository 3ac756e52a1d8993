//! `/api/v1/admin/jobs`: what the server does by itself. For those who run the instance.

use super::Services;
use super::list::{Enveloped, Page, PageQuery, cut};
use super::wire::at;
use crate::access::{permit, widest};
use crate::base::{Problem, Timestamp};
use crate::http::extract::{Caller, Query};
use crate::http::reply::{Accepted, Moment, Reply};
use crate::jobs::{self, LastRun, Outcome, Status};
use actix_web::{HttpRequest, web};
use serde::Serialize;

/// A job, and how its last run went.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Job {
    /// Its name, such as `purge-secrets`.
    name: &'static str,
    /// What it does, in one sentence.
    description: &'static str,
    /// How often it is run.
    interval_seconds: u32,
    /// Since when it runs; null: it does not run now.
    running_since: Option<Moment>,
    /// Its last run; null: it was never run.
    last_run: Option<JobRun>,
    /// How many runs have ended since the server started.
    runs: u64,
    /// When the server started: who waits for a run sees by it that the server was started anew.
    runs_since: Moment,
    /// When it last began a run that did its work.
    last_success_at: Option<Moment>,
    /// How many runs have failed since then.
    failures: u32,
    /// When it is due next; null: at once.
    next_run_at: Option<Moment>,
}

/// A run of a job.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JobRun {
    /// When it began.
    started_at: Moment,
    /// How long it took, in milliseconds.
    duration_ms: u64,
    /// How it ended.
    status: JobRunStatus,
    /// How many rows, files or mails it dealt with; null: it failed.
    rows: Option<u64>,
    /// Why it failed.
    error: Option<JobError>,
}

/// How a run ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum JobRunStatus {
    Done,
    Failed,
}

/// Why a run failed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JobError {
    /// The problem's code.
    code: String,
    /// The problem in words; the server's log has the cause.
    message: String,
}

impl From<&LastRun> for JobRun {
    fn from(last: &LastRun) -> Self {
        let (status, rows, error) = match &last.outcome {
            Outcome::Done(rows) => (JobRunStatus::Done, Some(*rows), None),
            Outcome::Failed { code, message } => {
                (JobRunStatus::Failed, None, Some(JobError { code: code.clone(), message: message.clone() }))
            }
        };
        Self { started_at: Moment(last.started_at), duration_ms: last.took_millis, status, rows, error }
    }
}

impl Job {
    /// A job of a server that started at `since`.
    fn new(job: &Status, since: Timestamp) -> Self {
        Self {
            name: job.name,
            description: job.about,
            interval_seconds: job.every_secs,
            running_since: at(job.running_since),
            last_run: job.last.as_ref().map(JobRun::from),
            runs: job.runs,
            runs_since: Moment(since),
            last_success_at: at(job.last.as_ref().and_then(|last| last.succeeded_at)),
            failures: job.last.as_ref().map_or(0, |last| last.failures),
            next_run_at: at(job.next_at),
        }
    }
}

/// `GET /jobs`: all jobs, by name.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Job>>, Problem> {
    let (paging, granted) = (page.numbered()?, widest::<permit::ReadJobs>(&actor)?);
    Ok(Page::of(&cut(jobs::list(&stack.jobs, &granted)?, paging), |job| Job::new(job, stack.started_at), &request))
}

/// `GET /jobs/{name}`: one job, and how its last run went.
pub async fn show(stack: Services, Caller(actor): Caller, name: web::Path<String>) -> Result<Reply<Job>, Problem> {
    let granted = widest::<permit::ReadJobs>(&actor)?;
    Ok(Reply(Job::new(&jobs::get(&stack.jobs, &granted, &name)?, stack.started_at)))
}

/// `POST /jobs/{name}/run`: runs a job now, whenever it is due. The answer does not wait for its end.
pub async fn run(
    stack: Services,
    Caller(actor): Caller,
    name: web::Path<String>,
    request: HttpRequest,
) -> Result<Accepted<Enveloped<Job>>, Problem> {
    let granted = widest::<permit::RunJobs>(&actor)?;
    let job = jobs::run_now(&**stack, &granted, &name).await?;
    Ok(Reply(Enveloped::new(Job::new(&job, stack.started_at), &request)))
}
