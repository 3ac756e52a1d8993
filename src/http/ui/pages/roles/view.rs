//! The pages of roles, as markup.

use crate::access::{CoreSet, Role};
use crate::base::Timestamp;
use crate::catalogue::{Holder, Scope};
use crate::http::kit::list::{List, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Detail, Facts, Field, Form, Input, Table, Tone, ago, badge, badges, card, card_with,
    copyable, count, crumbs, empty, form_error, head, head_with, hidden, icon, version,
};
use crate::roles::{CustomRole, RoleMapping};
use crate::store::Direction;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/access/roles";

/// What the built-in roles are for, and where they reach.
const BUILT_IN: [(Role, &str, &str); 6] = [
    (Role::TenantViewer, "Tenant", "Looks at models and at their own usage."),
    (Role::TenantUser, "Tenant", "Works here: calls models, makes API keys, reads and writes secrets."),
    (Role::TenantAdmin, "Tenant", "Looks after the tenant: users, roles, budgets, audit log."),
    (Role::PartnerViewer, "Partner", "Looks at all tenants of the partner."),
    (Role::PartnerAdmin, "Partner", "Looks after all tenants of the partner."),
    (Role::SuperAdmin, "Platform", "Everything, everywhere."),
];

/// One of the tenant's roles.
#[derive(Debug)]
pub(super) struct Row {
    pub role: CustomRole,
    pub holders: u64,
}

/// One mapping, in words.
#[derive(Debug)]
pub(super) struct Mapped {
    pub mapping: RoleMapping,
    pub group: String,
    pub gives: String,
}

/// By what the tenant's own roles are sorted.
pub(super) const SORTING: Sorting<Row> = Sorting {
    age: "made",
    usually: Direction::Backward,
    others: &[
        ("name", |one, other| by_text(one.role.name.as_str(), other.role.name.as_str())),
        ("held", |one, other| one.holders.cmp(&other.holders)),
        ("changed", |one, other| one.role.updated_at.cmp(&other.role.updated_at)),
    ],
};

