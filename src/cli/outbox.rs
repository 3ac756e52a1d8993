//! `scaistack outbox`: mails that wait, were sent, or were given up.

use super::client::Client;
use super::find;
use super::{Failure, Limit, Session, Verb};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Where the admin API keeps mails.
const OUTBOX: &str = "/api/v1/admin/outbox";

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum MailStatus {
    /// It is to be sent, or tried again
    Waiting,
    /// The mail server has taken it
    Sent,
    /// It was given up
    Failed,
}

impl MailStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
        }
    }
}

/// Mails that wait, were sent, or were given up
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// List mails, without what they say
    List {
        /// Only those whose address or subject has a word that begins like this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Only those that are so far
        #[arg(long, ignore_case = true)]
        status: Option<MailStatus>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show a mail, without what it says
    Show {
        /// The id of the mail
        mail: String,
    },
    /// Print the link in a mail, to hand it over by another way. It signs in whoever opens it
    #[command(
        after_help = "Example:\n  scaistack outbox list --search alice@example.com\n  scaistack outbox link mail_7"
    )]
    Link {
        /// The id of the mail
        mail: String,
    },
    /// Try a mail again at once
    Retry {
        /// The id of the mail
        mail: String,
    },
    /// Send a mail now that says only that mail works, and print how it went
    #[command(
        after_help = "Example:\n  scaistack outbox test alice@example.com\n\nExit code 1 if the mail server does not take it."
    )]
    Test {
        /// The address to send it to
        email: String,
    },
    /// Take a mail out of the outbox; if it waits, it is not sent
    Delete {
        /// The id of the mail
        mail: String,
    },
}

fn address(mail: &str) -> Result<String, Failure> {
    match mail.strip_prefix("mail_").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(digits) if !digits.is_empty() => Ok(format!("{OUTBOX}/{mail}")),
        _ => Err(Failure::usage("give the mail's id, mail_…, as `scaistack outbox list` shows it")),
    }
}

impl Verb for Outbox {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { search, status, limit } => {
                let filters = [("search", search.as_deref()), ("status", status.map(MailStatus::name))];
                let rows = client.list(OUTBOX, &filters, limit.most()).await?;
                let columns = [
                    ("ID", "id"),
                    ("TO", "to"),
                    ("SUBJECT", "subject"),
                    ("STATUS", "status"),
                    ("TRIED", "attempts"),
                    ("NEXT", "next_attempt_at"),
                    ("LAST ERROR", "last_error"),
                ];
                out.list(&rows, &columns, "There are no such mails. Send one: scaistack outbox test")
            }
            Self::Show { mail } => out.object(&client.get(address(&mail)?).await?),
            Self::Link { mail } => {
                let answer = client.post(format!("{}/reveal", address(&mail)?), json!({})).await?;
                match answer.get("link").and_then(Value::as_str) {
                    None => Err(Failure::failed("there is no link in this mail")),
                    Some(_) if out.is_for_machines() => {
                        out.object(&find::pick(&answer, &["id", "to", "link", "link_expires_at"]))
                    }
                    Some(link) => out.line(link),
                }
            }
            Self::Retry { mail } => {
                let answer = client.post(format!("{}/retry", address(&mail)?), json!({})).await?;
                out.object(&find::pick(&answer, &["id", "to", "status", "attempts", "next_attempt_at", "last_error"]))
            }
            Self::Test { email } => {
                let answer = client.post(format!("{OUTBOX}/test"), json!({ "to": email })).await?;
                out.object(&answer)?;
                match answer.get("sent").and_then(Value::as_bool) {
                    Some(true) => Ok(()),
                    _ => Err(Failure::failed(format!("the mail was not sent: {}", find::text(&answer, "error")?))),
                }
            }
            Self::Delete { mail } => {
                client.delete(address(&mail)?).await?;
                out.done("deleted", &mail)
            }
        }
    }
}

/// The newest mail with a link that a user gets, with that link; none if there is none, or whoever asks may not see it.
pub async fn newest_link(client: &Client, user: &str, email: &str) -> Option<Value> {
    let rows = client.list(OUTBOX, &[("search", Some(email))], usize::MAX).await.ok()?;
    let newest = rows.iter().rev().find(|mail| mail["user_id"] == user && !mail["link_expires_at"].is_null())?;
    let id = newest["id"].as_str()?;
    let shown = client.post(format!("{OUTBOX}/{id}/reveal"), json!({})).await.ok()?;
    shown.get("link").filter(|link| link.is_string())?;
    Some(shown)
}
