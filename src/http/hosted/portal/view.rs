//! The pages of a link to the portal, as markup.

use crate::http::kit::parts::{Tone, badge, bare, head, hidden, notice, when};
use crate::portal_links::{Looked, Portal};
use crate::tenancy::{Feature, Features};
use maud::{Markup, html};

/// What a feature is called, and what it is about.
const fn words(feature: Feature) -> (&'static str, &'static str) {
    match feature {
        Feature::Sso => ("Single sign-on", "Your people sign in where they always do."),
        Feature::DirSync => ("Directory sync", "People and groups come and go as they do in your directory."),
    }
}

fn list(features: Features, mark: &Markup) -> Markup {
    html! {
        ul.plain {
            @for feature in features.on() {
                @let (name, what) = words(feature);
                li { p { b { (name) } " " (mark) } p.help { (what) } }
            }
        }
    }
}

fn contents(portal: &Portal) -> Markup {
    html! {
        @if portal.there.is_empty() && portal.off.is_empty() {
            p { "Nothing is switched on for " b { (portal.tenant.name) } " yet. Ask whoever sent you the link to switch on single sign-on or directory sync." }
        }
        @if !portal.there.is_empty() {
            (list(portal.there, &html! {}))
            p.help { "This is what was switched on for you. It is not set up on these pages: whoever sent you the link does it with you." }
        }
        @if !portal.off.is_empty() {
            (list(portal.off, &badge(Tone::Warn, "Not switched on")))
            p.help { "Ask whoever sent you the link to switch it on." }
        }
    }
}

/// Before the button is pressed.
pub(super) fn door(portal: &Portal, token: &str, stale: bool, csrf: &str) -> Markup {
    let name = portal.tenant.name.as_str();
    bare(
        "The portal of your organization",
        &html! {
            (head(&format!("The portal of {name}"), "It shows what is switched on for your organization."))
            @if stale { (notice(Tone::Warn, &html! { p { "The page was open for too long. Try again." } })) }
            section.card {
                (contents(portal))
                form method="post" action={ "/magicLink/" (token) } {
                    (hidden("csrf", csrf))
                    button.primary.full { "Open the portal" }
                }
            }
            p.muted.small { "The link works once, until " (when(portal.link.expires_at)) "." }
        },
    )
}

/// The page after the button: what is switched on for the organisation.
pub(super) fn portal(portal: &Portal) -> Markup {
    let name = portal.tenant.name.as_str();
    bare(
        "Your portal",
        &html! {
            (head(&format!("The portal of {name}"), "The link is used up. Keep this page open."))
            section.card {
                (contents(portal))
            }
        },
    )
}

/// A link that does not work.
pub(super) fn closed(looked: &Looked) -> Markup {
    let (title, what) = match looked {
        Looked::Used => ("The link was used", "Each link opens the portal once."),
        Looked::Expired => ("The link is too old", "A link works for a week."),
        Looked::Unknown | Looked::Open(_) => {
            ("There is no such link", "It may have been cut off on its way, or the organization is gone.")
        }
    };
    bare(
        title,
        &html! {
            (head(title, ""))
            section.card {
                p data-message { (what) }
                p { "Ask whoever sent it to you for a new one." }
                div.actions.even { a.button href="/account" { "Go to your account" } }
            }
        },
    )
}
