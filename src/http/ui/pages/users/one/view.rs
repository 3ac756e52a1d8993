//! The page of one user, as markup: a block for each thing that belongs to them, with what can be done about it.

use super::super::view::{ROOT, address, state};
use super::blocks;
use super::parts::One;
use crate::base::Timestamp;
use crate::http::kit::parts::{Confirm, Crumb, Detail, Facts, Tone, ago, badge, copyable, fence, hidden, notice, when};
use crate::people::Status;
use maud::{Markup, html};

/// The page of one user.
pub(super) fn one(one: &One<'_>, held: Markup, csrf: &str, now: Timestamp) -> Detail {
    let user = one.user;
    let here = address(user.id);
    let actions = html! { @if one.may.change { a.button href={ (here) "/edit" } { "Edit" } } };
    let form = |action: &str, label: &str| {
        html! {
            form method="post" action={ (here) "/" (action) } {
                (hidden("csrf", csrf))
                button.small { (label) }
            }
        }
    };
    let mut page = Detail::of(Crumb::to("Users", ROOT), &user.called())
        .badges(state(user))
        .actions(actions)
        .part(invitation(one, &here, &form))
        .facts("Account", &facts(one, now))
        .part(blocks::memberships(one, now))
        .part(blocks::roles(one, &here, now))
        .part(blocks::groups(one, &here));
    if let Some(factors) = &one.factors {
        page = page.part(blocks::factors(one, factors, &here, now));
    }
    if let Some(sessions) = &one.sessions {
        page = page.part(blocks::sessions(one, sessions, &here, csrf, now));
    }
    if let Some(keys) = &one.keys {
        page = page.part(blocks::keys(one, keys, now));
    }
    if let Some(tokens) = &one.tokens {
        page = page.part(blocks::tokens(one, tokens, now));
    }
    page = page.part(blocks::consents(one, csrf, now)).part(held);
    let fences = fences(one, &here);
    if !fences.0.is_empty() {
        page = page.card("Password", &fences);
    }
    if one.may.secure && !one.may.me { endings(page, one, &here, &form) } else { page }
}

/// Who waits: what can be done about it stands before all else.
fn invitation(one: &One<'_>, here: &str, form: &dyn Fn(&str, &str) -> Markup) -> Markup {
    if one.user.status != Status::Invited {
        return html! {};
    }
    notice(
        Tone::Info,
        &html! {
            p { "The invitation was not accepted yet." @if !one.mail { " No mail server is set, so no mail goes out." } }
            @if one.may.change {
                div.actions {
                    (form("resend-invitation", "Send again"))
                    @if one.may.credentials { (Confirm::opener(&format!("{here}/link"), "Copy link", false)) }
                }
            }
        },
    )
}

fn facts(one: &One<'_>, now: Timestamp) -> Facts {
    let user = one.user;
    let verified =
        if user.email_verified { badge(Tone::Good, "Confirmed") } else { badge(Tone::Plain, "Not confirmed") };
    let password = match (&user.password_hash, user.password_changed_at) {
        (Some(_), Some(at)) => html! { "Set " (ago(at, now)) },
        (Some(_), None) => html! { "Set" },
        (None, _) => html! { span.muted { "None" } },
    };
    let last = user.last_login_at.map_or_else(|| html! { span.muted { "Never" } }, |at| ago(at, now));
    Facts::new()
        .fact("User ID", copyable("user", &user.id.to_string()))
        .fact("E-mail", html! { (user.email) " " (verified) })
        .fact_if("First name", user.first_name.as_ref().map(ToString::to_string))
        .fact_if("Last name", user.last_name.as_ref().map(ToString::to_string))
        .fact_if("Telephone", user.profile.phone_number.as_ref().map(ToString::to_string))
        .fact_if("Language", user.profile.locale.as_ref().map(ToString::to_string))
        .fact_if("Time zone", user.profile.zoneinfo.as_ref().map(ToString::to_string))
        .fact_if("Home tenant", (!one.home.is_empty()).then_some(one.home.as_str()))
        .fact("Comes from", user.identity_source.name())
        .fact("Password", password)
        .fact("Last sign-in", last)
        .fact("Created", when(user.created_at))
}

/// Why the reader cannot change how somebody signs in.
fn why_not(code: &str) -> Markup {
    html! {
        p.muted {
            @if code == "outranked" {
                "They hold a role that you do not hold yourself, so you cannot change how they sign in."
            } @else {
                "They belong to other tenants too: only somebody who administers all of these changes how they sign in. You can end the membership of yours."
            }
        }
    }
}

/// What can be done about how somebody signs in: what would be refused is not offered. None: nothing, and there is nothing to
/// say.
fn fences(one: &One<'_>, here: &str) -> Markup {
    let (user, may) = (one.user, one.may);
    html! {
        // Of somebody who was only invited nothing is said but that they wait.
        @if let Some(code) = may.not.filter(|_| user.status != Status::Invited) { (why_not(code)) }
        @if may.secure && user.status == Status::Active {
            (fence("Mail a link", "They set a new password with it.",
                &Confirm::opener(&format!("{here}/reset-password"), "Reset password", false)))
            @if may.credentials && !may.me {
                (fence("Pass a link on yourself", "For somebody whom no mail from here reaches.",
                    &Confirm::opener(&format!("{here}/link"), "Copy link", false)))
            }
        }
    }
}

/// What takes the account away, for a while or altogether.
fn endings(page: Detail, one: &One<'_>, here: &str, form: &dyn Fn(&str, &str) -> Markup) -> Detail {
    let page = match one.user.status {
        Status::Active => {
            let what = "They are signed out and cannot sign in until you switch them on.";
            page.danger("Switch off", what, &Confirm::opener(&format!("{here}/disable"), "Disable", true))
        }
        Status::Invited => page,
        _ => page.danger("Switch on", "They can sign in again.", &form("enable", "Enable")),
    };
    let what = format!("The account goes. {}", one.retention.words("address"));
    page.danger("Delete", &what, &Confirm::opener(&format!("{here}/delete"), "Delete", true))
}
