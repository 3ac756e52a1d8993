//! The page of sessions, as markup.

use crate::base::Timestamp;
use crate::http::kit::parts::{
    Field, Form, Table, Tone, ago, badge, empty, filter_error, head, hidden, icon, next_page,
};
use crate::sessions::Session;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/people/sessions";

/// A session and whose it is.
#[derive(Debug)]
pub(super) struct Line {
    pub session: Session,
    pub email: String,
    /// Whether it is the reader's own.
    pub current: bool,
}

/// What stands on the page.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub lines: &'a [Line],
    pub filtered: bool,
    /// The address of the first page, if this is another one.
    pub first: Option<String>,
    pub next: Option<String>,
    pub may_end: bool,
}

/// The page with the list of sessions.
pub(super) fn list(shown: &Shown<'_>, form: &Form, csrf: &str, now: Timestamp) -> Markup {
    html! {
        (head("Sessions", "Browsers that are signed in, the newest first. What ends here ends its access tokens too."))
        form.filters method="get" action=(ROOT) role="search" {
            (Field::input(form, "search", "user", "User").search().attr("placeholder", "E-mail or user ID"))
            button { (icon("search")) "Search" }
        }
        div.stack #results {
            (filter_error(form))
            @if shown.lines.is_empty() {
                (empty("session", "No sessions", "Nobody is signed in here now.",
                    &html! { @if shown.filtered { a.button href=(ROOT) { "Show all" } } }))
            } @else {
                (table(shown, csrf, now))
                (next_page(&format!("{} on this page", shown.lines.len()), shown.first.as_deref(), shown.next.as_deref()))
            }
        }
    }
}

fn table(shown: &Shown<'_>, csrf: &str, now: Timestamp) -> Table {
    let mut table = Table::new("Sessions")
        .column("User")
        .column("Browser")
        .column("Address")
        .column("Signed in")
        .column("Last seen")
        .column("Second factor")
        .actions("Actions");
    for Line { session, email, current } in shown.lines {
        let browser = session.user_agent.as_deref().map_or("Unknown", browser);
        table.row(&[
            html! { a.row-link href={ "/admin/people/users/" (session.user) } { (email) } @if *current { " " (badge(Tone::Info, "This browser")) } },
            html! { span title=(session.user_agent.as_deref().unwrap_or_default()) { (browser) } },
            html! { @if let Some(ip) = &session.ip { code.mono { (ip) } } },
            ago(session.evidence().at(), now),
            ago(session.last_seen_at, now),
            html! { @if session.evidence().has_second_factor() { "Yes" } @else { span.muted { "No" } } },
            html! {
                @if shown.may_end && !current {
                    form method="post" action={ (ROOT) "/" (session.id) "/end" } {
                        (hidden("csrf", csrf))
                        button.small { "End" }
                    }
                }
            },
        ]);
    }
    table
}

/// A browser's name from what it says about itself: the most telling word. Edge and Opera also say Chrome, Chrome also
/// says Safari.
fn browser(user_agent: &str) -> &str {
    const KNOWN: [(&str, &str); 7] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("python", "Python"),
    ];
    let found = KNOWN.into_iter().find(|(sign, _)| user_agent.contains(sign));
    found.map_or_else(|| user_agent.get(..40).unwrap_or(user_agent), |(_, name)| name)
}
