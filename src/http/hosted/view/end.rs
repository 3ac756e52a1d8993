//! Ends: what was refused, the form that posts an answer, signing out.

use crate::apps::Application;
use crate::base::id::RequestId;
use crate::http::kit::parts::{Facts, Tone, bare, code, copyable, head, hidden, notice};
use crate::oauth::authorize::PageFault;
use maud::{Markup, html};

/// A request that cannot be read any more.
pub fn lost() -> Markup {
    bare(
        "This sign-in is over",
        &html! {
            (head("This sign-in is over", ""))
            section.card {
                p data-message { "It is damaged, or this server has changed its keys since." }
                p.muted { "Go back to the application and sign in from there again." }
                div.actions.even { a.button href="/account" { "Go to your account" } }
            }
        },
    )
}

/// The application was deleted or switched off while somebody was signing in to it; `home` is where it is at home, if that is known.
pub fn gone(home: Option<&str>) -> Markup {
    bare(
        "The application is gone",
        &html! {
            (head("The application is gone", ""))
            section.card {
                p data-message { "It was deleted or switched off while you were signing in." }
                p.muted { "Nothing was sent to it. Ask whoever runs it." }
                div.actions.even {
                    @if let Some(home) = home { a.button href=(home) rel="noreferrer" { "Back to the application" } }
                    a.button href="/account" { "Go to your account" }
                }
            }
        },
    )
}

/// The way back to an application, which the browser takes by itself.
pub fn onward(to: &str) -> Markup {
    let host = to.split_once("://").map_or(to, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    bare(
        "One moment",
        &html! {
            (head("One moment", ""))
            section.card {
                p { "You are on the way to " b { (host) } "." }
                a.button.primary.full href=(to) rel="noreferrer" { "Continue" }
            }
        },
    )
}

/// What to say about a request that is answered on a page only.
fn words(fault: PageFault) -> (&'static str, &'static str) {
    match fault {
        PageFault::Unreadable => ("The request cannot be read", "It is damaged, too long, or not a form."),
        PageFault::NoTenant => {
            ("There is no such organisation", "The address of this sign-in names none that is here.")
        }
        PageFault::TenantSuspended => ("This organisation is suspended", "Nobody can sign in to it for now."),
        PageFault::UnknownClient => ("The application is not known", "It is not registered here, or was deleted."),
        PageFault::DisabledClient => ("The application is switched off", "An administrator has disabled it."),
        PageFault::OtherEndpoint => (
            "The application belongs elsewhere",
            "It must use the sign-in address of its own kind: the platform's if it is GLOBAL, its tenant's otherwise.",
        ),
        PageFault::NoRedirectUri => {
            ("The application does not say where to go", "Its request has no redirect_uri, or several.")
        }
        PageFault::ForeignRedirectUri => (
            "The application cannot send you there",
            "The address that it wants you to come back to is not registered for it.",
        ),
    }
}

/// The way to register an address, for an admin of the application.
pub struct Add<'a> {
    /// The application that the address would be registered for.
    pub application: &'a Application,
    /// The address that was asked for.
    pub uri: &'a str,
    /// Which rule it breaks, if it cannot be registered at all.
    pub rule: Option<&'a str>,
    /// The token for a form of the admin's session.
    pub csrf: &'a str,
}

/// A request that is answered here, since nobody may be sent anywhere for it.
/// `given` is the address that was asked for; `home` is where the application is at home, if that is known.
pub fn refused(
    fault: PageFault,
    given: Option<&str>,
    add: Option<&Add<'_>>,
    home: Option<&str>,
    request: RequestId,
) -> Markup {
    let (title, what) = words(fault);
    bare(
        title,
        &html! {
            (head(title, ""))
            section.card {
                p data-message { (what) }
                @if add.is_none() {
                    @if let Some(given) = given {
                        p { "It asked to come back to:" }
                        (code("given", &given.chars().take(200).collect::<String>()))
                    }
                    p.muted { "Tell whoever runs the application; nothing was sent to it." }
                    div.actions.even {
                        @if let Some(home) = home {
                            a.button href=(home) rel="noreferrer" { "Back to the application" }
                        }
                        a.button href="/account" { "Go to your account" }
                    }
                }
                (Facts::new()
                    .fact("Reason", html! { span.mono { (fault.as_str()) } })
                    .fact("Request", copyable("request", &request.to_string())))
            }
            @if let Some(add) = add { (add_exactly_this(add)) }
        },
    )
}

fn add_exactly_this(add: &Add<'_>) -> Markup {
    let address = format!("/admin/applications/{}", add.application.id);
    html! {
        section.card {
            header { div { h2 { "You administer " (add.application.name) } p.help { "It was asked to return to this address:" } } }
            (code("given", add.uri))
            @if let Some(rule) = add.rule {
                (notice(Tone::Warn, &html! { p { "It cannot be registered: it " (rule) "." } }))
                div.actions { a.button href=(address) { "Open the application" } }
            } @else {
                @if add.application.redirect_uris.is_empty() {
                    p.help { "No address is registered yet." }
                } @else {
                    div.asks {
                        p.help { "Registered are:" }
                        ul.plain { @for uri in &add.application.redirect_uris { li.mono { (uri) } } }
                    }
                }
                form.actions.even method="post" action={ (address) "/redirect-uris" } {
                    (hidden("csrf", add.csrf))
                    (hidden("uri", add.uri))
                    button.primary { "Add exactly this" }
                    a.button href=(address) { "Open the application" }
                }
                p.muted.small { "Only if you know that it is yours: whoever is there gets the sign-ins of your users." }
            }
        }
    }
}

/// Whether to sign out.
pub fn sign_out(who: &str, trouble: Option<&str>, csrf: &str, back: Option<&str>) -> Markup {
    bare(
        "Sign out",
        &html! {
            (head("Sign out?", ""))
            @if let Some(trouble) = trouble { (notice(Tone::Warn, &html! { p data-message { (trouble) } })) }
            form.form.card method="post" action="/logout" {
                (hidden("csrf", csrf))
                @if let Some(back) = back { (hidden("back", back)) }
                p { "You are signed in as " b { (who) } ". Signing out ends this session for all applications." }
                div.actions.even {
                    button name="decision" value="stay" { "Stay signed in" }
                    button.primary name="decision" value="leave" { "Sign out" }
                }
            }
        },
    )
}

/// Nobody is signed in (any more), or everything stays as it is. `again`: offers to sign in.
pub fn signed_out(title: &str, what: &str, trouble: Option<&str>, again: bool) -> Markup {
    bare(
        title,
        &html! {
            (head(title, ""))
            @if let Some(trouble) = trouble { (notice(Tone::Warn, &html! { p data-message { (trouble) } })) }
            section.card {
                p { (what) }
                @if again {
                    a.button.full href="/account" { "Sign in again" }
                } @else {
                    a.button.full href="/account" { "Go to your account" }
                }
            }
        },
    )
}
