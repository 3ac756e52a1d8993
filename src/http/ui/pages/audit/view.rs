//! The pages of the audit log, as markup.

use crate::audit::{Event, Head, Outcome, Row};
use crate::base::Timestamp;
use crate::catalogue::Action;
use crate::http::kit::parts::{
    Crumb, Facts, Field, Form, Table, Tone, ago, badge, card, copyable, count, crumbs, empty, filter_error, head_with,
    icon, next_page, when,
};
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

/// What the list shows.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub form: &'a Form,
    pub rows: &'a [(u64, Row)],
    pub filtered: bool,
    pub first: Option<&'a str>,
    pub next: Option<&'a str>,
    /// The address of the same rows as CSV.
    pub export: &'a str,
    /// The end of the chain, for those who run the instance.
    pub head: Option<Head>,
    pub now: Timestamp,
}

/// The page with the list of events.
pub(super) fn list(page: &List<'_>) -> Markup {
    let form = page.form;
    let outcomes = [("", "All"), ("success", "Success"), ("denied", "Denied"), ("failure", "Failure")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()));
    let export = html! { a.button href=(page.export) download="audit.csv" { (icon("download")) "Export CSV" } };
    html! {
        (head_with("Audit", "Every change, tried or done, every secret read, every call of the admin API and every sign-in.", &html! {}, &export))
        form.filters method="get" action=(ROOT) role="search" hx-get=(ROOT) hx-trigger="input delay:300ms, submit"
            hx-target="#results" hx-select="#results" hx-swap="outerHTML" hx-push-url="true" hx-sync="this:replace" {
            (Field::text(form, "action", "Action").filter().mono().attr("placeholder", "secret.read").attr("list", "actions"))
            datalist #actions { @for action in Action::ALL { option value=(action.name()) { (action.about()) } } }
            (Field::text(form, "actor", "Who").filter().attr("placeholder", "alice@example.com"))
            (Field::text(form, "resource", "Resource").filter().mono().attr("placeholder", "environments/"))
            (Field::select(form, "outcome", "Outcome", outcomes).filter())
            (Field::input(form, "date", "from", "From").filter())
            (Field::input(form, "date", "to", "To").filter())
            button { (icon("search")) "Search" }
        }
        div.stack #results {
            (filter_error(form))
            @if page.rows.is_empty() {
                (empty("audit", "Nothing found", "No event matches these filters.", &html! {
                    @if page.filtered { a.button href=(ROOT) { "Show all" } }
                }))
            } @else {
                (table(page))
                (next_page("Newest first. Days are in UTC.", page.first, page.next))
            }
        }
        @if let Some(head) = page.head { (chain(head)) }
    }
}

fn table(page: &List<'_>) -> Table {
    let mut table =
        Table::new("Events").column("Action").column("Who").column("Resource").column("Outcome").column("When");
    for (number, row) in page.rows {
        let event = &row.event;
        table.row(&[
            html! { a.row-link.nowrap href={ (ROOT) "/" (number) } { (event.action) } },
            html! { (who(event)) },
            html! { @if !event.resource_id.is_empty() { code.mono { (event.resource_id) } } },
            outcome(event.outcome),
            ago(event.at, page.now),
        ]);
    }
    table
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
pub(super) fn one(number: u64, row: &Row, now: Timestamp) -> Markup {
    let event = &row.event;
    let code: String = row.code.iter().map(|byte| format!("{byte:02x}")).collect();
    let facts = Facts::new()
        .fact("When", html! { (when(event.at)) " (" (ago(event.at, now)) ")" })
        .fact("Who", html! { (who(event)) @if !event.actor.id.is_empty() { " " code.mono { (event.actor.id) } } })
        .fact("Kind of actor", event.actor.kind.as_str())
        .fact_if(
            "Resource",
            (!event.resource_type.is_empty())
                .then(|| html! { (event.resource_type) " " code.mono { (event.resource_id) } }),
        )
        .fact_if("Tenant", event.tenant.map(|tenant| html! { code.mono { (tenant) } }))
        .fact_if("Address", event.ip.as_deref())
        .fact_if("Program", event.user_agent.as_deref())
        .fact_if("Request", event.request.map(|request| copyable("request", &request.to_string())))
        .fact("Code in the chain", html! { code.mono { (code) } });
    html! {
        (crumbs(&[Crumb::to("Audit", ROOT), Crumb::here(format!("Event {number}"))]))
        (head_with(&event.action, "", &outcome(event.outcome), &html! {}))
        (card("Event", &html! { (facts) }))
        @if !event.details.is_empty() {
            (card("Details", &html! {
                dl.facts { @for (name, value) in &event.details { div { dt { (name) } dd { code.mono { (value) } } } } }
            }))
        }
        (head_links(number))
    }
}

fn head_links(number: u64) -> Markup {
    html! {
        nav.pages aria-label="Pages" {
            a.button.small href={ (ROOT) "?before=" (number.saturating_add(1)) } { "In the log" }
        }
    }
}
