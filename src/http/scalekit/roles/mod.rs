//! RolesService: roles of the environment and of single organisations, and what they permit in applications.
//! A role of an organisation is the tenant's custom role.

mod defaults;
mod environment;
mod grants;
mod organization;
pub mod permissions;
mod places;
mod read;
mod render;
mod role;

pub use defaults::{update_defaults, update_organization_defaults};
pub use environment::{create, delete, delete_base, get, list, list_dependents, update, users_count};
pub use grants::{add_permissions, effective_permissions, permissions_of, remove_permission};
pub use organization::{
    create_in_organization, delete_base_in_organization, delete_in_organization, get_in_organization,
    list_in_organization, update_in_organization, users_count_in_organization,
};
