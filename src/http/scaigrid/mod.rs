//! ScaiGrid: API keys, sign-in, roles, limits and models under `/v1`, in its own envelope.

pub(super) mod api_keys;
mod audit_log;
mod auth;
mod dialect;
pub mod envelope;
mod groups;
mod health;
mod iam;
mod limits;
mod me;
mod models;
mod parts;
mod role_mappings;
#[cfg(test)]
mod tests;
mod users;
mod wire;

#[cfg(test)]
pub(in crate::http) use dialect::Refusal;
pub use dialect::dialect;

use super::hosted::program;
use super::route::Surface;
use crate::stack::Stack;
use crate::{page, route};
use actix_web::web;

/// What a handler is handed of the services.
type Services = web::Data<Stack>;

/// The routes of ScaiGrid.
pub static SURFACE: Surface = Surface {
    name: "scaigrid",
    // What else lies under `/v1` is ScaiVault's to answer.
    fronts: &[
        "/v1/api-keys/",
        "/v1/audit-log/",
        "/v1/auth/authorize/",
        "/v1/auth/callback/",
        "/v1/auth/identify/",
        "/v1/auth/logout/",
        "/v1/auth/me/",
        "/v1/auth/refresh/",
        "/v1/auth/start/",
        "/v1/auth/token/",
        "/v1/groups/",
        "/v1/iam/",
        "/v1/limits/",
        "/v1/me/",
        "/v1/models/",
        "/v1/role-mappings/",
        "/v1/users/",
    ],
    routes: &[
        route!(GET "/v1/models" Credential models::list),
        route!(GET "/v1/models/{slug:.*}" Credential models::show),
        route!(GET "/v1/api-keys" Credential api_keys::list),
        route!(POST "/v1/api-keys" Credential api_keys::create => ApiKeyCreate),
        route!(GET "/v1/api-keys/{id}" Credential api_keys::show),
        route!(DELETE "/v1/api-keys/{id}" Credential api_keys::revoke => ApiKeyDelete),
        route!(POST "/v1/api-keys/{id}/disable" Credential api_keys::disable => ApiKeyUpdate),
        route!(POST "/v1/api-keys/{id}/enable" Credential api_keys::enable => ApiKeyUpdate),
        route!(POST "/v1/api-keys/{id}/reroll" Credential api_keys::reroll => ApiKeyReroll),
        route!(GET "/v1/limits" Credential limits::mine),
        route!(GET "/v1/limits/tenants/{id}" Credential limits::tenant),
        route!(PUT "/v1/limits/tenants/{id}" Credential limits::set_tenant => LimitsUpdate),
        route!(DELETE "/v1/limits/tenants/{id}" Credential limits::clear_tenant => LimitsDelete),
        route!(GET "/v1/limits/partners/{id}" Credential limits::partner),
        route!(PUT "/v1/limits/partners/{id}" Credential limits::set_partner => LimitsUpdate),
        route!(DELETE "/v1/limits/partners/{id}" Credential limits::clear_partner => LimitsDelete),
        route!(GET "/v1/limits/api-keys/{id}" Credential limits::key),
        route!(PUT "/v1/limits/api-keys/{id}" Credential limits::set_key => ApiKeyUpdate),
        route!(DELETE "/v1/limits/api-keys/{id}" Credential limits::clear_key => ApiKeyUpdate),
        route!(GET "/health/detailed" Credential health::detailed),
        route!(POST "/v1/auth/identify" Public auth::identify),
        route!(POST "/v1/auth/authorize" Public auth::authorize),
        page!(GET "/v1/auth/start" Public program::start).not_safe(),
        page!(GET "/v1/auth/callback" Public program::callback).not_safe(),
        page!(POST "/v1/auth/callback" Public program::decide),
        route!(POST "/v1/auth/token" Public auth::token),
        route!(POST "/v1/auth/refresh" Public auth::refresh),
        route!(POST "/v1/auth/logout" Credential auth::logout => Logout),
        route!(GET "/v1/groups" Credential groups::list),
        route!(GET "/v1/groups/{id}" Credential groups::show),
        route!(GET "/v1/me" Credential me::show),
        route!(GET "/v1/auth/me" Credential me::show),
        route!(GET "/v1/users" Credential users::list),
        route!(GET "/v1/users/{id}" Credential users::show),
        route!(DELETE "/v1/users/{id}" Credential users::delete => UserDelete),
        route!(PUT "/v1/users/{id}/roles" Credential users::set_roles => UserRoleUpdate),
        route!(GET "/v1/users/{id}/module-permissions" Credential users::module_permissions),
        route!(PUT "/v1/users/{id}/module-permissions" Credential users::set_module_permissions => UserModulePermissionsUpdate),
        route!(GET "/v1/role-mappings" Credential role_mappings::list),
        route!(POST "/v1/role-mappings" Credential role_mappings::create => RoleMappingCreate),
        route!(DELETE "/v1/role-mappings/{id}" Credential role_mappings::delete => RoleMappingDelete),
        route!(GET "/v1/iam/permissions" Credential iam::permissions),
        route!(GET "/v1/iam/custom-roles" Credential iam::list),
        route!(POST "/v1/iam/custom-roles" Credential iam::create => CustomRoleCreate),
        route!(GET "/v1/iam/custom-roles/{id}" Credential iam::show),
        route!(PUT "/v1/iam/custom-roles/{id}" Credential iam::update => CustomRoleUpdate),
        route!(PATCH "/v1/iam/custom-roles/{id}" Credential iam::update => CustomRoleUpdate),
        route!(DELETE "/v1/iam/custom-roles/{id}" Credential iam::delete => CustomRoleDelete),
        route!(GET "/v1/audit-log" Credential audit_log::list => AuditRead),
        route!(GET "/v1/audit-log/export" Credential audit_log::export => AuditExport),
    ],
    dialect,
    limited: true,
};
