//! The pages of the audit log, as markup.

use super::links::Links;
use crate::audit::{Event, Head, Outcome, Row};
use crate::base::Timestamp;
use crate::catalogue::Action;
use crate::http::kit::list::{End, Filter, List, Matches, Nothing, Part};
use crate::http::kit::parts::{
    Crumb, Detail, Facts, Table, Tone, ago, badge, card, copyable, count, empty, head_with, icon, when,
};
use crate::http::page_token;
use crate::store::Seek;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/audit";

fn outcome(outcome: Outcome) -> Markup {
    match outcome {
        Outcome::Success => badge(Tone::Good, "Success"),
        Outcome::Denied => badge(Tone::Warn, "Denied"),
        Outcome::Failure => badge(Tone::Bad, "Failure"),
    }
}

fn who(event: &Event) -> &str {
    if event.actor.name.is_empty() { &event.actor.kind } else { &event.actor.name }
}

/// The value of the filter that shows what the reading of this log writes into it.
pub(super) const WITH_READS: &str = "shown";

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    let outcomes = [("success", "Success"), ("denied", "Denied"), ("failure", "Failure")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()));
    let actions = Action::ALL.iter().map(|action| (action.name().to_owned(), action.about().to_owned()));
    vec![
        Filter::text("action", "Action", "secret.read", Matches::Whole).mono().suggest(actions),
        Filter::text("actor", "Who", "alice@example.com", Matches::Whole),
        Filter::text("resource", "Resource", "environments/", Matches::Front).mono(),
        Filter::select("outcome", "Outcome", "All", outcomes),
        Filter::select("reads", "Reads of this log", "Hidden", [(WITH_READS.to_owned(), "Shown".to_owned())]),
        Filter::moment("from", "From", End::From),
        Filter::moment("to", "To", End::To),
    ]
}

/// The page with the list of events; `head`: the end of the chain, for those who run the instance.
pub(super) fn list(list: &List, rows: &Part<(u64, Row)>, links: &Links, head: Option<Head>, now: Timestamp) -> Markup {
    let export = list.address("/admin/audit/export.csv", None);
    let export = html! { a.button href=(export) download="audit.csv" { (icon("download")) "Export CSV" } };
    let lead = "Every change, tried or done, every secret read, every call of the admin API and every sign-in.";
    let nothing = Nothing { title: "Nothing found", what: "No event matches these filters." };
    let first = empty("audit", "No events yet", "What happens stands here.", &html! {});
    html! {
        (head_with("Audit", lead, &html! {}, &export))
        (list.show(rows, nothing, &first, |rows| html! { (table(list, rows, links, now)) }))
        @if let Some(head) = head { (chain(head)) }
    }
}

fn table(list: &List, rows: &[(u64, Row)], links: &Links, now: Timestamp) -> Table {
    let mut table = Table::new("Events")
        .column("Action")
        .column("Who")
        .column("Resource")
        .column("Outcome")
        .column("When")
        .by(list.heading("when"));
    for (number, row) in rows {
        let event = &row.event;
        table.row(&[
            html! { a.row-link.nowrap href={ (ROOT) "/" (number) } { (event.action) } },
            html! { (linked(links.actor(event), &html! { (who(event)) })) },
            html! { @if !event.resource_id.is_empty() { (target(event, links)) } },
            outcome(event.outcome),
            ago(event.at, now),
        ]);
    }
    table
}

fn linked(address: Option<&str>, shown: &Markup) -> Markup {
    html! { @if let Some(address) = address { a href=(address) { (shown) } } @else { (shown) } }
}

fn target(event: &Event, links: &Links) -> Markup {
    linked(links.target(event), &html! { code.mono { (event.resource_id) } })
}

fn chain(head: Head) -> Markup {
    let code: String = head.code.iter().map(|byte| format!("{byte:02x}")).collect();
    card(
        "Chain",
        &html! {
            p.help { "Each row carries a code over the row before, so a row that is changed or taken out shows. Keep the end of the chain elsewhere to notice a cut tail too." }
            (Facts::new()
                .fact("Rows so far", count(head.number))
                .fact("End of the chain", copyable("chain-end", &format!("{}:{code}", head.number)))
                .fact("Check it", html! { code.mono { "scaistack audit verify" } }))
        },
    )
}

/// The page of one event.
pub(super) fn one(number: u64, row: &Row, links: &Links, now: Timestamp) -> Detail {
    let event = &row.event;
    let code: String = row.code.iter().map(|byte| format!("{byte:02x}")).collect();
    let facts = Facts::new()
        .fact("When", html! { (when(event.at)) " (" (ago(event.at, now)) ")" })
        .fact("Who", html! { (linked(links.actor(event), &html! { (who(event)) })) @if !event.actor.id.is_empty() { " " code.mono { (event.actor.id) } } })
        .fact("Kind of actor", event.actor.kind.as_str())
        .fact_if(
            "Resource",
            (!event.resource_type.is_empty())
                .then(|| html! { (event.resource_type) " " (target(event, links)) }),
        )
        .fact_if("Tenant", event.tenant.map(|tenant| html! { code.mono { (tenant) } }))
        .fact_if("Address", event.ip.as_deref())
        .fact_if("Program", event.user_agent.as_deref())
        .fact_if("Request", event.request.map(|request| copyable("request", &request.to_string())))
        .fact("Code in the chain", html! { code.mono { (code) } });
    let page = Detail::at(&[Crumb::to("Audit", ROOT), Crumb::here(format!("Event {number}"))], &event.action)
        .badges(outcome(event.outcome))
        .facts("Event", &facts);
    let page =
        if event.details.is_empty() {
            page
        } else {
            page.card("Details", &html! {
            dl.facts { @for (name, value) in &event.details { div { dt { (name) } dd { code.mono { (value) } } } } }
        })
        };
    page.part(head_links(number, event.action == Action::AuditRead.name()))
}

/// The way to the row in the log: the page that begins with it.
fn head_links(number: u64, is_read: bool) -> Markup {
    let at = page_token::at(Seek::OlderThan(number.saturating_add(1)));
    html! {
        nav.pages aria-label="Pages" {
            a.button.small href={ (ROOT) "?" @if is_read { "reads=" (WITH_READS) "&" } "at=" (at) } { "In the log" }
        }
    }
}
