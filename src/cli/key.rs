//! `scaistack key`: API keys.

use super::find::{self, KEYS};
use super::known::Known;
use super::{Failure, Limit, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use ::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// API keys
#[derive(Debug, Subcommand)]
pub enum Key {
    Create(CreateKey),
    /// List keys, without the keys themselves
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Only those that work in this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only those in this state: active, disabled, expired or revoked
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one key, and how much of its limit is used
    Show {
        /// Name or id
        key: String,
    },
    /// Switch a key off
    Disable {
        /// Name or id
        key: String,
    },
    /// Switch a key on again
    Enable {
        /// Name or id
        key: String,
    },
    /// Put a new key in the place of one, and print it, this once
    Reroll {
        /// Name or id
        key: String,
        /// For how long the old key works on: 30m, 1h, 7d [default: not at all]
        #[arg(long, value_name = "TIME", value_parser = parse_duration_secs)]
        grace: Option<i64>,
    },
    /// Revoke a key; the next request with it is refused
    Revoke {
        /// Name or id
        key: String,
    },
}

/// Make a key and print it, this once
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack key create --user alice@example.com --name production-integration\n  \
    scaistack key create --user alice@example.com --name reader --scopes models:list")]
pub struct CreateKey {
    /// Whose key it is (e-mail address or id)
    #[arg(long, value_name = "USER")]
    user: String,
    /// The service and the environment that it is for
    #[arg(long)]
    name: String,
    /// What to narrow it to, with commas or blanks between the scopes [default: all of its owner's ScaiGrid permissions]
    #[arg(long, default_value = "", value_parser = Known::Scopes(Holder::Key))]
    scopes: String,
    /// When it ends, such as 2027-01-01T00:00:00Z [default: never]
    #[arg(long, value_name = "MOMENT")]
    expires_at: Option<String>,
    /// A limit of its own, in requests a window
    #[arg(long, value_name = "REQUESTS")]
    rate_limit: Option<u32>,
    /// The tenant that it works in (slug or id) [default: the user's home]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

impl Verb for Key {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List { user, tenant, status, limit } => list(session, user, tenant, status, limit.most()).await,
            Self::Show { key } => {
                let id = find::key(&session.client, &key).await?;
                let shown = session.client.get(format!("{KEYS}/{id}")).await?;
                session.out.object(&shown)
            }
            Self::Disable { key } => act(session, &key, "disable", "disabled").await,
            Self::Enable { key } => act(session, &key, "enable", "enabled").await,
            Self::Reroll { key, grace } => {
                let body = json!({ "grace_seconds": grace.unwrap_or(0) });
                let id = find::key(&session.client, &key).await?;
                let answer = session.client.post(format!("{KEYS}/{id}/reroll"), body).await?;
                once(session, &answer)
            }
            Self::Revoke { key } => {
                let id = find::key(&session.client, &key).await?;
                session.client.delete(format!("{KEYS}/{id}")).await?;
                session.out.done("revoked", &id)
            }
        }
    }
}

/// Prints a key that was just made.
fn once(Session { out, .. }: &mut Session, answer: &Value) -> Result<(), Failure> {
    match out.is_for_machines() {
        true => out.object(&find::pick(answer, &["id", "key"])),
        false => out.line(find::text(answer, "key")?),
    }
}

async fn act(Session { client, out, .. }: &mut Session, key: &str, verb: &str, done: &str) -> Result<(), Failure> {
    let id = find::key(client, key).await?;
    client.call(Method::POST, format!("{KEYS}/{id}/{verb}"), None).await?;
    out.done(done, &id)
}

async fn list(
    Session { client, out, .. }: &mut Session,
    user: Option<String>,
    tenant: Option<String>,
    status: Option<String>,
    limit: usize,
) -> Result<(), Failure> {
    let user = find::maybe_user(client, user.as_deref()).await?;
    let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
    let pairs = [
        ("all", Some("true")),
        ("user_id", user.as_deref()),
        ("tenant_id", tenant.as_deref()),
        ("status", status.as_deref()),
    ];
    let mut rows = client.list_by_cursor(KEYS, &pairs, limit).await?;
    if out.is_table() {
        find::put_names(client, &mut rows, &find::USER_NAMES).await;
        find::put_names(client, &mut rows, &find::TENANT_NAMES).await;
    }
    let columns = [
        ("ID", "id"),
        ("NAME", "name"),
        ("USER", "user"),
        ("TENANT", "tenant"),
        ("SCOPES", "scopes"),
        ("STATUS", "status"),
        ("EXPIRES", "expires_at"),
        ("LAST USED", "last_used_at"),
    ];
    out.list(&rows, &columns, "There are no such API keys. Make one: scaistack key create")
}

impl CreateKey {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let client = &session.client;
        let mut body = json!({ "name": self.name, "assigned_user_id": find::user(client, &self.user).await? });
        if !self.scopes.trim().is_empty() {
            body["scopes"] = written(&self.scopes).collect();
        }
        if let Some(end) = self.expires_at {
            body["expires_at"] = end.into();
        }
        if let Some(limit) = self.rate_limit {
            body["rate_limit"] = limit.into();
        }
        if let Some(tenant) = self.tenant {
            body["tenant_id"] = find::tenant(client, &tenant).await?.into();
        }
        let answer = client.post(KEYS, body).await?;
        once(session, &answer)
    }
}
