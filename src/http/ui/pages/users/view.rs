//! The pages of users, as markup.

use crate::access::Role;
use crate::apps::Application;
use crate::base::Timestamp;
use crate::base::id::UserId;
use crate::http::kit::list::{Filter, List, Nothing, Part};
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Detail, Facts, Form, Input, Table, Tone, ago, badge, badges, card, code, copyable, count,
    crumbs, empty, empty_with, fence, form_error, head, head_with, hidden, icon, version, when,
};
use crate::http::ui::pages::retention::Retention;
use crate::http::ui::pages::tenant_field::{TENANT, TenantChoice};
use crate::oauth::consent::Consent;
use crate::people::groups::Group;
use crate::people::{Membership, Status, User};
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(super) const ROOT: &str = "/admin/people/users";

/// The state by which the list shows those who were deleted.
pub(super) const DELETED: &str = "DELETED";
/// The address of that list.
pub(super) const DELETED_LIST: &str = "/admin/people/users?status=DELETED";

/// The address of one.
pub(super) fn address(user: UserId) -> String {
    format!("{ROOT}/{user}")
}

fn status_words(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Active => ("Active", Tone::Good),
        Status::Invited => ("Invited", Tone::Info),
        Status::Disabled => ("Disabled", Tone::Warn),
        Status::Suspended => ("Suspended", Tone::Warn),
    }
}

fn state(user: &User) -> Markup {
    let (words, tone) = status_words(user.status);
    badge(tone, words)
}

/// A role as people read it.
fn role_words(role: Role) -> &'static str {
    match role {
        Role::SuperAdmin => "Super admin",
        Role::PartnerAdmin => "Partner admin",
        Role::PartnerViewer => "Partner viewer",
        Role::TenantAdmin => "Admin",
        Role::TenantUser => "User",
        Role::TenantViewer => "Viewer",
    }
}

/// How the list of those who were deleted is shown.
#[derive(Debug)]
pub(super) struct Deleted {
    pub retention: Retention,
    /// Those on the page whom the reader may bring back.
    pub restorable: BTreeSet<UserId>,
}

/// What narrows the list; `all_tenants`: the reader sees more than one.
pub(super) fn filters(all_tenants: bool) -> Vec<Filter> {
    let states = Status::ALL.map(|status| (status.name().to_owned(), status_words(status).0.to_owned()));
    let mut filters = vec![
        Filter::search("q", "Search", "E-mail, name or external ID"),
        Filter::select("status", "State", "All states", states).apart(DELETED, "Deleted"),
    ];
    filters.extend(all_tenants.then(|| Filter::text("tenant", "Tenant", "Slug or ID")));
    filters
}

/// The page with the list of users, or of those who were deleted.
pub(super) fn list(
    list: &List,
    users: &Part<User>,
    gone: Option<&Deleted>,
    may_create: bool,
    now: Timestamp,
) -> Markup {
    let create = html! {
        @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create user" } }
    };
    let shown = match gone {
        Some(how) => {
            let all = html! { a.button href=(ROOT) { "Show all users" } };
            let first =
                empty("people", "Nobody is deleted", "Whoever is deleted can be restored here for a while.", &all);
            let nothing = Nothing { title: "Nobody found", what: "No deleted user matches." };
            list.show(users, nothing, &first, |users| deleted_table(users, how, now))
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
            list.show(users, nothing, &first, |users| html! { (table(users, now)) })
        }
    };
    html! {
        (head_with("Users", "People with an account: one for each e-mail address.", &html! {}, &create))
        (shown)
    }
}

