//! ScaiGrid's core permissions, and which of them each built-in role bundles.

use super::Role;
use super::rule::Rule;
use crate::catalogue::scope::same;
use crate::catalogue::{Holder, SCOPES};
use serde::{Deserialize, Serialize};

/// The core permissions by name: the scopes that a custom role can hold. A set keeps one bit for each, by its place here: new
/// ones go to the end.
pub const CORE_PERMISSIONS: [&str; 15] = {
    let (mut names, mut found, mut at) = ([""; 15], 0, 0);
    while at < SCOPES.len() {
        if SCOPES[at].is_for(Holder::Role) {
            names[found] = SCOPES[at].name;
            found += 1;
        }
        at += 1;
    }
    assert!(found == names.len());
    names
};

const VIEWER: u16 = bits(&["models:list", "accounting:view_own"]);
const USER: u16 = VIEWER | bits(&["models:use", "api_keys:manage", "modules:use"]);
const ADMIN: u16 = USER
    | bits(&[
        "routing:view",
        "accounting:view_tenant",
        "accounting:manage_budgets",
        "users:manage",
        "webhooks:manage",
        "modules:manage",
        "admin:access",
    ]);
const PARTNER_VIEWER: u16 = VIEWER | bits(&["accounting:view_tenant", "accounting:view_partner"]);
const PARTNER_ADMIN: u16 = PARTNER_VIEWER | bits(&["accounting:manage_budgets", "users:manage", "admin:access"]);
const ALL: u16 = (1 << CORE_PERMISSIONS.len()) - 1;

const fn bits(names: &[&str]) -> u16 {
    let (mut set, mut name) = (0, 0);
    while name < names.len() {
        let mut at = 0;
        while !same(CORE_PERMISSIONS[at], names[name]) {
            at += 1;
        }
        set |= 1 << at;
        name += 1;
    }
    set
}

/// A set of core permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreSet(u16);

impl CoreSet {
    /// All of them.
    pub const ALL: Self = Self(ALL);
    /// Those that concern one tenant only: what a role of a tenant's own can hold. The others reach beyond it.
    pub const OF_A_TENANT: Self = Self(ADMIN);

    /// What a built-in role bundles.
    pub const fn bundle(role: Role) -> Self {
        Self(match role {
            Role::SuperAdmin => ALL,
            Role::PartnerAdmin => PARTNER_ADMIN,
            Role::PartnerViewer => PARTNER_VIEWER,
            Role::TenantAdmin => ADMIN,
            Role::TenantUser => USER,
            Role::TenantViewer => VIEWER,
        })
    }

    /// The set of one, by its name; none: there is no such permission.
    pub fn named(name: &str) -> Option<Self> {
        CORE_PERMISSIONS.iter().position(|known| *known == name).map(|at| Self(1 << at))
    }

    /// Whether a permission is in it, by its name.
    pub fn has(self, name: &str) -> bool {
        Self::named(name).is_some_and(|one| self.holds(one))
    }

    /// Whether all of `other` is in it.
    pub const fn holds(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in one of the two.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names, in the order of [`CORE_PERMISSIONS`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        CORE_PERMISSIONS.into_iter().enumerate().filter(move |(at, _)| self.0 & (1 << at) != 0).map(|(_, name)| name)
    }

    /// Whether it leads to a line of the permission table: one of its permissions stands behind the line.
    pub(super) fn leads_to(self, line: &Rule) -> bool {
        !self.is_empty() && line.scopes.iter().any(|scope| self.has(scope))
    }
}

impl std::fmt::Debug for CoreSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(role: Role) -> Vec<&'static str> {
        CoreSet::bundle(role).names().collect()
    }

    #[test]
    fn the_bundles_are_those_of_the_product() {
        assert_eq!(names(Role::TenantViewer), ["models:list", "accounting:view_own"]);
        let user = ["models:list", "models:use", "accounting:view_own", "api_keys:manage", "modules:use"];
        assert_eq!(names(Role::TenantUser), user);
        assert_eq!(CoreSet::bundle(Role::TenantAdmin).names().count(), 12);
        assert_eq!(names(Role::SuperAdmin), CORE_PERMISSIONS);
        let partner_admin = CoreSet::bundle(Role::PartnerAdmin);
        assert!(partner_admin.has("users:manage") && partner_admin.has("accounting:view_partner"));
        for lacking in ["models:use", "api_keys:manage", "modules:use", "modules:manage"] {
            assert!(!partner_admin.has(lacking), "{lacking}");
        }
        for role in Role::ALL.into_iter().filter(|role| *role != Role::SuperAdmin) {
            assert!(!CoreSet::bundle(role).has("models:manage") && !CoreSet::bundle(role).has("routing:manage"));
        }
    }

    #[test]
    fn the_order_of_the_core_permissions_is_that_of_the_rows() {
        // A row keeps a set as bits: none of these may change its place.
        let kept = [
            "models:list",
            "models:use",
            "models:manage",
            "routing:view",
            "routing:manage",
            "accounting:view_own",
            "accounting:view_tenant",
            "accounting:view_partner",
            "accounting:manage_budgets",
            "users:manage",
            "api_keys:manage",
            "webhooks:manage",
            "modules:use",
            "modules:manage",
            "admin:access",
        ];
        assert_eq!(CORE_PERMISSIONS[..kept.len()], kept);
    }

    #[test]
    fn sets_join_and_compare() {
        let viewer = CoreSet::bundle(Role::TenantViewer);
        let user = CoreSet::bundle(Role::TenantUser);
        assert!(user.holds(viewer) && !viewer.holds(user) && viewer.holds(CoreSet::default()));
        assert_eq!(viewer.and(user), user);
        assert_eq!(CoreSet::named("models:eat"), None);
        assert!(!CoreSet::ALL.has("models:eat"));
    }

    #[test]
    fn what_reaches_beyond_a_tenant_is_no_part_of_its_roles() {
        for beyond in ["models:manage", "routing:manage", "accounting:view_partner"] {
            assert!(!CoreSet::OF_A_TENANT.has(beyond), "{beyond}");
        }
    }
}
