//! The pages of groups, as markup.

use crate::base::Timestamp;
use crate::base::id::GroupId;
use crate::http::kit::list::{Filter, List, Matches, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Detail, Facts, Field, Form, Input, Table, Tone, ago, badge, code, copyable, count, crumbs,
    empty_with, form_error, head, head_with, hidden, icon, many, percent, when,
};
use crate::http::ui::pages::find;
use crate::http::ui::pages::tenant_field::{TENANT, TenantChoice};
use crate::people::groups::{Group, GroupType, Members};
use crate::store::Direction;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/people/groups";

/// The address of one.
pub(in crate::http::ui::pages) fn address(group: GroupId) -> String {
    format!("{ROOT}/{group}")
}

/// Where a member is taken out of a group.
pub(super) fn removal(group: GroupId, member: &str) -> String {
    format!("{}/remove?member={}", address(group), percent(member))
}

fn type_words(kind: GroupType) -> (&'static str, &'static str) {
    match kind {
        GroupType::Security => ("Security group", "Stands in tokens; roles can be given to it"),
        GroupType::DistributionList => ("Distribution list", "An address book: it gives nothing"),
    }
}

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Group> = Sorting {
    age: "created",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(one.name.as_str(), other.name.as_str())),
        ("type", |one, other| one.group_type.name().cmp(other.group_type.name())),
        ("members", |one, other| one.members.cmp(&other.members)),
    ],
};

/// By what the members of one are sorted: users first, the oldest account first, unless it is asked otherwise.
pub(super) const MEMBER_SORTING: Sorting<Members> = Sorting {
    age: "account",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(&name_of(one), &name_of(other))),
        ("since", |one, other| since(one).cmp(&since(other))),
    ],
};

fn name_of(member: &Members) -> String {
    match member {
        Members::User(user, ..) => user.called(),
        Members::Group(group, _) => group.name.to_string(),
    }
}

fn since(member: &Members) -> Option<Timestamp> {
    match member {
        Members::User(_, _, since) => *since,
        Members::Group(_, since) => Some(*since),
    }
}

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    let types = GroupType::ALL.map(|kind| (kind.name().to_owned(), type_words(kind).0.to_owned()));
    vec![Filter::search("q", "Search", "Name", Matches::Words), Filter::select("type", "Type", "All types", types)]
}

/// The page with the list of groups.
pub(super) fn list(list: &List, groups: &Part<Group>, may_create: bool, now: Timestamp) -> Markup {
    let create = html! {
        @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create group" } }
    };
    let first = empty_with(
        "group",
        "No groups yet",
        "Put people into groups to give them roles together.",
        &create,
        &code("first", "scaistack group create --name Sales"),
    );
    let nothing = Nothing { title: "Nothing found", what: "No group matches. Try another word." };
    html! {
        (head_with("Groups", "Users of a tenant together, and groups in groups.", &html! {}, &create))
        (list.show(groups, nothing, &first, |groups| html! { (table(list, groups, now)) }))
    }
}

fn table(list: &List, groups: &[Group], now: Timestamp) -> Table {
    let mut table = Table::new("Groups")
        .column("Name")
        .by(list.heading("name"))
        .column("Type")
        .by(list.heading("type"))
        .number("Members")
        .by(list.heading("members"))
        .column("Created")
        .by(list.heading("created"));
    for group in groups {
        table.row(&[
            html! { a.row-link href=(address(group.id)) { (group.name) } },
            html! { (type_words(group.group_type).0) },
            html! { (count(group.members)) },
            ago(group.created_at, now),
        ]);
    }
    table
}

pub(super) const NAME: Input = Input::text("name", "Name").with(&[("maxlength", "200"), ("autocomplete", "off")]);
pub(super) const DESCRIPTION: Input =
    Input::text("description", "Description").optional().with(&[("maxlength", "200"), ("autocomplete", "off")]);
pub(super) const TYPE: Input = Input::options("group_type", "Type").hint("It cannot be changed later.");
/// What the form for a new one asks for.
pub(super) const INPUTS: &[Input] = &[NAME, DESCRIPTION, TENANT, TYPE];

