//! The pages of users, as markup.

use crate::access::Role;
use crate::base::Timestamp;
use crate::base::id::UserId;
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Form, Input, Tone, ago, badge, crumbs, form_error, head, hidden, version,
};
use crate::http::ui::pages::retention::Retention;
use crate::http::ui::pages::tenant_field::{TENANT, TenantChoice};
use crate::people::{Status, User};
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/people/users";

/// The state by which the list shows those who were deleted.
pub(super) const DELETED: &str = "DELETED";
/// The address of that list.
pub(super) const DELETED_LIST: &str = "/admin/people/users?status=DELETED";

/// The address of one.
pub(in crate::http::ui::pages) fn address(user: UserId) -> String {
    format!("{ROOT}/{user}")
}

pub(super) fn status_words(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Active => ("Active", Tone::Good),
        Status::Invited => ("Invited", Tone::Info),
        Status::Disabled => ("Disabled", Tone::Warn),
        Status::Suspended => ("Suspended", Tone::Warn),
    }
}

pub(super) fn state(user: &User) -> Markup {
    let (words, tone) = status_words(user.status);
    badge(tone, words)
}

/// A role as people read it.
pub(in crate::http::ui::pages) fn role_words(role: Role) -> &'static str {
    match role {
        Role::SuperAdmin => "Super admin",
        Role::PartnerAdmin => "Partner admin",
        Role::PartnerViewer => "Partner viewer",
        Role::TenantAdmin => "Admin",
        Role::TenantUser => "User",
        Role::TenantViewer => "Viewer",
    }
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
    /// Take their second factors, and be shown a link with which they set a password.
    pub credentials: bool,
    /// Give and take roles.
    pub roles: bool,
    /// Put them into groups.
    pub groups: bool,
    /// Whether it is their own account.
    pub me: bool,
}

/// What is wrong with another e-mail for somebody who belongs to other tenants too.
pub(super) const NOT_OURS: &str = "can be changed only by somebody who administers all tenants that the user belongs to; you can end the membership of yours";

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
