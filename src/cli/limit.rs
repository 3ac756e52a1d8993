//! `scaistack limit`: how many requests there may be.

use super::client::Client;
use super::find;
use super::{Failure, Session, Verb};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

/// Where ScaiGrid keeps limits.
const LIMITS: &str = "/v1/limits";

/// Limits: how many requests there may be in a window of time
#[derive(Debug, Subcommand)]
pub enum LimitVerb {
    /// Show what holds for a tenant, a partner or a key, and how much of it is used
    #[command(after_help = "Examples:\n  scaistack limit show --tenant acme\n  scaistack limit show --key production")]
    Show {
        #[command(flatten)]
        of: Of,
    },
    /// Set limits of their own
    #[command(after_help = "Examples:\n  scaistack limit set --tenant acme --per-key 100 --total 5000\n  \
        scaistack limit set --key production --total 20\n\n\
        What is not named stays as it is.")]
    Set {
        #[command(flatten)]
        of: Of,
        /// Of each API key of the tenant, in requests a window
        #[arg(long, value_name = "REQUESTS")]
        per_key: Option<u32>,
        /// Of each user of the tenant, in requests a window
        #[arg(long, value_name = "REQUESTS")]
        per_user: Option<u32>,
        /// Of the tenant, the partner or the key as a whole, in requests a window
        #[arg(long, value_name = "REQUESTS", required_unless_present_any = ["per_key", "per_user"])]
        total: Option<u32>,
    },
    /// Take limits of their own away; what the settings say holds again
    Clear {
        #[command(flatten)]
        of: Of,
    },
}

/// Whose limits.
#[derive(Args, Debug, PartialEq, Eq)]
#[group(required = true, multiple = false)]
pub struct Of {
    /// Of a tenant (slug or id)
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Of a partner (slug or id)
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// Of an API key (name or id)
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Of {
    /// The address of the limits.
    async fn address(&self, client: &Client) -> Result<String, Failure> {
        Ok(match (&self.tenant, &self.partner, &self.key) {
            (Some(tenant), ..) => format!("{LIMITS}/tenants/{}", find::tenant(client, tenant).await?),
            (_, Some(partner), _) => format!("{LIMITS}/partners/{}", find::partner(client, partner).await?),
            (_, _, Some(key)) => format!("{LIMITS}/api-keys/{}", find::key(client, key).await?),
            (None, None, None) => return Err(Failure::usage("name --tenant, --partner or --key")),
        })
    }
}

/// The limits of an answer as rows of a table.
fn rows(answer: &Value) -> Vec<Value> {
    let levels = ["tenant", "partner", "user", "api_key"];
    let found = levels.into_iter().filter_map(|level| Some((level, answer.get(level)?)));
    found
        .map(|(level, limit)| {
            // What is counted is the whole, not each key and each user.
            let is_whole = answer.get(format!("{level}_id")).is_some();
            json!({
                "of": level.replace('_', " "),
                "limit": limit["limit"],
                "set_here": !limit["override"].is_null(),
                "used": if is_whole { answer["used"].clone() } else { Value::Null },
            })
        })
        .collect()
}

impl Verb for LimitVerb {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Show { of } => {
                let answer = client.get(of.address(client).await?).await?;
                if out.is_for_machines() {
                    return out.object(&answer);
                }
                let secs = find::number(&answer, "window_seconds")?;
                out.rows(
                    &rows(&answer),
                    &[("OF", "of"), ("LIMIT", "limit"), ("SET HERE", "set_here"), ("USED", "used")],
                )?;
                out.note(&format!("Requests in a window of {secs} s."))
            }
            Self::Set { of, per_key, per_user, total } => {
                if of.tenant.is_none() && (per_key.is_some() || per_user.is_some()) {
                    let rule = "--per-key and --per-user go with --tenant; a partner and a key have --total only";
                    return Err(Failure::usage(rule));
                }
                let address = of.address(client).await?;
                let body = match of.tenant {
                    None => json!({ "limit": total }),
                    Some(_) => {
                        // All three are set at once: what is not named stays.
                        let now = client.get(address.clone()).await?;
                        let stays = |level: &str, new: Option<u32>| {
                            new.map_or_else(|| now[level]["override"].clone(), Value::from)
                        };
                        json!({
                            "api_key": stays("api_key", per_key),
                            "user": stays("user", per_user),
                            "tenant": stays("tenant", total),
                        })
                    }
                };
                let answer = client.call(Method::PUT, address, Some(body)).await?;
                if out.is_for_machines() {
                    return out.object(&answer);
                }
                out.rows(
                    &rows(&answer),
                    &[("OF", "of"), ("LIMIT", "limit"), ("SET HERE", "set_here"), ("USED", "used")],
                )
            }
            Self::Clear { of } => {
                let address = of.address(client).await?;
                client.delete(address.clone()).await?;
                out.done("cleared", address.trim_start_matches("/v1/"))
            }
        }
    }
}
