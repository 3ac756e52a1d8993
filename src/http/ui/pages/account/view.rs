//! The pages of one's own account, as markup.

use crate::apps::Application;
use crate::base::id::SessionId;
use crate::base::{Secret, Timestamp};
use crate::http::kit::list::{Act, List, Part, Sorting};
use crate::http::kit::parts::{
    Confirm, Facts, Field, Form, Table, Tone, account_of, ago, app_setup, badge, badges, card, card_with, code_field,
    empty, fence, form_error, head, hidden, icon, notice, recovery_codes, version,
};
use crate::mfa::{Factors, Setup};
use crate::oauth::consent::Consent;
use crate::people::User;
use crate::sessions::Session;
use crate::store::Direction;
use crate::tenancy::MfaPolicy;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/account";
pub(super) const PASSWORD: &str = "/account/password";
pub(super) const FACTORS: &str = "/account/factors";
pub(super) const SESSIONS: &str = "/account/sessions";
pub(super) const APPS: &str = "/account/apps";

/// The way around the account.
fn tabs(here: &str) -> Markup {
    let all = [
        (ROOT, "Profile"),
        (PASSWORD, "Password"),
        (FACTORS, "Second factors"),
        (SESSIONS, "Sessions"),
        (APPS, "Applications"),
    ];
    html! {
        nav.tabs-nav aria-label="Your account" {
            @for (href, name) in all { a href=(href) aria-current=[(href == here).then_some("page")] { (name) } }
        }
    }
}

