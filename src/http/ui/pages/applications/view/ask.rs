//! The questions before something is taken from an application, or it goes.

use crate::apps::{Application, ClientSecret};
use crate::http::kit::parts::{Confirm, Form};
use maud::html;

/// Asks before a secret ends; `others`: there is another one that holds.
pub(in super::super) fn end_secret<'a>(
    secret: &ClientSecret,
    others: bool,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "End this client secret?",
        "End secret",
        (action, back),
        (csrf, form),
        html! {
            p { "Whatever still signs in with the secret that ends with " code { "…" (secret.hint) } " is refused from now on. It cannot be brought back." }
            @if others {
                p.muted { "The other secret goes on working." }
            } @else {
                p { strong { "It is the only one: the application gets no token until you rotate and give it a new one." } }
            }
        },
    )
}

/// Asks before an application is switched off.
pub(in super::super) fn disable<'a>(
    application: &Application,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Disable this application?",
        "Disable application",
        (action, back),
        (csrf, form),
        html! {
            p { strong { (application.name) } " gets no token, nobody can sign in to it, and the tokens that it has fail here." }
            p.muted { "Its secrets and settings stay. It can be enabled again." }
        },
    )
}

/// Asks before a secret is rotated.
pub(in super::super) fn rotate<'a>(
    application: &Application,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    let others = application.secrets.len();
    Confirm::plain(
        "Rotate the client secret?",
        "Rotate secret",
        (action, back),
        (csrf, form),
        html! {
            p { "You get a new secret. The one that is the newest now holds for another 24 hours, so that the program can change over." }
            @if others > 1 { p { strong { "The older of the two secrets ends at once." } } }
        },
    )
}

/// Asks before an application is deleted.
pub(in super::super) fn delete<'a>(
    application: &'a Application,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive("Delete this application?", "Delete application", (action, back), (csrf, form), html! {
            p { "Its client ID " code { (application.client_id()) } " is never used again, its secrets are gone, and its tokens fail here. This cannot be undone." }
        }).typed(application.name.as_str())
}
