//! `scaistack group`: users together.

use super::find::{self, GROUPS};
use super::{Failure, Limit, Session, Verb};
use clap::{Args, Subcommand};
use serde_json::json;

/// Groups: users of a tenant together
#[derive(Debug, Subcommand)]
pub enum Group {
    Create(CreateGroup),
    /// List groups
    List {
        /// Only those of this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only those whose name has a word that begins like this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show a group
    Show {
        /// Name or id
        group: String,
    },
    /// List who is in a group
    Members {
        /// Name or id
        group: String,
        /// With those who are in it through other groups
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Put a user into a group, or another group
    Add {
        /// Name or id
        group: String,
        /// E-mail address or id of a user, or name or id of a group
        member: String,
    },
    /// Take a user out of a group, or another group
    Remove {
        /// Name or id
        group: String,
        /// E-mail address or id of a user, or name or id of a group
        member: String,
    },
    /// Delete a group
    Delete {
        /// Name or id
        group: String,
    },
}

/// Make a group
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack group create --name Sales --tenant acme")]
pub struct CreateGroup {
    /// Its name, unique in the tenant
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Slug or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// SECURITY or DISTRIBUTION_LIST [default: SECURITY]
    #[arg(long = "type", value_name = "TYPE")]
    group_type: Option<String>,
}

const COLUMNS: [(&str, &str); 5] =
    [("ID", "id"), ("NAME", "name"), ("TYPE", "group_type"), ("MEMBERS", "member_count"), ("TENANT", "tenant")];

/// The id of a member as the API takes it in an address: of a user who is named by address or id, else of a group.
async fn member(client: &super::client::Client, name: &str) -> Result<String, Failure> {
    let is_user = name.contains('@') || name.starts_with("usr_");
    if is_user { find::user(client, name).await } else { find::group(client, name).await }
}

impl Verb for Group {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create(CreateGroup { name, description, tenant, group_type }) => {
                let mut body = json!({ "name": name });
                if let Some(text) = description {
                    body["description"] = text.into();
                }
                if let Some(tenant) = tenant {
                    body["tenant_id"] = find::tenant(client, &tenant).await?.into();
                }
                if let Some(kind) = group_type {
                    body["group_type"] = kind.to_ascii_uppercase().into();
                }
                let answer = client.post(GROUPS, body).await?;
                out.object(&find::pick(&answer, &["id", "name"]))
            }
            Self::List { tenant, search, limit } => {
                let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
                let filters = [("tenant_id", tenant.as_deref()), ("search", search.as_deref())];
                let mut rows = client.list(GROUPS, &filters, limit.most()).await?;
                if out.is_table() {
                    find::put_names(client, &mut rows, &find::TENANT_NAMES).await;
                }
                out.list(&rows, &COLUMNS, "There are no such groups. Make one: scaistack group create")
            }
            Self::Show { group } => {
                let id = find::group(client, &group).await?;
                out.object(&client.get(find::item(GROUPS, &id)).await?)
            }
            Self::Members { group, all, limit } => {
                let id = find::group(client, &group).await?;
                let which = [("membership_type", all.then_some("EFFECTIVE"))];
                let rows = client.list(&format!("{}/members", find::item(GROUPS, &id)), &which, limit.most()).await?;
                let columns =
                    [("USER", "user_id"), ("GROUP", "member_group_id"), ("NAME", "name"), ("HOW", "membership_type")];
                out.list(&rows, &columns, "Nobody is in the group. Add somebody: scaistack group add")
            }
            Self::Add { group, member: name } => {
                let id = find::group(client, &group).await?;
                let who = member(client, &name).await?;
                let field = if who.starts_with("grp_") { "group_id" } else { "user_id" };
                let answer =
                    client.post(&format!("{}/members", find::item(GROUPS, &id)), json!({ field: who })).await?;
                out.object(&find::pick(&answer, &["group_id", "user_id", "member_group_id"]))
            }
            Self::Remove { group, member: name } => {
                let id = find::group(client, &group).await?;
                let who = member(client, &name).await?;
                client.delete(format!("{}/members/{who}", find::item(GROUPS, &id))).await?;
                out.done("removed", &who)
            }
            Self::Delete { group } => {
                let id = find::group(client, &group).await?;
                client.delete(find::item(GROUPS, &id)).await?;
                out.done("deleted", &id)
            }
        }
    }
}
