//! The built-in roles.

use serde::{Deserialize, Serialize};

/// A built-in role; together with a [`super::Place`] it says who rules what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

    /// Reads a name in lower or upper case (the admin-roles API writes `TENANT_ADMIN`), or Scalekit's `admin` and `member`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "admin" => Some(Self::TenantAdmin),
            "member" => Some(Self::TenantUser),
            _ => Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text)),
        }
    }
}
