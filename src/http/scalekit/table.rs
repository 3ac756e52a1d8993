//! The only list of operations. A row: RPC, request message, REST addresses with the field that the body is, effect, finer
//! scopes, handler. Another operation is another row and its handler.

use super::operation::{Binding, Effect, Operation, binary, json};
use super::organizations;
use super::rest::serve;
use crate::http::route::{Access, Route};
use actix_web::web;

/// Makes [`OPERATIONS`] and [`ROUTES`] of the same rows.
macro_rules! operations {
    ($($package:literal $service:literal {
        $($rpc:ident($request:literal) $($method:ident $path:literal $(body $body:literal)?),+;
            $effect:ident $scopes:tt => $handler:path;)*
    })*) => {
        /// All operations.
        pub static OPERATIONS: &[Operation] = &[$($(
            operations!(@operation $package $service $rpc $request
                [$($method $path [$($body)?])+] $effect $scopes $handler),
        )*)*];

        /// The REST address of every operation.
        pub(super) const ROUTES: &[Route] = &[$($($(
            Route {
                method: stringify!($method),
                path: $path,
                access: Access::Credential,
                handler: || {
                    static OPERATION: Operation = operations!(@operation $package $service $rpc $request
                        [] $effect $scopes $handler);
                    static BINDING: Binding = operations!(@binding $method $path [$($body)?]);
                    web::route().to(|http, body, caller, stack| serve(&OPERATION, &BINDING, http, body, caller, stack))
                },
            },
        )+)*)*];
    };
    (@operation $package:literal $service:literal $rpc:ident $request:literal
        [$($method:ident $path:literal [$($body:literal)?])*] $effect:ident [$($scope:literal)*] $handler:path) => {
        Operation {
            service: concat!($package, ".", $service),
            rpc: stringify!($rpc),
            request: concat!($package, ".", $request),
            bindings: &[$(operations!(@binding $method $path [$($body)?])),*],
            effect: Effect::$effect,
            scopes: &[$($scope),*],
            binary: |call, request| Box::pin(binary(call, request, $handler)),
            json: |call, request| Box::pin(json(call, request, $handler)),
        }
    };
    (@binding $method:ident $path:literal [$($body:literal)?]) => {
        Binding { method: stringify!($method), path: $path, body: concat!("", $($body)?) }
    };
}

operations! {
    "scalekit.v1.organizations" "OrganizationService" {
        CreateOrganization("CreateOrganizationRequest")
            POST "/api/v1/organizations" body "organization";
            Writes ["organizations:write"] => organizations::create;
        UpdateOrganization("UpdateOrganizationRequest")
            PATCH "/api/v1/organizations/{id}" body "organization";
            Writes ["organizations:write"] => organizations::update;
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
            Writes ["organizations:delete"] => organizations::delete;
        GeneratePortalLink("GeneratePortalLinkRequest")
            PUT "/api/v1/organizations/{id}/portal_links";
            Writes ["portal_links:manage"] => organizations::generate_portal_link;
        UpdateOrganizationSettings("UpdateOrganizationSettingsRequest")
            PATCH "/api/v1/organizations/{id}/settings" body "settings";
            Writes ["organizations:write"] => organizations::update_settings;
        UpdateOrganizationSessionPolicy("UpdateOrganizationSessionPolicyRequest")
            PATCH "/api/v1/organizations/{organization_id}/session-policy" body "*";
            Writes ["organizations:write"] => organizations::update_session_policy;
        GetOrganizationSessionPolicy("GetOrganizationSessionPolicyRequest")
            GET "/api/v1/organizations/{organization_id}/session-policy";
            Reads ["organizations:read"] => organizations::get_session_policy;
        UpsertUserManagementSettings("UpsertUserManagementSettingsRequest")
            PATCH "/api/v1/organizations/{organization_id}/settings/usermanagement" body "*";
            Writes ["organizations:write"] => organizations::upsert_user_management;
        GetOrganizationUserManagementSetting("GetOrganizationUserManagementSettingsRequest")
            GET "/api/v1/organizations/{organization_id}/settings/usermanagement";
            Reads ["organizations:read"] => organizations::get_user_management;
    }
}
