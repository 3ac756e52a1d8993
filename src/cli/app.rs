//! `scaistack app`: OAuth applications.

use super::client::Client;
use super::find::{self, APPS};
use super::input::Input;
use super::known::Known;
use super::user::or_null;
use super::{Failure, Limit, Out, Session, Verb};
use crate::base::time::parse_duration_secs;
use crate::catalogue::Holder;
use crate::catalogue::scope::written;
use clap::{ArgAction, Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

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
    Update(UpdateApplication),
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

/// How its tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
pub enum Algorithm {
    /// RSA, which every client knows
    #[serde(rename = "RS256")]
    #[value(name = "RS256")]
    Rs256,
    /// ECDSA on P-256
    #[serde(rename = "ES256")]
    #[value(name = "ES256")]
    Es256,
    /// Ed25519
    #[serde(rename = "EdDSA")]
    #[value(name = "EdDSA")]
    EdDsa,
}

/// A way to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Grant {
    /// People sign in to it
    AuthorizationCode,
    /// It gets new tokens without the person
    RefreshToken,
    /// It signs in as itself, with its secret
    ClientCredentials,
}

/// A time in seconds, or none: that of the server's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshLifetime(Option<i64>);

fn refresh_lifetime(text: &str) -> Result<RefreshLifetime, String> {
    if text == "server" {
        Ok(RefreshLifetime(None))
    } else {
        parse_duration_secs(text).map(|secs| RefreshLifetime(Some(secs)))
    }
}

/// Whether it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub enum ApplicationState {
    /// It works
    Active,
    /// It gets no tokens, and those that it has do not work
    Disabled,
}

/// What can be set when an application is made, and later.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Where sign-ins may return to, exactly; may be given several times
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// Where sign-outs may return to, exactly; may be given several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URL")]
    post_logout_redirect_uris: Vec<String>,
    /// Origin of a page that may call from a browser (CORS); may be given several times
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// How long its access tokens hold: 5m, 1h [default: tokens.access_secs of the settings]
    #[arg(long, value_name = "TIME", value_parser = parse_duration_secs)]
    token_lifetime: Option<i64>,
    /// How long after a sign-in its tokens can be refreshed at most: 12h, 30d; `server` for as long as the settings of the
    /// server allow, which go before a longer time [default: server]
    #[arg(long, value_name = "TIME", value_parser = refresh_lifetime)]
    refresh_token_lifetime: Option<RefreshLifetime>,
    /// A grant that it may use; may be given several times [default: all that its type can]
    #[arg(long = "grant-type", value_name = "GRANT", value_delimiter = ',')]
    grant_types: Vec<Grant>,
    /// How its tokens are signed [default: tokens.signing_alg of the settings]
    #[arg(long, value_name = "ALG", ignore_case = true)]
    signing_alg: Option<Algorithm>,
    /// Whether a code request needs PKCE [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    require_pkce: Option<bool>,
    /// Address of the picture that pages of a sign-in show
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Let it introspect the tokens of every application at its issuer, not its own alone: for a gateway that checks tokens
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    introspect_any_token: Option<bool>,
    /// A part of the same offer as this server: its users are not asked what it may know of them. Not for NATIVE
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    first_party: Option<bool>,
    /// Name groups as people do in the claim `groups`, instead of by their ids
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    groups_by_name: Option<bool>,
}

impl Settings {
    /// Puts what was said into a body.
    fn into_body(self, body: &mut Value) {
        for (field, list) in [
            ("redirect_uris", self.redirect_uris),
            ("post_logout_redirect_uris", self.post_logout_redirect_uris),
            ("allowed_origins", self.allowed_origins),
        ] {
            if !list.is_empty() {
                body[field] = list.into_iter().filter(|item| !item.is_empty()).collect();
            }
        }
        for (field, text) in [("description", self.description), ("logo_uri", self.logo_uri)] {
            if let Some(text) = text {
                body[field] = or_null(text);
            }
        }
        for (field, flag) in [
            ("require_pkce", self.require_pkce),
            ("introspect_any_token", self.introspect_any_token),
            ("first_party", self.first_party),
            ("groups_by_name", self.groups_by_name),
        ] {
            if let Some(flag) = flag {
                body[field] = flag.into();
            }
        }
        if let Some(secs) = self.token_lifetime {
            body["token_lifetime"] = secs.into();
        }
        if let Some(RefreshLifetime(secs)) = self.refresh_token_lifetime {
            body["refresh_token_lifetime"] = json!(secs);
        }
        if !self.grant_types.is_empty() {
            body["grant_types"] = json!(self.grant_types);
        }
        if let Some(alg) = self.signing_alg {
            body["signing_alg"] = json!(alg);
        }
    }
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
    /// Its tenant, for --scope TENANT (slug or id)
    #[arg(long, value_name = "TENANT", required_if_eq("scope", "TENANT"))]
    tenant: Option<String>,
    /// Its partner, for --scope PARTNER (slug or id)
    #[arg(long, value_name = "PARTNER", required_if_eq("scope", "PARTNER"))]
    partner: Option<String>,
    /// The most that its tokens may carry, with commas or blanks between the scopes
    #[arg(long, value_name = "SCOPES", default_value = "openid", value_parser = Known::Scopes(Holder::Application))]
    allowed_scopes: String,
    #[command(flatten)]
    settings: Settings,
    /// Make it although there is one of this name already
    #[arg(long)]
    another: bool,
}

