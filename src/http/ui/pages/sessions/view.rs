//! The page of sessions, as markup.

use crate::base::Timestamp;
use crate::http::kit::list::{Act, Filter, List, Matches, Nothing, Part, Sorting};
use crate::http::kit::parts::{Confirm, Form, Table, Tone, ago, badge, empty, head};
use crate::http::ui::pages::find;
use crate::sessions::Session;
use crate::store::Direction;
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

/// What can be done to several sessions.
pub(super) const END: Act =
    Act { action: "/admin/people/sessions/selected/end", label: "End sessions", destructive: true };

/// The browser of a session, by its name.
pub(super) fn browser_of(session: &Session) -> &str {
    browser(session.user_agent.as_deref().unwrap_or_default())
}

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Line> = Sorting {
    age: "signed-in",
    usually: Direction::Backward,
    others: &[
        ("user", |one, other| one.email.cmp(&other.email)),
        ("address", |one, other| one.session.ip.cmp(&other.session.ip)),
        ("seen", |one, other| one.session.last_seen_at.cmp(&other.session.last_seen_at)),
    ],
};

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::search("user", "User", "E-mail, name or user ID", Matches::One).finds(find::USERS)]
}

/// The page with the list of sessions.
pub(super) fn list(list: &List, lines: &Part<Line>, may_end: bool, csrf: &str, now: Timestamp) -> Markup {
    let words = Nothing { title: "No sessions", what: "Nobody is signed in here now." };
    let first = empty("session", words.title, words.what, &html! {});
    html! {
        (head("Sessions", "Browsers that are signed in. What ends here ends its access tokens too."))
        (list.show(lines, words, &first, |lines| {
            html! { (list.acts(acts(may_end), csrf)) (table(list, lines, may_end, now)) }
        }))
    }
}

const fn acts(may_end: bool) -> &'static [Act] {
    if may_end { &[END] } else { &[] }
}

fn table(list: &List, lines: &[Line], may_end: bool, now: Timestamp) -> Table {
    let mut table = Table::new("Sessions")
        .selects(list.selects(acts(may_end)))
        .column("User")
        .by(list.heading("user"))
        .column("Browser")
        .column("Address")
        .by(list.heading("address"))
        .column("Signed in")
        .by(list.heading("signed-in"))
        .column("Last seen")
        .by(list.heading("seen"))
        .column("Second factor")
        .actions("Actions");
    for Line { session, email, current } in lines {
        let (browser, id) = (browser_of(session), session.id.to_string());
        let called = format!("the session of {email} in {browser}");
        table.row_of((!current).then_some((&*id, &*called)), &[
            html! { a.row-link href={ "/admin/people/users/" (session.user) } { (email) } @if *current { " " (badge(Tone::Info, "This browser")) } },
            html! { span title=(session.user_agent.as_deref().unwrap_or_default()) { (browser) } },
            html! { @if let Some(ip) = &session.ip { code.mono { (ip) } } },
            ago(session.evidence().at(), now),
            ago(session.last_seen_at, now),
            html! { @if session.evidence().has_second_factor() { "Yes" } @else { span.muted { "No" } } },
            html! {
                @if may_end && !current {
                    (Confirm::opener(&format!("{ROOT}/{}/end", session.id), "End", false))
                }
            },
        ]);
    }
    table
}

/// Before the session of somebody ends.
pub(super) fn end<'a>(email: &str, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    let what = html! {
        p { strong { (email) } " is signed out in this browser, and the access tokens that came from it end." }
    };
    Confirm::destructive("End the session?", "End session", (action, ROOT), (csrf, form), what)
}

/// A browser's name from what it says about itself: the most telling word. Edge and Opera also say Chrome, Chrome also
/// says Safari.
pub(in crate::http::ui::pages) fn browser(user_agent: &str) -> &str {
    if user_agent.is_empty() {
        return "Unknown";
    }
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
