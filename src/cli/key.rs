//! `scaistack key`: API keys.

use super::find;
use super::known::Known;
use super::{Failure, Limit, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use ::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Where ScaiGrid keeps API keys.
const KEYS: &str = "/v1/api-keys";

/// API keys
#[derive(Debug, Subcommand)]
pub enum Key {
    Create(CreateKey),
    /// List keys, without the keys themselves
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "E-MAIL")]
        user: Option<String>,
        /// Only those in this state: active, disabled, expired or revoked
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one key, and how much of its limit is used
    Show {
        /// The id of the key
        id: String,
    },
    /// Switch a key off
    Disable {
        /// The id of the key
        id: String,
    },
    /// Switch a key on again
    Enable {
        /// The id of the key
        id: String,
    },
    /// Put a new key in the place of one, and print it, this once
    Reroll {
        /// The id of the key
        id: String,
        /// For how long the old key works on: 30m, 1h, 7d [default: not at all]
        #[arg(long, value_name = "TIME", value_parser = parse_duration_secs)]
        grace: Option<i64>,
    },
    /// Revoke a key; the next request with it is refused
    Revoke {
        /// The id of the key
        id: String,
    },
}

/// Make a key and print it, this once
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack key create --user alice@example.com --name production-integration\n  \
    scaistack key create --user alice@example.com --name reader --scopes models:list")]
pub struct CreateKey {
    /// Whose key it is (e-mail address or id)
    #[arg(long, value_name = "E-MAIL")]
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
    #[arg(long)]
    tenant: Option<String>,
}

fn id_of(id: &str) -> Result<&str, Failure> {
    let number = id.strip_prefix("apikey_").unwrap_or_default();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage("give the key's id, apikey_…, as `scaistack key list` shows it"));
    }
    Ok(id)
}

impl Verb for Key {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List { user, status, limit } => list(session, user, status, limit.most()).await,
            Self::Show { id } => {
                let shown = session.client.get(format!("{KEYS}/{}", id_of(&id)?)).await?;
                session.out.object(&shown)
            }
            Self::Disable { id } => act(session, &id, "disable", "disabled").await,
            Self::Enable { id } => act(session, &id, "enable", "enabled").await,
            Self::Reroll { id, grace } => {
                let body = json!({ "grace_seconds": grace.unwrap_or(0) });
                let answer = session.client.post(format!("{KEYS}/{}/reroll", id_of(&id)?), body).await?;
                once(session, &answer)
            }
            Self::Revoke { id } => {
                session.client.delete(format!("{KEYS}/{}", id_of(&id)?)).await?;
                session.out.done("revoked", &id)
            }
        }
    }
}

/// Prints a key that was just made.
fn once(Session { out, .. }: &mut Session, answer: &Value) -> Result<(), Failure> {
    match out.is_json() {
        true => out.object(&find::pick(answer, &["id", "key"])),
        false => out.line(find::text(answer, "key")?),
    }
}

async fn act(Session { client, out, .. }: &mut Session, id: &str, verb: &str, done: &str) -> Result<(), Failure> {
    client.call(Method::POST, format!("{KEYS}/{}/{verb}", id_of(id)?), None).await?;
    out.done(done, id)
}

async fn list(
    Session { client, out, .. }: &mut Session,
    user: Option<String>,
    status: Option<String>,
    limit: usize,
) -> Result<(), Failure> {
    let user = match user {
        Some(name) => Some(find::user(client, &name).await?),
        None => None,
    };
    let pairs = [("all", Some("true")), ("user_id", user.as_deref()), ("status", status.as_deref())];
    let rows = client.list_by_cursor(KEYS, &pairs, limit).await?;
    let columns = [
        ("ID", "id"),
        ("NAME", "name"),
        ("USER", "assigned_user_id"),
        ("SCOPES", "scopes"),
        ("STATUS", "status"),
        ("EXPIRES", "expires_at"),
        ("LAST USED", "last_used_at"),
    ];
    out.rows(&rows, &columns)
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
