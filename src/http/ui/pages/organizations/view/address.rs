//! Where the pages of organisations are.

use crate::base::Id;
use crate::base::id::TenantId;

/// The address of the list.
pub const ROOT: &str = "/admin/organizations";

/// The address of one.
pub fn address(tenant: TenantId) -> String {
    format!("{ROOT}/{}", tenant.display_as("org"))
}
