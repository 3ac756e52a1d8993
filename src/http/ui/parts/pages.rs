//! From one page of a list to the next.

use maud::{Markup, html};

/// The foot of a list that can be followed both ways. `prev` and `next` are addresses; none: there is no such page.
pub fn both_ways(summary: &str, prev: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        nav.pages aria-label="Pages" {
            span { (summary) }
            span.actions {
                @if let Some(prev) = prev { a.button.small rel="prev" href=(prev) { "Previous page" } }
                @if let Some(next) = next { a.button.small rel="next" href=(next) { "Next page" } }
            }
        }
    }
}

/// The foot of a list that goes on behind a cursor. `first` and `next` are addresses; none: there is no such page.
pub fn next_page(summary: &str, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        nav.pages aria-label="Pages" {
            span { (summary) }
            span.actions {
                @if let Some(first) = first { a.button.small href=(first) { "First page" } }
                @if let Some(next) = next { a.button.small rel="next" href=(next) { "Next page" } }
            }
        }
    }
}
