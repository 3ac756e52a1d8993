//! The pages before somebody is signed in, as markup.

use crate::base::Secret;
use crate::http::kit::parts::{
    Field, Form, Tone, app_setup, bare, code, code_field, form_error, head, hidden, notice, recovery_codes,
    sign_in_error,
};
use crate::mfa::Setup;
use maud::{Markup, html};

/// The page that asks for e-mail address and password; `door` is its address.
pub(super) fn sign_in(form: &Form, csrf: &str, door: &str, setup_needed: bool) -> Markup {
    bare(
        "Sign in",
        &html! {
            (head(if door == "/account/sign-in" { "Sign in to your account" } else { "Sign in" }, ""))
            @if setup_needed {
                (notice(Tone::Info, &html! {
                    p { strong { "There is no administrator yet." } }
                    p { "Open the setup link that the server printed when it started." }
                }))
            }
            (sign_in_error(form))
            form.form.card method="post" action=(door) {
                (hidden("csrf", csrf))
                @if !form.value("next").is_empty() { (hidden("next", form.value("next"))) }
                (Field::input(form, "email", "email", "E-mail").attr("autocomplete", "username").attr("autocapitalize", "off")
                    .focus_if(form.value("email").is_empty()))
                (Field::password(form, "password", "Password").attr("autocomplete", "current-password")
                    .focus_if(!form.value("email").is_empty()))
                button.primary.full { "Sign in" }
            }
            p.small { a href="/login/forgot-password" { "Forgot your password?" } }
        },
    )
}

/// Asking for a code.
pub(super) fn second_factor(form: &Form, csrf: &str, door: &str) -> Markup {
    bare(
        "Confirm that it is you",
        &html! {
            (head("Confirm that it is you", "Your account has a second factor."))
            (sign_in_error(form))
            form.form.card method="post" action={ (door) "/code" } {
                (step(form, csrf))
                (code_field(form, true).attr("autofocus", ""))
                button.primary.full { "Sign in" }
            }
            p.small { a href=(door) { "Sign in as somebody else" } }
        },
    )
}

fn step(form: &Form, csrf: &str) -> Markup {
    html! {
        (hidden("csrf", csrf))
        (hidden("mfa_token", form.value("mfa_token")))
        (hidden("next", form.value("next")))
    }
}

/// Setting an app up before one comes in.
pub(super) fn enrol(form: &Form, setup: &Setup, csrf: &str, door: &str) -> Markup {
    bare(
        "Set up a second factor",
        &html! {
            (head("Set up a second factor", "Your organisation asks for one at every sign-in."))
            (sign_in_error(form))
            form.form.card method="post" action={ (door) "/enrol" } {
                (step(form, csrf))
                (app_setup(setup))
                (code_field(form, false).focus_if(!form.is_good()))
                button.primary.full { "Turn it on and sign in" }
            }
            p.small { a href=(door) { "Sign in as somebody else" } }
        },
    )
}

/// The recovery codes of somebody who has just come in.
pub(super) fn enrolled(codes: &[Secret<String>], next: &str) -> Markup {
    bare(
        "Recovery codes",
        &html! {
            (head("Your second factor is on", "You are signed in. One thing more:"))
            (recovery_codes(codes))
            a.button.primary.full href=(next) { "I have kept them" }
        },
    )
}

/// Making the first administrator.
pub(super) fn setup(form: &Form, token: &str, csrf: &str) -> Markup {
    bare(
        "Set up",
        &html! {
            (head("Set up scaistack", "Make the first administrator. This link works once."))
            (form_error(form))
            form.form.card method="post" action="/setup" {
                (hidden("csrf", csrf))
                (hidden("token", token))
                (Field::input(form, "email", "email", "E-mail").attr("autocomplete", "username").attr("autocapitalize", "off")
                    .help("You sign in with it. Nothing is sent to it."))
                (Field::text(form, "name", "Name").attr("autocomplete", "name").attr("maxlength", "200"))
                (Field::password(form, "password", "Password").attr("autocomplete", "new-password")
                    .attr("minlength", "8").attr("maxlength", "128").reveal()
                    .help("8 to 128 characters. A few words are easier to remember than signs."))
                button.primary.full { "Create administrator" }
            }
        },
    )
}

/// A setup link that does not work, and the way back in.
pub(super) fn setup_refused(message: &str) -> Markup {
    bare(
        "Set up",
        &html! {
            (head("This link does not work", ""))
            (notice(Tone::Warn, &html! { p data-message { (message) "." } }))
            section.card {
                p { "If nobody can sign in, make a new link on the machine where the server runs:" }
                (code("recover", "scaistack recover-admin"))
                div.actions { a.button.primary href="/admin/sign-in" { "Sign in" } }
            }
        },
    )
}
