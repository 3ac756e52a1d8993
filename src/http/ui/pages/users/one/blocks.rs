//! The blocks of a user's page: memberships, roles, groups, second factors, sessions, keys, tokens, consents.

use super::super::view::{address, role_words};
use super::parts::{Front, One};
use crate::access::{Place, Role};
use crate::base::{Id as _, Timestamp};
use crate::http::kit::parts::{Confirm, Table, Tone, ago, badge, badges, card, card_with, count, hidden, percent};
use crate::http::ui::nav;
use crate::http::ui::pages::sessions::browser;
use crate::keys::PersonalToken;
use crate::keys::api_keys::{ApiKey, KeyState};
use crate::mfa::Factors;
use crate::people::AdminRole;
use crate::sessions::Session;
use maud::{Markup, html};

/// What stands in a block that is empty.
fn nothing(words: &str) -> Markup {
    html! { p.muted { (words) } }
}

/// The way to the whole list, where there is more than what is shown.
fn all(more: bool, href: &str, words: &str) -> Markup {
    html! { @if more { p { a href=(href) { (words) } } } }
}

pub(super) fn memberships(one: &One<'_>, now: Timestamp) -> Markup {
    if one.memberships.is_empty() {
        return card("Memberships", &nothing("None in the tenants that you see."));
    }
    let mut table = Table::new("Memberships").column("Tenant").column("Role").column("Since");
    if one.may.roles {
        table = table.actions("Change");
    }
    for (tenant, membership) in one.memberships {
        let org = format!("{}/{}", nav::ORGANIZATIONS, membership.tenant.display_as("org"));
        let mut row = vec![
            html! { a.row-link href={ (org) "/members" } { (tenant) } },
            role(membership.role),
            if membership.is_pending() {
                html! { "Invited" }
            } else {
                ago(membership.joined_at, now)
            },
        ];
        if one.may.roles {
            row.push(html! {
                @if !membership.is_pending() {
                    a.button.small href={ (org) "/members/" (one.user.id) "/role" } { "Change role" }
                }
            });
        }
        table.row(&row);
    }
    card("Memberships", &html! { (table) })
}

/// How an address names a role that is given somewhere: `tenant_admin.tnt_7`.
pub(super) fn role_key(held: &AdminRole) -> String {
    match held.place {
        Place::Platform => held.role.name().to_owned(),
        Place::Partner(partner) => format!("{}.{partner}", held.role.name()),
        Place::Tenant { tenant, .. } => format!("{}.{tenant}", held.role.name()),
    }
}

pub(super) fn roles(one: &One<'_>, here: &str, now: Timestamp) -> Markup {
    let give = html! { @if one.may.roles { a.button.small href={ (here) "/roles/give" } { "Give a role" } } };
    let lead = "Beyond the memberships: of a tenant, a partner or the whole instance.";
    if one.roles.is_empty() {
        return card_with("Further roles", lead, &give, &nothing("None where you administer."));
    }
    let mut table = Table::new("Further roles").column("Role").column("Where").column("State");
    if one.may.roles {
        table = table.actions("Take away");
    }
    for (place, held) in one.roles {
        let state = match held.expires_at {
            _ if !held.is_live(now) => badge(Tone::Plain, "Ended"),
            Some(end) => html! { "Ends " (ago(end, now)) },
            None => badge(Tone::Good, "Active"),
        };
        let mut row = vec![role(held.role), html! { (place) }, state];
        if one.may.roles {
            let take = format!("{here}/roles/take?role={}", percent(&role_key(held)));
            row.push(Confirm::opener(&take, "Take away", true));
        }
        table.row(&row);
    }
    card_with("Further roles", lead, &give, &html! { (table) })
}

pub(super) fn groups(one: &One<'_>, here: &str) -> Markup {
    let add = html! { @if one.may.groups { a.button.small href={ (here) "/groups" } { "Add to a group" } } };
    let lead = "Security groups, those through other groups too.";
    if one.groups.is_empty() {
        return card_with("Groups", lead, &add, &nothing("In no security group."));
    }
    let mut table = Table::new("Groups").column("Group").column("Direct").number("Members");
    if one.may.groups {
        table = table.actions("Remove");
    }
    for (group, is_direct) in one.groups {
        let there = format!("{}/{}", nav::GROUPS, group.id);
        let how = if *is_direct {
            html! { "Yes" }
        } else {
            html! { span.muted { "Through a group" } }
        };
        let mut row = vec![html! { a.row-link href=(there) { (group.name) } }, how, html! { (count(group.members)) }];
        if one.may.groups {
            let remove = format!("{there}/remove?member={}", one.user.id);
            row.push(html! { @if *is_direct { (Confirm::opener(&remove, "Remove", true)) } });
        }
        table.row(&row);
    }
    card_with("Groups", lead, &add, &html! { (table) })
}

