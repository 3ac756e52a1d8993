//! `scaistack job`: what the server does by itself.

use super::client::{Client, waiting};
use super::find;
use super::{Failure, Session, Verb};
use clap::Subcommand;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::time::Duration;

const JOBS: &str = "/api/v1/admin/jobs/";
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

fn address(name: &str) -> String {
    find::item(JOBS, &utf8_percent_encode(name, NON_ALPHANUMERIC).to_string())
}

/// A period in words, from seconds.
fn every(secs: u64) -> String {
    match secs {
        secs if secs % 3600 == 0 => format!("{} h", secs / 3600),
        secs if secs % 60 == 0 => format!("{} min", secs / 60),
        secs => format!("{secs} s"),
    }
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
        "every": job["interval_seconds"].as_u64().map(every),
        "last": last["started_at"],
        "result": result,
        "failures": job["failures"],
        "next_run_at": job["next_run_at"],
    })
}

/// Waits until a job has had this many runs. Its server counts them from its start on; `before` is what it said first.
async fn ended(client: &Client, path: &str, before: &Value, wanted: u64) -> Result<Value, Failure> {
    let first = find::number(before, "runs")?;
    loop {
        let job = client.get(path).await?;
        match find::number(&job, "runs")? {
            runs if runs < first || job["runs_since"] != before["runs_since"] => {
                return Err(Failure::failed(
                    "the server was started anew meanwhile; whether the job has run is in `scaistack job list`",
                ));
            }
            runs if runs >= wanted => return Ok(job),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

impl Verb for Job {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => {
                let jobs = client.list(JOBS, &[], usize::MAX).await?;
                if out.is_for_machines() {
                    out.rows(&jobs, &[])
                } else {
                    out.rows(&jobs.iter().map(row).collect::<Vec<_>>(), &COLUMNS)
                }
            }
            Self::Show { name } => out.object(&client.get(address(&name)).await?),
            Self::Run { name, no_wait } => {
                let path = address(&name);
                let before = client.post(&format!("{path}/run"), json!({})).await?;
                if no_wait {
                    return out.object(&before);
                }
                // One that runs already is not the one that was asked for.
                let others = u64::from(!before["running_since"].is_null());
                let first = find::number(&before, "runs")?;
                let run = ended(client, &path, &before, first + others + 1);
                let job = waiting(run, out, &format!("running {name}")).await??;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::client::fake::Fake;
    use crate::cli::session::block_on;

    #[test]
    fn a_server_that_was_started_anew_or_counts_nothing_is_not_waited_for() {
        let told = |answers: &[Value]| {
            let fake = Fake::answering(answers.iter().map(|job| (200, job.clone())));
            block_on(ended(&fake.client(), "/j", &json!({ "runs": 5, "runs_since": "then" }), 6))
        };
        let then = |runs: u64| json!({ "runs": runs, "runs_since": "then" });
        assert_eq!(told(&[then(5), then(6)]).unwrap()["runs"], 6);
        assert!(told(&[then(0)]).unwrap_err().to_string().contains("started anew"));
        // One that counts as many again is another one all the same.
        for runs in [5, 6] {
            let other = json!({ "runs": runs, "runs_since": "later" });
            assert!(told(&[other]).unwrap_err().to_string().contains("started anew"), "{runs}");
        }
        assert!(told(&[json!({ "runs": null })]).unwrap_err().to_string().contains("has no `runs`"));
    }
}
