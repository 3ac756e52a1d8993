//! `scaistack user`: people.

use super::client::Client;
use super::find::{self, USERS};
use super::outbox::newest_link;
use super::role::BuiltIn;
use super::{Failure, Limit, Out, Session, Verb};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

/// Users: people who sign in
#[derive(Debug, Subcommand)]
pub enum User {
    Create(CreateUser),
    /// List users
    List {
        /// Only those of this tenant (slug or id)
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only those whose name or e-mail address has this in it
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Only those who are so
        #[arg(long, ignore_case = true)]
        status: Option<Standing>,
        /// Those who were deleted and can be restored
        #[arg(long, conflicts_with_all = ["tenant", "search", "status"])]
        deleted: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show a user
    Show {
        /// E-mail address or id
        user: String,
    },
    Update(UpdateUser),
    /// Lock a user out, now: sessions end, and keys and tokens do not work
    Disable {
        /// E-mail address or id
        user: String,
    },
    /// Let a user in again
    Enable {
        /// E-mail address or id
        user: String,
    },
    /// Delete a user. For a while they can be restored
    Delete {
        /// E-mail address or id
        user: String,
    },
    /// Bring back a deleted user, without password, second factors and keys
    #[command(after_help = "Example:\n  scaistack user list --deleted\n  scaistack user restore alice@example.com")]
    Restore {
        /// E-mail address or id
        user: String,
    },
    SetPassword(SetPassword),
    /// Show the roles of a user, or make a member of a tenant and set the role there
    #[command(after_help = "Examples:\n  scaistack user role alice@example.com\n  \
        scaistack user role alice@example.com tenant_admin\n  \
        scaistack user role alice@example.com tenant_viewer --tenant acme\n\n\
        Roles beyond a tenant: scaistack role grant")]
    Role {
        /// E-mail address or id
        user: String,
        /// The role to set
        #[arg(ignore_case = true, value_parser = BuiltIn::of_tenant())]
        role: Option<BuiltIn>,
        /// Where (slug or id) [default: the user's home]
        #[arg(long, value_name = "TENANT", requires = "role")]
        tenant: Option<String>,
    },
    /// Send the invitation once more, with a new link, and print that link
    Resend {
        /// E-mail address or id
        user: String,
    },
    /// Say that the e-mail address is known to be theirs
    Verify {
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

/// Whether somebody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum Standing {
    /// They may
    Active,
    /// They have not accepted yet
    Invited,
    /// They may not
    Disabled,
    /// They may not for now
    Suspended,
}

impl Standing {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Invited => "INVITED",
            Self::Disabled => "DISABLED",
            Self::Suspended => "SUSPENDED",
        }
    }
}

/// Make a user
///
/// Without --password-stdin they are invited: the link is printed, and a mail with it waits in the outbox until a mail server takes it.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack user create --email alice@example.com --role tenant_admin \\\n    \
    --password-stdin < password.txt\n  scaistack user create --email bob@example.com --tenant acme\n\n\
    A line break at the end of the password and a byte-order mark in front are no part of it.")]
pub struct CreateUser {
    /// E-mail address
    #[arg(long)]
    email: String,
    /// The home tenant (slug or id) [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The role there, or super_admin for the whole instance [default: tenant_user]
    #[arg(long, ignore_case = true, value_parser = BuiltIn::of_new_user())]
    role: Option<BuiltIn>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Read the password from stdin. Without it the user sets one through a link
    #[arg(long)]
    password_stdin: bool,
}

/// Change who a user is
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack user update alice@example.com --display-name \"Alice Lee\"\n\n\
    An empty value takes away what is there.")]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(["email", "display_name", "first_name", "last_name"]))]
pub struct UpdateUser {
    /// E-mail address or id
    user: String,
    /// Another e-mail address. It is unconfirmed until the user, or `scaistack user verify`, confirms it
    #[arg(long)]
    email: Option<String>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Given name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Family name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
}

/// Set a user's password, which ends their sessions, or send them a link to set one
#[derive(Args, Debug, PartialEq, Eq)]
#[command(group = ArgGroup::new("how").required(true).args(["password_stdin", "link"]))]
#[command(
    after_help = "Examples:\n  scaistack user set-password alice@example.com --password-stdin < password.txt\n  \
    scaistack user set-password alice@example.com --link"
)]
pub struct SetPassword {
    /// E-mail address or id
    user: String,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// Send a link by mail, and print it
    #[arg(long)]
    link: bool,
}

