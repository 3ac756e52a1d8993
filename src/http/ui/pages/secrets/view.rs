//! The pages of the vault, as markup. None of them holds a value, but for the one that answers a reveal.

use crate::base::Timestamp;
use crate::http::kit::list::{Act, Filter, List, Matches, NO_MORE, Nothing, Part, Sorting};
use crate::http::kit::parts::{
    Confirm, Crumb, Detail, Facts, Form, Input, Table, Tone, ago, badge, badges, card, card_with, code, copyable,
    count, crumbs, empty, empty_with, form_error, head, head_with, hidden, icon, many, notice, percent,
    snippets as tabs, when,
};
use crate::http::ui::pages::snippets;
use crate::store::Direction;
use crate::vault::service::Below;
use crate::vault::{Entry, History, SecretType, Summary, TrashedSecret};
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/secrets";
pub(super) const TRASH: &str = "/admin/secrets/trash";
/// What can be done to several secrets, and to several in the trash.
pub(super) const DELETE: Act = Act { action: "/admin/secrets/selected/delete", label: "Delete", destructive: true };
pub(super) const RESTORE: Act = Act { action: "/admin/secrets/selected/restore", label: "Restore", destructive: false };
/// After how many seconds a revealed value goes away.
pub(super) const SHOWN_SECS: u32 = 30;

/// The page of one secret.
pub(in crate::http::ui::pages) fn address(path: &str) -> String {
    format!("{ROOT}/one?path={}", percent(path))
}

/// The page of a folder, `a/b/`.
pub(super) fn folder_address(prefix: &str) -> String {
    if prefix.is_empty() { ROOT.to_owned() } else { format!("{ROOT}?prefix={}", percent(prefix)) }
}

/// The way to a path: its folders, each a link.
fn way(path: &str) -> Vec<Crumb> {
    let mut steps = vec![if path.is_empty() { Crumb::here("Secrets") } else { Crumb::to("Secrets", ROOT) }];
    let parts: Vec<_> = path.split_inclusive('/').collect();
    let mut so_far = String::new();
    for (at, part) in parts.iter().enumerate() {
        so_far.push_str(part);
        let name = part.trim_end_matches('/');
        steps.push(if at + 1 == parts.len() { Crumb::here(name) } else { Crumb::to(name, folder_address(&so_far)) });
    }
    steps
}

/// What the reader may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct SecretRights {
    pub read: bool,
    pub write: bool,
    pub delete: bool,
}

/// What narrows the tree to a list.
pub(super) fn filters() -> Vec<Filter> {
    vec![Filter::search("q", "Path", "environments/prod", Matches::Front).mono()]
}

/// Where an entry stands in the list.
pub(super) fn place(entry: &Entry) -> String {
    match entry {
        Entry::Folder(path) => path.clone(),
        Entry::Secret(secret) => secret.path.to_string(),
    }
}

/// The path of an entry that is a folder.
pub(super) fn folder(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Folder(path) => Some(path),
        Entry::Secret(_) => None,
    }
}

/// How many secrets a folder holds, in words.
fn below_words(below: Below) -> String {
    if below.is_more {
        format!("{}+ secrets", count(below.secrets as u64))
    } else {
        many(below.secrets as u64, "secret")
    }
}

/// A folder, or what a search found; `below` says how much lies in the folders that it shows.
pub(super) fn browse(
    list: &List,
    (found, below): (&Part<Entry>, &[Below]),
    (folder, may): (&str, SecretRights),
    csrf: &str,
    now: Timestamp,
) -> Markup {
    let acts: &[Act] =
        if may.delete && found.items.iter().any(|entry| matches!(entry, Entry::Secret(_))) { &[DELETE] } else { &[] };
    let write = html! {
        @if may.write {
            a.button.primary href={ (ROOT) "/write?path=" (percent(folder)) } { (icon("plus")) "New secret" }
        }
    };
    let actions = html! {
        @if may.delete { a.button href={ (ROOT) "/trash" } { "Trash" } }
        (write)
    };
    let way = html! { @if !list.is_filtered() { (crumbs(&way(folder.trim_end_matches('/')))) } };
    let first = html! {
        (way)
        @if folder.is_empty() {
            (empty_with("secret", "No secrets yet",
                "Keep what programs need and nobody should read in a chat: passwords, keys, certificates.", &write,
                &code("first-command", "scaistack secret put environments/production/database password=…")))
        } @else {
            (empty("folder", "Nothing here", "There is no secret in this folder.", &write))
        }
    };
    let nothing = Nothing { title: "Nothing found", what: "No path starts like this." };
    html! {
        (head_with("Secrets", "Versioned values at paths, sealed with your tenant's own key.", &html! {}, &actions))
        (list.show(found, nothing, &first, |found| html! { (way) (list.acts(acts, csrf)) (entries((list, acts), (found, below), folder, now)) }))
    }
}

