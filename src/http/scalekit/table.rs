//! The only list of operations. A row: RPC, request message, REST addresses with the field that the body is, effect with
//! the action that the audit log names it by, finer scopes, handler. Another operation is another row and its handler.

use super::operation::{Binding, Effect, Operation, binary, json};
use super::organizations;
use super::rest::serve;
use super::status::dialect;
use super::{roles, sessions, users};
use crate::catalogue::Action;
use crate::http::route::{Access, Cors, Route, Surface};
use actix_web::web;

/// The REST half; gRPC does not come through the route tables, see [`Dispatch`](super::grpc::Dispatch).
pub static SURFACE: Surface = Surface {
    name: "scalekit",
    fronts: &[
        "/api/v1/organizations",
        "/api/v1/users",
        "/api/v1/memberships",
        "/api/v1/invites",
        "/api/v1/roles",
        "/api/v1/permissions",
        "/api/v1/sessions",
    ],
    routes: ROUTES,
    dialect,
    limited: false,
    in_popups: false,
};

/// Makes [`OPERATIONS`] and [`ROUTES`] of the same rows.
macro_rules! operations {
    ($($package:literal $service:literal {
        $($rpc:ident($request:literal) $($method:ident $path:literal $(body $body:literal)?),+;
            $effect:tt $scopes:tt => $handler:path;)*
    })*) => {
        /// All operations, in the order of this table.
        pub static OPERATIONS: &[Operation] = &[$($(
            operations!(@operation $package $service $rpc $request
                [$($method $path [$($body)?])+] $effect $scopes $handler),
        )*)*];

        /// The REST address of every operation.
        const ROUTES: &[Route] = &[$($($(
            Route {
                method: stringify!($method),
                path: $path,
                access: Access::Credential,
                action: operations!(@action $effect),
                safe: true,
                cors: Cors::Listed,
                #[cfg(test)]
                name: stringify!($rpc),
                // Its document comes from the messages of the RPC.
                #[cfg(test)]
                describe: |scribe| scribe.told.is_untyped = true,
                handler: || {
                    static OPERATION: Operation = operations!(@operation $package $service $rpc $request
                        [] $effect $scopes $handler);
                    static BINDING: Binding = operations!(@binding $method $path [$($body)?]);
                    web::route()
                        .to(|http, body, caller, seen, stack| serve(&OPERATION, &BINDING, http, body, (caller, seen), stack))
                },
            },
        )+)*)*];
    };
    (@operation $package:literal $service:literal $rpc:ident $request:literal
        [$($method:ident $path:literal [$($body:literal)?])*] $effect:tt [$($scope:literal)*] $handler:path) => {
        Operation {
            service: concat!($package, ".", $service),
            rpc: stringify!($rpc),
            request: concat!($package, ".", $request),
            bindings: &[$(operations!(@binding $method $path [$($body)?])),*],
            effect: operations!(@effect $effect),
            action: operations!(@action $effect),
            scopes: &[$($scope),*],
            binary: |call, request| Box::pin(binary(call, request, $handler)),
            json: |call, request| Box::pin(json(call, request, $handler)),
        }
    };
    (@effect Reads) => { Effect::Reads };
    (@effect (Writes $action:ident)) => { Effect::Writes };
    (@action Reads) => { None };
    (@action (Writes $action:ident)) => { Some(Action::$action) };
    (@binding $method:ident $path:literal [$($body:literal)?]) => {
        Binding { method: stringify!($method), path: $path, body: concat!("", $($body)?) }
    };
}

