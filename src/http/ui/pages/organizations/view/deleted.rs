//! Organisations that were deleted.

use super::address::{ROOT, address};
use super::listing::title;
use crate::base::Timestamp;
use crate::http::kit::list::{List, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{Confirm, Form, Table, ago, empty};
use crate::http::ui::pages::retention::Retention;
use crate::store::Direction;
use crate::tenancy::Tenant;
use maud::{Markup, html};

/// By what the list is sorted.
pub const DELETED_SORTING: Sorting<Tenant> = Sorting {
    age: "created",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(one.name.as_str(), other.name.as_str())),
        ("slug", |one, other| one.slug.as_str().cmp(other.slug.as_str())),
        ("deleted", |one, other| one.deleted_at.cmp(&other.deleted_at)),
    ],
};

/// How they are shown.
#[derive(Clone, Copy, Debug)]
pub struct Deleted {
    pub retention: Retention,
    pub may_restore: bool,
    pub may_create: bool,
}

/// The page with the list of deleted organisations.
pub fn deleted(list: &List, found: &Part<Tenant>, how: Deleted, now: Timestamp) -> Markup {
    let all = html! { a.button href=(ROOT) { "Show all organizations" } };
    let first = empty("org", "None is deleted", "One that is deleted can be restored here for a while.", &all);
    let nothing = Nothing { title: "Nothing found", what: "No deleted organization matches." };
    html! {
        (title(how.may_create))
        (list.show(found, nothing, &first, |rows| html! { (table(list, rows, how, now)) }))
    }
}

fn table(list: &List, rows: &[Tenant], how: Deleted, now: Timestamp) -> Table {
    let mut table = Table::new("Deleted organizations")
        .column("Name")
        .by(list.heading("name"))
        .column("Slug")
        .by(list.heading("slug"))
        .column("Deleted")
        .by(list.heading("deleted"))
        .column("Gone for good");
    if how.may_restore {
        table = table.actions("Actions");
    }
    for tenant in rows {
        table.row(&[
            html! { (tenant.name) },
            html! { code.mono { (tenant.slug) } },
            html! { @if let Some(at) = tenant.deleted_at { (ago(at, now)) } },
            how.retention.until(tenant.deleted_at, now),
            Confirm::opener(&format!("{}/restore", address(tenant.id)), "Restore", false),
        ]);
    }
    table
}

/// Asks before a deleted organisation comes back.
pub fn restore<'a>(tenant: &'a Tenant, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::plain(
        "Restore the organization?",
        "Restore organization",
        (action, "/admin/organizations?status=DELETED"),
        (csrf, form),
        html! {
            p { strong { (tenant.name) } " comes back with everything in it: people, applications, keys and secrets." }
            p.muted { "Sessions that ended with it stay ended, invitations have to be sent again, and accounts whose home has moved keep the new one." }
        },
    )
}

/// Says of a slug that is taken which deleted organisation has it, and leads to its way back.
pub fn held_by(tenant: &Tenant, retention: Retention, now: Timestamp) -> Markup {
    html! {
        a href={ (address(tenant.id)) "/restore" } { "Restore " (tenant.name) }
        @if let Some(at) = tenant.deleted_at { ", deleted " (ago(at, now)) } ". " (retention.words("slug"))
    }
}
