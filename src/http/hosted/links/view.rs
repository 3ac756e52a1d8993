//! The pages of links, as markup.

use crate::http::kit::parts::{Field, Form, account_of, bare, form_error, head, hidden};
use crate::mailed_links::{Found, Purpose};
use maud::{Markup, html};

/// What everybody is told who asks for a link.
pub(super) const ASKED: &str =
    "If there is an account with this address, a mail with a link is on its way. The link works for an hour.";

/// Asking for a link.
pub(super) fn forgot(form: &Form, csrf: &str) -> Markup {
    bare(
        "Forgot your password?",
        &html! {
            (head("Forgot your password?", "You get a mail with a link to set a new one."))
            (form_error(form))
            form.form.card method="post" action="/login/forgot-password" {
                (hidden("csrf", csrf))
                @if !form.value("tenant").is_empty() { (hidden("tenant", form.value("tenant"))) }
                (Field::input(form, "email", "email", "E-mail").attr("autocomplete", "username").attr("autocapitalize", "off"))
                button.primary.full { "Mail me a link" }
            }
        },
    )
}

fn new_password(form: &Form) -> Markup {
    html! {
        (Field::password(form, "password", "New password").attr("autocomplete", "new-password")
            .help("At least 8 characters; the longer the better."))
    }
}

/// Setting a new password.
pub(super) fn reset(found: &Found, form: &Form, csrf: &str) -> Markup {
    bare(
        "Set a new password",
        &html! {
            (head("Set a new password", format!("For {} at {}.", found.user.email, found.tenant)))
            (form_error(form))
            form.form.card method="post" action="/login/reset-password" {
                (hidden("csrf", csrf))
                (hidden("token", form.value("token")))
                (account_of(found.user.email.as_str()))
                (new_password(form))
                button.primary.full { "Set the password" }
            }
            p.muted.small { "You are signed out everywhere then." }
        },
    )
}

/// Confirming an address.
pub(super) fn verify(found: &Found, form: &Form, csrf: &str) -> Markup {
    bare(
        "Confirm your address",
        &html! {
            (head("Confirm your address", format!("Is {} yours?", found.user.email)))
            (form_error(form))
            form.form.card method="post" action="/login/verify-email" {
                (hidden("csrf", csrf))
                (hidden("token", form.value("token")))
                button.primary.full { "Yes, confirm it" }
            }
        },
    )
}

/// Accepting an invitation.
pub(super) fn invitation(found: &Found, form: &Form, csrf: &str) -> Markup {
    let waiting = if found.makes_account() {
        format!("An account for {} is waiting for you.", found.user.email)
    } else {
        format!("{} is asked to join.", found.user.email)
    };
    let taken_over = found.sets_password() && !found.makes_account();
    bare(
        "Accept the invitation",
        &html! {
            (head(&format!("Welcome to {}", found.tenant), &waiting))
            (form_error(form))
            form.form.card method="post" action="/login/invitation" {
                (hidden("csrf", csrf))
                (hidden("token", form.value("token")))
                @if found.makes_account() {
                    (Field::text(form, "name", "Your name").optional().attr("autocomplete", "name").attr("maxlength", "255"))
                }
                @if taken_over {
                    p {
                        "Somebody else may have made this account for you. Choose a new password, so that only you come in. \
                        Sessions, second factors, tokens and API keys from before end."
                    }
                }
                @if found.sets_password() {
                    (account_of(found.user.email.as_str()))
                    (new_password(form))
                    button.primary.full { "Accept and set the password" }
                } @else {
                button.primary.full { "Accept and join" }
                }
            }
        },
    )
}

/// After a form was taken.
pub(super) fn done(title: &str, words: &str, sign_in: bool) -> Markup {
    bare(
        title,
        &html! {
            (head(title, ""))
            section.card {
                p data-message { (words) }
                div.actions {
                    @if sign_in {
                        a.button.primary href="/account" { "Sign in" }
                    } @else {
                        a.button href="/account" { "Back to the sign-in" }
                    }
                }
            }
        },
    )
}

/// A link that does not work any more.
pub(super) fn dead(purpose: Purpose) -> Markup {
    bare(
        "The link does not work",
        &html! {
            (head("The link does not work any more", ""))
            section.card {
                p data-message { "It was used, replaced by a newer one, or is too old." }
                div.actions {
                    @if purpose == Purpose::ResetPassword {
                        a.button.primary href="/login/forgot-password" { "Ask for a new link" }
                    } @else if purpose == Purpose::Invitation {
                        p { "Ask whoever invited you to send it again." }
                        a.button href="/account" { "Sign in" }
                    } @else {
                        a.button.primary href="/account" { "Sign in" }
                    }
                }
            }
        },
    )
}
