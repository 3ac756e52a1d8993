//! `scaistack token`: personal access tokens.

use super::find;
use super::known::Known;
use super::{Failure, Limit, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use clap::{Args, Subcommand};
use serde_json::json;

/// Where the admin API keeps personal tokens.
const TOKENS: &str = "/api/v1/admin/personal-tokens";

/// Personal access tokens
#[derive(Debug, Subcommand)]
pub enum Token {
    Create(CreateToken),
    /// List tokens, without the tokens themselves
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "E-MAIL")]
        user: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Revoke a token; it stops working at once
    Revoke {
        /// The id of the token
        id: String,
    },
}

/// Make a token and print it, this once
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    export SCAIVAULT_TOKEN=$(scaistack token create --scopes secrets:read,secrets:write)\n  \
    scaistack token create --user alice@example.com --expires-in 1h --json")]
pub struct CreateToken {
    /// Whose token it is (e-mail address) [default: the operator of this instance]
    #[arg(long, value_name = "E-MAIL")]
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
                match out.is_json() {
                    true => out.object(&find::pick(&answer, &["id", "token"])),
                    false => out.line(find::text(&answer, "token")?),
                }
            }
            Self::List { user, limit } => {
                let user = match user {
                    Some(name) => Some(find::user(client, &name).await?),
                    None => None,
                };
                let rows = client.list(TOKENS, &[("user_id", user.as_deref())], limit.most()).await?;
                out.rows(
                    &rows,
                    &[
                        ("ID", "id"),
                        ("NAME", "name"),
                        ("USER", "user_id"),
                        ("SCOPES", "scopes"),
                        ("EXPIRES", "expires_at"),
                        ("LAST USED", "last_used_at"),
                    ],
                )
            }
            Self::Revoke { id } => {
                let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !plain || id.starts_with("skt_") {
                    return Err(Failure::usage("give the token's id, as `scaistack token list` shows it"));
                }
                client.delete(format!("{TOKENS}/{id}")).await?;
                out.done("revoked", &id)
            }
        }
    }
}
