//! The list of users, and of those who were deleted, as markup.

use super::view::{DELETED, ROOT, address, state, status_words};
use crate::base::Timestamp;
use crate::base::id::UserId;
use crate::http::kit::list::{Act, Filter, List, Matches, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{Confirm, Table, ago, code, empty, empty_with, head_with, icon};
use crate::http::ui::pages::find;
use crate::http::ui::pages::retention::Retention;
use crate::people::{Status, User};
use crate::store::Direction;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// How the list of those who were deleted is shown.
#[derive(Debug)]
pub(super) struct Deleted {
    pub retention: Retention,
    /// Those on the page whom the reader may bring back.
    pub restorable: BTreeSet<UserId>,
}

/// By what the list is sorted.
pub(super) const SORTING: Sorting<User> = Sorting {
    age: "created",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(&one.called(), &other.called())),
        ("email", |one, other| one.email.as_str().cmp(other.email.as_str())),
        ("state", |one, other| one.status.name().cmp(other.status.name())),
        ("last", |one, other| one.last_login_at.cmp(&other.last_login_at)),
    ],
};

/// By what the list of those who were deleted is.
pub(super) const DELETED_SORTING: Sorting<User> = Sorting {
    age: "created",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(&one.called(), &other.called())),
        ("email", |one, other| one.email.as_str().cmp(other.email.as_str())),
        ("deleted", |one, other| one.deleted_at.cmp(&other.deleted_at)),
    ],
};

/// What narrows the list; `all_tenants`: the reader sees more than one.
pub(super) fn filters(all_tenants: bool) -> Vec<Filter> {
    let states = Status::ALL.map(|status| (status.name().to_owned(), status_words(status).0.to_owned()));
    let mut filters = vec![
        Filter::search("q", "Search", "E-mail, name or external ID", Matches::Words),
        Filter::select("status", "State", "All states", states).apart(DELETED, "Deleted"),
    ];
    filters.extend(
        all_tenants.then(|| Filter::text("tenant", "Tenant", "Name, slug or ID", Matches::One).finds(find::TENANTS)),
    );
    filters
}

/// What can be done to several users.
pub(super) const ENABLE: Act =
    Act { action: "/admin/people/users/selected/enable", label: "Enable", destructive: false };
pub(super) const DISABLE: Act =
    Act { action: "/admin/people/users/selected/disable", label: "Disable", destructive: true };
pub(super) const END_SESSIONS: Act =
    Act { action: "/admin/people/users/selected/end-sessions", label: "End sessions", destructive: true };
pub(super) const ADD_TO_GROUP: Act =
    Act { action: "/admin/people/users/selected/add-to-group", label: "Add to group", destructive: false };

/// The list as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub list: &'a List,
    /// What the reader may do to several of them.
    pub acts: &'a [Act],
    pub csrf: &'a str,
    pub now: Timestamp,
}

/// The page with the list of users, or of those who were deleted.
pub(super) fn list(shown: &Shown<'_>, users: &Part<User>, gone: Option<&Deleted>, may_create: bool) -> Markup {
    let create = html! {
        @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create user" } }
    };
    let (list, now) = (shown.list, shown.now);
    let rows = match gone {
        Some(how) => {
            let all = html! { a.button href=(ROOT) { "Show all users" } };
            let first =
                empty("people", "Nobody is deleted", "Whoever is deleted can be restored here for a while.", &all);
            let nothing = Nothing { title: "Nobody found", what: "No deleted user matches." };
            list.show(users, nothing, &first, |users| deleted_table(list, users, how, now))
        }
        None => {
            let first = empty_with(
                "people",
                "No users yet",
                "Invite somebody: they get a mail and choose a password.",
                &create,
                &code("first", "scaistack user create --email alice@example.com"),
            );
            let nothing =
                Nothing { title: "Nobody found", what: "No user matches. Try another word or fewer filters." };
            list.show(users, nothing, &first, |users| {
                html! { (list.acts(shown.acts, shown.csrf)) (table(shown, users)) }
            })
        }
    };
    html! {
        (head_with("Users", "People with an account: one for each e-mail address.", &html! {}, &create))
        (rows)
    }
}

/// Those who were deleted and can be restored.
fn deleted_table(list: &List, users: &[User], how: &Deleted, now: Timestamp) -> Markup {
    let mut table = Table::new("Deleted users")
        .column("Name")
        .by(list.heading("name"))
        .column("E-mail")
        .by(list.heading("email"))
        .column("Deleted")
        .by(list.heading("deleted"))
        .column("Gone for good");
    if !how.restorable.is_empty() {
        table = table.actions("Actions");
    }
    for user in users {
        let restore = html! {
            @if how.restorable.contains(&user.id) {
                (Confirm::opener(&format!("{}/restore", address(user.id)), "Restore", false))
            }
        };
        table.row(&[
            html! { (user.called()) },
            html! { (user.email) },
            html! { @if let Some(at) = user.deleted_at { (ago(at, now)) } },
            how.retention.until(user.deleted_at, now),
            restore,
        ]);
    }
    html! { (table) }
}

fn table(shown: &Shown<'_>, users: &[User]) -> Table {
    let (list, now) = (shown.list, shown.now);
    let mut table = Table::new("Users")
        .selects(list.selects(shown.acts))
        .column("Name")
        .by(list.heading("name"))
        .column("E-mail")
        .by(list.heading("email"))
        .column("State")
        .by(list.heading("state"))
        .column("Last sign-in")
        .by(list.heading("last"))
        .column("Created")
        .by(list.heading("created"));
    for user in users {
        let (id, called) = (user.id.to_string(), user.called());
        table.row_of(
            Some((&id, &called)),
            &[
                html! { a.row-link href=(address(user.id)) { (user.called()) } },
                html! { (user.email) },
                state(user),
                html! { @if let Some(at) = user.last_login_at { (ago(at, now)) } @else { span.muted { "Never" } } },
                ago(user.created_at, now),
            ],
        );
    }
    table
}
