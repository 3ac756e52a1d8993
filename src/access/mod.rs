//! Who may do what: a credential becomes an [`Actor`], an actor and a [`Place`] become a [`Granted`] or a [`Denied`], and
//! services take `&Granted<P>`: code that forgot to ask does not compile.

mod actor;
mod core;
mod evidence;
mod granted;
mod own;
#[cfg(test)]
mod page_tests;
mod permission;
mod proof;
mod reach;
mod role;
mod rule;
#[cfg(test)]
mod tests;

pub use actor::{Actor, Assignment, Credential, Origin, Principal};
pub use core::{CORE_PERMISSIONS, CoreSet};
pub use evidence::{ACR_MULTI, ACR_SINGLE, Amr, ClaimsOfEvidence, Evidence, Method, Methods};
pub use granted::Granted;
pub use own::OwnData;
pub use permission::{PERMISSIONS, permit};
pub use proof::Proof;
pub use reach::{may_anywhere, over, widest};
pub use role::Role;
pub use rule::{Denied, Permission, Reason, Rule, STEP_UP_REQUIRED, StepUp};

use crate::base::id::{PartnerId, TenantId};
use serde::{Deserialize, Serialize};

/// Where something is, and how far a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The whole instance.
    Platform,
    /// A partner and all its tenants.
    Partner(PartnerId),
    /// One tenant.
    Tenant {
        /// The partner that the tenant belongs to.
        partner: PartnerId,
        /// The tenant's id.
        tenant: TenantId,
    },
}

impl Place {
    /// Whether somebody who rules `self` rules `other` too.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Platform, _) => true,
            (Self::Partner(mine), Self::Partner(partner) | Self::Tenant { partner, .. }) => mine == partner,
            (Self::Tenant { tenant: mine, .. }, Self::Tenant { tenant, .. }) => mine == tenant,
            (Self::Partner(_) | Self::Tenant { .. }, _) => false,
        }
    }

    /// The tenant, if it is one.
    pub fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Tenant { tenant, .. } => Some(tenant),
            Self::Platform | Self::Partner(_) => None,
        }
    }

    /// The partner, if it is one or a tenant of one.
    pub fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Partner(partner) | Self::Tenant { partner, .. } => Some(partner),
            Self::Platform => None,
        }
    }
}
