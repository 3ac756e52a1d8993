//! The pages of organisations, as markup.

mod deleted;
mod forms;
mod members;
mod one;

pub(super) use deleted::{DELETED, Deleted, deleted, held_by, restore};
pub(super) use forms::{
    ABSOLUTE, ABSOLUTE_UNIT, CONTACT, ENDS_IDLE, EXTERNAL_ID, IDLE, IDLE_UNIT, INPUTS, LOGO_URL, MAX_USERS, METADATA,
    NAME, POLICY, REGION, SLUG, SOURCE, create, edit, policy,
};
pub(super) use members::{EMAIL, INVITATION, Members, ROLE, chosen, key_of, member_filters, members, remove, role};
pub(super) use one::{One, OrganizationRights, delete, link, one};

use crate::base::id::TenantId;
use crate::base::{Id, Timestamp};
use crate::http::kit::list::{Filter, List, Nothing, Part};
use crate::http::kit::parts::{Table, Tone, ago, badge, code, count, empty_with, head_with, icon};
use crate::tenancy::{Status, Tenant};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) const ROOT: &str = "/admin/organizations";

/// The address of one.
pub(super) fn address(tenant: TenantId) -> String {
    format!("{ROOT}/{}", tenant.display_as("org"))
}

fn state(tenant: &Tenant) -> Markup {
    match tenant.status {
        Status::Active => badge(Tone::Good, "Active"),
        Status::Suspended => badge(Tone::Warn, "Suspended"),
    }
}

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    vec![
        Filter::search("q", "Search", "Name, slug, external ID or ID"),
        Filter::select("status", "State", "All states", []).apart(DELETED, "Deleted"),
    ]
}

fn create_button(may_create: bool) -> Markup {
    html! { @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create organization" } } }
}

fn title(may_create: bool) -> Markup {
    let what = "Your customers, each with its own people, roles and sign-in.";
    head_with("Organizations", what, &html! {}, &create_button(may_create))
}

/// The page with the list of organisations.
pub(super) fn list(list: &List, rows: &Part<(Arc<Tenant>, u64)>, may_create: bool, now: Timestamp) -> Markup {
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
