//! `scaistack tenant`: the organisations of this instance.

use super::find::{self, TENANTS};
use super::user::or_null;
use super::{Failure, Limit, Session, Verb};
use crate::base::Slug;
use clap::{ArgGroup, Args, Subcommand};
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
    Update(UpdateTenant),
    /// Let nobody into a tenant until it is resumed
    Suspend {
        /// Its slug or id
        tenant: String,
    },
    /// Let people into a suspended tenant again
    Resume {
        /// Its slug or id
        tenant: String,
    },
    /// Delete a tenant with everything in it. For a while it can be restored
    Delete {
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
    /// Its partner (slug or id) [default: the first one]
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
}

/// Change a tenant
#[derive(Args, Debug, PartialEq, Eq)]
#[command(group = ArgGroup::new("change").required(true).multiple(true)
    .args(["slug", "name", "contact_email", "partner", "external_id"]))]
#[command(after_help = "Example:\n  scaistack tenant update acme --name \"Acme Ltd.\"\n\n\
    An empty value takes away a contact address and an external id.\n\
    A new slug changes the tenant's addresses: programs that use them have to be told.")]
pub struct UpdateTenant {
    /// Its slug or id
    tenant: String,
    /// Another short name
    #[arg(long)]
    slug: Option<String>,
    /// Another name for people
    #[arg(long)]
    name: Option<String>,
    /// Whom to write to
    #[arg(long, value_name = "EMAIL")]
    contact_email: Option<String>,
    /// The partner that it is to belong to (slug or id)
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// What another program calls it
    #[arg(long, value_name = "TEXT")]
    external_id: Option<String>,
}

/// Refuses a slug that cannot be one, with one that would do.
fn checked(slug: &str) -> Result<(), Failure> {
    Slug::parse(slug).map(drop).map_err(|rule| Failure::usage(format!("--slug {rule}")))
}

impl Verb for Tenant {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(CreateTenant { slug, name, partner }) => {
                checked(&slug)?;
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
                let mut rows = client.list(TENANTS, &filters, limit.most()).await?;
                if out.is_table() {
                    find::put_names(client, &mut rows, &find::PARTNER_NAMES).await;
                }
                let columns =
                    [("ID", "id"), ("SLUG", "slug"), ("NAME", "name"), ("STATUS", "status"), ("PARTNER", "partner")];
                out.list(
                    &rows,
                    &columns,
                    "There are no such tenants. Make one: scaistack tenant create --slug acme --name Acme",
                )
            }
            Self::Update(update) => {
                if let Some(slug) = &update.slug {
                    checked(slug)?;
                }
                let id = find::tenant(client, &update.tenant).await?;
                let mut body = json!({});
                for (field, value) in [("slug", update.slug), ("name", update.name), ("partner_id", update.partner)] {
                    if let Some(value) = value {
                        body[field] = value.into();
                    }
                }
                for (field, value) in [("contact_email", update.contact_email), ("external_id", update.external_id)] {
                    if let Some(value) = value {
                        body[field] = or_null(value);
                    }
                }
                let answer = client.patch(find::item(TENANTS, &id), body).await?;
                out.object(&find::pick(
                    &answer,
                    &["id", "slug", "name", "status", "contact_email", "partner_id", "external_id"],
                ))
            }
            Self::Suspend { tenant } => {
                let id = find::tenant(client, &tenant).await?;
                client.patch(find::item(TENANTS, &id), json!({ "status": "SUSPENDED" })).await?;
                out.done("suspended", &id)
            }
            Self::Resume { tenant } => {
                let id = find::tenant(client, &tenant).await?;
                client.patch(find::item(TENANTS, &id), json!({ "status": "ACTIVE" })).await?;
                out.done("resumed", &id)
            }
            Self::Delete { tenant } => {
                let id = find::tenant(client, &tenant).await?;
                client.delete(find::item(TENANTS, &id)).await?;
                out.done("deleted", &id)?;
                out.note(&format!("Take it back: scaistack tenant restore {id}"))
            }
            Self::Show { tenant } => {
                let id = find::tenant(client, &tenant).await?;
                out.object(&client.get(find::item(TENANTS, &id)).await?)
            }
        }
    }
}
