//! `scaistack role`: who may what, beyond what a membership gives.

use super::client::Client;
use super::find;
use super::{Failure, Limit, Session, Verb};
use crate::access::Role;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Where the admin API keeps roles beyond memberships.
const ROLES: &str = "/api/v1/admin/admin-roles";
/// Where ScaiGrid keeps custom roles.
const CUSTOM: &str = "/v1/iam/custom-roles";

/// A built-in role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum BuiltIn {
    /// Runs the whole instance
    SuperAdmin,
    /// Manages a partner and its tenants
    PartnerAdmin,
    /// Sees a partner and its tenants
    PartnerViewer,
    /// Manages a tenant
    TenantAdmin,
    /// Uses a tenant
    TenantUser,
    /// Sees a tenant
    TenantViewer,
}

impl BuiltIn {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SuperAdmin => Role::SuperAdmin,
            Self::PartnerAdmin => Role::PartnerAdmin,
            Self::PartnerViewer => Role::PartnerViewer,
            Self::TenantAdmin => Role::TenantAdmin,
            Self::TenantUser => Role::TenantUser,
            Self::TenantViewer => Role::TenantViewer,
        }
        .name()
    }

    /// Reads one of the roles that a membership can have.
    pub fn of_tenant() -> impl TypedValueParser<Value = Self> {
        Self::one_of(Self::is_of_tenant)
    }

    /// Reads one of the roles that a new user can have.
    pub fn of_new_user() -> impl TypedValueParser<Value = Self> {
        Self::one_of(|role| role == Self::SuperAdmin || role.is_of_tenant())
    }

    fn one_of(takes: impl Fn(Self) -> bool) -> impl TypedValueParser<Value = Self> {
        let some = Self::value_variants().iter().filter(|role| takes(**role)).filter_map(ValueEnum::to_possible_value);
        PossibleValuesParser::new(some.collect::<Vec<_>>()).try_map(|name| Self::from_str(&name, true))
    }

    /// Whether it is held in one tenant, as a membership has it.
    pub fn is_of_tenant(self) -> bool {
        matches!(self, Self::TenantAdmin | Self::TenantUser | Self::TenantViewer)
    }
}

/// Where a role is held.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Tenant that a tenant role is for (slug or id)
    #[arg(long, value_name = "TENANT", conflicts_with = "partner")]
    pub tenant: Option<String>,
    /// Partner that a partner role is for (slug or id)
    #[arg(long, value_name = "PARTNER")]
    pub partner: Option<String>,
}

impl At {
    /// The field of the API and the id of what is named there; none for `super_admin`.
    ///
    /// # Errors
    /// The role and the place do not belong together, or there is no such place.
    async fn of(&self, client: &Client, role: BuiltIn) -> Result<Option<(&'static str, String)>, Failure> {
        let wrong = |rule: &str| Err(Failure::usage(format!("{} {rule}", role.name())));
        match (role, &self.tenant, &self.partner) {
            (BuiltIn::SuperAdmin, None, None) => Ok(None),
            (BuiltIn::SuperAdmin, ..) => wrong("is held on the whole instance, without --tenant and --partner"),
            (role, Some(tenant), _) if role.is_of_tenant() => {
                Ok(Some(("tenant_id", find::tenant(client, tenant).await?)))
            }
            (role, None, _) if role.is_of_tenant() => wrong("is held in a tenant: name it with --tenant"),
            (_, _, Some(partner)) => Ok(Some(("partner_id", find::partner(client, partner).await?))),
            (_, _, None) => wrong("is held for a partner: name it with --partner"),
        }
    }
}

/// Roles: who may what, beyond what a membership gives
#[derive(Debug, Subcommand)]
pub enum RoleVerb {
    /// List who holds roles beyond memberships
    #[command(after_help = "Example:\n  scaistack role list --role super_admin\n\n\
        Roles in a tenant come with the membership: scaistack user role USER")]
    List {
        /// Only those of this user (e-mail address or id)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Only this role
        #[arg(long, value_name = "ROLE", ignore_case = true)]
        role: Option<BuiltIn>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Give a user a role: on the whole instance, for a partner, or in a tenant without being a member
    #[command(after_help = "Examples:\n  scaistack role grant alice@example.com super_admin\n  \
        scaistack role grant bob@example.com tenant_admin --tenant acme --until 2027-01-01T00:00:00Z")]
    Grant {
        /// E-mail address or id
        user: String,
        /// The role
        #[arg(ignore_case = true)]
        role: BuiltIn,
        #[command(flatten)]
        at: At,
        /// Until when, such as 2027-01-01T00:00:00Z [default: until it is taken]
        #[arg(long, value_name = "MOMENT")]
        until: Option<String>,
    },
    /// Take a role from a user
    Revoke {
        /// E-mail address or id
        user: String,
        /// The role
        #[arg(ignore_case = true)]
        role: BuiltIn,
        #[command(flatten)]
        at: At,
    },
    /// List what roles can hold: ScaiGrid's permissions, and what the built-in roles have of them
    Permissions,
    /// Custom roles of ScaiGrid
    #[command(subcommand)]
    Custom(Custom),
}

/// Custom roles of ScaiGrid
#[derive(Debug, Subcommand)]
pub enum Custom {
    /// List custom roles
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Show a custom role
    Show {
        /// Slug, name or id
        role: String,
    },
    /// Make a custom role
    #[command(
        after_help = "Example:\n  scaistack role custom create --name Support \\\n    --permission users:manage --permission audit:view"
    )]
    Create {
        /// Its name for people
        #[arg(long)]
        name: String,
        /// Its name in scripts [default: from the name]
        #[arg(long)]
        slug: Option<String>,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// A core permission; may be given several times. `scaistack role permissions` lists them
        #[arg(long = "permission", value_name = "NAME")]
        permissions: Vec<String>,
        /// A permission of a module, such as reports:view; may be given several times
        #[arg(long = "module-permission", value_name = "NAME")]
        modules: Vec<String>,
    },
    /// Delete a custom role. Nobody holds it any more
    Delete {
        /// Slug, name or id
        role: String,
    },
}

