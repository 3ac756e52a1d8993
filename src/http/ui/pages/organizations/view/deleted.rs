//! Organisations that were deleted.

use super::{ROOT, address, filters, many, title};
use crate::base::Timestamp;
use crate::http::kit::parts::{Around, Confirm, Form, Table, ago, empty};
use crate::http::ui::pages::retention::Retention;
use crate::store::Listed;
use crate::tenancy::Tenant;
use maud::{Markup, html};

/// The state by which the list shows them.
pub(in super::super) const DELETED: &str = "DELETED";

/// What the list of them is asked for, and how it is shown.
#[derive(Debug)]
pub(in super::super) struct AskedDeleted {
    pub form: Form,
    pub filtered: bool,
    pub around: Around,
    pub retention: Retention,
    pub may_restore: bool,
    pub may_create: bool,
}

/// The page with the list of deleted organisations.
pub(in super::super) fn deleted(listed: &Listed<Tenant>, asked: &AskedDeleted, now: Timestamp) -> Markup {
    html! {
        (title(asked.may_create))
        (filters(&asked.form))
        div.stack #results {
            @if listed.items.is_empty() {
                (empty("org", if asked.filtered { "Nothing found" } else { "None is deleted" },
                    if asked.filtered { "No deleted organization matches." } else { "One that is deleted can be restored here for a while." },
                    &html! { a.button href=(ROOT) { "Show all organizations" } }))
            } @else {
                (table(&listed.items, asked, now))
                (asked.around.foot(&many(listed.total, "deleted organization")))
            }
        }
    }
}

fn table(rows: &[Tenant], asked: &AskedDeleted, now: Timestamp) -> Table {
    let mut table =
        Table::new("Deleted organizations").column("Name").column("Slug").column("Deleted").column("Gone for good");
    if asked.may_restore {
        table = table.actions("Actions");
    }
    for tenant in rows {
        table.row(&[
            html! { (tenant.name) },
            html! { code.mono { (tenant.slug) } },
            html! { @if let Some(at) = tenant.deleted_at { (ago(at, now)) } },
            asked.retention.until(tenant.deleted_at, now),
            Confirm::opener(&format!("{}/restore", address(tenant.id)), "Restore", false),
        ]);
    }
    table
}

/// Asks before a deleted organisation comes back.
pub(in super::super) fn restore<'a>(tenant: &'a Tenant, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm {
        title: "Restore the organization?",
        what: html! {
            p { strong { (tenant.name) } " comes back with everything in it: people, applications, keys and secrets." }
            p.muted { "Sessions that ended with it stay ended, invitations have to be sent again, and accounts whose home has moved keep the new one." }
        },
        button: "Restore organization",
        action,
        back: "/admin/organizations?status=DELETED",
        destructive: false,
        type_this: None,
        csrf,
        form,
    }
}

/// Says of a slug that is taken which deleted organisation has it, and leads to its way back.
pub(in super::super) fn held_by(tenant: &Tenant, retention: Retention, now: Timestamp) -> Markup {
    html! {
        a href={ (address(tenant.id)) "/restore" } { "Restore " (tenant.name) }
        @if let Some(at) = tenant.deleted_at { ", deleted " (ago(at, now)) } ". " (retention.words("slug"))
    }
}
