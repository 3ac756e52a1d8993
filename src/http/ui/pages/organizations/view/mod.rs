//! The pages of organisations, as markup.

mod deleted;
mod forms;
mod members;
mod one;

pub(super) use deleted::{AskedDeleted, DELETED, deleted, held_by, restore};
pub(super) use forms::{create, edit, policy};
pub(super) use members::{Members, chosen, key_of, members, remove, role};
pub(super) use one::{May, One, delete, link, one};

use crate::base::id::TenantId;
use crate::base::{Id, Timestamp};
use crate::http::kit::parts::{
    Field, Form, Table, Tone, ago, badge, both_ways, code, count, empty, empty_with, head_with, how_many, icon, none_of,
};
use crate::store::Slice;
use crate::tenancy::{Status, Tenant};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) const ROOT: &str = "/admin/organizations";

/// The address of one.
pub(super) fn address(tenant: TenantId) -> String {
    format!("{ROOT}/{}", tenant.display_as("org"))
}

/// What a list is asked for, and what lies around what it shows.
#[derive(Debug)]
pub(super) struct Asked {
    pub form: Form,
    pub filtered: bool,
    /// The address of the page before.
    pub prev: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

fn state(tenant: &Tenant) -> Markup {
    match tenant.status {
        Status::Active => badge(Tone::Good, "Active"),
        Status::Suspended => badge(Tone::Warn, "Suspended"),
    }
}

/// How many of what: `1 member`, `12 members`.
fn many(number: u64, what: &str) -> String {
    how_many(number, true, what)
}

/// How many a slice is of.
fn summary<T>(slice: &Slice<T>, what: &str) -> String {
    how_many(slice.total, slice.is_all, what)
}

/// The filters of the list of organisations.
fn filters(form: &Form) -> Markup {
    let states = [("", "All states"), (DELETED, "Deleted")].map(|(value, words)| (value.to_owned(), words.to_owned()));
    search(
        ROOT,
        form,
        "Name, slug, external ID or ID",
        &html! {
            (Field::select(form, "status", "State", states).filter())
        },
    )
}

/// The filters of a list: one search, which a script sends while it is typed, and what else there is.
fn search(root: &str, form: &Form, placeholder: &str, more: &Markup) -> Markup {
    html! {
        form.filters method="get" action=(root) role="search" hx-get=(root) hx-trigger="input delay:250ms, submit"
            hx-target="#results" hx-select="#results" hx-swap="outerHTML" hx-push-url="true" hx-sync="this:replace" {
            (Field::input(form, "search", "q", "Search").search().attr("placeholder", placeholder))
            (more)
            button { (icon("search")) "Search" }
        }
    }
}

fn create_button(may_create: bool) -> Markup {
    html! { @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create organization" } } }
}

fn title(may_create: bool) -> Markup {
    let what = "Your customers, each with its own people, roles and sign-in.";
    head_with("Organizations", what, &html! {}, &create_button(may_create))
}

/// The page with the list of organisations.
pub(super) fn list(rows: &Slice<(Arc<Tenant>, u64)>, asked: &Asked, may_create: bool, now: Timestamp) -> Markup {
    let create = create_button(may_create);
    html! {
        (title(may_create))
        (filters(&asked.form))
        div.stack #results {
            @if rows.items.is_empty() && asked.filtered {
                (empty("search", "Nothing found", none_of(rows.is_all, "No organization matches. Try the start of a word of its name."),
                    &html! { a.button href=(ROOT) { "Show all" } }))
            } @else if rows.items.is_empty() {
                (empty_with("org", "No organizations yet", "Make one for each customer.", &create,
                    &code("first", "scaistack tenant create --slug acme --name Acme")))
            } @else {
                (table(&rows.items, now))
                (both_ways(&summary(rows, "organization"), asked.prev.as_deref(), asked.next.as_deref()))
            }
        }
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
