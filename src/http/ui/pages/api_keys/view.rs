//! The pages of API keys, as markup.

use crate::base::Timestamp;
use crate::catalogue::{Holder, Scope};
use crate::http::kit::list::{Act, List, NO_MORE, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Confirm, Crumb, Detail, Facts, Field, Form, Input, OneTime, Table, Tone, ago, badge, card_with, code, copyable,
    count, crumbs, empty_with, form_error, head, head_with, hidden, icon, scope_choices, scopes, shown_already,
    snippets as tabs, tabs as views, when,
};
use crate::http::ui::pages::find;
use crate::http::ui::pages::snippets;
use crate::keys::api_keys::{ApiKey, KeyState};
use crate::store::Direction;
use maud::{Markup, html};

pub(in crate::http::ui::pages) const ROOT: &str = "/admin/access/api-keys";

/// How long a key may live, in days, and what the form says.
pub(super) const LIVES: [(u16, &str); 5] =
    [(0, "Never"), (7, "In 7 days"), (30, "In 30 days"), (90, "In 90 days"), (365, "In 365 days")];

/// How long a rerolled key works on, in seconds, and what the form says.
pub(super) const GRACES: [(u32, &str); 5] =
    [(0, "Stop it now"), (3600, "1 hour"), (86_400, "1 day"), (7 * 86_400, "7 days"), (30 * 86_400, "30 days")];

/// One row of the list.
#[derive(Debug)]
pub(super) struct Row {
    pub key: ApiKey,
    /// Whose it is, on the list of everybody's.
    pub owner: String,
}

/// What can be done to several keys.
pub(super) const REVOKE: Act =
    Act { action: "/admin/access/api-keys/selected/revoke", label: "Revoke", destructive: true };

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Row> = Sorting {
    age: "created",
    usually: Direction::Backward,
    others: &[
        ("name", |one, other| by_text(one.key.name.as_str(), other.key.name.as_str())),
        ("owner", |one, other| one.owner.cmp(&other.owner)),
        ("last", |one, other| one.key.last_used_at.cmp(&other.key.last_used_at)),
    ],
};

/// How much of a key's limit is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    pub limit: u32,
    pub used: u32,
    pub window_secs: u32,
}

