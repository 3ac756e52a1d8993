//! The built-in roles.

use serde::{Deserialize, Serialize};

/// A built-in role; together with a place it says who rules what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, everywhere.
    SuperAdmin,
    /// A partner and its tenants.
    PartnerAdmin,
    /// As partner_admin, reading only.
    PartnerViewer,
    /// One tenant.
    TenantAdmin,
    /// Works in one tenant.
    TenantUser,
    /// Looks at one tenant.
    TenantViewer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::SuperAdmin,
        Self::PartnerAdmin,
        Self::PartnerViewer,
        Self::TenantAdmin,
        Self::TenantUser,
        Self::TenantViewer,
    ];

    /// The name in tokens and answers: `tenant_admin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::PartnerAdmin => "partner_admin",
            Self::PartnerViewer => "partner_viewer",
            Self::TenantAdmin => "tenant_admin",
            Self::TenantUser => "tenant_user",
            Self::TenantViewer => "tenant_viewer",
        }
    }

    /// Whether it administers nothing: whoever changes the users of a tenant gives and takes it.
    pub const fn is_plain(self) -> bool {
        matches!(self, Self::TenantUser | Self::TenantViewer)
    }

    /// How far it reaches and what it is for.
    pub const fn about(self) -> &'static str {
        match self {
            Self::SuperAdmin => "The whole instance: everything, everywhere",
            Self::PartnerAdmin => "A partner and its tenants: their applications, users and groups; no secrets",
            Self::PartnerViewer => "A partner and its tenants, reading only",
            Self::TenantAdmin => "One tenant: its people, applications, roles and secrets",
            Self::TenantUser => "Works in one tenant: reads and writes secrets, calls models",
            Self::TenantViewer => "Looks at one tenant: which secrets and models there are",
        }
    }

    /// Reads a name in lower or upper case (the admin-roles API writes `TENANT_ADMIN`), or Scalekit's `admin` and `member`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "admin" => Some(Self::TenantAdmin),
            "member" => Some(Self::TenantUser),
            _ => Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text)),
        }
    }
}
