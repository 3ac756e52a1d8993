//! Code and ids that people copy.

use super::icon;
use maud::{Markup, html};

/// A block of code with a copy button. `id` must not repeat on the page.
pub fn code(id: &str, text: &str) -> Markup {
    html! {
        div.code {
            pre tabindex="0" { code id=(id) { (text) } }
            button.small type="button" data-copy=(id) hidden { "Copy" }
        }
    }
}

/// An id or another short text in monospace, with a copy button. `id` must not repeat on the page.
pub fn copyable(id: &str, text: &str) -> Markup {
    html! {
        span.copyable {
            code.mono id=(id) { (text) }
            button type="button" data-copy=(id) hidden aria-label={ "Copy " (text) } { (icon("copy")) }
        }
    }
}

/// The same call in several languages; one is shown at a time, chosen without a script. Three at most.
pub fn snippets(id: &str, languages: &[(&str, String)]) -> Markup {
    html! {
        div.tabs role="group" aria-label="Language" {
            @for (at, (language, _)) in languages.iter().enumerate() {
                input type="radio" name={ (id) "-language" } id={ (id) "-tab-" (at) } checked[at == 0];
                label for={ (id) "-tab-" (at) } { (language) }
            }
            @for (at, (_, text)) in languages.iter().enumerate() { (code(&format!("{id}-{at}"), text)) }
        }
    }
}
