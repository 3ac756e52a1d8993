//! `scaistack token`: personal access tokens.

use super::find::{self, TOKENS};
use super::known::Known;
use super::{Failure, Limit, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use clap::{Args, Subcommand};
use serde_json::json;

/// Personal access tokens
#[derive(Debug, Subcommand)]
pub enum Token {
    Create(CreateToken),
    /// List tokens, without the tokens themselves
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Only those that work in this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Revoke a token; it stops working at once
    Revoke {
        /// Name or id
        #[arg(value_name = "TOKEN")]
        named: String,
    },
}

/// Make a token and print it, this once
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    export SCAIVAULT_TOKEN=$(scaistack token create --scopes secrets:read,secrets:write)\n  \
    scaistack token create --user alice@example.com --expires-in 1h --json")]
pub struct CreateToken {
    /// Whose token it is (e-mail address) [default: the operator of this instance]
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// What it may do, with commas or blanks between the scopes
    #[arg(long, default_value = "secrets:read,secrets:write", value_parser = Known::Scopes(Holder::Token))]
    scopes: String,
    /// How long it holds: 30m, 1h, 90d [default: tokens.personal_days of the settings]
    #[arg(long, value_name = "TIME", value_parser = parse_duration_secs)]
    expires_in: Option<i64>,
    /// A name to tell it from others
    #[arg(long, default_value = "command line")]
    name: String,
}

impl Verb for Token {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(CreateToken { user, scopes, expires_in, name }) => {
                let mut body = json!({ "name": name });
                if let Some(user) = user {
                    body["user_email"] = user.into();
                }
                body["scopes"] = written(&scopes).collect();
                if let Some(secs) = expires_in {
                    body["expires_in_secs"] = secs.into();
                }
                let answer = client.post(TOKENS, body).await?;
                match out.is_for_machines() {
                    true => out.object(&find::pick(&answer, &["id", "token"])),
                    false => out.line(find::text(&answer, "token")?),
                }
            }
            Self::List { user, tenant, limit } => {
                let user = find::maybe_user(client, user.as_deref()).await?;
                let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
                let filters = [("user_id", user.as_deref()), ("tenant_id", tenant.as_deref())];
                let mut rows = client.list(TOKENS, &filters, limit.most()).await?;
                if out.is_table() {
                    find::put_names(client, &mut rows, &find::TENANT_NAMES).await;
                }
                let columns = [
                    ("ID", "id"),
                    ("NAME", "name"),
                    ("USER", "user_email"),
                    ("TENANT", "tenant"),
                    ("SCOPES", "scopes"),
                    ("EXPIRES", "expires_at"),
                    ("LAST USED", "last_used_at"),
                ];
                out.list(&rows, &columns, "There are no such tokens. Make one: scaistack token create")
            }
            Self::Revoke { named } => {
                if named.starts_with("skt_") {
                    return Err(Failure::usage(
                        "give the token's name or id, as `scaistack token list` shows it, not the token",
                    ));
                }
                let id = find::token(client, &named).await?;
                client.delete(format!("{TOKENS}/{id}")).await?;
                out.done("revoked", &id)
            }
        }
    }
}
