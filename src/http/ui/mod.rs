//! The pages: one admin UI over the four systems, in HTML that works without a script.
//!
//! `parts` are what pages are made of; `pages` has a folder per noun, which calls the services that the JSON surfaces call.
//! Every change is a form that posts, with a token against other sites' forms, and is answered with 303; htmx makes searches
//! and questions quicker where a script may run.

mod assets;
pub(super) mod context;
pub(super) mod cookie;
pub(super) mod csrf;
pub(super) mod error;
pub(super) mod form;
mod nav;
mod pages;
pub(super) mod parts;
#[cfg(test)]
pub(super) mod testing;
pub(super) mod visit;

use super::route::Surface;
use crate::route;
use pages::{
    account, api_keys, applications, audit, groups, home, limits, outbox, secrets, sessions, setup, sign_in,
    sign_in_code, tokens, users,
};

/// The routes.
pub static SURFACE: Surface = Surface {
    name: "ui",
    fronts: &["/"],
    routes: &[
        route!(GET "/" Public sign_in::root),
        route!(GET "/assets/{name}" Public assets::serve),
        route!(GET "/setup" Public setup::page),
        route!(POST "/setup" Public setup::submit),
        route!(GET "/admin/sign-in" Public sign_in::page),
        route!(POST "/admin/sign-in" Public sign_in::submit),
        route!(POST "/admin/sign-in/code" Public sign_in_code::code),
        route!(POST "/admin/sign-in/enrol" Public sign_in_code::enrol),
        route!(POST "/admin/sign-out" Session sign_in::sign_out),
        route!(GET "/account" Session account::profile),
        route!(POST "/account" Session account::save_profile),
        route!(GET "/account/confirm" Session account::confirm_page),
        route!(POST "/account/confirm" Session account::confirm),
        route!(GET "/account/password" Session account::password_page),
        route!(POST "/account/password" Session account::change_password),
        route!(GET "/account/factors" Session account::factors),
        route!(GET "/account/factors/setup" Session account::setup_page),
        route!(POST "/account/factors/setup" Session account::set_up_app),
        route!(GET "/account/factors/codes" Session account::codes),
        route!(GET "/account/factors/new-codes" Session account::new_codes_page),
        route!(POST "/account/factors/new-codes" Session account::new_codes),
        route!(GET "/account/factors/disable" Session account::disable_page),
        route!(POST "/account/factors/disable" Session account::disable),
        route!(GET "/account/sessions" Session account::sessions),
        route!(POST "/account/sessions/end-others" Session account::end_other_sessions),
        route!(POST "/account/sessions/{id}/end" Session account::end_session),
        route!(GET "/account/apps" Session account::apps),
        route!(GET "/account/apps/{client_id}/revoke" Session account::revoke_app_page),
        route!(POST "/account/apps/{client_id}/revoke" Session account::revoke_app),
        route!(GET "/admin" Session home::page),
        route!(GET "/admin/applications" Session applications::list),
        route!(GET "/admin/applications/create" Session applications::create_page),
        route!(POST "/admin/applications/create" Session applications::create),
        route!(GET "/admin/applications/{id}" Session applications::one),
        route!(GET "/admin/applications/{id}/credentials" Session applications::credentials),
        route!(GET "/admin/applications/{id}/edit" Session applications::edit_page),
        route!(POST "/admin/applications/{id}/edit" Session applications::edit),
        route!(POST "/admin/applications/{id}/redirect-uris" Session applications::add_redirect_uri),
        route!(POST "/admin/applications/{id}/enable" Session applications::enable),
        route!(POST "/admin/applications/{id}/disable" Session applications::disable),
        route!(GET "/admin/applications/{id}/rotate" Session applications::rotate_page),
        route!(POST "/admin/applications/{id}/rotate" Session applications::rotate),
        route!(GET "/admin/applications/{id}/delete" Session applications::delete_page),
        route!(POST "/admin/applications/{id}/delete" Session applications::delete),
        route!(POST "/admin/applications/{id}/secrets/{secret}/revoke" Session applications::revoke_secret),
        route!(GET "/admin/access/api-keys" Session api_keys::list),
        route!(GET "/admin/access/api-keys/create" Session api_keys::create_page),
        route!(POST "/admin/access/api-keys/create" Session api_keys::create),
        route!(GET "/admin/access/api-keys/{id}" Session api_keys::one),
        route!(GET "/admin/access/api-keys/{id}/created" Session api_keys::created),
        route!(POST "/admin/access/api-keys/{id}/disable" Session api_keys::disable),
        route!(POST "/admin/access/api-keys/{id}/enable" Session api_keys::enable),
        route!(GET "/admin/access/api-keys/{id}/reroll" Session api_keys::reroll_page),
        route!(POST "/admin/access/api-keys/{id}/reroll" Session api_keys::reroll),
        route!(GET "/admin/access/api-keys/{id}/revoke" Session api_keys::revoke_page),
        route!(POST "/admin/access/api-keys/{id}/revoke" Session api_keys::revoke),
        route!(GET "/admin/access/limits" Session limits::page),
        route!(POST "/admin/access/limits" Session limits::set),
        route!(GET "/admin/people/users" Session users::list),
        route!(GET "/admin/people/users/create" Session users::create_page),
        route!(POST "/admin/people/users/create" Session users::create),
        route!(GET "/admin/people/users/{id}" Session users::one),
        route!(GET "/admin/people/users/{id}/edit" Session users::edit_page),
        route!(POST "/admin/people/users/{id}/edit" Session users::edit),
        route!(POST "/admin/people/users/{id}/enable" Session users::enable),
        route!(POST "/admin/people/users/{id}/disable" Session users::disable),
        route!(GET "/admin/people/users/{id}/reset-password" Session users::send_reset_page),
        route!(POST "/admin/people/users/{id}/reset-password" Session users::send_reset),
        route!(POST "/admin/people/users/{id}/resend-invitation" Session users::resend),
        route!(POST "/admin/people/users/{id}/end-sessions" Session users::end_sessions),
        route!(GET "/admin/people/users/{id}/delete" Session users::delete_page),
        route!(POST "/admin/people/users/{id}/delete" Session users::delete),
        route!(GET "/admin/people/groups" Session groups::list),
        route!(GET "/admin/people/groups/create" Session groups::create_page),
        route!(POST "/admin/people/groups/create" Session groups::create),
        route!(GET "/admin/people/groups/{id}" Session groups::one),
        route!(POST "/admin/people/groups/{id}/add" Session groups::add),
        route!(POST "/admin/people/groups/{id}/remove" Session groups::remove),
        route!(GET "/admin/people/groups/{id}/delete" Session groups::delete_page),
        route!(POST "/admin/people/groups/{id}/delete" Session groups::delete),
        route!(GET "/admin/people/sessions" Session sessions::list),
        route!(POST "/admin/people/sessions/{id}/end" Session sessions::end),
        route!(GET "/admin/settings/outbox" Session outbox::list),
        route!(GET "/admin/settings/outbox/{id}" Session outbox::one),
        route!(POST "/admin/settings/outbox/{id}/open" Session outbox::open),
        route!(POST "/admin/settings/outbox/{id}/retry" Session outbox::retry),
        route!(POST "/admin/settings/outbox/{id}/delete" Session outbox::delete),
        route!(GET "/admin/access/personal-tokens" Session tokens::list),
        route!(GET "/admin/access/personal-tokens/create" Session tokens::create_page),
        route!(POST "/admin/access/personal-tokens/create" Session tokens::create),
        route!(GET "/admin/access/personal-tokens/{id}/created" Session tokens::created),
        route!(GET "/admin/access/personal-tokens/{id}/revoke" Session tokens::revoke_page),
        route!(POST "/admin/access/personal-tokens/{id}/revoke" Session tokens::revoke),
        route!(GET "/admin/secrets" Session secrets::browse),
        route!(GET "/admin/secrets/one" Session secrets::one),
        route!(POST "/admin/secrets/reveal" Session secrets::reveal),
        route!(GET "/admin/secrets/diff" Session secrets::diff),
        route!(GET "/admin/secrets/write" Session secrets::write_page),
        route!(POST "/admin/secrets/write" Session secrets::write),
        route!(GET "/admin/secrets/delete" Session secrets::delete_page),
        route!(POST "/admin/secrets/delete" Session secrets::delete),
        route!(GET "/admin/secrets/trash" Session secrets::trash),
        route!(POST "/admin/secrets/restore" Session secrets::restore),
        route!(GET "/admin/audit" Session audit::list),
        route!(GET "/admin/audit/export.csv" Session audit::export),
        route!(GET "/admin/audit/{number}" Session audit::one),
    ],
    dialect: error::dialect,
};
