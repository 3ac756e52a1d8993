//! From one page of a list to the next.

use super::count;
use maud::{Markup, html};

/// How many of what a list shows: `1 member`, `12 members`. `is_all`: whether its search looked at all that could match.
pub fn how_many(total: u64, is_all: bool, what: &str) -> String {
    let (first, plural) = (if is_all { "" } else { "The first " }, if total == 1 { "" } else { "s" });
    format!("{first}{} {what}{plural}", count(total))
}

/// What a list says that shows nothing: `none`, unless there is more than its search has looked at.
pub fn none_of(is_all: bool, none: &str) -> &str {
    if is_all { none } else { "Too many start like this to look at all of them. Type more of a word." }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_when_its_search_did_not_look_at_all() {
        assert_eq!((how_many(1, true, "user"), how_many(1200, true, "user")), ("1 user".into(), "1,200 users".into()));
        assert_eq!(how_many(10_000, false, "user"), "The first 10,000 users");
        assert_eq!(none_of(true, "No user matches."), "No user matches.");
        assert!(none_of(false, "No user matches.").contains("Too many"));
    }
}
