//! The pages of the reference, as markup.

use super::model::{Api, Field, Operation};
use super::samples::samples;
use crate::http::kit::parts::Field as Input;
use crate::http::kit::parts::{
    Crumb, Form, Table, Tone, badge, card, code, crumbs, empty, head, head_with, icon, open, snippets,
};
use maud::{Markup, html};

/// Where the reference begins.
const ROOT: &str = "/docs";

fn search_form(action: &str, search: &str) -> Markup {
    let form = Form::with([("q", search.to_owned())]);
    html! {
        form.filters method="get" action=(action) role="search" {
            (Input::input(&form, "search", "q", "Search").search().attr("placeholder", "Words or an address"))
            button { (icon("search")) "Search" }
        }
    }
}

fn address(api: &Api, operation: &Operation<'_>) -> String {
    format!("{ROOT}/{}/{}", api.name, operation.id())
}

fn table(caption: &str, api: &Api, operations: &[&Operation<'_>]) -> Table {
    let mut table = Table::new(caption).column("Operation").column("Address");
    for operation in operations {
        let summary = if operation.summary().is_empty() { operation.id() } else { operation.summary() };
        table.row(&[
            html! { a.row-link href=(address(api, operation)) { (marked(summary)) } },
            html! { code { (operation.method) " " (operation.path) } },
        ]);
    }
    table
}

/// The operations of an API that a search finds, each group under its name.
fn groups(api: &Api, search: &str) -> (Markup, usize) {
    let all = api.operations();
    let found: Vec<&Operation<'_>> = all.iter().filter(|operation| operation.fits(search)).collect();
    let mut tags: Vec<&str> = Vec::new();
    for operation in &found {
        if !tags.contains(&operation.tag()) {
            tags.push(operation.tag());
        }
    }
    let shown = html! {
        @for tag in &tags {
            @let of_tag: Vec<&Operation<'_>> = found.iter().copied().filter(|operation| operation.tag() == *tag).collect();
            section.stack aria-label=(tag) {
                h2 { (tag.replace('_', " ")) }
                (table(tag, api, &of_tag))
            }
        }
    };
    (shown, found.len())
}

fn nothing(root: &str) -> Markup {
    empty(
        "search",
        "Nothing found",
        "No operation has all these words.",
        &html! { a.button href=(root) { "Show all" } },
    )
}

/// All APIs; with a search, what it finds in each.
pub(super) fn index(apis: &[Api], search: &str) -> Markup {
    let found: Vec<(&Api, Markup, usize)> = apis
        .iter()
        .map(|api| {
            let (shown, count) = groups(api, search);
            (api, shown, count)
        })
        .collect();
    let all: usize = found.iter().map(|(_, _, count)| count).sum();
    open(
        "API reference",
        &html! {
            (head("API reference", "What each API takes and answers, from the program itself. For programs, each has a document in OpenAPI 3.1."))
            (search_form(ROOT, search))
            div.stack #results {
                @if search.is_empty() {
                    div.columns {
                        @for (api, _, count) in &found {
                            (card(api.title(), &html! {
                                p { (marked(api.about())) }
                                div.actions {
                                    a.button.primary href={ (ROOT) "/" (api.name) } { (count) " operations" }
                                    a.button href={ (ROOT) "/" (api.name) "/openapi.json" } { "OpenAPI" }
                                }
                            }))
                        }
                    }
                } @else if all == 0 {
                    (nothing(ROOT))
                } @else {
                    @for (api, shown, count) in &found {
                        @if *count > 0 { h2 { (api.title()) } (shown) }
                    }
                }
            }
        },
    )
}

/// The operations of one API.
pub(super) fn api(api: &Api, search: &str) -> Markup {
    let root = format!("{ROOT}/{}", api.name);
    let (shown, count) = groups(api, search);
    let document = html! { a.button href={ (root) "/openapi.json" } { "OpenAPI" } };
    open(
        api.title(),
        &html! {
            (crumbs(&[Crumb::to("API reference", ROOT), Crumb::here(api.title())]))
            (head_with(api.title(), marked(api.about()), &html! {}, &document))
            (search_form(&root, search))
            div.stack #results {
                @if count == 0 { (nothing(&root)) } @else { (shown) }
            }
            @if search.is_empty() { (errors(api)) }
        },
    )
}

/// The codes of errors of an API, each with an answer as it words it.
fn errors(api: &Api) -> Markup {
    let all = api.errors();
    let mut table = Table::new("Errors").column("Status").column("Meaning").column("Answer");
    for error in &all {
        table.row(&[
            html! { (error.status) },
            html! { span id={ "error-" (error.status) "-" (error.code) } { (marked(error.about)) } },
            html! { code.mono { (error.body) } },
        ]);
    }
    html! {
        @if !all.is_empty() {
            section.stack aria-label="Errors" { h2 { "Errors" } (table) }
        }
    }
}

fn fields(caption: &str, fields: &[Field]) -> Table {
    let mut table = Table::new(caption).column("Name").column("Holds").column("About");
    for field in fields {
        table.row(&[
            html! { code.mono { (field.name) } @if field.required { " " (badge(Tone::Info, "required")) } },
            html! { (field.kind) },
            marked(&field.about),
        ]);
    }
    table
}

/// Text with `code` between backticks.
fn marked(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

/// One operation.
pub(super) fn operation(api: &Api, operation: &Operation<'_>, public_url: &str) -> Markup {
    let title = if operation.summary().is_empty() { operation.id() } else { operation.summary() };
    // A title is plain text.
    let title = &title.replace('`', "");
    let parameters = operation.parameters(api);
    let of_body = operation.body().map(|body| api.fields(body.schema)).unwrap_or_default();
    open(
        title,
        &html! {
            (crumbs(&[
                Crumb::to("API reference", ROOT),
                Crumb::to(api.title(), format!("{ROOT}/{}", api.name)),
                Crumb::here(operation.id()),
            ]))
            (head(title, ""))
            (code("address", &format!("{} {}", operation.method, operation.path)))
            @for paragraph in operation.about().split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
                p { (marked(paragraph)) }
            }
            (snippets("call", &samples(api, operation, public_url)))
            @for (place, name) in [("path", "In the path"), ("query", "In the query"), ("header", "In headers")] {
                @let here: Vec<Field> =
                    parameters.iter().filter(|(of, _)| *of == place).map(|(_, field)| field.clone()).collect();
                @if !here.is_empty() { section.stack { h2 { (name) } (fields(name, &here)) } }
            }
            @if operation.body().is_some() {
                section.stack { h2 { "In the body" } @if of_body.is_empty() { p { "Any JSON object." } } @else { (fields("In the body", &of_body)) } }
            }
            section.stack {
                h2 { "Answers" }
                @for (status, about, schema) in operation.answers(api) {
                    @let shown = schema.map(|schema| api.fields(schema)).unwrap_or_default();
                    @if shown.is_empty() {
                        p { strong { (status) } " " (about) }
                    } @else {
                        details open[status.starts_with('2')] {
                            summary { (status) " " (about) }
                            (fields(&format!("Answer {status}"), &shown))
                        }
                    }
                }
            }
        },
    )
}
