//! A message about what was just done, and the way to take it back.

use super::{Tone, hidden, notice};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// What takes a step back: a form of the page that does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where the form sends to.
    pub action: String,
    /// What it sends.
    pub fields: Vec<(String, String)>,
}

impl Undo {
    /// A form without fields.
    pub fn at(action: impl Into<String>) -> Self {
        Self { action: action.into(), fields: Vec::new() }
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }
}

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it is good.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// What takes back what it is about.
    pub undo: Option<Undo>,
}

impl Message {
    /// The message, with a button where something can be taken back; `csrf` is the token of the session.
    pub fn shown(&self, csrf: &str) -> Markup {
        notice(
            self.tone,
            &html! {
                p { (self.text) }
                @if let Some(undo) = &self.undo {
                    form.inline method="post" action=(undo.action) {
                        (hidden("csrf", csrf))
                        @for (name, value) in &undo.fields { (hidden(name, value)) }
                        button.small { "Undo" }
                    }
                }
            },
        )
    }
}
