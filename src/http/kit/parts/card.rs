//! The head of a page, cards, and lists of facts.

use super::icon;
use maud::{Markup, Render, html};

/// The title of a page and one sentence about it.
pub fn head(title: &str, lead: impl Render) -> Markup {
    head_with(title, lead, &html! {}, &html! {})
}

/// As [`head`], with badges beside the title and actions at the end.
pub fn head_with(title: &str, lead: impl Render, badges: &Markup, actions: &Markup) -> Markup {
    let lead = lead.render();
    html! {
        div.head {
            div {
                div.title { h1 { (title) } (badges) }
                @if !lead.0.is_empty() { p.lead { (lead) } }
            }
            @if !actions.0.is_empty() { div.actions { (actions) } }
        }
    }
}

/// A card with a heading.
pub fn card(title: &str, body: &Markup) -> Markup {
    card_with(title, "", &html! {}, body)
}

/// A card with a heading, a sentence under it, and actions beside it.
pub fn card_with(title: &str, lead: &str, actions: &Markup, body: &Markup) -> Markup {
    html! {
        section.card {
            header {
                div {
                    h2 { (title) }
                    @if !lead.is_empty() { p.help { (lead) } }
                }
                @if !actions.0.is_empty() { div.actions { (actions) } }
            }
            (body)
        }
    }
}

/// A dangerous thing, what it does, and the way to it.
pub fn fence(title: &str, what: &str, action: &Markup) -> Markup {
    html! { div.fence { div { h3 { (title) } p.help { (what) } } (action) } }
}

/// One line of a checklist that ticks itself.
pub fn check_item(done: bool, title: &str, what: &str, action: &Markup) -> Markup {
    html! {
        li.done[done] {
            span.tick { (icon("check")) }
            div {
                b { (title) }
                span.unseen { @if done { " (done)" } @else { " (to do)" } }
                @if !done { p { (what) } }
            }
            @if !done { (action) }
        }
    }
}

/// Names and values, in the order they were given.
#[derive(Debug, Default)]
pub struct Facts(Vec<(&'static str, Markup)>);

impl Facts {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name and its value.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Render) -> Self {
        self.0.push((name, html! { (value) }));
        self
    }

    /// Adds one if there is a value.
    #[must_use]
    pub fn fact_if(self, name: &'static str, value: Option<impl Render>) -> Self {
        match value {
            Some(value) => self.fact(name, value),
            None => self,
        }
    }
}

impl Render for Facts {
    fn render(&self) -> Markup {
        html! { dl.facts { @for (name, value) in &self.0 { div { dt { (name) } dd { (value) } } } } }
    }
}
