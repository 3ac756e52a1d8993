//! `scaistack tenant`: the organisations of this instance.

use super::find::{self, TENANTS};
use super::{Failure, Limit, Session, Verb};
use clap::{Args, Subcommand};
use serde_json::json;

/// Tenants: the organisations of this instance
#[derive(Debug, Subcommand)]
pub enum Tenant {
    Create(CreateTenant),
    /// List tenants
    List {
        /// Only those whose name or slug has this in it
        #[arg(long, value_name = "TEXT", conflicts_with = "deleted")]
        search: Option<String>,
        /// Those that were deleted and can be restored
        #[arg(long)]
        deleted: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Bring back a deleted tenant, with everything in it
    #[command(after_help = "Example:\n  scaistack tenant list --deleted\n  scaistack tenant restore acme")]
    Restore {
        /// Its slug or id
        tenant: String,
    },
    /// Show a tenant
    Show {
        /// Its slug or id
        tenant: String,
    },
}

/// Make a tenant
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack tenant create --slug acme --name \"Acme Inc.\"")]
pub struct CreateTenant {
    /// Its short name in addresses: 1 to 63 of a-z, 0-9 and -
    #[arg(long)]
    slug: String,
    /// Its name for people
    #[arg(long)]
    name: String,
    /// Id of its partner [default: the first one]
    #[arg(long, value_name = "ID")]
    partner: Option<String>,
}

impl Verb for Tenant {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(CreateTenant { slug, name, partner }) => {
                let mut body = json!({ "slug": slug, "name": name });
                if let Some(partner) = partner {
                    body["partner_id"] = partner.into();
                }
                let answer = client.post(TENANTS, body).await?;
                out.object(&find::pick(&answer, &["id", "slug"]))
            }
            Self::Restore { tenant } => {
                let rows = client.list(TENANTS, &[("deleted", Some("true"))], usize::MAX).await?;
                let id = find::among(&rows, &tenant, "slug", "deleted tenant")?;
                let answer = client.post(&format!("{}/restore", find::item(TENANTS, &id)), json!({})).await?;
                out.object(&find::pick(&answer, &["id", "slug", "status"]))
            }
            Self::List { search, deleted, limit } => {
                let filters = [("search", search.as_deref()), ("deleted", deleted.then_some("true"))];
                let rows = client.list(TENANTS, &filters, limit.most()).await?;
                out.rows(
                    &rows,
                    &[
                        ("ID", "id"),
                        ("SLUG", "slug"),
                        ("NAME", "name"),
                        ("STATUS", "status"),
                        ("PARTNER", "partner_id"),
                    ],
                )
            }
            Self::Show { tenant } => {
                let id = find::tenant(client, &tenant).await?;
                out.object(&client.get(find::item(TENANTS, &id)).await?)
            }
        }
    }
}
