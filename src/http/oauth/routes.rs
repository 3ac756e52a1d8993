//! The addresses of the OAuth endpoints that programs call.

use super::{dialect, discovery, given, token, userinfo};
use crate::http::route::{Cors, Surface};
use crate::page;

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
        page!(GET "/oauth/keys" Public discovery::platform_keys).open_to(Cors::Everyone),
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
    in_popups: false,
};
