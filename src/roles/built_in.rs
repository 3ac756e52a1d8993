//! The built-in roles of a tenant, as applications know them.

use super::RoleName;
use crate::access::Role;
use crate::base::Slug;
use crate::base::id::CustomRoleId;

/// The built-in roles of a tenant, the widest first, with their numbers and Scalekit's names for them. `viewer` is ours: the
/// product has no such role, but a member here may have no more.
pub(super) const BUILT_IN: [(Role, u64, &str, &str, &str); 3] = [
    (Role::TenantAdmin, 201, "admin", "Admin", "Administers the organization"),
    (Role::TenantUser, 202, "member", "Member", "Works in the organization"),
    (Role::TenantViewer, 203, "viewer", "Viewer", "Looks at the organization"),
];

/// The id of a built-in role of a tenant.
pub(super) fn id_of(role: Role) -> Option<CustomRoleId> {
    BUILT_IN.iter().find(|built_in| built_in.0 == role).map(|built_in| CustomRoleId::built_in(built_in.1))
}

/// The built-in role behind an id, if it is one.
pub fn is_built_in(id: CustomRoleId) -> Option<Role> {
    BUILT_IN.iter().find(|built_in| CustomRoleId::built_in(built_in.1) == id).map(|built_in| built_in.0)
}

/// Whether a name is a built-in role's.
pub(super) fn is_reserved(name: &RoleName) -> bool {
    BUILT_IN.iter().any(|built_in| built_in.2 == name.as_str())
}

/// The name of a role that only has a slug: one made in ScaiGrid.
pub(super) fn key_from(slug: &Slug, id: CustomRoleId) -> RoleName {
    let name = RoleName::made_from(slug.as_str(), &id.to_string());
    if is_reserved(&name) { name.numbered(2) } else { name }
}
