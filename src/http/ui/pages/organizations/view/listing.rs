//! The list of organisations.

use super::address::{ROOT, address};
use crate::base::Timestamp;
use crate::http::kit::list::{Filter, List, Nothing, Part};
use crate::http::kit::parts::{Table, Tone, ago, badge, code, count, empty_with, head_with, icon};
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

/// What narrows the list.
pub fn filters() -> Vec<Filter> {
    vec![
        Filter::search("q", "Search", "Name, slug, external ID or ID"),
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
pub fn list(list: &List, rows: &Part<(Arc<Tenant>, u64)>, may_create: bool, now: Timestamp) -> Markup {
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
        (list.show(rows, nothing, &first, |rows| html! { (table(rows, now)) }))
    }
}

fn table(rows: &[(Arc<Tenant>, u64)], now: Timestamp) -> Table {
    let mut table = Table::new("Organizations")
        .column("Name")
        .column("Slug")
        .column("External ID")
        .number("Members")
        .column("State")
        .column("Created");
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
