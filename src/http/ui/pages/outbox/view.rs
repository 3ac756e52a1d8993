//! The pages of the outbox, as markup.

use crate::base::Timestamp;
use crate::base::id::MailId;
use crate::http::kit::list::{Act, Filter, List, Matches, Nothing, Part, Sorting};
use crate::http::kit::parts::{
    Confirm, Crumb, Detail, Facts, Form, Table, Tone, ago, badge, code, copyable, empty, head, hidden, notice, when,
};
use crate::mail::{Content, Mail, State, Template};
use crate::store::Direction;
use maud::{Markup, html};

pub(in crate::http::ui::pages) const ROOT: &str = "/admin/settings/outbox";

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

/// What can be done to several mails.
pub(super) const RETRY: Act =
    Act { action: "/admin/settings/outbox/selected/retry", label: "Send again", destructive: false };
pub(super) const DELETE: Act =
    Act { action: "/admin/settings/outbox/selected/delete", label: "Delete", destructive: true };
const ACTS: &[Act] = &[RETRY, DELETE];

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Mail> = Sorting {
    age: "written",
    usually: Direction::Backward,
    others: &[
        ("to", |one, other| one.to.as_str().cmp(other.to.as_str())),
        ("about", |one, other| template_words(one.template).cmp(template_words(other.template))),
        ("state", |one, other| state_words(one.state).0.cmp(state_words(other.state).0)),
        ("tries", |one, other| one.attempts.cmp(&other.attempts)),
        ("ends", |one, other| one.expires_at.cmp(&other.expires_at)),
    ],
};

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    let states = State::ALL.map(|state| (state.name().to_owned(), state_words(state).0.to_owned()));
    vec![
        Filter::search("q", "Search", "Address or subject", Matches::Words),
        Filter::select("state", "State", "All states", states),
    ]
}

/// The page with the list of mails; `server`: one is set that sends them.
pub(super) fn list(list: &List, mails: &Part<Mail>, server: bool, csrf: &str, now: Timestamp) -> Markup {
    let first =
        empty("mail", "Nothing in the outbox", "Invitations and links for new passwords pass through here.", &html! {});
    let nothing = Nothing { title: "Nothing found", what: "No mail matches." };
    html! {
        (head("Outbox", "Mail that waits, was sent in the last week, or was given up."))
        @if !server {
            (notice(Tone::Warn, &html! {
                p { strong { "No mail server is set, so mail waits here." } }
                p { "Hand links over yourself, or set " code { "mail.smtp_host" } " in scaistack.toml." }
            }))
        }
        (list.show(mails, nothing, &first, |mails| html! { (list.acts(ACTS, csrf)) (table(list, mails, now)) }))
    }
}

fn table(list: &List, mails: &[Mail], now: Timestamp) -> Table {
    let mut table = Table::new("Mail")
        .selects(list.selects(ACTS))
        .column("To")
        .by(list.heading("to"))
        .column("About")
        .by(list.heading("about"))
        .column("State")
        .by(list.heading("state"))
        .number("Tries")
        .by(list.heading("tries"))
        .column("Written")
        .by(list.heading("written"))
        .column("Link ends")
        .by(list.heading("ends"));
    for mail in mails {
        let (id, called) = (mail.id.to_string(), format!("the mail to {}", mail.to));
        table.row_of(
            Some((&id, &called)),
            &[
                html! { a.row-link href=(address(mail.id)) { (mail.to) } },
                html! { (template_words(mail.template)) },
                state(mail),
                html! { (mail.attempts) },
                ago(mail.created_at, now),
                html! { @if let Some(end) = mail.expires_at { (ago(end, now)) } },
            ],
        );
    }
    table
}

/// One mail; `content` after it was opened.
pub(super) fn one(mail: &Mail, content: Option<&Content>, csrf: &str, now: Timestamp) -> Detail {
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
    let mut page = Detail::of(Crumb::to("Outbox", ROOT), &mail.subject).badges(state(mail)).facts("About", &facts);
    match content {
        Some(content) => {
            if let Some(link) = &content.link {
                let warning = "Whoever has the link acts as its reader. Hand it to nobody else.";
                page =
                    page.card("Link", &html! { (notice(Tone::Warn, &html! { p { (warning) } })) (code("link", link)) });
            }
            page = page.card("Text", &code("text", &content.text));
        }
        None if mail.state == State::Sent => {
            page = page.part(html! { p.muted { "Its text was wiped when the mail server took it." } });
        }
        None => {}
    }
    page.part(html! {
        div.actions {
            @if mail.state != State::Sent {
                @if content.is_none() { (form("open", "Open and show the link", true)) }
                (form("retry", "Try again now", false))
            }
            (Confirm::opener(&format!("{here}/delete"), "Delete", true))
        }
    })
}

/// Asks before a mail is deleted.
pub(super) fn delete<'a>(mail: &Mail, action: &'a str, back: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::destructive(
        "Delete the mail?",
        "Delete mail",
        (action, back),
        (csrf, form),
        html! {
            @if mail.state == State::Sent {
                p { "What is known of the mail to " strong { (mail.to) } " is gone; the mail itself was sent." }
            } @else {
                p { "It is not sent to " strong { (mail.to) } ", and its text and link are gone for good." }
                p.muted { "To reach them anyway, send the invitation or the link for a new password again." }
            }
        },
    )
}
