//! The OAuth and OpenID Connect endpoints that programs call: token, introspection, revocation, userinfo, metadata and keys. What
//! is decided, [`crate::oauth`] decides. The pages of a sign-in stand in `hosted`.
//!
//! They come in three flavours, each with an issuer of its own: the platform's and each tenant's, at ScaiKey's addresses, and
//! the environment's, at Scalekit's, with the public address itself as its issuer.

mod discovery;
mod form;
mod given;
mod token;
mod userinfo;

use super::route::Cors;
use super::route::Surface;
use crate::base::{Kind, Problem};
use crate::page;
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// What a handler is handed of the services.
type Services = web::Data<Stack>;

/// The routes. Those of the token endpoint stand first, for they are asked for most.
pub static SURFACE: Surface = Surface {
    name: "oauth",
    fronts: &[
        "/api/v1/platform/oauth/",
        "/platform/",
        "/tenants/",
        "/.well-known/",
        "/oauth/",
        "//oauth/",
        "/keys",
        "/userinfo",
        "/revoke",
        "/oidc/",
        "/end_session",
    ],
    routes: &[
        page!(POST "/api/v1/platform/oauth/token" Public token::platform).open_to(Cors::Registered),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/token" Public token::tenant).open_to(Cors::Registered),
        page!(POST "/api/v1/platform/oauth/introspect" Public given::platform_introspect),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/introspect" Public given::tenant_introspect),
        page!(POST "/api/v1/platform/oauth/revoke" Public given::platform_revoke).open_to(Cors::Registered),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/revoke" Public given::tenant_revoke).open_to(Cors::Registered),
        page!(GET "/api/v1/platform/oauth/userinfo" Public userinfo::platform).open_to(Cors::Registered),
        page!(POST "/api/v1/platform/oauth/userinfo" Public userinfo::platform).open_to(Cors::Registered),
        page!(GET "/api/v1/auth/tenants/{slug}/oauth/userinfo" Public userinfo::tenant).open_to(Cors::Registered),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/userinfo" Public userinfo::tenant).open_to(Cors::Registered),
        page!(GET "/api/v1/platform/.well-known/jwks.json" Public discovery::platform_keys).open_to(Cors::Everyone),
        page!(GET "/api/v1/auth/tenants/{slug}/.well-known/jwks.json" Public discovery::tenant_keys)
            .open_to(Cors::Everyone),
        page!(GET "/api/v1/platform/oauth/.well-known/openid-configuration" Public discovery::platform)
            .open_to(Cors::Everyone),
        page!(GET "/api/v1/auth/tenants/{slug}/.well-known/openid-configuration" Public discovery::tenant)
            .open_to(Cors::Everyone),
        // Where OpenID Connect Discovery §4 and RFC 8414 §3.1 look from the issuers.
        page!(GET "/platform/.well-known/openid-configuration" Public discovery::platform).open_to(Cors::Everyone),
        page!(GET "/.well-known/openid-configuration/platform" Public discovery::platform).open_to(Cors::Everyone),
        page!(GET "/.well-known/oauth-authorization-server/platform" Public discovery::platform)
            .open_to(Cors::Everyone),
        page!(GET "/tenants/{id}/.well-known/openid-configuration" Public discovery::tenant_by_id)
            .open_to(Cors::Everyone),
        page!(GET "/.well-known/openid-configuration/tenants/{id}" Public discovery::tenant_by_id)
            .open_to(Cors::Everyone),
        page!(GET "/.well-known/oauth-authorization-server/tenants/{id}" Public discovery::tenant_by_id)
            .open_to(Cors::Everyone),
        page!(POST "/oauth/token" Public token::environment).open_to(Cors::Registered),
        // The SDK for Python puts "/oauth/token" behind an environment URL that may end in a slash.
        page!(POST "//oauth/token" Public token::environment).open_to(Cors::Registered),
        page!(GET "/keys" Public discovery::environment_keys).open_to(Cors::Everyone),
        page!(GET "//keys" Public discovery::environment_keys).open_to(Cors::Everyone),
        page!(POST "/oauth/introspect" Public given::environment_introspect),
        page!(POST "/revoke" Public given::environment_revoke).open_to(Cors::Registered),
        page!(GET "/userinfo" Public userinfo::environment).open_to(Cors::Registered),
        page!(POST "/userinfo" Public userinfo::environment).open_to(Cors::Registered),
        page!(GET "/.well-known/openid-configuration" Public discovery::environment).open_to(Cors::Everyone),
        page!(GET "/.well-known/oauth-authorization-server" Public discovery::environment).open_to(Cors::Everyone),
    ],
    dialect,
    limited: false,
};

/// RFC 6749 §5.2: `{"error", "error_description"}`.
pub fn dialect(problem: &Problem, _: &HttpRequest) -> HttpResponse {
    let error = match problem.kind {
        Kind::Internal => "server_error",
        Kind::Busy { .. } | Kind::RateLimited { .. } => "temporarily_unavailable",
        Kind::Unauthenticated => "invalid_client",
        Kind::Forbidden => "access_denied",
        Kind::Malformed | Kind::Invalid | Kind::NotFound | Kind::Conflict | Kind::Stale | Kind::TooLarge => {
            "invalid_request"
        }
    };
    crate::http::answer_to(problem).json(json!({ "error": error, "error_description": problem.message }))
}