operations! {
    "scalekit.v1.organizations" "OrganizationService" {
        CreateOrganization("CreateOrganizationRequest")
            POST "/api/v1/organizations" body "organization";
            (Writes TenantCreate) ["organizations:write"] => organizations::create;
        UpdateOrganization("UpdateOrganizationRequest")
            PATCH "/api/v1/organizations/{id}" body "organization";
            (Writes TenantUpdate) ["organizations:write"] => organizations::update;
        GetOrganization("GetOrganizationRequest")
            GET "/api/v1/organizations/{id}";
            Reads ["organizations:read"] => organizations::get;
        GetOrganizationByExternalId("GetOrganizationRequest")
            GET "/api/v1/organizations:external/{external_id}";
            Reads ["organizations:read"] => organizations::get;
        ListOrganization("ListOrganizationsRequest")
            GET "/api/v1/organizations";
            Reads ["organizations:read"] => organizations::list;
        SearchOrganization("SearchOrganizationsRequest")
            GET "/api/v1/organizations:search";
            Reads ["organizations:read"] => organizations::search;
        DeleteOrganization("DeleteOrganizationRequest")
            DELETE "/api/v1/organizations/{id}";
            (Writes TenantDelete) ["organizations:delete"] => organizations::delete;
        GeneratePortalLink("GeneratePortalLinkRequest")
            PUT "/api/v1/organizations/{id}/portal_links";
            (Writes PortalLinkCreate) ["portal_links:manage"] => organizations::generate_portal_link;
        UpdateOrganizationSettings("UpdateOrganizationSettingsRequest")
            PATCH "/api/v1/organizations/{id}/settings" body "settings";
            (Writes TenantUpdate) ["organizations:write"] => organizations::update_settings;
        UpdateOrganizationSessionPolicy("UpdateOrganizationSessionPolicyRequest")
            PATCH "/api/v1/organizations/{organization_id}/session-policy" body "*";
            (Writes TenantUpdate) ["organizations:write"] => organizations::update_session_policy;
        GetOrganizationSessionPolicy("GetOrganizationSessionPolicyRequest")
            GET "/api/v1/organizations/{organization_id}/session-policy";
            Reads ["organizations:read"] => organizations::get_session_policy;
        UpsertUserManagementSettings("UpsertUserManagementSettingsRequest")
            PATCH "/api/v1/organizations/{organization_id}/settings/usermanagement" body "*";
            (Writes TenantUpdate) ["organizations:write"] => organizations::upsert_user_management;
        GetOrganizationUserManagementSetting("GetOrganizationUserManagementSettingsRequest")
            GET "/api/v1/organizations/{organization_id}/settings/usermanagement";
            Reads ["organizations:read"] => organizations::get_user_management;
    }
    "scalekit.v1.roles" "RolesService" {
        // Before the address of one role: `default` is none.
        UpdateDefaultRoles("UpdateDefaultRolesRequest")
            PATCH "/api/v1/roles:set_defaults" body "*",
            PATCH "/api/v1/roles/default" body "*";
            (Writes RoleDefaultsUpdate) ["app_authorization:write"] => roles::update_defaults;
        CreateRole("CreateRoleRequest")
            POST "/api/v1/roles" body "role";
            (Writes CustomRoleCreate) ["app_authorization:write"] => roles::create;
        UpdateRole("UpdateRoleRequest")
            PUT "/api/v1/roles/{role_name}" body "role";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::update;
        GetRole("GetRoleRequest")
            GET "/api/v1/roles/{role_name}";
            Reads ["app_authorization:read"] => roles::get;
        ListRoles("ListRolesRequest")
            GET "/api/v1/roles";
            Reads ["app_authorization:read"] => roles::list;
        DeleteRole("DeleteRoleRequest")
            DELETE "/api/v1/roles/{role_name}";
            (Writes CustomRoleDelete) ["app_authorization:write"] => roles::delete;
        CreateOrganizationRole("CreateOrganizationRoleRequest")
            POST "/api/v1/organizations/{org_id}/roles" body "role";
            (Writes CustomRoleCreate) ["app_authorization:write"] => roles::create_in_organization;
        UpdateOrganizationRole("UpdateOrganizationRoleRequest")
            PUT "/api/v1/organizations/{org_id}/roles/{role_name}" body "role";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::update_in_organization;
        GetOrganizationRole("GetOrganizationRoleRequest")
            GET "/api/v1/organizations/{org_id}/roles/{role_name}";
            Reads ["organizations:read"] => roles::get_in_organization;
        ListOrganizationRoles("ListOrganizationRolesRequest")
            GET "/api/v1/organizations/{org_id}/roles";
            Reads ["organizations:read"] => roles::list_in_organization;
        DeleteOrganizationRole("DeleteOrganizationRoleRequest")
            DELETE "/api/v1/organizations/{org_id}/roles/{role_name}";
            (Writes CustomRoleDelete) ["app_authorization:write"] => roles::delete_in_organization;
        GetRoleUsersCount("GetRoleUsersCountRequest")
            GET "/api/v1/roles/{role_name}/users:count";
            Reads ["app_authorization:read"] => roles::users_count;
        GetOrganizationRoleUsersCount("GetOrganizationRoleUsersCountRequest")
            GET "/api/v1/organizations/{org_id}/roles/{role_name}/users:count";
            Reads ["app_authorization:read"] => roles::users_count_in_organization;
        UpdateDefaultOrganizationRoles("UpdateDefaultOrganizationRolesRequest")
            PATCH "/api/v1/organizations/{org_id}/roles:set_defaults" body "*";
            (Writes RoleDefaultsUpdate) ["app_authorization:write"] => roles::update_organization_defaults;
        ListDependentRoles("ListDependentRolesRequest")
            GET "/api/v1/roles/{role_name}/dependents";
            Reads ["app_authorization:read"] => roles::list_dependents;
        DeleteRoleBase("DeleteRoleBaseRequest")
            DELETE "/api/v1/roles/{role_name}/base";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::delete_base;
        DeleteOrganizationRoleBase("DeleteOrganizationRoleBaseRequest")
            DELETE "/api/v1/organizations/{org_id}/roles/{role_name}/base";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::delete_base_in_organization;
        CreatePermission("CreatePermissionRequest")
            POST "/api/v1/permissions" body "permission";
            (Writes PermissionCreate) ["app_authorization:write"] => roles::permissions::create;
        GetPermission("GetPermissionRequest")
            GET "/api/v1/permissions/{permission_name}";
            Reads ["app_authorization:read"] => roles::permissions::get;
        UpdatePermission("UpdatePermissionRequest")
            PUT "/api/v1/permissions/{permission_name}" body "permission";
            (Writes PermissionUpdate) ["app_authorization:write"] => roles::permissions::update;
        ListPermissions("ListPermissionsRequest")
            GET "/api/v1/permissions";
            Reads ["app_authorization:read"] => roles::permissions::list;
        DeletePermission("DeletePermissionRequest")
            DELETE "/api/v1/permissions/{permission_name}";
            (Writes PermissionDelete) ["app_authorization:write"] => roles::permissions::delete;
        ListRolePermissions("ListRolePermissionsRequest")
            GET "/api/v1/roles/{role_name}/permissions";
            Reads ["app_authorization:read"] => roles::permissions_of;
        AddPermissionsToRole("AddPermissionsToRoleRequest")
            POST "/api/v1/roles/{role_name}/permissions" body "*";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::add_permissions;
        RemovePermissionFromRole("RemovePermissionFromRoleRequest")
            DELETE "/api/v1/roles/{role_name}/permissions/{permission_name}";
            (Writes CustomRoleUpdate) ["app_authorization:write"] => roles::remove_permission;
        ListEffectiveRolePermissions("ListEffectiveRolePermissionsRequest")
            GET "/api/v1/roles/{role_name}/permissions:all";
            Reads ["app_authorization:read"] => roles::effective_permissions;
    }
    "scalekit.v1.users" "UserService" {
        CreateUserAndMembership("CreateUserAndMembershipRequest")
            POST "/api/v1/organizations/{organization_id}/users" body "user";
            (Writes UserCreate) ["users:write"] => users::create;
        UpdateUser("UpdateUserRequest")
            PATCH "/api/v1/users/{id}" body "user",
            PATCH "/api/v1/users:external/{external_id}" body "user";
            (Writes UserUpdate) ["users:write"] => users::update;
        GetUser("GetUserRequest")
            GET "/api/v1/users/{id}",
            GET "/api/v1/users:external/{external_id}";
            Reads ["users:read"] => users::get;
        DeleteUser("DeleteUserRequest")
            DELETE "/api/v1/users/{id}",
            DELETE "/api/v1/users:external/{external_id}";
            (Writes UserDelete) ["users:delete"] => users::delete;
        ListUsers("ListUsersRequest")
            GET "/api/v1/users";
            Reads ["users:read"] => users::list;
        SearchUsers("SearchUsersRequest")
            GET "/api/v1/users:search";
            Reads ["users:read"] => users::search;
        ListOrganizationUsers("ListOrganizationUsersRequest")
            GET "/api/v1/organizations/{organization_id}/users";
            Reads ["users:read"] => users::list_of_organization;
        SearchOrganizationUsers("SearchOrganizationUsersRequest")
            GET "/api/v1/organizations/{organization_id}/users:search";
            Reads ["users:read"] => users::search_organization;
        CreateMembership("CreateMembershipRequest")
            POST "/api/v1/memberships/organizations/{organization_id}/users/{id}" body "membership",
            POST "/api/v1/memberships/organizations/{organization_id}/users:external/{external_id}" body "membership";
            (Writes MembershipCreate) ["users:write"] => users::create_membership;
        UpdateMembership("UpdateMembershipRequest")
            PATCH "/api/v1/memberships/organizations/{organization_id}/users/{id}" body "membership",
            PATCH "/api/v1/memberships/organizations/{organization_id}/users:external/{external_id}" body "membership";
            (Writes MembershipUpdate) ["users:write"] => users::update_membership;
        DeleteMembership("DeleteMembershipRequest")
            DELETE "/api/v1/memberships/organizations/{organization_id}/users/{id}",
            DELETE "/api/v1/memberships/organizations/{organization_id}/users:external/{external_id}";
            (Writes MembershipDelete) ["users:delete"] => users::delete_membership;
        ResendInvite("ResendInviteRequest")
            PATCH "/api/v1/invites/organizations/{organization_id}/users/{id}/resend" body "*";
            (Writes UserResendInvitation) ["users:write"] => users::resend_invite;
        ListUserRoles("ListUserRolesRequest")
            GET "/api/v1/organizations/{organization_id}/users/{user_id}/roles";
            Reads ["users:read"] => users::list_roles;
        AssignUserRoles("AssignUserRolesRequest")
            POST "/api/v1/organizations/{organization_id}/users/{user_id}/roles" body "roles";
            (Writes UserRoleUpdate) ["users:write"] => users::assign_roles;
        RemoveUserRole("RemoveUserRoleRequest")
            DELETE "/api/v1/organizations/{organization_id}/users/{user_id}/roles/{role_name}";
            (Writes UserRoleUpdate) ["users:write"] => users::remove_role;
        ListUserPermissions("ListUserPermissionsRequest")
            GET "/api/v1/organizations/{organization_id}/users/{user_id}/permissions";
            Reads ["users:read"] => users::list_permissions;
    }
    "scalekit.v1.sessions" "SessionService" {
        GetSession("SessionDetailsRequest")
            GET "/api/v1/sessions/{session_id}";
            Reads ["sessions:read"] => sessions::get;
        RevokeSession("RevokeSessionRequest")
            POST "/api/v1/sessions/{session_id}/revoke";
            (Writes SessionRevoke) ["sessions:revoke"] => sessions::revoke;
        GetUserSessions("UserSessionDetailsRequest")
            GET "/api/v1/users/{user_id}/sessions";
            Reads ["sessions:read"] => sessions::list;
        RevokeAllUserSessions("RevokeAllUserSessionsRequest")
            POST "/api/v1/users/{user_id}/sessions/revoke";
            (Writes SessionRevokeAll) ["sessions:revoke"] => sessions::revoke_all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::SDK_SCOPES;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_names_the_scopes_that_operations_ask_for() {
        let asked: BTreeSet<_> = OPERATIONS.iter().flat_map(|operation| operation.scopes).copied().collect();
        assert_eq!(asked, BTreeSet::from(SDK_SCOPES));
    }
}
