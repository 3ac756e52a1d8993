//! `scaistack session`: who is signed in.

use super::find::{self, SESSIONS};
use super::{Failure, Limit, Session, Verb};
use clap::Subcommand;
use serde_json::json;

/// Sessions: browsers that are signed in
#[derive(Debug, Subcommand)]
pub enum LoginSession {
    /// List sessions, the newest first
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Only those in this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// End a session
    End {
        /// The id of the session
        session: String,
    },
    /// End all sessions of a user, or of everybody in a tenant
    EndAll {
        /// Of this user (e-mail address or id)
        #[arg(long, value_name = "USER", required_unless_present = "tenant", conflicts_with = "tenant")]
        user: Option<String>,
        /// In this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
    },
}

impl Verb for LoginSession {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { user, tenant, limit } => {
                let user = find::maybe_user(client, user.as_deref()).await?;
                let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
                let filters = [("user_id", user.as_deref()), ("tenant_id", tenant.as_deref())];
                let rows = client.list(SESSIONS, &filters, limit.most()).await?;
                let columns = [
                    ("ID", "id"),
                    ("USER", "user_email"),
                    ("TENANT", "tenant_slug"),
                    ("ADDRESS", "ip_address"),
                    ("SIGNED IN", "created_at"),
                    ("LAST SEEN", "last_seen_at"),
                ];
                out.list(
                    &rows,
                    &columns,
                    "Nobody is signed in. Whoever signs in is in the log: scaistack audit list --action login",
                )
            }
            Self::End { session } => {
                client.delete(find::item(SESSIONS, &session)).await?;
                out.done("ended", &session)
            }
            Self::EndAll { user, tenant } => {
                let body = match (user, tenant) {
                    (Some(name), _) => json!({ "user_id": find::user(client, &name).await? }),
                    (None, Some(name)) => json!({ "tenant_id": find::tenant(client, &name).await? }),
                    (None, None) => return Err(Failure::usage("name --user or --tenant")),
                };
                let answer = client.post(&format!("{SESSIONS}revoke-all"), body).await?;
                out.object(&find::pick(&answer, &["revoked"]))
            }
        }
    }
}
