//! The page to choose a tenant, as markup.

use super::reach::{MOST, Row};
use crate::http::kit::list::{Filter, List, Matches, Nothing, Part};
use crate::http::kit::parts::{
    Confirm, Crumb, Form, SWITCH, Table, Tone, badge, card_with, crumbs, empty, form_error, head, hidden, percent,
};
use crate::http::ui::pages::users::role_words;
use crate::tenancy::{Status, Tenant};
use maud::{Markup, html};

pub(super) const ROOT: &str = SWITCH;

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::search("q", "Search", "Name, slug or external ID", Matches::Words)]
}

/// What stands on the page.
#[derive(Debug)]
pub(super) struct Switch<'a> {
    pub list: List,
    pub rows: Part<Row>,
    /// Whether there are others.
    pub more: bool,
    /// Where to go on.
    pub next: &'a str,
    /// Whether the reader can go back to all that they administer.
    pub leave: bool,
}

/// The page.
pub(super) fn page(switch: &Switch<'_>, form: &Form, csrf: &str) -> Markup {
    let nothing = Nothing { title: "Nothing found", what: "No tenant that you reach is called so." };
    let first = empty("org", "No tenants", "You belong to no tenant.", &html! {});
    html! {
        (crumbs(&[Crumb::to("Home", "/admin/"), Crumb::here("Switch tenant")]))
        (head("Switch tenant", "The pages show one tenant: its people, applications, secrets and audit log."))
        (form_error(form))
        @if switch.leave {
            (card_with("All that you administer", "Lists show every tenant that you reach.", &leave(switch.next, csrf), &html! {}))
        }
        (switch.list.show(&switch.rows, nothing, &first, |rows| html! {
            (table(rows, switch.next, csrf))
            @if switch.more { p.muted { "The first " (MOST) ". Search for the others." } }
        }))
    }
}

fn leave(next: &str, csrf: &str) -> Markup {
    html! {
        form method="post" action={ (ROOT) "/leave" } {
            (hidden("csrf", csrf))
            (hidden("next", next))
            button { "Show all" }
        }
    }
}

fn table(rows: &[Row], next: &str, csrf: &str) -> Table {
    let mut table = Table::new("Tenants").column("Tenant").column("Slug").column("You are").actions("Choose");
    for row in rows {
        let tenant = &row.tenant;
        table.row(&[
            html! { (tenant.name) },
            html! { code.mono { (tenant.slug) } },
            html! {
                @match row.role { Some(role) => (role_words(role)), None => span.muted { "Not a member" } }
            },
            choose(row, next, csrf),
        ]);
    }
    table
}

fn choose(row: &Row, next: &str, csrf: &str) -> Markup {
    if row.is_here {
        return badge(Tone::Good, "You work here");
    }
    if row.tenant.status == Status::Suspended {
        return badge(Tone::Warn, "Suspended");
    }
    html! {
        form method="post" action=(ROOT) {
            (hidden("csrf", csrf))
            (hidden("tenant", &row.tenant.id.to_string()))
            (hidden("next", next))
            button.small { "Work here" span.unseen { ": " (row.tenant.name) } }
        }
    }
}

/// The address that leads to a page of a tenant.
pub(super) fn way(tenant: &Tenant, next: &str) -> String {
    format!("{ROOT}?tenant={}&next={}", tenant.id, percent(next))
}

/// Asks whoever follows a link to a page of a tenant that they do not work in now.
pub(super) fn ask<'a>(tenant: &'a Tenant, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::plain(
        "Switch tenant?",
        "Switch tenant",
        (action, "/admin/"),
        (csrf, form),
        html! {
            p { "The link leads to a page of " strong { (tenant.name) } ", and you work elsewhere now." }
            p.muted { "The pages show this tenant from then on, until you switch again." }
        },
    )
}
