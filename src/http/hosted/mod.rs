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

#[cfg(test)]
pub(super) use view::FORM_POST_SCRIPT;

use super::route::Surface;
use crate::route;

/// The routes of the pages that applications send people to.
pub static SURFACE: Surface = Surface {
    name: "hosted",
    fronts: &["/login", "/logout"],
    routes: &[
        route!(GET "/api/v1/platform/oauth/authorize" Public authorize::platform),
        route!(POST "/api/v1/platform/oauth/authorize" Public authorize::posted),
        route!(GET "/api/v1/auth/tenants/{slug}/oauth/authorize" Public authorize::tenant),
        route!(POST "/api/v1/auth/tenants/{slug}/oauth/authorize" Public authorize::posted),
        route!(GET "/api/v1/platform/oauth/logout" Public logout::platform),
        route!(POST "/api/v1/platform/oauth/logout" Public logout::posted),
        route!(GET "/api/v1/auth/tenants/{slug}/oauth/logout" Public logout::tenant),
        route!(POST "/api/v1/auth/tenants/{slug}/oauth/logout" Public logout::posted),
        route!(GET "/oauth/authorize" Public authorize::environment),
        route!(POST "/oauth/authorize" Public authorize::posted),
        // A trailing slash in the environment URL of an SDK makes two of this one.
        route!(GET "//oauth/authorize" Public authorize::environment),
        route!(GET "/oidc/logout" Public logout::environment),
        route!(POST "/oidc/logout" Public logout::posted),
        route!(GET "//oidc/logout" Public logout::environment),
        route!(GET "/end_session" Public logout::environment),
        route!(POST "/end_session" Public logout::posted),
        route!(GET "/login" Public login::page),
        route!(POST "/login/email" Public login::email),
        route!(POST "/login/password" Public login::password),
        route!(POST "/login/code" Public login::code),
        route!(POST "/login/enrol" Public login::enrol),
        route!(POST "/login/account" Public login::account),
        route!(POST "/login/consent" Public login::consent),
        route!(POST "/login/cancel" Public login::cancel),
        route!(POST "/logout" Public logout::submit),
    ],
    dialect: super::ui::error::dialect,
};
