//! `scaistack app`: OAuth applications.

use super::find::{self, APPS};
use super::known::Known;
use super::{Failure, Limit, Session, Verb};
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

/// OAuth applications: services, web, single-page and native ones
#[derive(Debug, Subcommand)]
pub enum App {
    Create(CreateApplication),
    List(List),
    /// Show an application
    Show {
        /// Its id, client_id or name
        app: String,
    },
    /// Make a new client secret. The one before it keeps working until there is a third
    RotateSecret {
        /// Its id, client_id or name
        app: String,
    },
    /// Delete an application and everything that was issued to it
    Delete {
        /// Its id, client_id or name
        app: String,
    },
}

/// What kind of client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub enum Kind {
    /// Machine to machine, with a secret
    Service,
    /// On a server, with a secret
    Web,
    /// In a browser, without a secret
    Spa,
    /// On a device, without a secret
    Native,
}

/// Where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub enum Reach {
    /// To every tenant
    Global,
    /// To the tenants of a partner
    Partner,
    /// To one tenant
    Tenant,
}

/// Register an application. Its secret is shown once
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack app create --name Reporting --type SERVICE --scope GLOBAL \\\n    \
    --allowed-scopes openid,admin:read --json\n  \
    scaistack app create --name Shop --type WEB --scope TENANT --tenant acme \\\n    \
    --allowed-scopes openid,email --redirect-uri https://shop.example.com/callback")]
pub struct CreateApplication {
    /// A name that people recognise in the audit log
    #[arg(long)]
    name: String,
    /// What kind of client it is
    #[arg(long = "type", value_name = "TYPE", ignore_case = true)]
    kind: Kind,
    /// Where it belongs; this cannot be changed later
    #[arg(long, value_name = "SCOPE", ignore_case = true)]
    scope: Reach,
    /// Slug or id of its tenant, for --scope TENANT
    #[arg(long, value_name = "SLUG", required_if_eq("scope", "TENANT"))]
    tenant: Option<String>,
    /// Id of its partner, for --scope PARTNER
    #[arg(long, value_name = "ID", required_if_eq("scope", "PARTNER"))]
    partner: Option<String>,
    /// The most that its tokens may carry, with commas or blanks between the scopes
    #[arg(long, value_name = "SCOPES", default_value = "openid", value_parser = Known::Scopes(Holder::Application))]
    allowed_scopes: String,
    /// Where sign-ins may return to, exactly; may be given several times
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// Let it introspect the tokens of every application at its issuer, not its own alone: for a gateway that checks tokens
    #[arg(long)]
    introspect_any_token: bool,
}

/// List applications
#[derive(Args, Debug)]
pub struct List {
    /// Only those of this tenant (slug or id)
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// Only those whose name has this in it
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

impl Verb for App {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let Session { client, out, .. } = session;
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List(List { tenant, search, limit }) => {
                let tenant = match tenant {
                    Some(name) => Some(find::tenant(client, &name).await?),
                    None => None,
                };
                let filters = [("tenant_id", tenant.as_deref()), ("search", search.as_deref())];
                let rows = client.list(APPS, &filters, limit.most()).await?;
                out.rows(
                    &rows,
                    &[
                        ("ID", "id"),
                        ("CLIENT ID", "client_id"),
                        ("NAME", "name"),
                        ("TYPE", "application_type"),
                        ("SCOPE", "scope"),
                        ("ALLOWED SCOPES", "allowed_scopes"),
                    ],
                )
            }
            Self::Show { app } => {
                let id = find::app(client, &app).await?;
                out.object(&client.get(find::item(APPS, &id)).await?)
            }
            Self::RotateSecret { app } => {
                let id = find::app(client, &app).await?;
                let answer = client.post(format!("{}/rotate-secret", find::item(APPS, &id)), json!({})).await?;
                out.object(&find::pick(&answer, &["id", "client_id", "client_secret"]))?;
                out.note("The secret is shown this once.")
            }
            Self::Delete { app } => {
                let id = find::app(client, &app).await?;
                client.delete(find::item(APPS, &id)).await?;
                out.done("deleted", &id)
            }
        }
    }
}

impl CreateApplication {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let mut body = json!({
            "name": self.name,
            "application_type": self.kind,
            "scope": self.scope,
            "allowed_scopes": written(&self.allowed_scopes).collect::<Vec<_>>(),
            "redirect_uris": self.redirect_uris,
        });
        if self.introspect_any_token {
            body["introspect_any_token"] = true.into();
        }
        if let Some(tenant) = self.tenant {
            body["tenant_id"] = find::tenant(client, &tenant).await?.into();
        }
        if let Some(partner) = self.partner {
            body["partner_id"] = partner.into();
        }
        let answer = client.post(APPS, body).await?;
        let shown = find::pick(&answer, &["id", "client_id", "client_secret"]);
        out.object(&shown)?;
        if shown.get("client_secret").is_some_and(|secret| !secret.is_null()) {
            out.note("The secret is shown this once.")?;
        }
        Ok(())
    }
}
