//! Custom roles, what users hold, mappings of groups, and what applications let people do.

use super::{ModuleSet, PermissionName, RoleName};
use crate::access::{CoreSet, Role};
use crate::base::id::{AppPermissionId, CustomRoleId, GroupId, RoleMappingId, TenantId, UserId};
use crate::base::{DisplayName, Slug, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most custom roles of a tenant.
pub const MAX_ROLES: usize = 200;
/// The most mappings of a tenant: they stand in one row.
pub const MAX_MAPPINGS: usize = 200;
/// The most permissions of applications.
pub const MAX_PERMISSIONS: usize = 1000;
/// The longest description of a permission, or of a role by name, in characters.
pub const MAX_DESCRIPTION_OF_PERMISSION: usize = 2000;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 1000;

/// A role that a tenant has made for itself, or that stands for all tenants of the instance: ScaiGrid's custom role, and
/// Scalekit's role of an organisation or of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// The role's id.
    pub id: CustomRoleId,
    /// Whose; none: the instance's, to be held in any tenant.
    pub tenant: Option<TenantId>,
    /// What people call it.
    pub name: DisplayName,
    /// Its name in ScaiGrid's addresses and scripts, unique in the tenant.
    pub slug: Slug,
    /// What it is for.
    pub description: Option<String>,
    /// The core permissions.
    pub core: CoreSet,
    /// The module permissions.
    pub modules: ModuleSet,
    /// Who made it: a user's id, an application's client_id, `operator`.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Its name in Scalekit and in tokens, unique in the tenant, and among the instance's. It never changes.
    pub key: RoleName,
    /// What applications let those do who hold it.
    pub permissions: BTreeSet<AppPermissionId>,
    /// The role whose permissions of applications it has besides its own.
    pub extends: Option<CustomRoleId>,
}

/// A custom role to make.
#[derive(Clone, Debug)]
pub struct NewCustomRole {
    /// What people call it.
    pub name: DisplayName,
    /// Its short name; none: from the name.
    pub slug: Option<Slug>,
    /// What it is for.
    pub description: Option<String>,
    /// The core permissions.
    pub core: CoreSet,
    /// The module permissions.
    pub modules: ModuleSet,
}

/// Changes to a custom role: what is None stays; an inner None empties the field.
#[derive(Clone, Debug, Default)]
pub struct CustomRolePatch {
    /// What people call it.
    pub name: Option<DisplayName>,
    /// Its short name.
    pub slug: Option<Slug>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// The core permissions, all of them.
    pub core: Option<CoreSet>,
    /// The module permissions, all of them.
    pub modules: Option<ModuleSet>,
}

/// What a mapping gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// A built-in role of the tenant.
    Role(Role),
    /// One of its custom roles.
    Custom(CustomRoleId),
}

impl Given {
    /// The built-in role, if it is one.
    pub(super) fn role(self) -> Option<Role> {
        match self {
            Self::Role(role) => Some(role),
            Self::Custom(_) => None,
        }
    }

    /// The custom role, if it is one.
    pub(super) fn custom(self) -> Option<CustomRoleId> {
        match self {
            Self::Custom(id) => Some(id),
            Self::Role(_) => None,
        }
    }
}

/// What the members of a group get in a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMapping {
    /// The mapping's id.
    pub id: RoleMappingId,
    /// The group whose members get it.
    pub group: GroupId,
    /// What they get.
    pub gives: Given,
    /// Whether it goes when they leave the group. If not, who signed in as a member keeps it until the mapping is deleted.
    pub auto_revoke: bool,
    /// Who made it, as [`CustomRole::created_by`].
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What was given to a user of a tenant, beyond the built-in roles. No row: nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The tenant that it was given in.
    pub tenant: TenantId,
    /// The user that it was given to.
    pub user: UserId,
    /// The custom roles.
    pub custom: Vec<CustomRoleId>,
    /// The module permissions given to this user alone.
    pub modules: ModuleSet,
    /// The mappings without auto_revoke that found the user in their group at a sign-in.
    pub remembered: Vec<RoleMappingId>,
    /// The instance's roles that they hold here.
    pub instance: Vec<CustomRoleId>,
}

impl Held {
    /// The row of somebody to whom nothing was given.
    pub(crate) fn nothing(tenant: TenantId, user: UserId) -> Self {
        Self {
            tenant,
            user,
            custom: Vec::new(),
            modules: ModuleSet::default(),
            remembered: Vec::new(),
            instance: Vec::new(),
        }
    }
}

/// The roles that a user is to have in a tenant: all of them, built-in and custom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The built-in ones, with at least one of a tenant.
    pub roles: Vec<Role>,
    /// The custom ones.
    pub custom: Vec<CustomRoleId>,
    /// The instance's own ones; none: those that they have.
    pub instance: Option<Vec<CustomRoleId>>,
}

impl crate::store::Versioned for CustomRole {
    fn version(&self) -> crate::store::Version {
        crate::store::Version::of(&Self { updated_at: Timestamp::from_millis(0), ..self.clone() })
    }
}

/// Something that applications let people do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppPermission {
    /// The permission's id.
    pub id: AppPermissionId,
    /// Its name in tokens, unique on the instance.
    pub name: PermissionName,
    /// What it is for; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl crate::store::Versioned for AppPermission {
    fn version(&self) -> crate::store::Version {
        crate::store::Version::of(&(&self.name, &self.description))
    }
}