/// Who one is.
pub(super) fn profile(
    user: &User,
    places: &[(String, &'static str)],
    form: &Form,
    csrf: &str,
    now: Timestamp,
) -> Markup {
    let verified = if user.email_verified { badge(Tone::Good, "Verified") } else { badge(Tone::Plain, "Not verified") };
    let facts = Facts::new()
        .fact("E-mail", html! { (user.email) " " (verified) })
        .fact_if("Last sign-in", user.last_login_at.map(|at| ago(at, now)))
        .fact(
            "Member of",
            html! {
                @for (at, (name, role)) in places.iter().enumerate() {
                    @if at > 0 { ", " }
                    (name) " as " code { (role) }
                }
                @if places.is_empty() { span.muted { "No tenant" } }
            },
        );
    html! {
        (head("Your account", "How you are called here, and how you sign in."))
        (tabs(ROOT))
        (form_error(form))
        (card("Account", &html! { (facts) }))
        (card_with("Profile", "Applications that you let in may read this.", &html! {}, &html! {
            form.form method="post" action=(ROOT) {
                (hidden("csrf", csrf))
                (version(form))
                (Field::text(form, "display_name", "Name to call you").optional().attr("autocomplete", "nickname").attr("maxlength", "255"))
                (Field::text(form, "first_name", "First name").optional().attr("autocomplete", "given-name").attr("maxlength", "255"))
                (Field::text(form, "last_name", "Last name").optional().attr("autocomplete", "family-name").attr("maxlength", "255"))
                (Field::input(form, "tel", "phone_number", "Phone number").optional().attr("autocomplete", "tel").help("With its country: +31201234567."))
                (Field::input(form, "url", "website", "Website").optional().attr("autocomplete", "url"))
                div.actions { button.primary { "Save profile" } }
            }
        }))
    }
}

/// A new password.
pub(super) fn password(user: &User, form: &Form, csrf: &str, now: Timestamp) -> Markup {
    html! {
        (head("Your account", "How you are called here, and how you sign in."))
        (tabs(PASSWORD))
        (form_error(form))
        (card("Change your password", &html! {
            @if let Some(at) = user.password_changed_at { p.muted { "Set " (ago(at, now)) "." } }
            form.form method="post" action=(PASSWORD) {
                (hidden("csrf", csrf))
                (account_of(user.email.as_str()))
                (Field::password(form, "current_password", "Current password").attr("autocomplete", "current-password"))
                (Field::password(form, "new_password", "New password").attr("autocomplete", "new-password")
                    .attr("minlength", "8").attr("maxlength", "128").reveal()
                    .help("8 to 128 characters, none that everybody tries first. A few words are easier to remember than signs."))
                p.help { "You stay signed in here and are signed out everywhere else." }
                div.actions { button.primary { "Change password" } }
            }
        }))
    }
}

/// Which second factors there are.
pub(super) fn factors(factors: &Factors, policy: MfaPolicy, now: Timestamp) -> Markup {
    let set_up = html! { a.button.primary href="/account/factors/setup" { "Set up" } };
    html! {
        (head("Your account", "How you are called here, and how you sign in."))
        (tabs(FACTORS))
        @match &factors.totp {
            None if policy == MfaPolicy::Off => {
                (empty("secret", "Your organisation does not use second factors here", "Your password alone signs you in.", &html! {}))
            }
            None => {
                (card_with("Authenticator app", "A code from your phone besides your password: a stolen password alone opens nothing.",
                    &set_up, &html! { p { (badge(Tone::Plain, "Off")) } }))
            }
            Some(app) => {
                (card("Authenticator app", &html! {
                    p { (badge(Tone::Good, "On")) " since " (ago(app.confirmed_at, now)) }
                    @if policy == MfaPolicy::Required { p.muted { "Your organisation asks everybody for a second factor." } }
                }))
                (recovery(factors, now))
                @if policy != MfaPolicy::Required {
                    section.card.danger {
                        h2 { "Turn it off" }
                        (fence("Turn the second factor off", "Your password alone signs you in then; the recovery codes are gone.",
                            &html! { a.button.danger href="/account/factors/disable" { "Turn off" } }))
                    }
                }
            }
        }
    }
}

fn recovery(factors: &Factors, now: Timestamp) -> Markup {
    let left = factors.recovery_left();
    let tone = match left {
        0 => Tone::Bad,
        1..=3 => Tone::Warn,
        _ => Tone::Good,
    };
    let renew = html! { a.button href="/account/factors/new-codes" { "New codes" } };
    card_with(
        "Recovery codes",
        "Each signs you in once when your phone is not at hand.",
        &renew,
        &html! {
            p {
                (badge(tone, &format!("{left} left")))
                @if let Some(at) = factors.recovery_made_at { " made " (ago(at, now)) }
            }
        },
    )
}

/// Setting an app up.
pub(super) fn setup(setup: &Setup, form: &Form, csrf: &str) -> Markup {
    html! {
        (head("Set up an authenticator app", "From then on every sign-in asks for a code as well."))
        (form_error(form))
        form.form.card method="post" action="/account/factors/setup" {
            (hidden("csrf", csrf))
            (app_setup(setup))
            (code_field(form, false))
            div.actions {
                button.primary { "Turn it on" }
                a.button href=(FACTORS) { "Cancel" }
            }
        }
    }
}

/// New recovery codes; none when the page is loaded again.
pub(super) fn codes(codes: &[Secret<String>]) -> Markup {
    html! {
        (head("Recovery codes", "Your second factor is on."))
        @if codes.is_empty() {
            (notice(Tone::Info, &html! {
                p { strong { "The codes were shown already." } }
                p { "Only fingerprints are kept. If you have lost them, make new ones." }
            }))
        } @else {
            (recovery_codes(codes))
        }
        div.actions {
            a.button.primary href=(FACTORS) { "Done" }
            @if codes.is_empty() { a.button href="/account/factors/new-codes" { "New codes" } }
        }
    }
}

/// Making new recovery codes.
pub(super) fn new_codes(form: &Form, csrf: &str) -> Markup {
    html! {
        (head("New recovery codes", "The old ones stop working."))
        (form_error(form))
        form.form.card method="post" action="/account/factors/new-codes" {
            (hidden("csrf", csrf))
            (code_field(form, false))
            div.actions {
                button.primary { "Make new codes" }
                a.button href=(FACTORS) { "Cancel" }
            }
        }
    }
}

/// Turning the factor off.
pub(super) fn disable(form: &Form, csrf: &str) -> Markup {
    html! {
        (head("Turn the second factor off", "Your password alone signs you in then; the recovery codes are gone."))
        (form_error(form))
        form.form.card.danger method="post" action="/account/factors/disable" {
            (hidden("csrf", csrf))
            (code_field(form, true))
            div.actions {
                button.primary.danger { "Turn it off" }
                a.button href=(FACTORS) { "Cancel" }
            }
        }
    }
}

/// What can be done to several of one's sessions.
pub(super) const END: Act = Act { action: "/account/sessions/selected/end", label: "End sessions", destructive: true };

/// By what one's sessions are sorted.
pub(super) const SESSION_SORTING: Sorting<Session> = Sorting {
    age: "signed-in",
    usually: Direction::Backward,
    others: &[
        ("browser", |one, other| browser(one.user_agent.as_deref()).cmp(&browser(other.user_agent.as_deref()))),
        ("address", |one, other| one.ip.cmp(&other.ip)),
        ("used", |one, other| one.last_seen_at.cmp(&other.last_seen_at)),
    ],
};

/// Where one is signed in.
pub(super) fn sessions(
    (list, shown): (&List, &Part<Session>),
    current: SessionId,
    csrf: &str,
    now: Timestamp,
) -> Markup {
    let sessions = &shown.items;
    let acts: &[Act] = if sessions.iter().any(|session| session.id != current) { &[END] } else { &[] };
    let mut table = Table::new("Your sessions")
        .selects(list.selects(acts))
        .column("Browser")
        .by(list.heading("browser"))
        .column("Address")
        .by(list.heading("address"))
        .column("Signed in")
        .by(list.heading("signed-in"))
        .column("Last used")
        .by(list.heading("used"))
        .actions("End it");
    for session in sessions {
        let mine = session.id == current;
        let (id, called) =
            (session.id.to_string(), format!("the session of {}", browser(session.user_agent.as_deref())));
        table.row_of((!mine).then_some((&*id, &*called)), &[
            html! {
                (browser(session.user_agent.as_deref()))
                @if mine { " " (badge(Tone::Good, "This one")) }
            },
            html! { @if let Some(ip) = &session.ip { code { (ip) } } @else { span.muted { "Unknown" } } },
            html! { (ago(session.created_at, now)) @if session.evidence().has_second_factor() { " " (badge(Tone::Info, "Second factor")) } },
            html! { (ago(session.last_seen_at, now)) },
            html! {
                @if !mine {
                    (Confirm::opener(&format!("{SESSIONS}/{}/end", session.id), "End", true))
                }
            },
        ]);
    }
    html! {
        (head("Your account", "How you are called here, and how you sign in."))
        (tabs(SESSIONS))
        (list.acts(acts, csrf))
        (table)
        (shown.foot(false))
        @if sessions.len() > 1 {
            div.actions { (Confirm::opener(&format!("{SESSIONS}/end-others"), "Sign out everywhere else", false)) }
        }
    }
}

/// Before a session ends.
pub(super) fn end_session<'a>(session: &Session, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    let what = html! {
        p { strong { (browser(session.user_agent.as_deref())) } " is signed out, and so are the applications that you signed in to there." }
        p.muted { "What is typed there and not sent yet comes back after the next sign-in." }
    };
    Confirm::destructive("End the session?", "End session", (action, SESSIONS), (csrf, form), what)
}

