//! The addresses that applications send people to, and those of the pages that they see there.

use super::refused::dialect;
use super::{authorize, login, logout};
use crate::http::route::Surface;
use crate::page;

/// The routes of the pages that applications send people to.
pub static SURFACE: Surface = Surface {
    name: "hosted",
    fronts: &["/login", "/logout"],
    routes: &[
        page!(GET "/api/v1/platform/oauth/authorize" Public authorize::platform).not_safe(),
        page!(POST "/api/v1/platform/oauth/authorize" Public authorize::posted),
        page!(GET "/api/v1/auth/tenants/{slug}/oauth/authorize" Public authorize::tenant).not_safe(),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/authorize" Public authorize::posted),
        page!(GET "/api/v1/platform/oauth/logout" Public logout::platform).not_safe(),
        page!(POST "/api/v1/platform/oauth/logout" Public logout::posted),
        page!(GET "/api/v1/auth/tenants/{slug}/oauth/logout" Public logout::tenant).not_safe(),
        page!(POST "/api/v1/auth/tenants/{slug}/oauth/logout" Public logout::posted),
        page!(GET "/oauth/authorize" Public authorize::environment).not_safe(),
        page!(POST "/oauth/authorize" Public authorize::posted),
        // A trailing slash in the environment URL of an SDK makes two of this one.
        page!(GET "//oauth/authorize" Public authorize::environment).not_safe(),
        page!(GET "/oidc/logout" Public logout::environment).not_safe(),
        page!(POST "/oidc/logout" Public logout::posted),
        page!(GET "//oidc/logout" Public logout::environment).not_safe(),
        page!(GET "/end_session" Public logout::environment).not_safe(),
        page!(POST "/end_session" Public logout::posted),
        page!(GET "/login" Public login::page).not_safe(),
        page!(POST "/login" Public login::carried),
        page!(POST "/login/email" Public login::email),
        page!(POST "/login/password" Public login::password),
        page!(POST "/login/code" Public login::code),
        page!(POST "/login/enrol" Public login::enrol),
        page!(POST "/login/account" Public login::account),
        page!(POST "/login/consent" Public login::consent),
        page!(POST "/login/cancel" Public login::cancel),
        page!(POST "/logout" Public logout::submit),
    ],
    dialect,
    limited: false,
    in_popups: true,
};