/// A text as the API takes it: an empty one is `null`, which takes away what is there.
pub(super) fn or_null(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

impl Verb for User {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let Session { client, out, .. } = session;
        match self {
            Self::Create(create) => create.run(session).await,
            Self::Update(update) => update.run(session).await,
            Self::SetPassword(set) => set.run(session).await,
            Self::Show { user } => {
                let id = find::user(client, &user).await?;
                out.object(&client.get(find::item(USERS, &id)).await?)
            }
            Self::Disable { user } => change(client, out, &user, json!({ "status": "DISABLED" }), "disabled").await,
            Self::Enable { user } => change(client, out, &user, json!({ "status": "ACTIVE" }), "enabled").await,
            Self::Verify { user } => change(client, out, &user, json!({ "email_verified": true }), "verified").await,
            Self::Delete { user } => {
                let id = find::user(client, &user).await?;
                client.delete(find::item(USERS, &id)).await?;
                out.done("deleted", &id)?;
                out.note(&format!("Take it back: scaistack user restore {id}"))
            }
            Self::Resend { user } => {
                let id = find::user(client, &user).await?;
                client.post(format!("{}/resend-invitation", find::item(USERS, &id)), json!({})).await?;
                let shown = client.get(find::item(USERS, &id)).await?;
                linked(client, out, &id, find::text(&shown, "email")?).await
            }
            Self::Role { user, role: None, .. } => {
                let id = find::user(client, &user).await?;
                roles(client, out, &id).await
            }
            Self::Role { user, role: Some(role), tenant } => {
                let id = find::user(client, &user).await?;
                let tenant = match tenant {
                    Some(name) => find::tenant(client, &name).await?,
                    None => find::text(&client.get(find::item(USERS, &id)).await?, "tenant_id")?.to_owned(),
                };
                set_role(client, &id, &tenant, role.name()).await?;
                out.object(&json!({ "id": id, "tenant_id": tenant, "role": role.name() }))
            }
            Self::MfaReset { user } => {
                let id = find::user(client, &user).await?;
                client.post(format!("{}/reset-mfa", find::item(USERS, &id)), json!({})).await?;
                out.object(&json!({ "id": id, "second_factors": "removed" }))
            }
            Self::Restore { user } => {
                let rows = client.list(USERS, &[("deleted", Some("true"))], usize::MAX).await?;
                let id = find::among(&rows, &user, "email", "deleted user")?;
                let answer = client.post(format!("{}/restore", find::item(USERS, &id)), json!({})).await?;
                out.object(&find::pick(&answer, &["id", "email", "status"]))
            }
            Self::List { tenant, search, status, deleted, limit } => {
                let tenant = find::maybe_tenant(client, tenant.as_deref()).await?;
                let filters = [
                    ("tenant_id", tenant.as_deref()),
                    ("search", search.as_deref()),
                    ("status", status.map(Standing::name)),
                    ("deleted", deleted.then_some("true")),
                ];
                let rows = client.list(USERS, &filters, limit.most()).await?;
                let columns = [
                    ("ID", "id"),
                    ("EMAIL", "email"),
                    ("NAME", "display_name"),
                    ("STATUS", "status"),
                    ("TENANT", "tenant_slug"),
                    ("ROLE", "role"),
                    ("ADMIN ROLES", "admin_roles"),
                ];
                out.list(&rows, &columns, "There are no such users. Make one: scaistack user create --email …")
            }
        }
    }
}

/// Changes a user, and says so.
async fn change(client: &Client, out: &mut Out, user: &str, body: Value, done: &str) -> Result<(), Failure> {
    let id = find::user(client, user).await?;
    client.patch(find::item(USERS, &id), body).await?;
    out.done(done, &id)
}

/// Prints the link that a user was sent, or where it waits.
async fn linked(client: &Client, out: &mut Out, id: &str, email: &str) -> Result<(), Failure> {
    match newest_link(client, id, email).await {
        Some(mail) => {
            let ends = mail["link_expires_at"].as_str().unwrap_or_default();
            out.object(
                &json!({ "id": id, "link": mail["link"], "mail_id": mail["id"], "mail_status": mail["status"] }),
            )?;
            out.note(&format!(
                "The link signs in whoever opens it, once, until {ends}. It is in the mail to {email} too."
            ))
        }
        None => {
            out.object(&json!({ "id": id }))?;
            out.note(&format!(
                "The link is in the mail to {email}. On the server's machine `scaistack outbox list` shows it, and `scaistack outbox link` prints the link."
            ))
        }
    }
}

