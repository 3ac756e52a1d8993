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
        GetOrganization("GetOrganizationRequest")
            GET "/api/v1/organizations/{id}";
            Reads ["organizations:read"] => organizations::get;
    }
}
