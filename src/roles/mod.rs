//! ScaiGrid's rights beyond the built-in roles: the custom roles of a tenant, module permissions given to single users, and
//! mappings that give the members of a group a role.
//!
//! What somebody may do is the union of the bundles of their built-in roles, their custom roles, what mappings give the
//! groups that they are in, and their own module permissions. It is computed when it is asked for, so that a change counts
//! for the very next request. Nobody gives what they lack: whoever may make a tenant_admin may give all that a tenant's own
//! role can hold; anybody else is compared permission by permission.

mod app;
mod built_in;
pub mod defaults;
mod effective;
mod members;
mod module;
mod name;
pub mod named;
pub mod permissions;
mod role;
mod scopes;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use app::{app_permissions, built_in, by_name, roles_given, roles_of};
pub use built_in::is_built_in;
pub use effective::{Permissions, custom_of, of_actor, roles_by_groups};
pub use members::{RoleNames, for_newcomer, membership_role, own_roles, resolve, set_roles, set_roles_of_newcomer};
pub use module::{ModulePermission, ModuleSet};
pub use name::{PermissionName, RoleName};
pub use role::{
    AppPermission, CustomRole, CustomRolePatch, Given, Held, MAX_DESCRIPTION, MAX_DESCRIPTION_OF_PERMISSION,
    MAX_MAPPINGS, MAX_PERMISSIONS, MAX_ROLES, NewCustomRole, RoleMapping, Wanted,
};
pub use scopes::{check_for_application, existing};
pub use service::{
    assign, assign_named, assigned, check_groups, check_held, could_give_held, create, create_mapping, delete,
    delete_mapping, delete_user, forget, get, holders, list, list_mappings, module_permissions, remember_groups,
    set_module_permissions, update,
};
pub use table::check_rows;
