//! The pages that applications send people to: signing in, agreeing, choosing an account, signing out.
//!
//! An authorization request is checked by `oauth::authorize`, then sealed for this browser and carried from page to page
//! ([`interaction`]); nothing of it is stored. `/login` shows the page that is due, each form posts to its own address and is
//! answered with 303, and in the end the client gets its code.

mod authorize;
mod finish;
mod interaction;
pub(super) mod links;
mod login;
mod logout;
pub(super) mod portal;
pub(super) mod program;
mod refused;
mod show;
#[cfg(test)]
pub(super) mod tests;
mod view;
mod visitor;

pub(super) use view::lost as over;

use super::route::Surface;
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
        page!(POST "/login/email" Public login::email),
        page!(POST "/login/password" Public login::password),
        page!(POST "/login/code" Public login::code),
        page!(POST "/login/enrol" Public login::enrol),
        page!(POST "/login/account" Public login::account),
        page!(POST "/login/consent" Public login::consent),
        page!(POST "/login/cancel" Public login::cancel),
        page!(POST "/logout" Public logout::submit),
    ],
    dialect: super::kit::error::dialect,
    limited: false,
};
