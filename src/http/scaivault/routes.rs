//! The addresses of ScaiVault.

use super::{auth, dialect, secrets};
use crate::http::route::Surface;
use crate::route;

/// The routes. The hot ones stand first.
pub static SURFACE: Surface = Surface {
    name: "scaivault",
    fronts: &["/v1/"],
    routes: &[
        route!(GET "/v1/secrets" Credential secrets::list => SecretList),
        route!(GET "/v1/secrets/{path:.*}" Credential secrets::read => SecretRead),
        route!(PUT "/v1/secrets/{path:.*}" Credential secrets::write => SecretWrite),
        route!(DELETE "/v1/secrets/{path:.*}" Credential secrets::delete => SecretDelete),
        route!(POST "/v1/secrets/{path:.*}" Credential secrets::act => SecretRestore),
        route!(GET "/v1/auth/whoami" Credential auth::whoami),
    ],
    dialect,
    limited: false,
    in_popups: false,
};