/// Before all sessions but the reader's own end.
pub(super) fn end_others<'a>(action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    let what = html! {
        p { "All other browsers are signed out, and so are the applications that you signed in to there. You stay signed in here." }
    };
    Confirm::destructive(
        "Sign out everywhere else?",
        "Sign out everywhere else",
        (action, SESSIONS),
        (csrf, form),
        what,
    )
}

/// A browser as people know it: what its long name says, as far as it says it.
pub(super) fn browser(agent: Option<&str>) -> String {
    let Some(agent) = agent else { return "Unknown".to_owned() };
    let has = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // The order counts: Edge says that it is Chrome, and Chrome that it is Safari.
    let program = has(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = has(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, _) => agent.chars().take(40).collect(),
    }
}

/// Applications that one has let in.
pub(super) fn apps(found: &[(Consent, Application)], now: Timestamp) -> Markup {
    let mut table = Table::new("Authorised applications")
        .column("Application")
        .column("May read")
        .column("Since")
        .actions("Take it back");
    for (consent, application) in found {
        table.row(&[
            html! { (application.name) },
            badges(consent.scopes.iter()),
            html! { (ago(consent.created_at, now)) },
            Confirm::opener(&format!("{APPS}/{}/revoke", application.client_id()), "Take back", true),
        ]);
    }
    html! {
        (head("Your account", "How you are called here, and how you sign in."))
        (tabs(APPS))
        @if found.is_empty() {
            (empty("apps", "No application acts for you", "When you sign in to one and agree to what it may read, it stands here.", &html! {}))
        } @else {
            (table)
        }
    }
}

/// Before an application is shut out.
pub(super) fn revoke_app<'a>(name: &'a str, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::destructive(
        "Take the permission back?",
        "Take it back",
        (action, APPS),
        (csrf, form),
        html! { p { strong { (name) } " can no longer act for you; you are signed out there within moments. It will ask again at your next sign-in there." } },
    )
}

/// The password once more.
pub(super) fn confirm(who: &str, form: &Form, csrf: &str) -> Markup {
    html! {
        (head("Confirm that it is you", "What comes next is dangerous in wrong hands, and you signed in a while ago."))
        (form_error(form))
        form.form.card method="post" action="/account/confirm" {
            (hidden("csrf", csrf))
            (hidden("next", form.value("next")))
            (account_of(who))
            (Field::password(form, "password", "Password").attr("autocomplete", "current-password").attr("autofocus", ""))
            div.actions {
                button.primary { (icon("check")) "Go on" }
                a.button href=(ROOT) { "Cancel" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ] {
            assert_eq!(browser(Some(agent)), expected);
        }
        assert_eq!(browser(None), "Unknown");
    }
}
