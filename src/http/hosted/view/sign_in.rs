//! Who it is, the password, the second factor.

use super::Scene;
use crate::base::Secret;
use crate::http::kit::parts::{
    Field, Form, Tone, app_setup, bare, code_field, head, hidden, notice, recovery_codes, sign_in_error,
};
use crate::mfa::Setup;
use maud::{Markup, html};

/// A form with the e-mail that is known so far, if it was not typed just now.
fn with_email(form: &Form, email: &str) -> Form {
    if form.value("email").is_empty() { form.clone().and("email", email) } else { form.clone() }
}

fn email_field(form: &Form) -> Field<'_> {
    Field::input(form, "email", "email", "E-mail")
        .attr("autocomplete", "username")
        .attr("autocapitalize", "off")
        .attr("maxlength", "254")
}

/// The e-mail first: where somebody belongs is not known yet.
pub fn email(scene: &Scene<'_>, form: &Form, email: &str) -> Markup {
    let form = with_email(form, email);
    bare(
        "Sign in",
        &html! {
            (head("Sign in", scene.lead()))
            (sign_in_error(&form))
            form.form.card method="post" action="/login/email" {
                (scene.hidden())
                (email_field(&form).attr("autofocus", ""))
                button.primary.full { "Continue" }
            }
            (scene.cancel())
        },
    )
}

/// E-mail and password. `chosen`: the e-mail was given on the page before.
pub fn password(scene: &Scene<'_>, form: &Form, email: &str, chosen: bool) -> Markup {
    let title = scene.tenant.map_or_else(|| "Sign in".to_owned(), |tenant| format!("Sign in to {tenant}"));
    password_page(scene, form, email, &title, &html! {}, chosen || !email.is_empty())
}

/// The password again, because the tenant or the application wants a second factor after it.
pub fn step_up(scene: &Scene<'_>, form: &Form, email: &str, tenant: &str, wants: &str) -> Markup {
    let why = html! {
        (notice(Tone::Info, &html! { p { (wants) " asks for a second factor. Sign in again to give it." } }))
    };
    password_page(scene, form, email, &format!("Sign in to {tenant}"), &why, true)
}

fn password_page(scene: &Scene<'_>, form: &Form, email: &str, title: &str, why: &Markup, to_password: bool) -> Markup {
    let form = with_email(form, email);
    let (field, secret) = (email_field(&form), Field::password(&form, "password", "Password"));
    let secret = secret.attr("autocomplete", "current-password").attr("maxlength", "512").reveal();
    let (field, secret) =
        if to_password { (field, secret.attr("autofocus", "")) } else { (field.attr("autofocus", ""), secret) };
    bare(
        title,
        &html! {
            (head(title, scene.lead()))
            (why)
            (sign_in_error(&form))
            form.form.card method="post" action="/login/password" {
                (scene.hidden())
                (field)
                (secret)
                button.primary.full { "Sign in" }
            }
            p.small { a href="/login/forgot-password" { "Forgot your password?" } }
            (scene.cancel())
        },
    )
}

/// A code of the app, or a recovery code.
pub fn code(scene: &Scene<'_>, form: &Form) -> Markup {
    let title = "Confirm that it is you";
    bare(
        title,
        &html! {
            (head(title, scene.lead()))
            (sign_in_error(form))
            form.form.card method="post" action="/login/code" {
                (scene.hidden())
                (code_field(form, true).attr("autofocus", ""))
                button.primary.full { "Sign in" }
            }
            (scene.switch("Sign in as somebody else"))
            (scene.cancel())
        },
    )
}

/// Setting an app up before one comes in.
pub fn enrol(scene: &Scene<'_>, form: &Form, setup: &Setup) -> Markup {
    let title = "Set up a second factor";
    bare(
        title,
        &html! {
            (head(title, "Your organisation asks for one at every sign-in."))
            (sign_in_error(form))
            form.form.card method="post" action="/login/enrol" {
                (scene.hidden())
                (app_setup(setup))
                (code_field(form, false).focus_if(!form.is_good()))
                button.primary.full { "Turn it on and sign in" }
            }
            (scene.switch("Sign in as somebody else"))
            (scene.cancel())
        },
    )
}

/// The recovery codes of somebody who has just come in.
pub fn enrolled(codes: &[Secret<String>], request: &str) -> Markup {
    bare(
        "Recovery codes",
        &html! {
            (head("Your second factor is on", "You are signed in. One thing more:"))
            (recovery_codes(codes))
            form method="post" action="/login" {
                (hidden("request", request))
                button.primary.full { "I have kept them" }
            }
        },
    )
}
