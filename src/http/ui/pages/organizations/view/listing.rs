//! The list of organisations.

use super::address::{ROOT, address};
use crate::base::Timestamp;
use crate::http::kit::list::{Filter, List, Matches, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{Table, Tone, ago, badge, code, count, empty_with, head_with, icon};
use crate::store::Direction;
use crate::tenancy::{Status, Tenant};
use maud::{Markup, html};
use std::sync::Arc;

/// The state by which the list shows them.
const DELETED: &str = "DELETED";

/// Whether it is active.
pub fn state(tenant: &Tenant) -> Markup {
    match tenant.status {
        Status::Active => badge(Tone::Good, "Active"),
        Status::Suspended => badge(Tone::Warn, "Suspended"),
    }
}

/// A row of the list: an organisation, and how many belong to it.
type Row = (Arc<Tenant>, u64);

/// By what the list is sorted.
pub const SORTING: Sorting<Row> = Sorting {
    age: "created",
    usually: Direction::Backward,
    others: &[
        ("name", |one, other| by_text(one.0.name.as_str(), other.0.name.as_str())),
        ("slug", |one, other| one.0.slug.as_str().cmp(other.0.slug.as_str())),
        ("members", |one, other| one.1.cmp(&other.1)),
        ("state", |one, other| (one.0.status == Status::Suspended).cmp(&(other.0.status == Status::Suspended))),
    ],
};

/// What narrows the list.
pub fn filters() -> Vec<Filter> {
    vec![
        Filter::search("q", "Search", "Name, slug, external ID or ID", Matches::Words),
        Filter::select("status", "State", "All states", []).apart(DELETED, "Deleted"),
    ]
}

fn create_button(may_create: bool) -> Markup {
    html! { @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create organization" } } }
}

/// The head of the page.
pub fn title(may_create: bool) -> Markup {
    let what = "Your customers, each with its own people, roles and sign-in.";
    head_with("Organizations", what, &html! {}, &create_button(may_create))
}

/// The page with the list of organisations.
pub fn list(list: &List, rows: &Part<Row>, may_create: bool, now: Timestamp) -> Markup {
    let first = empty_with(
        "org",
        "No organizations yet",
        "Make one for each customer.",
        &create_button(may_create),
        &code("first", "scaistack tenant create --slug acme --name Acme"),
    );
    let what = "No organization matches. Try the start of a word of its name.";
    let nothing = Nothing { title: "Nothing found", what };
    html! {
        (title(may_create))
        (list.show(rows, nothing, &first, |rows| html! { (table(list, rows, now)) }))
    }
}

fn table(list: &List, rows: &[Row], now: Timestamp) -> Table {
    let mut table = Table::new("Organizations")
        .column("Name")
        .by(list.heading("name"))
        .column("Slug")
        .by(list.heading("slug"))
        .column("External ID")
        .number("Members")
        .by(list.heading("members"))
        .column("State")
        .by(list.heading("state"))
        .column("Created")
        .by(list.heading("created"));
    for (tenant, people) in rows {
        table.row(&[
            html! { a.row-link href=(address(tenant.id)) { (tenant.name) } },
            html! { code.mono { (tenant.slug) } },
            html! { @if let Some(id) = &tenant.details.external_id { code.mono { (id) } } },
            html! { (count(*people)) },
            state(tenant),
            ago(tenant.created_at, now),
        ]);
    }
    table
}
