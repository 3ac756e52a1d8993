//! The provider at the root, with the public address itself as its issuer (Scalekit's environment): the handlers of
//! ScaiKey's endpoints in a third flavour. The pages of a sign-in stand with the others, in `hosted`.

use crate::base::{Kind, Problem};
use crate::http::route::Surface;
use crate::http::scaikey::{discovery, oauth};
use crate::route;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The routes of the environment's provider.
pub static SURFACE: Surface = Surface {
    name: "scalekit-oauth",
    fronts: &["/oauth/", "//oauth/", "/keys", "/userinfo", "/revoke", "/oidc/", "/end_session"],
    routes: &[
        route!(POST "/oauth/token" Public oauth::environment_token),
        // The SDK for Python puts "/oauth/token" behind an environment URL that may end in a slash.
        route!(POST "//oauth/token" Public oauth::environment_token),
        route!(GET "/keys" Public discovery::environment_keys),
        route!(GET "//keys" Public discovery::environment_keys),
        route!(POST "/oauth/introspect" Public oauth::given::environment_introspect),
        route!(POST "/revoke" Public oauth::given::environment_revoke),
        route!(GET "/userinfo" Public oauth::userinfo::environment),
        route!(POST "/userinfo" Public oauth::userinfo::environment),
        route!(OPTIONS "/oauth/token" Public oauth::cors::preflight),
        route!(OPTIONS "/revoke" Public oauth::cors::preflight),
        route!(OPTIONS "/userinfo" Public oauth::cors::preflight),
        route!(GET "/.well-known/openid-configuration" Public discovery::environment),
        route!(GET "/.well-known/oauth-authorization-server" Public discovery::environment),
    ],
    dialect,
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
