//! What a search over everything finds, as markup.

use crate::http::kit::parts::{Field, Form, Table, card, empty, head, icon};
use maud::{Markup, html};

/// The address.
const ROOT: &str = "/admin/search";

/// One thing.
#[derive(Debug)]
pub(super) struct Hit {
    pub name: String,
    /// What it is told apart by: an e-mail, a client_id, a slug; empty where the name does.
    pub known_as: String,
    pub href: String,
}

/// Those of one kind.
#[derive(Debug)]
pub(super) struct Found {
    pub name: &'static str,
    pub hits: Vec<Hit>,
    /// The list with all of them, if these are not all.
    pub all: Option<String>,
}

/// The form, which Home has too.
pub(in crate::http::ui::pages) fn form(words: &str) -> Markup {
    let form = Form::with([("q", words.to_owned())]);
    let looks_at = "A name, e-mail, slug, client ID or path";
    html! {
        form.filters method="get" action=(ROOT) role="search" {
            (Field::input(&form, "search", "q", "Go to").search().attr("placeholder", looks_at))
            button { (icon("search")) "Search" }
        }
    }
}

/// The page.
pub(super) fn page(words: &str, found: &[Found]) -> Markup {
    html! {
        (head("Search", "People, groups, applications, organizations and secrets that you may see."))
        (form(words))
        @for kind in found { (card(kind.name, &html! {
            (table(kind))
            @if let Some(all) = &kind.all { p { a href=(all) { "Show all that match" } } }
        })) }
        @if found.is_empty() {
            (empty("search", "Nothing found", "Try the front of a name, of an e-mail or of a path.", &html! {}))
        }
    }
}

fn table(kind: &Found) -> Markup {
    let mut table = Table::new(kind.name).column("Name").column("Known as");
    for hit in &kind.hits {
        table.row(&[html! { a.row-link href=(hit.href) { (hit.name) } }, html! { (hit.known_as) }]);
    }
    html! { (table) }
}