impl Verb for RoleVerb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let Session { client, out, .. } = session;
        match self {
            Self::List { user, role, limit } => {
                let user = find::maybe_user(client, user.as_deref()).await?;
                let filters = [("user_id", user.as_deref()), ("role", role.map(BuiltIn::name))];
                let mut rows = client.list(ROLES, &filters, limit.most()).await?;
                if out.is_table() {
                    find::put_names(client, &mut rows, &find::TENANT_NAMES).await;
                    find::put_names(client, &mut rows, &find::PARTNER_NAMES).await;
                }
                let columns = [
                    ("USER", "user_email"),
                    ("ROLE", "role"),
                    ("TENANT", "tenant"),
                    ("PARTNER", "partner"),
                    ("UNTIL", "expires_at"),
                    ("ACTIVE", "is_active"),
                ];
                out.list(&rows, &columns, "Nobody holds such a role beyond memberships. Give one: scaistack role grant")
            }
            Self::Grant { user, role, at, until } => {
                let mut body = json!({ "user_id": find::user(client, &user).await?, "role": role.name() });
                if let Some((field, id)) = at.of(client, role).await? {
                    body[field] = id.into();
                }
                if let Some(until) = until {
                    body["expires_at"] = until.into();
                }
                let answer = client.post(ROLES, body).await?;
                out.object(&find::pick(&answer, &["id", "user_email", "role", "tenant_id", "partner_id", "expires_at"]))
            }
            Self::Revoke { user, role, at } => {
                let mut id = format!("{}.{}", find::user(client, &user).await?, role.name());
                if let Some((_, place)) = at.of(client, role).await? {
                    id = format!("{id}.{place}");
                }
                client.delete(format!("{ROLES}/{id}")).await?;
                out.done("revoked", &id)
            }
            Self::Permissions => {
                let answer = client.get("/v1/iam/permissions").await?;
                if out.is_for_machines() {
                    return out.object(&answer);
                }
                let columns = [
                    ("PERMISSION", "name"),
                    ("SCOPES", "scopes"),
                    ("IN CUSTOM ROLES", "in_custom_roles"),
                    ("YOURS", "yours"),
                ];
                out.rows(find::list(&answer, "core_permissions")?, &columns)?;
                out.line("")?;
                out.rows(find::list(&answer, "roles")?, &[("ROLE", "name"), ("HAS", "core_permissions")])
            }
            Self::Custom(custom) => custom.run(session).await,
        }
    }
}

/// The id of a custom role that is named by its id, slug or name.
async fn custom(client: &Client, name: &str) -> Result<String, Failure> {
    let rows = client.list_by_cursor(CUSTOM, &[], usize::MAX).await?;
    let by_slug = find::among(&rows, name, "slug", "custom role");
    by_slug.or_else(|_| find::among(&rows, name, "name", "custom role"))
}

impl Custom {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { limit } => {
                let rows = client.list_by_cursor(CUSTOM, &[], limit.most()).await?;
                let columns = [
                    ("ID", "id"),
                    ("SLUG", "slug"),
                    ("NAME", "name"),
                    ("PERMISSIONS", "core_permissions"),
                    ("OF MODULES", "module_permissions"),
                ];
                out.list(&rows, &columns, "There are no custom roles here. Make one: scaistack role custom create")
            }
            Self::Show { role } => {
                let id = custom(client, &role).await?;
                out.object(&client.get(format!("{CUSTOM}/{id}")).await?)
            }
            Self::Create { name, slug, description, permissions, modules } => {
                let mut body = json!({ "name": name, "core_permissions": permissions, "module_permissions": modules });
                for (field, value) in [("slug", slug), ("description", description)] {
                    if let Some(value) = value {
                        body[field] = Value::String(value);
                    }
                }
                let answer = client.post(CUSTOM, body).await?;
                out.object(&find::pick(&answer, &["id", "slug", "name"]))
            }
            Self::Delete { role } => {
                let id = custom(client, &role).await?;
                client.delete(format!("{CUSTOM}/{id}")).await?;
                out.done("deleted", &id)
            }
        }
    }
}