/// The page with the roles and the mappings of groups.
pub(super) fn list((list, rows): (&List, &Part<Row>), mappings: &[Mapped], now: Timestamp) -> Markup {
    let create = html! { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create role" } };
    let map = html! { a.button href={ (ROOT) "/map" } { "Map a group" } };
    html! {
        (head_with("Roles", "Who may do what in ScaiGrid. A change counts for the very next request.", &html! {}, &create))
        @if rows.items.is_empty() {
            (empty("role", "No roles of your own yet",
                "The built-in roles below do for most. Make one where somebody should do a little more, or a program much less.",
                &html! {}))
        } @else {
            (custom(list, &rows.items, now))
            (rows.foot(false))
        }
        (card_with("Mappings of groups", "Who is in the group has the role.", &map, &html! {
            @if mappings.is_empty() {
                p.muted { "No group is mapped to a role." }
            } @else {
                (mapped(mappings))
            }
        }))
        (card("Built-in roles", &html! { (built_in()) }))
    }
}

fn custom(list: &List, rows: &[Row], now: Timestamp) -> Table {
    let mut table = Table::new("Custom roles")
        .column("Name")
        .by(list.heading("name"))
        .column("Permissions")
        .number("Held by")
        .by(list.heading("held"))
        .column("Changed")
        .by(list.heading("changed"));
    for Row { role, holders } in rows {
        let core = role.core.names().count();
        let modules = role.modules.iter().count();
        table.row(&[
            html! { a href={ (ROOT) "/" (role.id) } { (role.name) } " " code.mono.muted { (role.slug) } },
            html! { (core) " core" @if modules > 0 { ", " (modules) " of modules" } },
            html! { (count(*holders)) },
            html! { (ago(role.updated_at, now)) },
        ]);
    }
    table
}

fn mapped(mappings: &[Mapped]) -> Table {
    let mut table =
        Table::new("Role mappings").column("Group").column("Role").column("When somebody leaves").actions("End it");
    for Mapped { mapping, group, gives } in mappings {
        table.row(&[
            html! { (group) },
            badge(Tone::Plain, gives),
            html! { @if mapping.auto_revoke { "They lose it" } @else { "They keep it" } },
            Confirm::opener(&format!("{ROOT}/mappings/{}/delete", mapping.id), "Delete", true),
        ]);
    }
    table
}

fn built_in() -> Table {
    let mut table =
        Table::new("Built-in roles").column("Role").column("Reach").column("What for").column("Permissions");
    for (role, reach, what) in BUILT_IN {
        let all = role == Role::SuperAdmin;
        table.row(&[
            html! { code.nowrap { (role.name()) } },
            html! { (reach) },
            html! { (what) },
            html! { @if all { "All" } @else { (badges(CoreSet::bundle(role).names())) } },
        ]);
    }
    table
}

/// One of the tenant's roles.
pub(super) fn one(role: &CustomRole, holders: &[(String, String)], total: u64, now: Timestamp) -> Detail {
    let edit = html! { a.button href={ (ROOT) "/" (role.id) "/edit" } { "Edit" } };
    let facts = Facts::new()
        .fact("Id", copyable("role", &role.id.to_string()))
        .fact("Slug", html! { code.mono { (role.slug) } })
        .fact("Made", html! { (ago(role.created_at, now)) " by " code.mono { (role.created_by) } })
        .fact("Changed", ago(role.updated_at, now));
    let permissions = html! {
        @if role.core.is_empty() && role.modules.is_empty() {
            p.muted { "None: this role gives nothing." }
        }
        @if !role.core.is_empty() { (core_table(role.core)) }
        @if !role.modules.is_empty() { p { "Of modules: " (badges(role.modules.iter())) } }
    };
    let held = html! {
        @if holders.is_empty() {
            p.muted { "Nobody was given this role. Mappings of groups are not counted here." }
        } @else {
            (holder_table(holders))
            @if total > holders.len() as u64 { p.muted { "And " (count(total - holders.len() as u64)) " more." } }
        }
    };
    let delete = Confirm::opener(&format!("{ROOT}/{}/delete", role.id), "Delete role", true);
    Detail::of(Crumb::to("Roles", ROOT), role.name.as_str())
        .lead(role.description.as_deref().unwrap_or_default())
        .actions(edit)
        .card("Permissions", &permissions)
        .card("Held by", &held)
        .facts("About", &facts)
        .danger("Delete this role", "Whoever holds it loses what it gives, at once.", &delete)
}

fn core_table(core: CoreSet) -> Table {
    let mut table = Table::new("Core permissions").column("Permission").column("What it allows");
    for scope in Scope::of(Holder::Role).filter(|scope| core.has(scope.name)) {
        table.row(&[html! { code.mono { (scope.name) } }, html! { (scope.about) }]);
    }
    table
}

fn holder_table(holders: &[(String, String)]) -> Table {
    let mut table = Table::new("Holders").column("Name").column("E-mail");
    for (name, email) in holders {
        table.row(&[html! { (name) }, html! { (email) }]);
    }
    table
}

const NAME: Input =
    Input::text("name", "Name").with(&[("maxlength", "200"), ("autocomplete", "off"), ("placeholder", "Night shift")]);
const SLUG: Input = Input::text("slug", "Slug")
    .optional()
    .mono()
    .hint("Its name in scripts. Left empty, it is made from the name.")
    .with(&[("maxlength", "63"), ("autocomplete", "off")]);
const DESCRIPTION: Input = Input::text("description", "Description").optional().with(&[("maxlength", "1000")]);
const CORE: Input = Input::options("core_permissions", "Core permissions").hint("Tick as few as will do.");
const MODULES: Input = Input::area("module_permissions", "Permissions of modules", 3)
    .optional()
    .mono()
    .hint("One a line, such as scaibot:bots:read.");
/// What the form of a role asks for.
pub(super) const INPUTS: &[Input] = &[NAME, SLUG, DESCRIPTION, CORE, MODULES];

/// The form of a role, new or not.
pub(super) fn edit(form: &Form, role: Option<&CustomRole>, csrf: &str) -> Markup {
    let back = role.map_or_else(|| ROOT.to_owned(), |role| format!("{ROOT}/{}", role.id));
    let action = role.map_or_else(|| format!("{ROOT}/create"), |role| format!("{ROOT}/{}/edit", role.id));
    let offered: Vec<_> = Scope::of(Holder::Role)
        .filter(|scope| CoreSet::OF_A_TENANT.has(scope.name))
        .map(|scope| Choice::new(scope.name, scope.name, scope.about))
        .collect();
    let (title, button) = if role.is_some() { ("Edit role", "Save role") } else { ("Create role", "Create role") };
    html! {
        @if let Some(role) = role {
            (crumbs(&[Crumb::to("Roles", ROOT), Crumb::to(role.name.as_str(), back.as_str()), Crumb::here("Edit")]))
        } @else {
            (crumbs(&[Crumb::to("Roles", ROOT), Crumb::here("Create")]))
        }
        (head(title, "You can give what you may do yourself. Users get it besides their built-in role."))
        (form_error(form))
        form.form.card method="post" action=(action) {
            (hidden("csrf", csrf))
            (version(form))
            (NAME.field(form))
            (SLUG.field(form))
            (DESCRIPTION.field(form))
            (CORE.boxes(form, &offered))
            (MODULES.field(form))
            div.actions { button.primary { (button) } a.button href=(back) { "Cancel" } }
        }
    }
}

/// The form of a mapping.
pub(super) fn map(form: &Form, groups: &[(String, String)], custom: &[(String, String)], csrf: &str) -> Markup {
    let gives = [Role::TenantViewer, Role::TenantUser, Role::TenantAdmin]
        .map(|role| (role.name().to_owned(), role.name().to_owned()))
        .into_iter()
        .chain(custom.iter().cloned());
    html! {
        (crumbs(&[Crumb::to("Roles", ROOT), Crumb::here("Map a group")]))
        (head("Map a group", "All who are in the group, directly or through groups in it, have the role."))
        (form_error(form))
        @if groups.is_empty() {
            (empty("users", "Make a group first",
                "There is no security group here. One holds the people who are to have a role.",
                &html! { a.button.primary href="/admin/people/groups/create" { (icon("plus")) "Create group" } }))
        } @else {
        form.form.card method="post" action={ (ROOT) "/map" } {
            (hidden("csrf", csrf))
            (Field::select(form, "group", "Group", groups.iter().cloned())
                .help("Security groups; distribution lists give nothing."))
            (Field::select(form, "gives", "Role", gives))
            (Field::select(form, "auto_revoke", "When somebody leaves the group", [
                ("1".to_owned(), "They lose the role at once".to_owned()),
                ("0".to_owned(), "They keep it, if they signed in while they were in the group".to_owned()),
            ]))
            div.actions { button.primary { "Map the group" } a.button href=(ROOT) { "Cancel" } }
        }
        }
    }
}

/// Asks before a role is deleted.
pub(super) fn delete<'a>(
    role: &CustomRole,
    held: u64,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Delete this role?",
        "Delete role",
        (action, back),
        (csrf, form),
        html! {
            p {
                strong { (role.name) } " is held by " (count(held)) @if held == 1 { " user" } @else { " users" }
                ". They lose what it gives, and mappings that give it are deleted."
            }
        },
    )
}

/// Asks before a mapping is deleted.
pub(super) fn unmap<'a>(group: &str, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::destructive(
        "Delete this mapping?",
        "Delete mapping",
        (action, ROOT),
        (csrf, form),
        html! { p { "Members of " strong { (group) } " lose what it gives, also those who could have kept it." } },
    )
}
