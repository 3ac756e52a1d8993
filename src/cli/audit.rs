//! `scaistack audit`: the chained log.

use super::client::{Client, query};
use super::find;
use super::known::Known;
use super::{Failure, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::base::{Clock, Timestamp};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::time::Duration;

/// The audit log
#[derive(Debug, Subcommand)]
pub enum Audit {
    List(List),
    Tail(Tail),
    Export(Export),
    Verify(Verify),
}

/// Which rows.
#[derive(Args, Debug, Default)]
pub struct Which {
    /// Only this action
    #[arg(long, value_parser = Known::Action, hide_possible_values = true)]
    action: Option<String>,
    /// Only what this one did (e-mail address of a user, or name of an application)
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Only in this tenant (slug or id)
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Only what went so: success, denied or failure
    #[arg(long, value_name = "RESULT")]
    result: Option<String>,
    /// Also that somebody read this log, which each of these commands writes into it
    #[arg(long)]
    own_reads: bool,
}

/// List what happened, the latest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  scaistack audit list --since 24h --result denied\n  \
    scaistack audit list --actor alice@example.com --since 2026-04-23T00:00:00Z")]
pub struct List {
    #[command(flatten)]
    which: Which,
    /// From this moment on: 24h, 7d, 2026-04-23 or 2026-04-23T14:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this moment, in the same forms
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

/// Print the last rows, the latest last, and go on with those that come
///
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  scaistack audit tail\n  scaistack audit tail --follow --result denied --json")]
pub struct Tail {
    #[command(flatten)]
    which: Which,
    /// How many of the last rows to begin with
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    lines: usize,
    /// Go on with rows that come, until it is interrupted. Machines get one JSON object a line
    #[arg(long, short)]
    follow: bool,
}

/// Write the log to stdout, the oldest first, for another program
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  scaistack audit export --since 30d --format csv > audit.csv\n\n\
    What was only read is left out.")]
pub struct Export {
    /// In which form
    #[arg(long, default_value = "ndjson")]
    format: ExportFormat,
    /// Only this action
    #[arg(long, value_parser = Known::Action, hide_possible_values = true)]
    action: Option<String>,
    /// From this moment on: 24h, 7d, 2026-04-23 or 2026-04-23T14:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this moment, in the same forms
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// In which form a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// A JSON object a line
    Ndjson,
    /// One JSON list
    Json,
    /// For spreadsheets (RFC 4180)
    Csv,
}

/// Check that no row was changed, removed or put in
#[derive(Args, Debug, PartialEq, Eq)]
pub struct Verify {
    /// A head that was noted before, as NUMBER:CODE; the log must still hold it
    #[arg(long, value_name = "HEAD")]
    head: Option<String>,
}

/// Where the admin API keeps the log.
const LOG: &str = "/api/v1/admin/audit/";
/// How often it is looked whether rows have come.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const COLUMNS: [(&str, &str); 7] = [
    ("TIME", "timestamp"),
    ("ACTOR", "actor_name"),
    ("ACTION", "action"),
    ("KIND", "resource_type"),
    ("ON", "resource_id"),
    ("RESULT", "result"),
    ("FROM", "ip_address"),
];

/// A moment as the API takes it, from one of the forms that people type: a time that has passed since, a day, or the moment itself.
fn moment(flag: &str, text: &str, now: Timestamp) -> Result<String, Failure> {
    if let Ok(secs) = parse_duration_secs(text) {
        return Ok(now.plus_secs(-secs).iso_secs());
    }
    let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let whole = if is_day { format!("{text}T00:00:00Z") } else { text.to_owned() };
    match Timestamp::parse(&whole) {
        Ok(_) => Ok(whole),
        Err(_) => Err(Failure::usage(format!("{flag} must be a time such as 24h, 2026-04-23 or 2026-04-23T14:00:00Z"))),
    }
}

fn maybe_moment(flag: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    text.map(|text| moment(flag, text, Clock::System.now())).transpose()
}

impl Which {
    /// As pairs of a query, with the id of the tenant, which was looked up.
    fn pairs<'a>(&'a self, tenant: Option<&'a str>) -> Vec<(&'a str, Option<&'a str>)> {
        vec![
            ("action", self.action.as_deref()),
            ("actor_email", self.actor.as_deref()),
            ("tenant_id", tenant),
            ("result", self.result.as_deref()),
            ("own_reads", (!self.own_reads).then_some("false")),
        ]
    }
}

impl Verb for Audit {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Tail(tail) => tail.run(session).await,
            Self::Export(export) => export.run(session).await,
            Self::Verify(verify) => verify.run(session).await,
        }
    }
}

impl List {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let tenant = find::maybe_tenant(client, self.which.tenant.as_deref()).await?;
        let since = maybe_moment("--since", self.since.as_deref())?;
        let until = maybe_moment("--until", self.until.as_deref())?;
        let mut filters = self.which.pairs(tenant.as_deref());
        filters.extend([("start_time", since.as_deref()), ("end_time", until.as_deref())]);
        let rows = client.list(LOG, &filters, self.limit).await?;
        out.list(&rows, &COLUMNS, "There are no such rows.")
    }
}