/// Those who were deleted and can be restored.
fn deleted_table(users: &[User], how: &Deleted, now: Timestamp) -> Markup {
    let mut table =
        Table::new("Deleted users").column("Name").column("E-mail").column("Deleted").column("Gone for good");
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

fn table(users: &[User], now: Timestamp) -> Table {
    let mut table =
        Table::new("Users").column("Name").column("E-mail").column("State").column("Last sign-in").column("Created");
    for user in users {
        table.row(&[
            html! { a.row-link href=(address(user.id)) { (user.called()) } },
            html! { (user.email) },
            state(user),
            html! { @if let Some(at) = user.last_login_at { (ago(at, now)) } @else { span.muted { "Never" } } },
            ago(user.created_at, now),
        ]);
    }
    table
}

pub(super) const EMAIL: Input =
    Input::line("email", "email", "E-mail").with(&[("autocomplete", "off"), ("autocapitalize", "off")]);
pub(super) const NAME: Input = name("display_name", "Name");
pub(super) const ROLE: Input = Input::options("role", "Role");
pub(super) const HOW: Input = Input::options("how", "First sign-in");
pub(super) const PASSWORD: Input = Input::line("password", "password", "Password")
    .optional()
    .hint("Only if you set one now: at least 8 characters.")
    .with(&[("autocomplete", "new-password")]);
/// What the form for a new one asks for.
pub(super) const INPUTS: &[Input] = &[EMAIL, NAME, TENANT, ROLE, HOW, PASSWORD];

const fn name(name: &'static str, label: &'static str) -> Input {
    Input::text(name, label).optional().with(&[("maxlength", "255"), ("autocomplete", "off")])
}

/// The form for a new one.
pub(super) fn create(form: &Form, tenants: &TenantChoice, has_mail: bool, csrf: &str) -> Markup {
    let roles: Vec<_> = [
        (Role::TenantUser, "Signs in and uses what the tenant has"),
        (Role::TenantAdmin, "Manages the tenant's people, applications and secrets"),
        (Role::TenantViewer, "Sees, and changes nothing"),
    ]
    .map(|(role, what)| Choice::new(role.name(), role_words(role), what))
    .into();
    let invitation = if has_mail {
        "They get a mail and choose a password"
    } else {
        "The link waits in the outbox, for no mail server is set"
    };
    let ways = [
        Choice::new("invite", "Send an invitation", invitation),
        Choice::new("password", "Set a password now", "You tell them the password yourself"),
    ];
    html! {
        (crumbs(&[Crumb::to("Users", ROOT), Crumb::here("Create")]))
        (head("Create user", "One account for each e-mail address; it can be a member of several tenants."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (EMAIL.field(form).help("The name to sign in with."))
            (NAME.field(form))
            (tenants.field(form, "It owns the account: only its admins change it."))
            (ROLE.cards(form, &roles))
            (HOW.cards(form, &ways))
            (PASSWORD.field(form))
            div.actions { button.primary { "Create user" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

pub(super) const FIRST_NAME: Input = name("first_name", "First name");
pub(super) const LAST_NAME: Input = name("last_name", "Last name");
pub(super) const DISPLAY_NAME: Input = name("display_name", "Name to show");
pub(super) const PHONE_NUMBER: Input = Input::text("phone_number", "Telephone").optional().with(&[
    ("inputmode", "tel"),
    ("placeholder", "+31201234567"),
    ("autocomplete", "off"),
]);
/// What the form to change one asks for, the e-mail first.
pub(super) const PROFILE: &[Input] = &[EMAIL, FIRST_NAME, LAST_NAME, DISPLAY_NAME, PHONE_NUMBER];

/// The form to change one.
pub(super) fn edit(user: &User, form: &Form, may: UserRights, csrf: &str) -> Markup {
    let here = address(user.id);
    let mut email = EMAIL.field(form);
    if !may.secure {
        email = email.attr("readonly", "").help("It is not yours alone to change: they belong to other tenants too.");
    }
    html! {
        (crumbs(&[Crumb::to("Users", ROOT), Crumb::to(user.called(), here.as_str()), Crumb::here("Edit")]))
        (head("Edit user", "Another e-mail address has to be confirmed again."))
        (form_error(form))
        form.form.card method="post" action={ (here) "/edit" } {
            (hidden("csrf", csrf))
            (version(form))
            (email)
            @for input in &PROFILE[1..] { (input.field(form)) }
            div.actions { button.primary { "Save changes" } a.button href=(here) { "Cancel" } }
        }
    }
}

/// What the reader of one user's page may do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UserRights {
    /// Change the profile.
    pub change: bool,
    /// Change what they sign in with, switch them off and delete them.
    pub secure: bool,
    /// Why not: the code of the refusal.
    pub not: Option<&'static str>,
    pub end_sessions: bool,
    /// Whether it is their own account.
    pub me: bool,
}

/// What is wrong with another e-mail for somebody who belongs to other tenants too.
pub(super) const NOT_OURS: &str = "can be changed only by somebody who administers all tenants that the user belongs to; you can end the membership of yours";

/// What stands on the page of one user.
#[derive(Debug)]
pub(super) struct One<'a> {
    pub user: &'a User,
    pub home: String,
    pub memberships: &'a [(String, Membership)],
    pub groups: &'a [Group],
    pub sessions: usize,
    /// What the user has agreed to: the tenant's name, what, and for whom.
    pub consents: &'a [(String, Consent, Application)],
    pub retention: Retention,
    pub may: UserRights,
}

/// The page of one user.
pub(super) fn one(one: &One<'_>, csrf: &str, now: Timestamp) -> Detail {
    let user = one.user;
    let here = address(user.id);
    let actions = html! { @if one.may.change { a.button href={ (here) "/edit" } { "Edit" } } };
    let sessions = html! { a.button.small href={ "/admin/people/sessions?user=" (user.id) } { "Show sessions" } };
    let mut page = Detail::of(Crumb::to("Users", ROOT), &user.called())
        .badges(state(user))
        .actions(actions)
        .notice_if(user.status == Status::Invited, Tone::Info, "The invitation was not accepted yet.")
        .facts("Account", &facts(one, now))
        .card("Memberships", &html! { (memberships(one, now)) });
    if !user.admin_roles.is_empty() {
        page = page.card("Further roles", &roles(user, now));
    }
    page = page.card("Groups", &groups(one.groups));
    if !one.consents.is_empty() {
        page = page.part(consents(one, csrf, now));
    }
    page = page.card_with("Sessions", "", &sessions, &html! {
        p { (count(one.sessions as u64)) @if one.sessions == 1 { " browser is" } @else { " browsers are" } " signed in." }
    });
    let form = |action: &str, label: &str| {
        html! {
            form method="post" action={ (here) "/" (action) } {
                (hidden("csrf", csrf))
                button.small { (label) }
            }
        }
    };
    let fences = fences(one, &here, &form);
    if !fences.0.is_empty() {
        page = page.card("Change the account", &fences);
    }
    if one.may.secure && !one.may.me { endings(page, one, &here, &form) } else { page }
}

fn consents(one: &One<'_>, csrf: &str, now: Timestamp) -> Markup {
    let mut table =
        Table::new("Authorised applications").column("Application").column("Tenant").column("May read").column("Since");
    if one.may.change {
        table = table.actions("Withdraw");
    }
    for (tenant, consent, application) in one.consents {
        let mut row = vec![
            html! { (application.name) },
            html! { (tenant) },
            badges(consent.scopes.iter()),
            html! { (ago(consent.created_at, now)) },
        ];
        if one.may.change {
            row.push(html! {
                form method="post" action={ (address(one.user.id)) "/withdraw" } {
                    (hidden("csrf", csrf))
                    (hidden("client_id", &application.client_id()))
                    button.small { "Withdraw" }
                }
            });
        }
        table.row(&row);
    }
    card("Authorised applications", &html! { (table) })
}

fn facts(one: &One<'_>, now: Timestamp) -> Facts {
    let user = one.user;
    let verified =
        if user.email_verified { badge(Tone::Good, "Confirmed") } else { badge(Tone::Plain, "Not confirmed") };
    let password = match (&user.password_hash, user.password_changed_at) {
        (Some(_), Some(at)) => html! { "Set " (ago(at, now)) },
        (Some(_), None) => html! { "Set" },
        (None, _) => html! { span.muted { "None" } },
    };
    let last = user.last_login_at.map_or_else(|| html! { span.muted { "Never" } }, |at| ago(at, now));
    Facts::new()
        .fact("User ID", copyable("user", &user.id.to_string()))
        .fact("E-mail", html! { (user.email) " " (verified) })
        .fact_if("First name", user.first_name.as_ref().map(ToString::to_string))
        .fact_if("Last name", user.last_name.as_ref().map(ToString::to_string))
        .fact_if("Telephone", user.profile.phone_number.as_ref().map(ToString::to_string))
        .fact_if("Language", user.profile.locale.as_ref().map(ToString::to_string))
        .fact_if("Time zone", user.profile.zoneinfo.as_ref().map(ToString::to_string))
        .fact_if("Home tenant", (!one.home.is_empty()).then_some(one.home.as_str()))
        .fact("Comes from", user.identity_source.name())
        .fact("Password", password)
        .fact("Last sign-in", last)
        .fact("Created", when(user.created_at))
}

fn memberships(one: &One<'_>, now: Timestamp) -> Markup {
    if one.memberships.is_empty() {
        return html! { p.muted { "None in the tenants that you see." } };
    }
    let mut table = Table::new("Memberships").column("Tenant").column("Role").column("Since");
    for (tenant, membership) in one.memberships {
        let since = if membership.is_pending() {
            html! { "Invited" }
        } else {
            ago(membership.joined_at, now)
        };
        table.row(&[html! { (tenant) }, html! { (role_words(membership.role)) }, since]);
    }
    html! { (table) }
}

fn roles(user: &User, now: Timestamp) -> Markup {
    let mut table = Table::new("Roles").column("Role").column("Where").column("State");
    for held in &user.admin_roles {
        let place = match held.place {
            crate::access::Place::Platform => "The whole instance".to_owned(),
            crate::access::Place::Partner(partner) => partner.to_string(),
            crate::access::Place::Tenant { tenant, .. } => tenant.to_string(),
        };
        let state = if held.is_live(now) { badge(Tone::Good, "Active") } else { badge(Tone::Plain, "Ended") };
        table.row(&[html! { (role_words(held.role)) }, html! { (place) }, state]);
    }
    html! { (table) }
}

fn groups(groups: &[Group]) -> Markup {
    if groups.is_empty() {
        return html! { p.muted { "In no security group." } };
    }
    html! {
        ul { @for group in groups { li { a href={ "/admin/people/groups/" (group.id) } { (group.name) } } } }
    }
}

/// Why the reader cannot change how somebody signs in.
fn why_not(code: &str) -> Markup {
    html! {
        p.muted {
            @if code == "outranked" {
                "They hold a role that you do not hold yourself, so you cannot change how they sign in."
            } @else {
                "They belong to other tenants too: only somebody who administers all of these changes how they sign in. You can end the membership of yours."
            }
        }
    }
}

/// What can be done with an account: what would be refused is not offered. None: nothing, and there is nothing to say.
fn fences(one: &One<'_>, here: &str, form: &dyn Fn(&str, &str) -> Markup) -> Markup {
    let (user, may) = (one.user, one.may);
    html! {
        // Of somebody who was only invited nothing is said but that they wait.
        @if let Some(code) = may.not.filter(|_| user.status != Status::Invited) { (why_not(code)) }
        @if may.change && user.status == Status::Invited {
            (fence("Invitation", "Mail it again; the former link ends.", &form("resend-invitation", "Send again")))
        }
        @if may.secure && user.status == Status::Active {
            (fence("Password", "Mail a link to set a new one.",
                &Confirm::opener(&format!("{here}/reset-password"), "Reset password", false)))
        }
        @if may.end_sessions && one.sessions > 0 {
            (fence("Sessions", "Sign them out everywhere that you administer.", &form("end-sessions", "End sessions")))
        }
    }
}

/// What takes the account away, for a while or altogether.
fn endings(page: Detail, one: &One<'_>, here: &str, form: &dyn Fn(&str, &str) -> Markup) -> Detail {
    let page = match one.user.status {
        Status::Active => {
            let what = "They are signed out and cannot sign in until you switch them on.";
            page.danger("Switch off", what, &Confirm::opener(&format!("{here}/disable"), "Disable", true))
        }
        Status::Invited => page,
        _ => page.danger("Switch on", "They can sign in again.", &form("enable", "Enable")),
    };
    let what = format!("The account goes. {}", one.retention.words("address"));
    page.danger("Delete", &what, &Confirm::opener(&format!("{here}/delete"), "Delete", true))
}

/// Asks before a user is deleted.
pub(super) fn delete<'a>(
    user: &'a User,
    retention: Retention,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive("Delete the user?", "Delete user", (action, back), (csrf, form), html! {
            p { strong { (user.called()) } " is signed out. Password, second factors, tokens, keys, groups and custom roles are gone for good." }
            p.muted { "The account with its memberships is kept for a while. " (retention.words("address")) }
        }).typed(user.email.as_str())
}

/// Asks before a deleted user comes back.
pub(super) fn restore<'a>(user: &'a User, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::plain(
        "Restore the user?",
        "Restore user",
        (action, DELETED_LIST),
        (csrf, form),
        html! {
            p { strong { (user.called()) } " comes back as " (user.email) ", with the memberships and roles of before." }
            p.muted { "What was gone at once stays gone: password, second factors, tokens, keys, groups and custom roles. A mailed link lets them set a new password." }
        },
    )
}

/// Says of an e-mail that is taken which deleted user has it, and leads to their way back.
pub(super) fn held_by(user: &User, retention: Retention, now: Timestamp) -> Markup {
    html! {
        a href={ (address(user.id)) "/restore" } { "Restore " (user.called()) }
        @if let Some(at) = user.deleted_at { ", deleted " (ago(at, now)) } ". " (retention.words("address"))
    }
}
