//! The people of an organisation.

use super::super::member::Member;
use super::address::{ROOT, address};
use crate::access::Role;
use crate::base::Timestamp;
use crate::http::kit::list::{Filter, List, Matches, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Form, Input, Table, Tone, ago, badge, card_with, crumbs, empty, form_error, head,
    head_with, hidden, icon, version,
};
use crate::people::MemberState;
use crate::store::Direction;
use crate::tenancy::Tenant;
use maud::{Markup, html};

/// What stands on the page of members.
#[derive(Debug)]
pub struct Members<'a> {
    pub tenant: &'a Tenant,
    pub list: &'a List,
    pub members: &'a Part<Member>,
    /// Whether the reader may invite and change.
    pub may: bool,
    /// Whether a mail server is set.
    pub mail: bool,
}

/// The roles that the forms offer: what is sent, what they are called, and what they are for.
const ROLES: [(Role, &str, &str, &str); 3] = [
    (Role::TenantUser, "member", "Member", "Signs in and uses what the organization has"),
    (Role::TenantAdmin, "admin", "Admin", "Manages its people, applications and secrets"),
    (Role::TenantViewer, "viewer", "Viewer", "Sees, and changes nothing"),
];

/// What a form sends for a role; empty for one that it does not offer.
pub fn key_of(role: Role) -> &'static str {
    ROLES.iter().find(|offered| offered.0 == role).map_or("", |offered| offered.1)
}

/// The role that a form has sent.
pub fn chosen(key: &str) -> Option<Role> {
    ROLES.iter().find(|offered| offered.1 == key).map(|offered| offered.0)
}

fn roles() -> Vec<Choice> {
    ROLES.map(|(_, key, name, what)| Choice::new(key, name, what)).into()
}

pub const EMAIL: Input =
    Input::line("email", "email", "E-mail").with(&[("autocomplete", "off"), ("autocapitalize", "off")]);
pub const ROLE: Input = Input::options("role", "Role");
/// What the form of an invitation asks for.
pub const INVITATION: &[Input] = &[EMAIL, ROLE];

/// What narrows the list of members.
pub fn member_filters() -> Vec<Filter> {
    vec![Filter::search("q", "Search", "E-mail or name", Matches::Words)]
}

/// By what the list of members is sorted.
pub const MEMBER_SORTING: Sorting<Member> = Sorting {
    age: "account",
    usually: Direction::Backward,
    others: &[
        ("name", |one, other| by_text(&one.user.called(), &other.user.called())),
        ("email", |one, other| one.user.email.as_str().cmp(other.user.email.as_str())),
        ("since", |one, other| {
            let joined = |member: &Member| member.membership.as_ref().map(|membership| membership.joined_at);
            joined(one).cmp(&joined(other))
        }),
    ],
};

/// The page with the members of an organisation.
pub fn members(shown: &Members<'_>, form: &Form, csrf: &str, now: Timestamp) -> Markup {
    let tenant = shown.tenant;
    let here = address(tenant.id);
    let root = format!("{here}/members");
    let lead = "Who belongs to it, as what, and who was asked.";
    let first = empty("people", "Nobody yet", "The first to come is usually its admin.", &html! {});
    let nothing = Nothing { title: "Nobody found", what: "No member matches. Try another word." };
    html! {
        (crumbs(&[Crumb::to("Organizations", ROOT), Crumb::to(tenant.name.as_str(), here.as_str()), Crumb::here("Members")]))
        (head_with(&format!("Members of {}", tenant.name), lead, &html! {}, &html! {}))
        (form_error(form))
        @if shown.may { (invite(shown, &root, form, csrf)) }
        (shown.list.show(shown.members, nothing, &first, |members| html! { (table(shown, members, &root, csrf, now)) }))
    }
}

fn invite(shown: &Members<'_>, root: &str, form: &Form, csrf: &str) -> Markup {
    let how = if shown.mail {
        "They get a mail and join when they accept."
    } else {
        "The link waits in the outbox, for no mail server is set."
    };
    let options = roles().into_iter().map(|role| (role.value, role.name));
    card_with(
        "Invite somebody",
        how,
        &html! {},
        &html! {
            form.form method="post" action={ (root) "/invite" } {
                (hidden("csrf", csrf))
                div.columns {
                    (EMAIL.field(form))
                    (ROLE.select(form, options))
                }
                div.actions { button.primary { (icon("mail")) "Invite" } }
            }
        },
    )
}

