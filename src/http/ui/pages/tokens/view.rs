//! The pages of personal tokens, as markup.

use crate::base::Timestamp;
use crate::catalogue::{Holder, Scope};
use crate::http::kit::list::{Act, List, NO_MORE, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Confirm, Crumb, Form, Input, OneTime, Table, Tone, ago, badge, card_with, code, crumbs, empty_with, form_error,
    head, head_with, hidden, icon, scope_choices, scopes, shown_already, snippets as tabs, tabs as views,
};
use crate::http::ui::pages::snippets;
use crate::keys::PersonalToken;
use crate::store::Direction;
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/access/personal-tokens";

/// How long a token may live, in days, and what the form says.
pub(super) const LIVES: [(u16, &str); 4] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "365 days")];

/// One row of the list.
#[derive(Debug)]
pub(super) struct Row {
    pub token: PersonalToken,
    /// Whose it is, on the list of everybody's.
    pub owner: String,
}

/// What can be done to several tokens.
pub(super) const REVOKE: Act =
    Act { action: "/admin/access/personal-tokens/selected/revoke", label: "Revoke", destructive: true };

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Row> = Sorting {
    age: "created",
    usually: Direction::Backward,
    others: &[
        ("name", |one, other| by_text(one.token.name.as_str(), other.token.name.as_str())),
        ("owner", |one, other| one.owner.cmp(&other.owner)),
        ("ends", |one, other| one.token.expires_at.cmp(&other.token.expires_at)),
        ("last", |one, other| one.token.last_used_at.cmp(&other.token.last_used_at)),
    ],
};

/// The page with the list of tokens; `tabs`: the reader may choose whose, `all`: they are everybody's.
pub(super) fn list(list: &List, rows: &Part<Row>, (tabs, all): (bool, bool), csrf: &str, now: Timestamp) -> Markup {
    let create = html! { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create token" } };
    let first = empty_with(
        "token",
        "No personal tokens yet",
        "A token reads and writes secrets from a terminal or a script. It is shown once, and it always has an end.",
        &create,
        &code(
            "first-command",
            "export SCAIVAULT_TOKEN=\"$(scaistack token create --scopes secrets:read,secrets:write)\"",
        ),
    );
    let everybody = format!("{ROOT}?all=1");
    html! {
        (head_with("Personal Tokens", "For scripts and the command line: they act as their owner, within their scopes.", &html! {}, &create))
        @if tabs { (views("Whose tokens", &[(ROOT, "Yours", !all), (&everybody, "Everybody's", all)])) }
        (list.show(rows, NO_MORE, &first, |rows| html! { (list.acts(&[REVOKE], csrf)) (table(list, rows, all, now)) }))
    }
}

fn table(list: &List, rows: &[Row], all: bool, now: Timestamp) -> Table {
    let mut table =
        Table::new("Personal tokens").selects(list.selects(&[REVOKE])).column("Name").by(list.heading("name"));
    if all {
        table = table.column("Owner").by(list.heading("owner"));
    }
    table = table
        .column("Token")
        .column("Scopes")
        .column("State")
        .by(list.heading("ends"))
        .column("Last used")
        .by(list.heading("last"))
        .column("Created")
        .by(list.heading("created"))
        .actions("End it");
    for Row { token, owner } in rows {
        let live = token.is_live(now);
        let state = if token.revoked_at.is_some() {
            badge(Tone::Bad, "Revoked")
        } else if !live {
            badge(Tone::Bad, "Expired")
        } else if token.expires_at < now.plus_secs(7 * 86_400) {
            html! { (badge(Tone::Warn, "Ends")) " " (ago(token.expires_at, now)) }
        } else {
            html! { (badge(Tone::Good, "Active")) " " span.muted.small { "ends " (ago(token.expires_at, now)) } }
        };
        let revoke = format!("{ROOT}/{}/revoke{}", token.id, if all { "?all=1" } else { "" });
        let mut cells = vec![html! { (token.name) }];
        if all {
            cells.push(html! { (owner) });
        }
        cells.extend([
            html! { code.mono { "skt_…" (token.hint) } },
            scopes(token.scopes.iter(), Scope::exists),
            state,
            html! { @if let Some(at) = token.last_used_at { (ago(at, now)) } @else { span.muted { "Never" } } },
            ago(token.created_at, now),
            html! { @if live { (Confirm::opener(&revoke, "Revoke", true)) } },
        ]);
        let id = token.id.to_string();
        table.row_of(live.then_some((&*id, token.name.as_str())), &cells);
    }
    table
}

const NAME: Input = Input::text("name", "Name")
    .hint("Where it is used, so that you know what stops when you revoke it.")
    .with(&[("maxlength", "200"), ("autocomplete", "off"), ("placeholder", "Laptop")]);
const EXPIRES_IN: Input = Input::options("expires_in", "Ends in");
const SCOPES: Input = Input::options("scopes", "Scopes").hint("Tick as few as will do.");
/// What the form for a new one asks for.
pub(super) const INPUTS: &[Input] = &[NAME, EXPIRES_IN, SCOPES];

/// The form for a new one.
pub(super) fn create(form: &Form, csrf: &str) -> Markup {
    let lives = LIVES.map(|(days, words)| (days.to_string(), words.to_owned()));
    html! {
        (crumbs(&[Crumb::to("Personal Tokens", ROOT), Crumb::here("Create")]))
        (head("Create token", "It is shown once. It does what you may do, and no more than its scopes allow."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form))
            (EXPIRES_IN.select(form, lives))
            (scope_choices(form, &SCOPES, Holder::Token, |_| true))
            div.actions { button.primary { "Create token" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

/// What is shown once after a token was made; none: it was shown already.
pub(super) fn once(token: Option<&str>, public_url: &str) -> Markup {
    let way = crumbs(&[Crumb::to("Personal Tokens", ROOT), Crumb::here("New token")]);
    let Some(token) = token else {
        return html! {
            (way)
            (head("New token", ""))
            (shown_already("token", "revoke it and create another one."))
            div.actions { a.button.primary href=(ROOT) { "Go to your tokens" } }
        };
    };
    html! {
        (way)
        (head("New token", "Put it where the program keeps its settings."))
        (OneTime {
            values: &[("Personal token", "SCAIVAULT_TOKEN", token)],
            file: "scaivault.env",
            lost: "If it is lost, revoke it and create another one.",
        }.card())
        (card_with("Try it", "It answers with who you are.", &html! {}, &tabs("whoami", &snippets::whoami(public_url, token))))
        div.actions { a.button.primary href=(ROOT) { "Done" } }
    }
}

/// Asks before a token is revoked.
pub(super) fn revoke<'a>(name: &str, action: &'a str, back: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::destructive(
        "Revoke this token?",
        "Revoke token",
        (action, back),
        (csrf, form),
        html! { p { "Whatever uses " strong { (name) } " is refused from now on. This cannot be undone." } },
    )
}
