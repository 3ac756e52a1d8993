//! The pages before somebody is signed in, as markup.

use crate::http::ui::parts::{Field, Form, Tone, bare, code, form_error, head, hidden, notice};
use maud::{Markup, html};

/// Signing in.
pub(super) fn sign_in(form: &Form, csrf: &str, setup_needed: bool) -> Markup {
    bare(
        "Sign in",
        &html! {
            (head("Sign in", ""))
            @if setup_needed {
                (notice(Tone::Info, &html! {
                    p { strong { "There is no administrator yet." } }
                    p { "Open the setup link that the server printed when it started." }
                }))
            }
            (form_error(form))
            form.form.card method="post" action="/admin/sign-in" {
                (hidden("csrf", csrf))
                @if !form.value("next").is_empty() { (hidden("next", form.value("next"))) }
                (Field::input(form, "email", "email", "E-mail").attr("autocomplete", "username").attr("autocapitalize", "off"))
                (Field::password(form, "password", "Password").attr("autocomplete", "current-password"))
                button.primary.full { "Sign in" }
            }
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
