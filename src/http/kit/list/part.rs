//! The part of a list that a page shows, and the ways to the others.

use maud::{Markup, html};

/// The part of a list that a page shows.
#[derive(Debug)]
pub(in crate::http) struct Part<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are, in words.
    pub summary: String,
    /// Whether the search looked at all that could match.
    pub(super) is_all: bool,
    pub(super) first: Option<String>,
    pub(super) prev: Option<String>,
    pub(super) next: Option<String>,
}

impl<T> Part<T> {
    /// The foot of the list: how many there are, and the ways to the other parts. `live`: a script puts them in its place.
    pub fn foot(&self, live: bool) -> Markup {
        let ways = [
            ("first-page", "First page", None, &self.first),
            ("prev-page", "Previous page", Some("prev"), &self.prev),
            ("next-page", "Next page", Some("next"), &self.next),
        ];
        if self.summary.is_empty() && ways.iter().all(|(.., way)| way.is_none()) {
            return html! {};
        }
        html! {
            nav.pages aria-label="Pages" {
                span { (self.summary) }
                span.actions {
                    @for (id, words, rel, way) in ways {
                        @if let Some(href) = way {
                            a.button.small #(id) rel=[rel] href=(href) hx-get=[live.then_some(href)]
                                hx-target=[live.then_some("#results")] hx-select=[live.then_some("#results")]
                                hx-select-oob=[live.then_some("#found:innerHTML")]
                                hx-swap=[live.then_some("outerHTML show:top")] hx-push-url=[live.then_some("true")] {
                                (words)
                            }
                        }
                    }
                }
            }
        }
    }
}
