//! From one page of a list to the next.

use super::count;
use crate::store::Listed;
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

/// The address of a part of a list: with these filters, of which empty ones are left out, and the place where it begins.
pub fn part<'a>(
    root: &str,
    filters: impl IntoIterator<Item = (&'a str, &'a str)>,
    place: Option<(&'a str, &'a str)>,
) -> String {
    let filters = filters.into_iter().map(|(name, value)| (name, value.trim()));
    let pairs: Vec<_> = filters.chain(place).filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    if query.is_empty() { root.to_owned() } else { format!("{root}?{query}") }
}

/// The other pages of a list that goes on behind a place.
#[derive(Debug, Default)]
pub struct Around {
    first: Option<String>,
    next: Option<String>,
}

impl Around {
    /// Those around a part of the list at `root`, with the filters that it has.
    pub fn of<T>(root: &str, filters: &[(&str, &str)], listed: &Listed<T>) -> Self {
        let behind = |place: u64| part(root, filters.iter().copied(), Some(("after", &place.to_string())));
        Self {
            first: (!listed.paging.is_first()).then(|| part(root, filters.iter().copied(), None)),
            next: listed.next.map(behind),
        }
    }

    /// The foot of the list.
    pub fn foot(&self, summary: &str) -> Markup {
        next_page(summary, self.first.as_deref(), self.next.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Paging;

    #[test]
    fn a_list_says_when_its_search_did_not_look_at_all() {
        assert_eq!((how_many(1, true, "user"), how_many(1200, true, "user")), ("1 user".into(), "1,200 users".into()));
        assert_eq!(how_many(10_000, false, "user"), "The first 10,000 users");
        assert_eq!(none_of(true, "No user matches."), "No user matches.");
        assert!(none_of(false, "No user matches.").contains("Too many"));
    }

    #[test]
    fn the_other_pages_have_the_filters_of_this_one() {
        let paging = Paging::new(1, 2).unwrap();
        let filters = [("q", " a b "), ("type", ""), ("scope", "x")];
        let around = |paging| Around::of("/list", &filters, &Listed::cut(vec![1_u64, 2, 3, 4, 5], paging, |row| *row));
        let first = around(paging);
        assert_eq!((first.first, first.next.as_deref()), (None, Some("/list?q=a+b&scope=x&after=2")));
        let last = around(paging.behind(4));
        assert_eq!((last.first.as_deref(), last.next), (Some("/list?q=a+b&scope=x"), None));
        let bare = Around::of("/list", &[("q", "")], &Listed::<u64>::empty(paging.behind(4)));
        assert_eq!(bare.first.as_deref(), Some("/list"));
    }
}
