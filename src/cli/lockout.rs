//! `scaistack lockout`: who has to wait after too many wrong tries.

use super::find::{self, USERS};
use super::{Failure, Limit, Session, Verb};
use clap::Subcommand;
use serde_json::json;
use std::net::IpAddr;

const LOCKOUTS: &str = "/api/v1/admin/lockouts/";
const COLUMNS: [(&str, &str); 4] = [("HELD", "held"), ("NETWORK", "network"), ("TRIED", "tried"), ("UNTIL", "until")];

/// Lock-outs: who has to wait after too many wrong tries at a password or a code
#[derive(Debug, Subcommand)]
pub enum Lockout {
    /// List who has to wait: the networks, or those who try one account
    #[command(after_help = "Examples:\n  scaistack lockout list\n  scaistack lockout list --user ann@example.com")]
    List {
        /// Who has to wait before the next try on the account of this user (e-mail address or id)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Forget the wrong tries, so that the next is allowed at once
    #[command(after_help = "Examples:\n  scaistack lockout lift --user ann@example.com\n  \
        scaistack lockout lift --address 203.0.113.7")]
    Lift {
        /// On the account of this user (e-mail address or id)
        #[arg(long, value_name = "USER", required_unless_present = "address", conflicts_with = "address")]
        user: Option<String>,
        /// From the networks that this IP address is in
        #[arg(long, value_name = "ADDRESS")]
        address: Option<IpAddr>,
    },
}

impl Verb for Lockout {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { user, limit } => {
                let list = match user {
                    Some(name) => format!("{}/lockouts", find::item(USERS, &find::user(client, &name).await?)),
                    None => LOCKOUTS.to_owned(),
                };
                let rows = client.list(&list, &[], limit.most()).await?;
                let none =
                    "Nobody has to wait. Whose password is wrong is in the log: scaistack audit list --result denied";
                out.list(&rows, &COLUMNS, none)
            }
            Self::Lift { user: Some(name), .. } => {
                let id = find::user(client, &name).await?;
                client.delete(format!("{}/lockouts", find::item(USERS, &id))).await?;
                out.object(&json!({ "lifted": id }))
            }
            Self::Lift { address, .. } => {
                let Some(address) = address else { return Err(Failure::usage("name --user or --address")) };
                client.delete(find::item(LOCKOUTS, &address.to_string())).await?;
                out.object(&json!({ "lifted": address }))
            }
        }
    }
}
