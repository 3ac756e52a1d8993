//! The OpenID conformance modules, by the names of the official suite, driven by a client that fills forms.
//!
//! A module is a function over a [`provider::Run`]: it panics where the suite fails and notes where the suite warns. The
//! plans are run against this server in [`ours`], and against any other provider by [`calibrate`]. The README beside this
//! file says what differed there.

mod abuse;
mod basic;
pub mod browser;
mod calibrate;
mod config;
mod logout;
mod ours;
mod page;
pub mod person;
mod provider;
mod rp;

/// A module and its name.
type Module = (&'static str, fn(&provider::Run<'_>));

use abuse::*;
use basic::claims::*;
use basic::code::*;
use basic::request::*;
use basic::session::*;
use browser::Via;
use config::*;
use logout::*;
use ours::Flavour;

/// The table of a plan.
macro_rules! table {
    ($name:ident: $($module:ident)+) => {
        const $name: &[Module] = &[$((stringify!($module), $module)),+];
    };
}

/// A test for each module of a plan.
macro_rules! tests {
    ($plan:ident, $flavour:ident, $mode:ident: $($module:ident)+) => {
        mod $plan {
            $(#[test]
            fn $module() {
                super::ours::passes(super::Flavour::$flavour, super::Via::$mode, super::$module);
            })+
        }
    };
}

/// The Basic OP plan. With `response_mode=form_post` it is the Form Post OP plan.
macro_rules! basic {
    ($with:ident! $($how:tt)+) => {
        $with! { $($how)+:
            oidcc_server
            oidcc_response_type_missing
            oidcc_idtoken_signature
            oidcc_idtoken_unsigned
            oidcc_userinfo_get
            oidcc_userinfo_post_header
            oidcc_userinfo_post_body
            oidcc_ensure_request_without_nonce_succeeds_for_code_flow
            oidcc_scope_profile
            oidcc_scope_email
            oidcc_scope_address
            oidcc_scope_phone
            oidcc_scope_all
            oidcc_alternate_happy_flow
            oidcc_display_page
            oidcc_display_popup
            oidcc_prompt_login
            oidcc_prompt_none_not_logged_in
            oidcc_prompt_none_logged_in
            oidcc_max_age_1
            oidcc_max_age_10000
            oidcc_ensure_request_with_unknown_parameter_succeeds
            oidcc_id_token_hint
            oidcc_login_hint
            oidcc_ui_locales
            oidcc_claims_locales
            oidcc_ensure_request_with_acr_values_succeeds
            oidcc_codereuse
            oidcc_ensure_registered_redirect_uri
            oidcc_ensure_post_request_succeeds
            oidcc_server_client_secret_post
            oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported
            oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported
            oidcc_claims_essential
            oidcc_ensure_request_object_with_redirect_uri
            oidcc_refresh_token
            oidcc_ensure_request_with_valid_pkce_succeeds
        }
    };
}

macro_rules! config {
    ($with:ident! $($how:tt)+) => {
        $with! { $($how)+: oidcc_discovery_endpoint_verification }
    };
}

macro_rules! logout {
    ($with:ident! $($how:tt)+) => {
        $with! { $($how)+:
            oidcc_rp_initiated_logout_discovery_endpoint_verification
            oidcc_rp_initiated_logout
            oidcc_rp_initiated_logout_bad_post_logout_redirect_uri
            oidcc_rp_initiated_logout_modified_id_token_hint
            oidcc_rp_initiated_logout_no_id_token_hint
            oidcc_rp_initiated_logout_no_params
            oidcc_rp_initiated_logout_no_post_logout_redirect_uri
            oidcc_rp_initiated_logout_no_state
            oidcc_rp_initiated_logout_only_state
            oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri
            oidcc_rp_initiated_logout_bad_id_token_hint
        }
    };
}

macro_rules! abuse {
    ($with:ident! $($how:tt)+) => {
        $with! { $($how)+:
            a_wrong_verifier_ends_the_code
            a_missing_verifier_is_refused
            a_verifier_without_a_challenge_is_refused
            a_code_is_for_one_client
            a_code_is_for_one_redirect_uri
            an_id_token_is_no_access_token
            introspection_wants_a_client_and_tells_nothing_else
            nobody_revokes_the_token_of_another_client
            a_replay_after_use_ends_the_family
            a_refresh_asks_for_no_more
        }
    };
}

basic!(table! BASIC);
config!(table! CONFIG);
logout!(table! LOGOUT);
abuse!(table! ABUSE);

/// The modules that wait; only the calibration runs them.
const WAITING: &[Module] = &[("oidcc_codereuse_30seconds", oidcc_codereuse_30seconds)];

basic!(tests! basic_op, Platform, Query);
basic!(tests! form_post_op, Tenant, FormPost);
config!(tests! config_op, Platform, Query);
config!(tests! config_op_of_a_tenant, Tenant, Query);
logout!(tests! rp_initiated_logout, Platform, Query);
abuse!(tests! in_the_wrong_hands, Tenant, Query);

#[test]
#[ignore = "waits half a minute"]
fn oidcc_codereuse_after_30_seconds() {
    ours::passes(Flavour::Platform, Via::Query, oidcc_codereuse_30seconds);
}
