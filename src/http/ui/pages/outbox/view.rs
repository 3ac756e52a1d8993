//! The pages of the outbox, as markup.

use crate::base::Timestamp;
use crate::base::id::MailId;
use crate::http::kit::parts::{
    Around, Crumb, Facts, Field, Form, Table, Tone, ago, badge, card, code, copyable, crumbs, empty, head, head_with,
    hidden, how_many, icon, none_of, notice, when,
};
use crate::mail::{Content, Mail, State, Template};
use crate::store::Listed;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/settings/outbox";

/// The address of one.
pub(super) fn address(mail: MailId) -> String {
    format!("{ROOT}/{mail}")
}

fn state_words(state: State) -> (&'static str, Tone) {
    match state {
        State::Waiting => ("Waiting", Tone::Info),
        State::Sent => ("Sent", Tone::Good),
        State::Failed => ("Given up", Tone::Bad),
    }
}

fn state(mail: &Mail) -> Markup {
    let (words, tone) = state_words(mail.state);
    badge(tone, words)
}

fn template_words(template: Template) -> &'static str {
    match template {
        Template::ResetPassword => "New password",
        Template::VerifyEmail => "Confirm address",
        Template::Invitation => "Invitation",
        Template::PasswordChanged => "Password changed",
    }
}

/// What the list is asked for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub form: Form,
    pub filtered: bool,
    /// The other pages.
    pub around: Around,
    /// Whether a mail server is set.
    pub server: bool,
}

/// The page with the list of mails.
pub(super) fn list(listed: &Listed<Mail>, query: &Query, now: Timestamp) -> Markup {
    let states = State::ALL.map(|state| (state.name().to_owned(), state_words(state).0.to_owned()));
    let any = (String::new(), "All states".to_owned());
    html! {
        (head("Outbox", "Mail that waits, was sent in the last week, or was given up."))
        @if !query.server {
            (notice(Tone::Warn, &html! {
                p { strong { "No mail server is set, so mail waits here." } }
                p { "Hand links over yourself, or set " code { "mail.smtp_host" } " in scaistack.toml." }
            }))
        }
        @if listed.total > 0 || query.filtered {
            form.filters method="get" action=(ROOT) role="search" hx-get=(ROOT) hx-trigger="input delay:250ms, submit"
                hx-target="#results" hx-select="#results" hx-swap="outerHTML" hx-push-url="true" hx-sync="this:replace" {
                (Field::input(&query.form, "search", "q", "Search").search().attr("placeholder", "Address or subject"))
                (Field::select(&query.form, "state", "State", std::iter::once(any).chain(states)).filter())
                button { (icon("search")) "Search" }
            }
        }
        div.stack #results {
            @if listed.items.is_empty() && query.filtered {
                (empty("search", "Nothing found", none_of(listed.is_all, "No mail matches."), &html! { a.button href=(ROOT) { "Show all" } }))
            } @else if listed.items.is_empty() {
                (empty("mail", "Nothing in the outbox", "Invitations and links for new passwords pass through here.", &html! {}))
            } @else {
                (table(&listed.items, now))
                (query.around.foot(&how_many(listed.total, listed.is_all, "mail")))
            }
        }
    }
}

fn table(mails: &[Mail], now: Timestamp) -> Table {
    let mut table = Table::new("Mail")
        .column("To")
        .column("About")
        .column("State")
        .number("Tries")
        .column("Written")
        .column("Link ends");
    for mail in mails {
        table.row(&[
            html! { a.row-link href=(address(mail.id)) { (mail.to) } },
            html! { (template_words(mail.template)) },
            state(mail),
            html! { (mail.attempts) },
            ago(mail.created_at, now),
            html! { @if let Some(end) = mail.expires_at { (ago(end, now)) } },
        ]);
    }
    table
}

/// One mail; `content` after it was opened.
pub(super) fn one(mail: &Mail, content: Option<&Content>, csrf: &str, now: Timestamp) -> Markup {
    let here = address(mail.id);
    let form = |action: &str, label: &str, primary: bool| {
        html! {
            form method="post" action={ (here) "/" (action) } {
                (hidden("csrf", csrf))
                button.primary[primary] { (label) }
            }
        }
    };
    let facts = Facts::new()
        .fact("Mail ID", copyable("mail", &mail.id.to_string()))
        .fact("To", mail.to.to_string())
        .fact("About", template_words(mail.template))
        .fact("Written", when(mail.created_at))
        .fact_if("Sent", mail.sent_at.map(when))
        .fact_if("Link ends", mail.expires_at.map(when))
        .fact_if("Next try", (mail.state == State::Waiting && mail.attempts > 0).then(|| ago(mail.next_at, now)))
        .fact("Tries", mail.attempts.to_string())
        .fact_if("Last error", mail.last_error.clone());
    html! {
        (crumbs(&[Crumb::to("Outbox", ROOT), Crumb::here(mail.subject.as_str())]))
        (head_with(&mail.subject, "", &state(mail), &html! {}))
        (card("About", &html! { (facts) }))
        @match content {
            Some(content) => {
                @if let Some(link) = &content.link {
                    (card("Link", &html! {
                        (notice(Tone::Warn, &html! { p { "Whoever has the link acts as its reader. Hand it to nobody else." } }))
                        (code("link", link))
                    }))
                }
                (card("Text", &code("text", &content.text)))
            }
            None => {
                @if mail.state == State::Sent {
                    p.muted { "Its text was wiped when the mail server took it." }
                }
            }
        }
        div.actions {
            @if mail.state != State::Sent {
                @if content.is_none() { (form("open", "Open and show the link", true)) }
                (form("retry", "Try again now", false))
            }
            (form("delete", "Delete", false))
        }
    }
}
