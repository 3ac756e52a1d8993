//! What stands where there is nothing yet: what this is for, and the first step.

use super::icon;
use maud::{Markup, html};

/// With a primary action.
pub fn empty(symbol: &str, title: &str, what: &str, action: &Markup) -> Markup {
    empty_with(symbol, title, what, action, &html! {})
}

/// With a primary action and the first command.
pub fn empty_with(symbol: &str, title: &str, what: &str, action: &Markup, command: &Markup) -> Markup {
    html! {
        div.empty {
            (icon(symbol))
            h2 { (title) }
            p { (what) }
            (action)
            (command)
        }
    }
}