fn entries((list, acts): (&List, &[Act]), (found, below): (&[Entry], &[Below]), prefix: &str, now: Timestamp) -> Table {
    let mut table = Table::new("Secrets")
        .selects(list.selects(acts))
        .column("Name")
        .by(list.heading("name"))
        .column("Type")
        .number("Version")
        .column("Changed")
        .column("Tags");
    let mut below = below.iter();
    for entry in found {
        match entry {
            Entry::Folder(path) => {
                let name = path.strip_prefix(prefix).unwrap_or(path);
                table.row(&[
                    html! { a.row-link href=(folder_address(path)) { (icon("folder")) (name) } },
                    html! { @if let Some(below) = below.next() { span.muted { "Folder, " (below_words(*below)) } } },
                    html! {},
                    html! {},
                    html! {},
                ]);
            }
            Entry::Secret(secret) => {
                let path = secret.path.as_str();
                let name = path.strip_prefix(prefix).unwrap_or(path);
                table.row_of(
                    Some((path, path)),
                    &[
                        html! { a.row-link href=(address(path)) { (icon("secret")) (name) } (expiry(secret, now)) },
                        html! { (type_words(secret.secret_type)) },
                        html! { (count(u64::from(secret.version))) },
                        ago(secret.updated_at, now),
                        html! { @if !secret.tags.is_empty() { (badges(secret.tags.iter().map(String::as_str))) } },
                    ],
                );
            }
        }
    }
    table
}

fn expiry(secret: &Summary, now: Timestamp) -> Markup {
    html! {
        @if let Some(end) = secret.expires_at {
            " "
            @if end <= now { (badge(Tone::Bad, "Expired")) }
            @else if end < now.plus_secs(14 * 86_400) { (badge(Tone::Warn, "Expires soon")) }
        }
    }
}

fn type_words(kind: SecretType) -> &'static str {
    match kind {
        SecretType::Json => "JSON",
        SecretType::Kv => "Key and value",
        SecretType::ApiKey => "API key",
        SecretType::Certificate => "Certificate",
        SecretType::SshKey => "SSH key",
    }
}

/// One secret, without its value.
pub(super) fn one(history: &History, may: SecretRights, public_url: &str, csrf: &str, now: Timestamp) -> Detail {
    let summary = &history.summary;
    let path = summary.path.as_str();
    let actions = html! {
        @if may.write { a.button.primary href={ (ROOT) "/write?path=" (percent(path)) } { "New version" } }
    };
    let metadata = &history.metadata;
    let facts = Facts::new()
        .fact("Path", copyable("path", path))
        .fact("Type", type_words(summary.secret_type))
        .fact("Current version", summary.version.to_string())
        .fact_if("Owner", metadata.owner.as_deref())
        .fact_if("Tags", (!metadata.tags.is_empty()).then(|| badges(metadata.tags.iter().map(String::as_str))))
        .fact_if("Expires", summary.expires_at.map(|end| html! { (when(end)) (expiry(summary, now)) }))
        .fact("Created", html! { (when(history.created_at)) " by " (history.created_by) })
        .fact("Changed", html! { (ago(summary.updated_at, now)) " by " (history.updated_by) });
    let facts = metadata.custom.iter().fold(html! { (facts) }, |so_far, (name, value)| {
        html! { (so_far) dl.facts { div { dt { (name) } dd { code.mono { (value) } } } } }
    });
    let name = path.rsplit('/').next().unwrap_or(path);
    let kept = format!("The newest {} are kept.", count(u64::from(history.max_versions)));
    let mut page = Detail::at(&way(path), name)
        .lead(metadata.description.as_deref().unwrap_or_default())
        .badges(expiry(summary, now))
        .actions(actions);
    if may.read {
        page = page.part(value_card(path, summary.version, csrf));
    }
    page = page
        .card("About", &facts)
        .card_with("Versions", &kept, &html! {}, &versions(history, may, csrf, now))
        .card_with(
            "Read it from a program",
            "With a token in SCAIVAULT_TOKEN.",
            &html! {},
            &tabs("read", &snippets::read_secret(public_url, path)),
        );
    if !may.delete {
        return page;
    }
    let delete = Confirm::opener(&format!("{ROOT}/delete?path={}", percent(path)), "Delete secret", true);
    let what = "Programs that read it fail at once. It can be restored from the trash for a while.";
    page.danger("Delete", what, &delete)
}

