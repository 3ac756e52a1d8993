//! Asking before something dangerous: a page of its own, and with a script a dialog over the page that led there.

use super::{Field, Form, Tone, badge, form_error, hidden};
use maud::{Markup, html};

/// What is about to happen.
#[derive(Debug)]
pub struct Confirm<'a> {
    /// The question at the head of the page.
    pub title: &'a str,
    /// What is lost, in a sentence or two.
    pub what: Markup,
    /// What the button says.
    pub button: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// Where "Cancel" leads.
    pub back: &'a str,
    /// Whether it destroys something.
    pub destructive: bool,
    /// What must be typed to go on.
    pub type_this: Option<&'a str>,
    /// For the form.
    pub csrf: &'a str,
    /// What was sent and refused before.
    pub form: &'a Form,
}

impl Confirm<'_> {
    /// The question as a card. In a dialog the page beneath has the one h1.
    pub fn card(&self, in_dialog: bool) -> Markup {
        html! {
            section.card.danger[self.destructive] {
                @if in_dialog { h2 { (self.title) } } @else { h1 { (self.title) } }
                (form_error(self.form))
                div.stack { (self.what) }
                form.form method="post" action=(self.action) {
                    (hidden("csrf", self.csrf))
                    @if let Some(name) = self.type_this {
                        (Field::text(self.form, "confirm_name", "Name")
                            .mono()
                            .attr("autocomplete", "off")
                            .help(html! { "Type " (badge(Tone::Plain, name)) " to confirm." }))
                    }
                    div.actions {
                        button.primary.danger[self.destructive] { (self.button) }
                        a.button href=(self.back) data-close autofocus[self.destructive && self.type_this.is_none()] { "Cancel" }
                    }
                }
            }
        }
    }

    /// A link that leads to the question: a dialog with a script, a page without.
    pub fn opener(href: &str, label: &str, destructive: bool) -> Markup {
        html! {
            a.button.small.danger[destructive] href=(href) hx-get=(href) hx-target="#dialog" hx-swap="innerHTML" { (label) }
        }
    }
}
