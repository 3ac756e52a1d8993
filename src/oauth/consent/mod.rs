//! Consent: what a user has let an application do, remembered until they take it back.
//!
//! A consent is for a user, an application, a tenant and the scopes that were shown: another tenant or one scope more asks
//! again. Our own application is never asked about.

mod service;
mod table;

pub use service::{allows, covers, forget, give, is_first_party, list_of, list_own, refused, revoke_own, withdraw};
pub use table::check_rows;

use crate::base::id::{ApplicationId, TenantId, UserId};
use crate::base::{ScopeSet, Timestamp};
use serde::{Deserialize, Serialize};

/// What a user has agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The user who agreed.
    pub user: UserId,
    /// To which application.
    pub application: ApplicationId,
    /// As a member of which tenant.
    pub tenant: TenantId,
    /// All that was ever shown and agreed to.
    pub scopes: ScopeSet,
    /// When for the first time.
    pub created_at: Timestamp,
    /// When for the last time.
    pub updated_at: Timestamp,
}