/// The place where a value will be shown: with a script in place, without one on a page of its own.
fn value_card(path: &str, version: u32, csrf: &str) -> Markup {
    let reveal = html! {
        form method="post" action={ (ROOT) "/reveal" } hx-post={ (ROOT) "/reveal" } hx-target="#value" {
            (reveal_fields(path, version, csrf))
            button { (icon("eye")) "Reveal" }
        }
    };
    card_with(
        "Value",
        "Revealing asks for a recent sign-in and is written to the audit log.",
        &reveal,
        &html! {
            div #value aria-live="polite" { p.muted { "Hidden." } }
        },
    )
}

fn reveal_fields(path: &str, version: u32, csrf: &str) -> Markup {
    html! {
        (hidden("csrf", csrf))
        (hidden("path", path))
        (hidden("version", &version.to_string()))
    }
}

fn versions(history: &History, may: SecretRights, csrf: &str, now: Timestamp) -> Markup {
    let current = history.summary.version;
    let path = history.summary.path.as_str();
    let mut table =
        Table::new("Versions").column("Version").column("Type").column("Written").column("By").actions("Look at it");
    for version in &history.versions {
        let number = version.version;
        let diff = format!("{ROOT}/diff?path={}&from={number}&to={current}", percent(path));
        table.row(&[
            html! { (number) " " @if number == current { (badge(Tone::Info, "Current")) } },
            html! { (type_words(version.secret_type)) },
            ago(version.created_at, now),
            html! { (version.created_by) },
            html! {
                @if version.destroyed_at.is_some() {
                    (badge(Tone::Bad, "Destroyed"))
                } @else if may.read {
                    div.actions {
                        @if number != current { a.button.small href=(diff) { "Compare" } }
                        form method="post" action={ (ROOT) "/reveal" } {
                            (reveal_fields(path, number, csrf))
                            button.small aria-label={ "Reveal version " (number) } { "Reveal" }
                        }
                    }
                }
            },
        ]);
    }
    html! { (table) }
}

/// A value in the clear. The one piece of markup with a secret in it.
pub(super) fn value(id: &str, pretty: &str) -> Markup {
    html! {
        div data-hide-after=(SHOWN_SECS) data-hidden="Hidden again." {
            (code(id, pretty))
            p.help { "It hides itself after " (SHOWN_SECS) " seconds." }
        }
    }
}

/// The page that shows a value, for those without a script.
pub(super) fn revealed(path: &str, version: u32, pretty: &str) -> Markup {
    let back = address(path);
    html! {
        (crumbs(&way(path)))
        (head_with(path.rsplit('/').next().unwrap_or(path), "", &badge(Tone::Info, &format!("Version {version}")),
            &html! { a.button href=(back) { "Hide now" } }))
        (card("Value", &value("revealed", pretty)))
    }
}

const PATH: Input = Input::text("path", "Path")
    .mono()
    .hint("Up to 10 levels of a-z, 0-9, - and _, with slashes between them.")
    .with(&[
        ("maxlength", "512"),
        ("autocomplete", "off"),
        ("placeholder", "environments/production/salesforce/api-credentials"),
    ]);
const DATA: Input = Input::area("data", "Values", 6)
    .mono()
    .secret()
    .with(&[("autocomplete", "off"), ("placeholder", "client_id=3MVG9…\nclient_secret=…")]);
const TYPE: Input = Input::options("secret_type", "Type");
const DESCRIPTION: Input = Input::text("description", "Description").optional().with(&[("maxlength", "1000")]);
const TAGS: Input = Input::text("tags", "Tags")
    .optional()
    .hint("With commas between them.")
    .with(&[("placeholder", "salesforce, production")]);
/// What the form to write one asks for.
pub(super) const INPUTS: &[Input] = &[PATH, DATA, TYPE, DESCRIPTION, TAGS];