/// The roles of a user, of memberships and beyond.
async fn roles(client: &Client, out: &mut Out, id: &str) -> Result<(), Failure> {
    let memberships = client.list(&format!("{}/memberships", find::item(USERS, id)), &[], usize::MAX).await?;
    let beyond = client.list(&format!("/api/v1/admin/admin-roles/user/{id}"), &[], usize::MAX).await?;
    let mut rows: Vec<Value> = memberships
        .iter()
        .map(
            |row| json!({ "role": row["role"], "tenant_id": row["tenant_id"], "partner_id": null, "by": "membership" }),
        )
        .collect();
    rows.extend(beyond.iter().map(|row| {
        let role = row["role"].as_str().map(str::to_lowercase);
        json!({ "role": role, "tenant_id": row["tenant_id"], "partner_id": row["partner_id"], "by": "assignment" })
    }));
    if out.is_table() {
        find::put_names(client, &mut rows, &find::TENANT_NAMES).await;
        find::put_names(client, &mut rows, &find::PARTNER_NAMES).await;
    }
    let columns = [("ROLE", "role"), ("TENANT", "tenant"), ("PARTNER", "partner"), ("BY", "by")];
    out.list(&rows, &columns, "The user holds no role. Make them a member: scaistack user role USER tenant_user")
}

/// Sets the role in a tenant; who is no member becomes one.
async fn set_role(client: &Client, id: &str, tenant: &str, role: &str) -> Result<(), Failure> {
    let memberships = format!("{}/memberships", find::item(USERS, id));
    let rows = client.list(&memberships, &[], usize::MAX).await?;
    if rows.iter().any(|row| row["tenant_id"] == tenant) {
        client.call(Method::PATCH, format!("{memberships}/{tenant}"), Some(json!({ "role": role }))).await?;
    } else {
        client.post(memberships, json!({ "tenant_id": tenant, "role": role })).await?;
    }
    Ok(())
}

impl CreateUser {
    async fn run(self, Session { client, out, stdin }: &mut Session) -> Result<(), Failure> {
        let mut body = json!({ "email": self.email });
        if let Some(tenant) = self.tenant {
            body["tenant_id"] = find::tenant(client, &tenant).await?.into();
        }
        if let Some(role) = self.role.filter(|role| role.is_of_tenant()) {
            body["role"] = role.name().into();
        }
        if let Some(name) = self.display_name {
            body["display_name"] = name.into();
        }
        if self.password_stdin {
            body["password"] = stdin.line("password")?.expose().clone().into();
        }
        let answer = client.post(USERS, body).await?;
        let id = find::text(&answer, "id")?;
        if self.role == Some(BuiltIn::SuperAdmin) {
            let body = json!({ "user_id": id, "role": BuiltIn::SuperAdmin.name() });
            let given = client.post("/api/v1/admin/admin-roles", body).await;
            given.map_err(|failure| failure.of(&format!("{id} was made, but is no super_admin")))?;
        }
        match answer.get("status").and_then(Value::as_str) {
            Some("INVITED") => linked(client, out, id, &self.email).await,
            _ => out.object(&find::pick(&answer, &["id"])),
        }
    }
}

impl UpdateUser {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let id = find::user(client, &self.user).await?;
        let mut body = json!({});
        if let Some(email) = self.email {
            body["email"] = email.into();
        }
        let names =
            [("display_name", self.display_name), ("first_name", self.first_name), ("last_name", self.last_name)];
        for (field, name) in names {
            if let Some(name) = name {
                body[field] = or_null(name);
            }
        }
        let answer = client.patch(find::item(USERS, &id), body).await?;
        out.object(&find::pick(&answer, &["id", "email", "display_name", "first_name", "last_name"]))
    }
}

impl SetPassword {
    async fn run(self, Session { client, out, stdin }: &mut Session) -> Result<(), Failure> {
        // Whoever gave no password must not have to wait for the server to hear it.
        let password = if self.password_stdin { Some(stdin.line("password")?) } else { None };
        let id = find::user(client, &self.user).await?;
        let address = format!("{}/reset-password", find::item(USERS, &id));
        match password {
            Some(password) => {
                client.post(address, json!({ "password": password.expose() })).await?;
                out.done("password set", &id)
            }
            None => {
                client.post(address, json!({})).await?;
                let shown = client.get(find::item(USERS, &id)).await?;
                linked(client, out, &id, find::text(&shown, "email")?).await
            }
        }
    }
}
