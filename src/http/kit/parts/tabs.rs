//! Links to the views of one thing, of which the reader sees one.

use maud::{Markup, html};

/// The views, each with its address, its words and whether it is the one that is shown. `what` says what they are views of.
pub fn tabs(what: &str, views: &[(&str, &str, bool)]) -> Markup {
    html! {
        nav.tabs-nav aria-label=(what) {
            @for (href, words, is_here) in views { a href=(href) aria-current=[is_here.then_some("page")] { (words) } }
        }
    }
}