/// The number in the id of a row, which grows: `log_7`.
fn number(row: &Value) -> u64 {
    row["id"].as_str().and_then(|id| id.strip_prefix("log_")?.parse().ok()).unwrap_or_default()
}

impl Tail {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let tenant = find::maybe_tenant(client, self.which.tenant.as_deref()).await?;
        let filters = self.which.pairs(tenant.as_deref());
        let mut rows = client.list(LOG, &filters, self.lines.max(1)).await?;
        let mut last = rows.first().map_or(0, number);
        rows.truncate(self.lines);
        rows.reverse();
        if !self.follow {
            return out.list(&rows, &COLUMNS, "There are no such rows.");
        }
        loop {
            out.stream(&rows, &COLUMNS)?;
            tokio::time::sleep(LOOK_EVERY).await;
            rows = newer(client, &filters, last).await?;
            last = rows.last().map_or(last, number);
        }
    }
}

/// The rows behind one, the oldest first. There may be many more than one page of them.
async fn newer(client: &Client, filters: &[(&str, Option<&str>)], last: u64) -> Result<Vec<Value>, Failure> {
    let mut most = 100;
    loop {
        let mut rows = client.list(LOG, filters, most).await?;
        let is_whole = rows.len() < most || rows.last().is_some_and(|row| number(row) <= last);
        if is_whole {
            rows.retain(|row| number(row) > last);
            rows.reverse();
            return Ok(rows);
        }
        most *= 4;
    }
}

impl Export {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let since = maybe_moment("--since", self.since.as_deref())?;
        let until = maybe_moment("--until", self.until.as_deref())?;
        let format = match self.format {
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Json => "json",
            ExportFormat::Csv => "csv",
        };
        let pairs = [
            ("format", Some(format)),
            ("action", self.action.as_deref()),
            ("start", since.as_deref()),
            ("end", until.as_deref()),
        ];
        client.stream(query("/v1/audit-log/export", &pairs), out).await
    }
}

impl Verify {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let body = match self.head.as_deref().map(|head| head.split_once(':')) {
            None => json!({}),
            Some(Some((number, code))) if number.parse::<u64>().is_ok() => {
                json!({ "head": { "number": number.parse::<u64>().unwrap_or_default(), "code": code } })
            }
            Some(_) => return Err(Failure::usage("a head is NUMBER:CODE, as `scaistack audit verify` prints it")),
        };
        let answer = client.long("/api/v1/operator/audit/verify", body, out, "looking at every row").await?;
        if out.is_for_machines() {
            out.object(&answer)?;
        }
        if answer.get("ok") == Some(&Value::Bool(false)) {
            let number = answer.get("first_bad_row").and_then(Value::as_u64).unwrap_or_default();
            let reason = answer.get("reason").and_then(Value::as_str).unwrap_or("it is not as it was written");
            return Err(Failure::failed(format!("the audit log is broken at row {number}: {reason}")));
        }
        let rows = find::number(&answer, "rows")?;
        if out.is_for_machines() {
            return Ok(());
        }
        out.line(&format!("{rows} rows, all as they were written"))?;
        let head = |name: &str| answer.pointer(&format!("/head/{name}")).map(super::out::cell);
        if let (Some(number), Some(code)) = (head("number"), head("code")) {
            out.line(&format!("head {number}:{code}"))?;
            out.note("Keep the head elsewhere: with --head it proves later that the log was not replaced as a whole.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::client::fake::Fake;
    use crate::cli::session::block_on;

    #[test]
    fn moments_are_read_as_people_type_them() {
        let now = Timestamp::parse("2026-04-24T12:00:00Z").unwrap();
        let read = |text: &str| moment("--since", text, now);
        assert_eq!(read("24h").unwrap(), "2026-04-23T12:00:00Z");
        assert_eq!(read("2026-04-23").unwrap(), "2026-04-23T00:00:00Z");
        assert_eq!(read("2026-04-23T14:00:00Z").unwrap(), "2026-04-23T14:00:00Z");
        for bad in ["yesterday", "", "24", "2026-13-01"] {
            let failure = read(bad).unwrap_err();
            assert!(failure.code() == 2 && failure.to_string().contains("such as 24h"), "{bad}: {failure}");
        }
    }

    #[test]
    fn rows_that_come_are_found_however_many_they_are() {
        let page = |from: u64, to: u64| {
            let rows: Vec<_> = (to..=from).rev().map(|number| json!({ "id": format!("log_{number}") })).collect();
            let next = (to > 1).then(|| to.to_string());
            (200, json!({ "data": rows, "pagination": { "next_cursor": next } }))
        };
        let answers = [page(250, 151), page(250, 151), page(150, 51), page(50, 1)];
        let rows = block_on(newer(&Fake::answering(answers).client(), &[], 240)).unwrap();
        assert_eq!((rows.len(), number(&rows[0]), number(&rows[9])), (10, 241, 250));
        let answers = [page(250, 151), page(250, 151), page(150, 51), page(50, 1)];
        let rows = block_on(newer(&Fake::answering(answers).client(), &[], 100)).unwrap();
        assert_eq!((rows.len(), number(&rows[0])), (150, 101));
    }
}