/// Change the settings of an application
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack app update Shop --redirect-uri https://shop.example.com/callback \\\n    \
    --redirect-uri https://staging.shop.example.com/callback\n  \
    scaistack app update Shop --status DISABLED\n\n\
    A list takes the place of the older one: give all of it. An empty value empties it, and takes\n\
    away a description and a picture.")]
pub struct UpdateApplication {
    /// Its id, client_id or name
    app: String,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    /// Whether it works
    #[arg(long, ignore_case = true)]
    status: Option<ApplicationState>,
    /// The most that its tokens may carry, with commas or blanks between the scopes
    #[arg(long, value_name = "SCOPES", value_parser = Known::Scopes(Holder::Application))]
    allowed_scopes: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

/// List applications
#[derive(Args, Debug)]
pub struct List {
    /// Only those of this tenant (slug or id)
    #[arg(long, value_name = "TENANT")]
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
            Self::Update(update) => update.run(session).await,
            Self::List(List { tenant, search, limit }) => {
                let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
                let filters = [("tenant_id", tenant.as_deref()), ("search", search.as_deref())];
                let rows = client.list(APPS, &filters, limit.most()).await?;
                let columns = [
                    ("ID", "id"),
                    ("CLIENT ID", "client_id"),
                    ("NAME", "name"),
                    ("TYPE", "application_type"),
                    ("SCOPE", "scope"),
                    ("STATUS", "status"),
                    ("ALLOWED SCOPES", "allowed_scopes"),
                ];
                out.list(&rows, &columns, "There are no such applications. Register one: scaistack app create")
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

/// Asks before there are two of one name: later commands, and people in the audit log, could not tell them apart.
async fn ask_about(client: &Client, out: &mut Out, stdin: &mut Input, name: &str) -> Result<(), Failure> {
    let Some(id) = find::apps_named(client, name).await?.into_iter().next() else { return Ok(()) };
    let there = format!("there is an application `{name}` already: {id}");
    // A program that reads the answer is not asked, even if it was started in a terminal.
    if !stdin.is_typed() || out.is_for_machines() {
        return Err(Failure::usage(format!("{there}; choose another name, or make another one with --another")));
    }
    out.note(&format!("{there}. Make another one of this name? [y/N]"))?;
    match stdin.answer()?.as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::failed("nothing was made")),
    }
}

impl CreateApplication {
    async fn run(self, Session { client, out, stdin }: &mut Session) -> Result<(), Failure> {
        if !self.another {
            ask_about(client, out, stdin, &self.name).await?;
        }
        let mut body = json!({
            "name": self.name,
            "application_type": self.kind,
            "scope": self.scope,
            "allowed_scopes": written(&self.allowed_scopes).collect::<Vec<_>>(),
        });
        self.settings.into_body(&mut body);
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

impl UpdateApplication {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let mut body = json!({});
        self.settings.into_body(&mut body);
        if let Some(name) = self.name {
            body["name"] = name.into();
        }
        if let Some(status) = self.status {
            body["status"] = json!(status);
        }
        if let Some(scopes) = self.allowed_scopes {
            body["allowed_scopes"] = written(&scopes).collect();
        }
        if body.as_object().is_some_and(serde_json::Map::is_empty) {
            return Err(Failure::usage("say what to change: scaistack app update --help lists the settings"));
        }
        let id = find::app(client, &self.app).await?;
        let answer = client.patch(find::item(APPS, &id), body).await?;
        out.object(&answer)
    }
}
