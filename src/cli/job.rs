//! `scaistack job`: what the server does by itself.

use super::find;
use super::{Failure, Session, Verb};
use clap::Subcommand;
use serde_json::{Value, json};
use std::time::Duration;

const JOBS: &str = "/api/v1/admin/jobs";
const COLUMNS: [(&str, &str); 6] = [
    ("NAME", "name"),
    ("EVERY", "every"),
    ("LAST RUN", "last"),
    ("RESULT", "result"),
    ("FAILURES", "failures"),
    ("NEXT", "next_run_at"),
];
/// How often a run that was asked for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Jobs: what the server does by itself
#[derive(Debug, Subcommand)]
pub enum Job {
    /// List the jobs and their last runs
    List,
    /// Show a job and its last run
    Show {
        /// The job's name
        name: String,
    },
    /// Run a job now, whenever it is due, and wait for its end
    #[command(after_help = "Example:\n  scaistack job run purge-secrets")]
    Run {
        /// The job's name
        name: String,
        /// Do not wait for its end
        #[arg(long)]
        no_wait: bool,
    },
}

/// A job as a row of a table.
fn row(job: &Value) -> Value {
    let last = &job["last_run"];
    let result = match last["status"].as_str() {
        _ if !job["running_since"].is_null() => "running".to_owned(),
        Some("DONE") => format!("done, {}", last["rows"]),
        Some(_) => format!("failed: {}", last["error"]["code"].as_str().unwrap_or_default()),
        None => "never run".to_owned(),
    };
    json!({
        "name": job["name"],
        "every": format!("{} s", job["interval_seconds"]),
        "last": last["started_at"],
        "result": result,
        "failures": job["failures"],
        "next_run_at": job["next_run_at"],
    })
}

impl Verb for Job {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => {
                let jobs = client.list(JOBS, &[], usize::MAX).await?;
                if out.is_json() {
                    out.rows(&jobs, &[])
                } else {
                    out.rows(&jobs.iter().map(row).collect::<Vec<_>>(), &COLUMNS)
                }
            }
            Self::Show { name } => out.object(&client.get(find::item(JOBS, &name)).await?),
            Self::Run { name, no_wait } => {
                let path = find::item(JOBS, &name);
                let before = client.post(&format!("{path}/run"), json!({})).await?;
                if no_wait {
                    return out.object(&before);
                }
                // The run that was asked for has begun when the last one is another, and is over when none runs.
                let mut job = client.get(path.clone()).await?;
                while job["last_run"] == before["last_run"] || !job["running_since"].is_null() {
                    tokio::time::sleep(LOOK_EVERY).await;
                    job = client.get(path.clone()).await?;
                }
                out.object(&job["last_run"])?;
                if job["last_run"]["status"] == "FAILED" {
                    let message = job["last_run"]["error"]["message"].as_str().unwrap_or_default();
                    return Err(Failure::failed(format!("{name} failed: {message}")));
                }
                Ok(())
            }
        }
    }
}