/// The form for a new secret, or for a new version of one.
pub(super) fn write(form: &Form, existing: Option<u32>, max_bytes: usize, csrf: &str) -> Markup {
    let path = form.value("path");
    let types = SecretType::ALL.map(|kind| (kind.name().to_owned(), type_words(kind).to_owned()));
    let (title, lead, button) = if existing.is_some() {
        ("New version", "The versions before it stay readable.", "Write version")
    } else {
        ("New secret", "It is sealed before it is written.", "Create secret")
    };
    let back = if existing.is_some() { address(path) } else { ROOT.to_owned() };
    html! {
        (crumbs(&if existing.is_some() { way(path) } else { vec![Crumb::to("Secrets", ROOT), Crumb::here("New")] }))
        (head(title, lead))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/write" } {
            (hidden("csrf", csrf))
            @if let Some(version) = existing {
                (hidden("path", path))
                (hidden("cas", &version.to_string()))
                (Facts::new().fact("Path", html! { code.mono { (path) } }).fact("Current version", version.to_string()))
            } @else {
                (PATH.field(form))
            }
            (DATA.field(form)
                .help(html! {
                    "One " code { "name=value" } " a line, or a JSON object. At most "
                    (count(max_bytes as u64 / 1024)) " KiB. It is not shown again if something is wrong with the form."
                }))
            (TYPE.select(form, types))
            (DESCRIPTION.field(form))
            (TAGS.field(form))
            div.actions { button.primary { (button) } a.button href=(back) { "Cancel" } }
        }
    }
}

/// What became of a name between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Removed,
    Changed,
    Same,
}

/// The names of two versions side by side, without values.
pub(super) fn diff(path: &str, from: u32, to: u32, names: &[(String, Change)]) -> Markup {
    html! {
        (crumbs(&way(path)))
        (head(&format!("Version {from} and version {to}"), "The names in them. Values are not shown here."))
        section.card {
            @if names.iter().all(|(_, change)| *change == Change::Same) {
                (notice(Tone::Info, &html! { p { "Both versions hold the same." } }))
            }
            ul.diff {
                @for (name, change) in names {
                    @let (class, sign, words) = match change {
                        Change::Added => ("added", "+", "added"),
                        Change::Removed => ("removed", "−", "removed"),
                        Change::Changed => ("changed", "~", "changed"),
                        Change::Same => ("same", "", "the same"),
                    };
                    li class=(class) { span aria-hidden="true" { (sign) } span { (name) } small { (words) } }
                }
            }
        }
        div.actions { a.button href=(address(path)) { "Back to the secret" } }
    }
}

/// Asks before a secret is deleted.
pub(super) fn delete<'a>(
    path: &'a str,
    days: u32,
    action: &'a str,
    back: &'a str,
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Delete this secret?",
        "Delete secret",
        (action, back),
        (csrf, form),
        html! {
            p { "All versions of " code { (path) } " go to the trash. Programs that read it fail at once." }
            p { "It can be restored for " (days) " days; then it is gone." }
        },
    )
}

/// By what the trash is sorted.
pub(super) const TRASH_SORTING: Sorting<TrashedSecret> = Sorting {
    age: "path",
    usually: Direction::Forward,
    others: &[
        ("deleted", |one, other| one.deleted_at.cmp(&other.deleted_at)),
        ("by", |one, other| one.deleted_by.cmp(&other.deleted_by)),
        ("gone", |one, other| one.recoverable_until.cmp(&other.recoverable_until)),
    ],
};

/// What can be restored.
pub(super) fn trash(list: &List, rows: &Part<TrashedSecret>, csrf: &str, now: Timestamp) -> Markup {
    let all = html! { a.button href=(ROOT) { "Go to secrets" } };
    let what = "Secrets that are deleted lie here until their time has passed.";
    let first = empty("secret", "The trash is empty", what, &all);
    html! {
        (crumbs(&[Crumb::to("Secrets", ROOT), Crumb::here("Trash")]))
        (head("Trash", "Deleted secrets that can still be restored, with all their versions."))
        (list.show(rows, NO_MORE, &first, |rows| html! { (list.acts(&[RESTORE], csrf)) (trash_table(list, rows, csrf, now)) }))
    }
}

fn trash_table(list: &List, rows: &[TrashedSecret], csrf: &str, now: Timestamp) -> Table {
    let mut table = Table::new("Deleted secrets")
        .selects(list.selects(&[RESTORE]))
        .column("Path")
        .by(list.heading("path"))
        .column("Deleted")
        .by(list.heading("deleted"))
        .column("By")
        .by(list.heading("by"))
        .column("Gone for good")
        .by(list.heading("gone"))
        .actions("Bring it back");
    for row in rows {
        table.row_of(
            Some((row.path.as_str(), row.path.as_str())),
            &[
                html! { code.mono { (row.path) } },
                ago(row.deleted_at, now),
                html! { (row.deleted_by) },
                ago(row.recoverable_until, now),
                html! {
                    form method="post" action={ (ROOT) "/restore" } {
                        (hidden("csrf", csrf))
                        (hidden("path", row.path.as_str()))
                        button.small aria-label={ "Restore " (row.path) } { "Restore" }
                    }
                },
            ],
        );
    }
    table
}
