//! `scaistack user`: people.

use super::find::{self, USERS};
use super::{Failure, Limit, Session, Verb, input};
use clap::{Args, Subcommand};
use serde_json::json;

/// Users: people who sign in
#[derive(Debug, Subcommand)]
pub enum User {
    Create(CreateUser),
    /// List users
    List {
        /// Only those of this tenant (slug or id)
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
        /// Only those whose name or e-mail address has this in it
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Those who were deleted and can be restored
        #[arg(long, conflicts_with_all = ["tenant", "search"])]
        deleted: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Bring back a deleted user, without password, second factors and keys
    #[command(after_help = "Example:\n  scaistack user list --deleted\n  scaistack user restore alice@example.com")]
    Restore {
        /// E-mail address or id
        user: String,
    },
    /// Show a user
    Show {
        /// E-mail address or id
        user: String,
    },
    /// Take the second factors from a user who has lost them
    #[command(
        after_help = "Ends the user's sessions. Where the tenant requires a second factor,\nthe next sign-in sets a new one up."
    )]
    MfaReset {
        /// E-mail address or id
        user: String,
    },
}

/// Make a user
#[derive(Args, Debug, PartialEq, Eq)]
#[command(
    after_help = "Example:\n  scaistack user create --email alice@example.com --role tenant_admin \\\n    --password-stdin < password.txt"
)]
pub struct CreateUser {
    /// E-mail address
    #[arg(long)]
    email: String,
    /// Slug or id of the tenant [default: the first one]
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// Role there: tenant_admin, tenant_user or tenant_viewer
    #[arg(long)]
    role: Option<String>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Read the password from stdin. Without it the user sets one through a link
    #[arg(long)]
    password_stdin: bool,
}

impl Verb for User {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let Session { client, out, stdin } = session;
        match self {
            Self::Create(create) => {
                let mut body = json!({ "email": create.email });
                if let Some(tenant) = create.tenant {
                    body["tenant_id"] = find::tenant(client, &tenant).await?.into();
                }
                if let Some(role) = create.role {
                    body["role"] = role.into();
                }
                if let Some(name) = create.display_name {
                    body["display_name"] = name.into();
                }
                if create.password_stdin {
                    body["password"] = input::required(stdin, "password")?.expose().clone().into();
                }
                let answer = client.post(USERS, body).await?;
                out.object(&find::pick(&answer, &["id"]))
            }
            Self::Show { user } => {
                let id = find::user(client, &user).await?;
                out.object(&client.get(find::item(USERS, &id)).await?)
            }
            Self::MfaReset { user } => {
                let id = find::user(client, &user).await?;
                client.post(&format!("{}/reset-mfa", find::item(USERS, &id)), json!({})).await?;
                out.object(&json!({ "id": id, "second_factors": "removed" }))
            }
            Self::Restore { user } => {
                let rows = client.list(USERS, &[("deleted", Some("true"))], usize::MAX).await?;
                let id = find::among(&rows, &user, "email", "deleted user")?;
                let answer = client.post(&format!("{}/restore", find::item(USERS, &id)), json!({})).await?;
                out.object(&find::pick(&answer, &["id", "email", "status"]))
            }
            Self::List { tenant, search, deleted, limit } => {
                let tenant = match tenant {
                    Some(name) => Some(find::tenant(client, &name).await?),
                    None => None,
                };
                let filters = [
                    ("tenant_id", tenant.as_deref()),
                    ("search", search.as_deref()),
                    ("deleted", deleted.then_some("true")),
                ];
                let rows = client.list(USERS, &filters, limit.most()).await?;
                out.rows(
                    &rows,
                    &[
                        ("ID", "id"),
                        ("EMAIL", "email"),
                        ("NAME", "display_name"),
                        ("STATUS", "status"),
                        ("TENANT", "tenant_id"),
                    ],
                )
            }
        }
    }
}
