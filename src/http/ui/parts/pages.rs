//! From one page of a list to the next.

use crate::store::Listed;
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
