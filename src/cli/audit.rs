//! `scaistack audit`: the chained log.

use super::find;
use super::known::Known;
use super::{Failure, Session, Verb};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// The audit log
#[derive(Debug, Subcommand)]
pub enum Audit {
    List(List),
    Verify(Verify),
}

/// List what happened, the latest first
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  scaistack audit list --actor alice@example.com --since 2026-04-23T00:00:00Z")]
pub struct List {
    /// Only this action
    #[arg(long, value_parser = Known::Action, hide_possible_values = true)]
    action: Option<String>,
    /// Only what this one did (e-mail address)
    #[arg(long, value_name = "E-MAIL")]
    actor: Option<String>,
    /// Only in this tenant (slug or id)
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// From this moment on, such as 2026-04-23T14:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// Check that no row was changed, removed or put in
#[derive(Args, Debug, PartialEq, Eq)]
pub struct Verify {
    /// A head that was noted before, as NUMBER:CODE; the log must still hold it
    #[arg(long, value_name = "HEAD")]
    head: Option<String>,
}

impl Verb for Audit {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Verify(verify) => verify.run(session).await,
        }
    }
}

impl List {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let tenant = match &self.tenant {
            Some(name) => Some(find::tenant(client, name).await?),
            None => None,
        };
        let filters = [
            ("action", self.action.as_deref()),
            ("actor_email", self.actor.as_deref()),
            ("tenant_id", tenant.as_deref()),
            ("start_time", self.since.as_deref()),
            ("end_time", self.until.as_deref()),
        ];
        let rows = client.list("/api/v1/admin/audit/", &filters, self.limit).await?;
        out.rows(
            &rows,
            &[
                ("TIME", "timestamp"),
                ("ACTOR", "actor_name"),
                ("ACTION", "action"),
                ("KIND", "resource_type"),
                ("ON", "resource_id"),
                ("RESULT", "result"),
                ("FROM", "ip_address"),
            ],
        )
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
        let answer = client.post("/api/v1/operator/audit/verify", body).await?;
        if out.is_json() {
            out.json(&answer)?;
        }
        if answer.get("ok") == Some(&Value::Bool(false)) {
            let number = answer.get("first_bad_row").and_then(Value::as_u64).unwrap_or_default();
            let reason = answer.get("reason").and_then(Value::as_str).unwrap_or("it is not as it was written");
            return Err(Failure::failed(format!("the audit log is broken at row {number}: {reason}")));
        }
        let rows = answer.get("rows").and_then(Value::as_u64);
        let rows = rows.ok_or_else(|| Failure::failed("the server's answer has no `rows`"))?;
        if out.is_json() {
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