/// The form for a new one.
pub(super) fn create(form: &Form, tenants: Option<&TenantChoice>, csrf: &str) -> Markup {
    let types: Vec<_> =
        GroupType::ALL.map(|kind| Choice::new(kind.name(), type_words(kind).0, type_words(kind).1)).into();
    html! {
        (crumbs(&[Crumb::to("Groups", ROOT), Crumb::here("Create")]))
        (head("Create group", "Its members are users of the tenant, and other groups of it."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form))
            (DESCRIPTION.field(form))
            @if let Some(tenants) = tenants {
                (tenants.field(form, "Only people of this tenant can be members."))
            }
            (TYPE.cards(form, &types))
            div.actions { button.primary { "Create group" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

/// What stands on the page of one group.
#[derive(Debug)]
pub(super) struct GroupView<'a> {
    pub group: &'a Group,
    pub tenant: String,
    pub list: &'a List,
    pub members: &'a Part<Members>,
    /// Whether members through other groups are shown too.
    pub effective: bool,
    pub may_write: bool,
}

/// The page of one group.
pub(super) fn one(shown: &GroupView<'_>, form: &Form, csrf: &str, now: Timestamp) -> Detail {
    let group = shown.group;
    let here = address(group.id);
    let facts = Facts::new()
        .fact("Group ID", copyable("group", &group.id.to_string()))
        .fact_if("Description", group.description.as_ref().map(ToString::to_string))
        .fact("Tenant", shown.tenant.as_str())
        .fact("Created", when(group.created_at));
    let switch = html! {
        @if shown.effective { a.button.small href=(here) { "Direct members only" } }
        @else { a.button.small href={ (here) "?all=1" } { "With those through groups" } }
    };
    let body = html! {
        @if shown.may_write && !shown.effective {
            form.form.row method="post" action={ (here) "/add" } {
                (hidden("csrf", csrf))
                (Field::text(form, "member", "Add a member").finds(find::USERS)
                    .attr("placeholder", "alice@example.com or grp_…")
                    .help("A user's e-mail, name or ID, or the ID of a group."))
                div.actions { button { (icon("plus")) "Add" } }
            }
        }
        @if shown.members.items.is_empty() {
            p.muted { "Nobody is in it." }
        } @else {
            (members(shown, now))
            (shown.members.foot(false))
        }
    };
    let page = Detail::of(Crumb::to("Groups", ROOT), group.name.as_str())
        .badges(badge(Tone::Plain, type_words(group.group_type).0))
        .part(form_error(form))
        .facts("About", &facts)
        .card_with("Members", "", &switch, &body);
    if !shown.may_write {
        return page;
    }
    let delete = Confirm::opener(&format!("{here}/delete"), "Delete", true);
    page.danger("Delete", "Nobody loses an account; what the group gave ends.", &delete)
}

fn members(shown: &GroupView<'_>, now: Timestamp) -> Table {
    let mut table = Table::new("Members")
        .column("Name")
        .by(shown.list.heading("name"))
        .column("Kind")
        .column("How")
        .column("Since")
        .by(shown.list.heading("since"))
        .actions("Actions");
    for line in &shown.members.items {
        let (name, kind, direct, since, id) = match line {
            Members::User(user, direct, since) => (
                html! { a.row-link href={ "/admin/people/users/" (user.id) } { (user.called()) } },
                "User",
                *direct,
                *since,
                user.id.to_string(),
            ),
            Members::Group(inner, since) => (
                html! { a.row-link href=(address(inner.id)) { (inner.name) } },
                "Group",
                true,
                Some(*since),
                inner.id.to_string(),
            ),
        };
        let remove = html! {
            @if shown.may_write && direct {
                (Confirm::opener(&removal(shown.group.id, &id), "Remove", true))
            }
        };
        table.row(&[
            name,
            html! { (kind) },
            html! { @if direct { "Direct" } @else { "Through a group" } },
            html! { @if let Some(since) = since { (ago(since, now)) } },
            remove,
        ]);
    }
    table
}

/// Asks before somebody or another group is taken out.
pub(super) fn remove<'a>(
    group: &Group,
    name: &str,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Remove the member?",
        "Remove member",
        (action, back),
        (csrf, form),
        html! {
            p { strong { (name) } " leaves " strong { (group.name) } ". What the group gives them, such as its roles, ends with that." }
            p.muted { "The account stays, and can be added again." }
        },
    )
}

/// Asks before a group is deleted.
pub(super) fn delete<'a>(
    group: &'a Group,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive("Delete the group?", "Delete group", (action, back), (csrf, form), html! {
            p { strong { (group.name) } " has " (many(group.members, "member")) ". They stay; what the group gives them ends." }
        }).typed(group.name.as_str())
}