fn standing(member: &Member, now: Timestamp) -> Option<MemberState> {
    member.membership.as_ref().map(|membership| membership.standing(&member.user, now))
}

fn state(member: &Member, now: Timestamp) -> Markup {
    match standing(member, now) {
        Some(MemberState::Active) => badge(Tone::Good, "Active"),
        Some(MemberState::Inactive) => badge(Tone::Warn, "Switched off"),
        Some(MemberState::Pending) => badge(Tone::Info, "Invited"),
        Some(MemberState::Expired) => badge(Tone::Warn, "Invitation expired"),
        None => badge(Tone::Plain, "Account only"),
    }
}

fn table(shown: &Members<'_>, members: &[Member], root: &str, csrf: &str, now: Timestamp) -> Table {
    let (may, list) = (shown.may, shown.list);
    let mut table = Table::new("Members")
        .column("Name")
        .by(list.heading("name"))
        .column("E-mail")
        .by(list.heading("email"))
        .column("Roles")
        .column("State")
        .column("Since")
        .by(list.heading("since"))
        .actions("Actions");
    for member in members {
        let user = &member.user;
        table.row(&[
            html! { a.row-link href={ "/admin/people/users/" (user.id) } { (user.called()) } },
            html! { (user.email) },
            html! { span.badges { @for role in &member.roles { (badge(Tone::Plain, role.name.as_str())) } } },
            state(member, now),
            html! { @if let Some(membership) = &member.membership { (ago(membership.joined_at, now)) } },
            html! { @if may && member.membership.is_some() { (actions(member, root, csrf, now)) } },
        ]);
    }
    table
}

fn actions(member: &Member, root: &str, csrf: &str, now: Timestamp) -> Markup {
    let here = format!("{root}/{}", member.user.id);
    let waits = matches!(standing(member, now), Some(MemberState::Pending | MemberState::Expired));
    html! {
        div.actions {
            @if waits {
                form method="post" action={ (here) "/resend" } { (hidden("csrf", csrf)) button.small { "Send again" } }
            } @else {
                a.button.small href={ (here) "/role" } { "Change role" }
            }
            (Confirm::opener(&format!("{here}/remove"), if waits { "Withdraw" } else { "Remove" }, true))
        }
    }
}

/// The form for another role.
pub fn role(tenant: &Tenant, member: &Member, form: &Form, csrf: &str) -> Markup {
    let back = format!("{}/members", address(tenant.id));
    let name = member.user.called();
    html! {
        (crumbs(&[
            Crumb::to("Organizations", ROOT),
            Crumb::to(tenant.name.as_str(), address(tenant.id)),
            Crumb::to("Members", back.as_str()),
            Crumb::here("Change role"),
        ]))
        (head("Change role", format!("What {name} may do in {}. Custom roles stay as they are.", tenant.name)))
        (form_error(form))
        form.form.card method="post" action={ (back) "/" (member.user.id) "/role" } {
            (hidden("csrf", csrf))
            (version(form))
            (ROLE.cards(form, &roles()))
            div.actions { button.primary { "Change role" } a.button href=(back) { "Cancel" } }
        }
    }
}

/// Asks before a membership ends or an invitation is withdrawn.
pub fn remove<'a>(
    tenant: &'a Tenant,
    member: &'a Member,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    let waits = member.membership.as_ref().is_some_and(crate::people::Membership::is_pending);
    Confirm::destructive(
        if waits { "Withdraw the invitation?" } else { "Remove the member?" },
        if waits { "Withdraw invitation" } else { "Remove member" },
        (action, back),
        (csrf, form),
        html! {
            @if waits {
                p { "The link that " strong { (member.user.email) } " was mailed does not work any more." }
            } @else {
                p { strong { (member.user.called()) } " loses all roles in " strong { (tenant.name) } ", and the tokens of applications there end." }
                p.muted { "The account stays." }
            }
        },
    )
}