/// The page with the list of keys; `tabs`: the reader may choose whose, `all`: they are everybody's.
pub(super) fn list(list: &List, rows: &Part<Row>, (tabs, all): (bool, bool), csrf: &str, now: Timestamp) -> Markup {
    let create = html! { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create API key" } };
    let first = empty_with(
        "token",
        "No API keys yet",
        "A key lets a program call ScaiGrid. Make one for each service and each environment, so that you can end one without the others.",
        &create,
        &code("first-command", "scaistack key create --user you@example.com --name production-integration"),
    );
    let everybody = format!("{ROOT}?all=1");
    html! {
        (head_with("API Keys", "For backends and jobs: they act as their owner, for as long as you let them.", &html! {}, &create))
        @if tabs { (views("Whose keys", &[(ROOT, "Yours", !all), (&everybody, "Everybody's", all)])) }
        (list.show(rows, NO_MORE, &first, |rows| html! { (list.acts(&[REVOKE], csrf)) (table(list, rows, all, now)) }))
    }
}

fn state(key: &ApiKey, now: Timestamp) -> Markup {
    match (key.state(now), key.expires_at) {
        (KeyState::Revoked, _) => badge(Tone::Bad, "Revoked"),
        (KeyState::Expired, _) => badge(Tone::Bad, "Expired"),
        (KeyState::Disabled, _) => badge(Tone::Warn, "Switched off"),
        (KeyState::Active, Some(end)) if key.replaced_by.is_some() || end < now.plus_secs(7 * 86_400) => {
            html! { (badge(Tone::Warn, "Ends")) " " (ago(end, now)) }
        }
        (KeyState::Active, Some(end)) => {
            html! { (badge(Tone::Good, "Active")) " " span.muted.small { "ends " (ago(end, now)) } }
        }
        (KeyState::Active, None) => badge(Tone::Good, "Active"),
    }
}

fn last_used(key: &ApiKey, now: Timestamp) -> Markup {
    html! { @if let Some(at) = key.last_used_at { (ago(at, now)) } @else { span.muted { "Never" } } }
}

fn rights(key: &ApiKey) -> Markup {
    html! { @if key.scopes.is_empty() { span.muted { "All of its owner's" } } @else { (scopes(key.scopes.iter(), Scope::exists)) } }
}

fn table(list: &List, rows: &[Row], all: bool, now: Timestamp) -> Table {
    let mut table = Table::new("API keys").selects(list.selects(&[REVOKE])).column("Name").by(list.heading("name"));
    if all {
        table = table.column("Owner").by(list.heading("owner"));
    }
    table = table
        .column("Key")
        .column("Rights")
        .column("State")
        .column("Last used")
        .by(list.heading("last"))
        .column("Created")
        .by(list.heading("created"))
        .actions("End it");
    for Row { key, owner } in rows {
        let here = format!("{ROOT}/{}", key.id);
        let mut cells = vec![html! { a href=(here) { (key.name) } }];
        if all {
            cells.push(html! { (owner) });
        }
        cells.extend([
            html! { code.mono { "sgk_…" (key.hint) } },
            rights(key),
            state(key, now),
            last_used(key, now),
            ago(key.created_at, now),
            html! { @if key.revoked_at.is_none() { (Confirm::opener(&format!("{here}/revoke"), "Revoke", true)) } },
        ]);
        let (id, live) = (key.id.to_string(), key.revoked_at.is_none());
        table.row_of(live.then_some((&*id, key.name.as_str())), &cells);
    }
    table
}

const NAME: Input = Input::text("name", "Name")
    .hint("The service and the environment, so that you know what stops when you revoke it.")
    .with(&[("maxlength", "200"), ("autocomplete", "off"), ("placeholder", "production-integration")]);
const EXPIRES_IN: Input = Input::options("expires_in", "Ends");
const ASSIGNED_TO: Input = Input::text("assigned_to", "For")
    .optional()
    .hint("Whom the key belongs to and acts as, by e-mail, name or ID; yourself if left empty.")
    .with(&[("placeholder", "alice@example.com")]);
const RATE_LIMIT: Input =
    Input::line("number", "rate_limit", "Limit").optional().with(&[("min", "1"), ("inputmode", "numeric")]);
const SCOPES: Input = Input::options("scopes", "Narrow it to")
    .hint("Tick nothing for all of its owner's ScaiGrid permissions. Secrets are read only with a scope for them.");
/// What the form for a new one asks for.
pub(super) const INPUTS: &[Input] = &[NAME, EXPIRES_IN, ASSIGNED_TO, RATE_LIMIT, SCOPES];

/// The form for a new one. `usual`: what keys here may send in a window; `others`: a key may be made for others.
pub(super) fn create(form: &Form, usual: u32, window_secs: u32, others: bool, csrf: &str) -> Markup {
    let lives = LIVES.map(|(days, words)| (days.to_string(), words.to_owned()));
    html! {
        (crumbs(&[Crumb::to("API Keys", ROOT), Crumb::here("Create")]))
        (head("Create API key", "It is shown once. It may do what its owner may do in ScaiGrid, as that changes."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form))
            (EXPIRES_IN.select(form, lives))
            @if others { (ASSIGNED_TO.field(form).finds(find::USERS)) }
            (RATE_LIMIT.field(form).attr("placeholder", usual.to_string())
                .help(format!("Requests within {} seconds; {} if left empty.",
                    count(u64::from(window_secs)), count(u64::from(usual)))))
            (scope_choices(form, &SCOPES, Holder::Key, |_| true))
            div.actions { button.primary { "Create API key" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

/// What is shown once after a key was made; none: it was shown already.
pub(super) fn once(key: Option<&str>, public_url: &str) -> Markup {
    let way = crumbs(&[Crumb::to("API Keys", ROOT), Crumb::here("New API key")]);
    let Some(key) = key else {
        return html! {
            (way)
            (head("New API key", ""))
            (shown_already("key", "revoke it and create another one."))
            div.actions { a.button.primary href=(ROOT) { "Go to your API keys" } }
        };
    };
    html! {
        (way)
        (head("New API key", "Put it where the program keeps its settings, never into code that a browser gets."))
        (OneTime {
            values: &[("API key", "API_KEY", key)],
            file: "scaigrid.env",
            lost: "If it is lost, revoke it and create another one.",
        }.card())
        (card_with("Try it", "It answers with the models.", &html! {}, &tabs("models", &snippets::models(public_url, key))))
        div.actions { a.button.primary href=(ROOT) { "Done" } }
    }
}

/// The page of one key.
pub(super) fn one(key: &ApiKey, owner: &str, usage: Usage, csrf: &str, now: Timestamp) -> Detail {
    let here = format!("{ROOT}/{}", key.id);
    let (window, left) = (count(u64::from(usage.window_secs)), usage.limit.saturating_sub(usage.used));
    let own = if key.limit.is_some() { "of its own" } else { "of the tenant's keys" };
    let facts = Facts::new()
        .fact("ID", copyable("key-id", &key.id.to_string()))
        .fact("Key", html! { code.mono { "sgk_…" (key.hint) } })
        .fact("Owner", owner)
        .fact("Rights", rights(key))
        .fact("Last used", last_used(key, now))
        .fact("Created", when(key.created_at))
        .fact("Ends", html! { @if let Some(end) = key.expires_at { (when(end)) } @else { "Never" } })
        .fact_if("Replaced by", key.replaced_by.map(|id| html! { a href={ (ROOT) "/" (id) } { code.mono { (id) } } }));
    let limits = Facts::new()
        .fact("Limit", format!("{} requests in {window} seconds, {own}", count(u64::from(usage.limit))))
        .fact("Used now", count(u64::from(usage.used)))
        .fact("Left now", count(u64::from(left)));
    let active = key.state(now) == KeyState::Active;
    let reroll = html! { @if active && key.replaced_by.is_none() { a.button href={ (here) "/reroll" } { "Reroll" } } };
    let page = Detail::of(Crumb::to("API Keys", ROOT), key.name.as_str())
        .badges(state(key, now))
        .actions(reroll)
        .facts("Settings", &facts)
        .facts("Limit", &limits);
    if key.revoked_at.is_some() {
        return page;
    }
    let ways = html! {
        div.actions {
            @if key.disabled_at.is_some() { (toggle(&here, "enable", "Switch on", csrf)) }
            @else { (toggle(&here, "disable", "Switch off", csrf)) }
            (Confirm::opener(&format!("{here}/revoke"), "Revoke", true))
        }
    };
    let lead = "Switched off it can be switched on again; revoked it is gone for good.";
    page.card_with("End it", lead, &html! {}, &ways)
}

fn toggle(here: &str, action: &str, button: &str, csrf: &str) -> Markup {
    html! {
        form method="post" action={ (here) "/" (action) } { (hidden("csrf", csrf)) button.small { (button) } }
    }
}

/// The form that puts a new key in the place of one.
pub(super) fn reroll(key: &ApiKey, form: &Form, csrf: &str) -> Markup {
    let here = format!("{ROOT}/{}", key.id);
    let graces = GRACES.map(|(secs, words)| (secs.to_string(), words.to_owned()));
    html! {
        (crumbs(&[Crumb::to("API Keys", ROOT), Crumb::to(key.name.as_str(), here.as_str()), Crumb::here("Reroll")]))
        (head("Reroll API key", "You get a new key with the same rights, limit and end."))
        (form_error(form))
        form.form.card method="post" action={ (here) "/reroll" } {
            (hidden("csrf", csrf))
            (Field::select(form, "grace", "Old key works on for", graces)
                .help("Time to put the new one in its place. It never lives longer than it would have anyway."))
            div.actions { button.primary { "Reroll API key" } a.button href=(here) { "Cancel" } }
        }
    }
}

/// Asks before a key is revoked.
pub(super) fn revoke<'a>(
    key: &'a ApiKey,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Revoke this API key?",
        "Revoke API key",
        (action, back),
        (csrf, form),
        html! { p { "Whatever uses " strong { (key.name) } " is refused from the next request on. This cannot be undone." } },
    )
}