pub(super) fn factors(one: &One<'_>, factors: &Factors, here: &str, now: Timestamp) -> Markup {
    let reset = html! {
        @if one.may.credentials && factors.is_enrolled() {
            (Confirm::opener(&format!("{here}/reset-factors"), "Reset", true))
        }
    };
    let Some(app) = &factors.totp else {
        return card(
            "Second factors",
            &nothing("None: the password alone signs them in, unless their tenant asks for more."),
        );
    };
    let left = factors.recovery_left();
    let mut table = Table::new("Second factors").column("Factor").column("State").column("Since");
    table.row(&[html! { "Authenticator app" }, badge(Tone::Good, "On"), ago(app.confirmed_at, now)]);
    let codes = if left == 0 {
        badge(Tone::Warn, "None left")
    } else {
        html! { (left) " left" }
    };
    let made = factors.recovery_made_at.map_or_else(|| html! {}, |at| ago(at, now));
    table.row(&[html! { "Recovery codes" }, codes, made]);
    card_with("Second factors", "", &reset, &html! { (table) })
}

pub(super) fn sessions(one: &One<'_>, shown: &Front<Session>, here: &str, csrf: &str, now: Timestamp) -> Markup {
    let may_end = one.may.end_sessions;
    let list = format!("{}?user={}", nav::SESSIONS, one.user.id);
    let end_all = html! {
        @if may_end && !shown.rows.is_empty() {
            form method="post" action={ (here) "/end-sessions" } { (hidden("csrf", csrf)) button.small { "End all" } }
        }
    };
    if shown.rows.is_empty() {
        return card("Sessions", &nothing("Signed in nowhere that you administer."));
    }
    let mut table = Table::new("Sessions").column("Browser").column("Address").column("Last seen");
    if may_end {
        table = table.actions("End");
    }
    for session in &shown.rows {
        let agent = session.user_agent.as_deref().unwrap_or_default();
        let mut row = vec![
            html! {
                span title=(agent) { (browser(agent)) }
                @if session.id == one.current { " " (badge(Tone::Info, "This browser")) }
            },
            html! { @if let Some(ip) = &session.ip { code.mono { (ip) } } },
            ago(session.last_seen_at, now),
        ];
        if may_end {
            row.push(html! {
                @if session.id != one.current {
                    form method="post" action={ (nav::SESSIONS) "/" (session.id) "/end" } {
                        (hidden("csrf", csrf))
                        (hidden("user", &one.user.id.to_string()))
                        button.small { "End" }
                    }
                }
            });
        }
        table.row(&row);
    }
    let body = html! { (table) (all(shown.more, &list, "Show all sessions")) };
    card_with("Sessions", "Browsers that are signed in.", &end_all, &body)
}

fn key_state(key: &ApiKey, now: Timestamp) -> Markup {
    match key.state(now) {
        KeyState::Active => badge(Tone::Good, "Active"),
        KeyState::Disabled => badge(Tone::Warn, "Disabled"),
        KeyState::Expired => badge(Tone::Plain, "Expired"),
        KeyState::Revoked => badge(Tone::Plain, "Revoked"),
    }
}

fn used(at: Option<Timestamp>, now: Timestamp) -> Markup {
    at.map_or_else(|| html! { span.muted { "Never" } }, |at| ago(at, now))
}

pub(super) fn keys(one: &One<'_>, shown: &Front<ApiKey>, now: Timestamp) -> Markup {
    if shown.rows.is_empty() {
        return card("API keys", &nothing("None in the tenants that you see."));
    }
    let mut table = Table::new("API keys").column("Name").column("State").column("Last used").actions("Revoke");
    for key in &shown.rows {
        let there = format!("{}/{}", nav::API_KEYS, key.id);
        table.row(&[
            html! { a.row-link href=(there) { (key.name) } },
            key_state(key, now),
            used(key.last_used_at, now),
            Confirm::opener(&format!("{there}/revoke"), "Revoke", true),
        ]);
    }
    let list = format!("{}?all=1&user={}", nav::API_KEYS, one.user.id);
    card("API keys", &html! { (table) (all(shown.more, &list, "Show all API keys")) })
}

pub(super) fn tokens(one: &One<'_>, shown: &Front<PersonalToken>, now: Timestamp) -> Markup {
    if shown.rows.is_empty() {
        return card("Personal tokens", &nothing("None in the tenants that you see."));
    }
    let mut table = Table::new("Personal tokens").column("Name").column("State").column("Last used").actions("Revoke");
    for token in &shown.rows {
        let live = token.is_live(now);
        let state = if live { badge(Tone::Good, "Active") } else { badge(Tone::Plain, "Ended") };
        let revoke = format!("{}/{}/revoke?all=1", nav::TOKENS, token.id);
        table.row(&[
            html! { (token.name) },
            state,
            used(token.last_used_at, now),
            html! { @if live { (Confirm::opener(&revoke, "Revoke", true)) } },
        ]);
    }
    let list = format!("{}?all=1&user={}", nav::TOKENS, one.user.id);
    card("Personal tokens", &html! { (table) (all(shown.more, &list, "Show all personal tokens")) })
}

pub(super) fn consents(one: &One<'_>, csrf: &str, now: Timestamp) -> Markup {
    if one.consents.is_empty() {
        return card(
            "Authorised applications",
            &nothing("They have let no application of these tenants act for them."),
        );
    }
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

/// A role as people read it, with what it is for those who hover.
fn role(held: Role) -> Markup {
    html! { span title=(held.about()) { (role_words(held)) } }
}
