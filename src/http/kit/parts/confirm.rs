//! Asking before something dangerous: a page of its own, and with a script a dialog over the page that led there.

use super::{Field, Form, Tone, badge, form_error, hidden};
use maud::{Markup, html};

/// What is about to happen.
#[derive(Debug)]
pub struct Confirm<'a> {
    title: &'a str,
    what: Markup,
    button: &'a str,
    action: &'a str,
    back: &'a str,
    destructive: bool,
    type_this: Option<&'a str>,
    sends: Option<&'a Markup>,
    csrf: &'a str,
    form: &'a Form,
}

impl<'a> Confirm<'a> {
    /// Asks before something is destroyed or ended. `title` is the question at the head of the page, `button` what its button
    /// says; the form goes to the first of the `ways` and "Cancel" leads to the second; with the CSRF token of the session and
    /// what was sent and refused before; `what` is lost, in a sentence or two.
    pub fn destructive(
        title: &'a str,
        button: &'a str,
        ways: (&'a str, &'a str),
        sent: (&'a str, &'a Form),
        what: Markup,
    ) -> Self {
        Self { destructive: true, ..Self::plain(title, button, ways, sent, what) }
    }

    /// As [`Confirm::destructive`], before something that destroys nothing.
    pub fn plain(
        title: &'a str,
        button: &'a str,
        (action, back): (&'a str, &'a str),
        (csrf, form): (&'a str, &'a Form),
        what: Markup,
    ) -> Self {
        Self { title, what, button, action, back, destructive: false, type_this: None, sends: None, csrf, form }
    }

    /// What must be typed to go on.
    #[must_use]
    pub fn typed(self, name: &'a str) -> Self {
        Self { type_this: Some(name), ..self }
    }

    /// With more fields in the form.
    #[must_use]
    pub fn sends(self, fields: &'a Markup) -> Self {
        Self { sends: Some(fields), ..self }
    }

    /// The question.
    pub fn title(&self) -> &str {
        self.title
    }

    /// What was sent and refused before.
    pub fn form(&self) -> &Form {
        self.form
    }

    /// The question as a card. In a dialog the page beneath has the one h1.
    pub fn card(&self, in_dialog: bool) -> Markup {
        html! {
            section.card.danger[self.destructive] {
                @if in_dialog { h2 { (self.title) } } @else { h1 { (self.title) } }
                (form_error(self.form))
                div.stack { (self.what) }
                form.form method="post" action=(self.action) {
                    (hidden("csrf", self.csrf))
                    @if let Some(fields) = self.sends { (fields) }
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
