//! Partners and tenants: the rows, ones to make, changes, and which to list.

use super::{Details, DetailsPatch};
use crate::access::Place;
use crate::base::id::{PartnerId, TenantId};
use crate::base::{DisplayName, Email, JsonObject, Slug, Timestamp};
use serde::{Deserialize, Serialize};

/// The slug of the partner and of the tenant that the first start makes. Both always stay, active and under this slug.
pub const DEFAULT_SLUG: &str = "default";

/// Whether a partner or tenant is in good standing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "TenantState"))]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It is in good standing.
    #[default]
    Active,
    /// Nothing that belongs to it can sign in or use a credential.
    Suspended,
}

impl Status {
    /// Both values, in the order of pickers.
    pub const ALL: [Self; 2] = [Self::Active, Self::Suspended];

    /// The name in answers: `ACTIVE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// Reads a name in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(text))
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Suspended => 2,
        }
    }
}

/// A reseller, a business unit, or the operator itself: owns tenants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// The partner's id.
    pub id: PartnerId,
    /// Its short name, unique among partners.
    pub slug: Slug,
    /// The name that people read.
    pub name: DisplayName,
    /// Whether it is active or suspended.
    pub status: Status,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// The most tenants; none: no limit.
    pub max_tenants: Option<u32>,
    /// The most users in each tenant; none: no limit.
    pub max_users_per_tenant: Option<u32>,
    /// The most applications in each tenant; none: no limit. Kept by `apps`.
    pub max_applications_per_tenant: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// One isolated organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The tenant's id.
    pub id: TenantId,
    /// Its short name, unique on this instance; stands in its addresses.
    pub slug: Slug,
    /// The name that people read.
    pub name: DisplayName,
    /// Its standing; its partner's counts too, see [`is_active`](super::is_active).
    pub status: Status,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// Whose it is.
    pub partner: PartnerId,
    /// MFA policy, password policy, session timeout and what else its admins set.
    pub settings: JsonObject,
    /// Logos, colours, custom domain of its sign-in pages.
    pub branding: JsonObject,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// What it has as an organisation that another program manages. Stays the last field: see the row's upgrade.
    pub details: Details,
}

impl Tenant {
    /// Where it is.
    pub fn place(&self) -> Place {
        Place::Tenant { partner: self.partner, tenant: self.id }
    }
}

/// A partner to make.
#[derive(Clone, Debug)]
pub struct NewPartner {
    /// Its short name.
    pub slug: Slug,
    /// The name that people read.
    pub name: DisplayName,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// The most tenants.
    pub max_tenants: Option<u32>,
    /// The most users in each tenant.
    pub max_users_per_tenant: Option<u32>,
    /// The most applications in each tenant.
    pub max_applications_per_tenant: Option<u32>,
}

/// Changes to a partner: what is None stays; an inner None empties the field.
#[derive(Clone, Debug, Default)]
pub struct PartnerPatch {
    /// A new short name.
    pub slug: Option<Slug>,
    /// A new name.
    pub name: Option<DisplayName>,
    /// A new standing.
    pub status: Option<Status>,
    /// Whom to write to.
    pub contact_email: Option<Option<Email>>,
    /// The most tenants. A limit below what there is stops only new ones.
    pub max_tenants: Option<Option<u32>>,
    /// The most users in each tenant.
    pub max_users_per_tenant: Option<Option<u32>>,
    /// The most applications in each tenant.
    pub max_applications_per_tenant: Option<Option<u32>>,
}

/// A tenant to make.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its short name; none: one is made from the name.
    pub slug: Option<Slug>,
    /// The name that people read.
    pub name: DisplayName,
    /// Whose it is.
    pub partner: PartnerId,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// MFA policy, password policy, session timeout and what else its admins set.
    pub settings: JsonObject,
    /// Logos, colours, custom domain of its sign-in pages.
    pub branding: JsonObject,
    /// What it has as an organisation.
    pub details: Details,
}

/// Changes to a tenant: what is None stays; an inner None empties the field.
#[derive(Clone, Debug, Default)]
pub struct TenantPatch {
    /// A new short name; an inner None: one is made from the name. The old one is free then.
    pub slug: Option<Option<Slug>>,
    /// A new name.
    pub name: Option<DisplayName>,
    /// A new standing.
    pub status: Option<Status>,
    /// Whom to write to.
    pub contact_email: Option<Option<Email>>,
    /// Another partner: the tenant moves there with everything in it.
    pub partner: Option<PartnerId>,
    /// A merge patch (RFC 7396) for the settings: what it does not name stays, so a client that knows few settings harms none.
    pub settings: Option<serde_json::Value>,
    /// A merge patch for the branding.
    pub branding: Option<serde_json::Value>,
    /// What it has as an organisation.
    pub details: DetailsPatch,
}

/// Which partners to list.
#[derive(Clone, Debug, Default)]
pub struct PartnerFilter {
    /// The front of the slug, of the name or of a word in them.
    pub search: Option<String>,
    /// Only partners of this status.
    pub status: Option<Status>,
}

/// Which tenants to list.
#[derive(Clone, Debug, Default)]
pub struct TenantFilter {
    /// The front of the slug, of the name, of the external id or of a word in them.
    pub search: Option<String>,
    /// Only tenants of this status.
    pub status: Option<Status>,
    /// Only this partner's.
    pub partner: Option<PartnerId>,
}

impl crate::store::Versioned for Partner {
    fn version(&self) -> crate::store::Version {
        crate::store::Version::of(&Self { updated_at: Timestamp::from_millis(0), ..self.clone() })
    }
}

impl crate::store::Versioned for Tenant {
    fn version(&self) -> crate::store::Version {
        crate::store::Version::of(&Self { updated_at: Timestamp::from_millis(0), ..self.clone() })
    }
}
