//! What a form starts with, and the summary on top of it of what was wrong.

use super::input::Input;
use super::{Tone, notice};
use crate::base::{Kind, Problem};
use crate::http::noted::Refusal;
use maud::{Markup, html};

/// The code of a form that meets another's change.
const STALE: &str = "changed_meanwhile";

/// A field that both have changed, or that one of them has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Differing {
    pub(super) name: String,
    pub(super) now: Vec<String>,
    pub(super) typed: Vec<String>,
}

/// What a form starts with: the values that were sent, and what was wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
    message: Option<String>,
    /// The refusal of a service, by its family and code.
    fault: Option<Box<(Kind, &'static str)>>,
    /// What the reader can do about it.
    way_out: Option<Box<Markup>>,
    /// The fields in which what was typed is not what is there, for a row that somebody else has changed.
    pub(super) met: Option<Box<[Differing]>>,
    /// How its inputs are defined, where they are: a refusal names them by their labels.
    pub(super) inputs: &'static [Input],
}

impl Form {
    /// A form with these values.
    pub fn with(values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), ..Self::default() }
    }

    /// A form as it was sent.
    pub fn sent(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// As a form of these inputs.
    #[must_use]
    pub fn of(mut self, inputs: &'static [Input]) -> Self {
        self.inputs = inputs;
        self
    }

    /// What an input is called on the page.
    pub(super) fn label_of(&self, field: &str) -> String {
        let defined = self.inputs.iter().find(|input| input.name == front(field));
        defined.map_or_else(|| label_of(field), |input| input.label.to_owned())
    }

    /// With one more value, if it has none of this name yet.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        if self.value(name).is_empty() {
            self.values.retain(|(have, _)| have != name);
            self.values.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With what a service found wrong. Problems that name no field of the form stand on top.
    #[must_use]
    pub fn refused(mut self, problem: &Problem) -> Self {
        // The pages have no levels: what an API takes as `metadata.tags` is the field `tags` of a form.
        let flat = |field: &str| field.strip_prefix("metadata.").unwrap_or(field).to_owned();
        self = self.fault(problem);
        self.errors.extend(problem.fields.iter().map(|field| (flat(&field.field), field.message.clone())));
        if problem.fields.is_empty() {
            self.message = Some(problem.message.clone());
        }
        self
    }

    /// With the code of a service's refusal that the page has words of its own for.
    #[must_use]
    pub fn fault(mut self, problem: &Problem) -> Self {
        self.fault = Some(Box::new((problem.kind, problem.code)));
        self
    }

    /// What was refused, for the audit log: the code, and the fields at fault. None: nothing was.
    pub fn refusal(&self) -> Option<Refusal> {
        let mut fields: Vec<String> = self.errors.iter().map(|(field, _)| field.clone()).collect();
        fields.dedup();
        let own = if self.met.is_some() { (Kind::Stale, STALE) } else { (Kind::Invalid, "validation_error") };
        let (kind, code) = self.fault.as_deref().copied().unwrap_or(own);
        (!self.is_good()).then_some(Refusal { kind, code, fields })
    }

    /// With what the reader can do about the refusal: a sentence with a link, in the summary.
    #[must_use]
    pub fn way_out(mut self, what: Markup) -> Self {
        self.way_out = Some(Box::new(what));
        self
    }

    /// With an error at a field.
    #[must_use]
    pub fn error(mut self, field: &str, message: impl Into<String>) -> Self {
        self.errors.push((field.to_owned(), message.into()));
        self
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.errors.is_empty() && self.message.is_none() && self.met.is_none()
    }

    /// The value of a field; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value)
    }

    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.values.iter().filter(|(have, _)| have == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a box is ticked.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(have, chosen)| have == name && chosen == value)
    }

    /// What is wrong with a field. A service names parts of it with a dot or an index: `redirect_uris.0`.
    pub(super) fn error_of(&self, name: &str) -> Option<&str> {
        let concerns =
            |field: &str| field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        self.errors.iter().find(|(field, _)| concerns(field)).map(|(_, message)| message.as_str())
    }
}

/// The summary on top of a form that was refused; nothing for one that was not.
pub fn form_error(form: &Form) -> Markup {
    html! {
        @if let Some(message) = &form.message {
            div tabindex="-1" autofocus { (notice(Tone::Bad, &html! { p data-message { (message) "." } })) }
        } @else if !form.errors.is_empty() {
            div tabindex="-1" autofocus {
                (notice(Tone::Bad, &html! {
                    p data-message { strong { "Nothing was changed yet." } }
                    ul {
                        @for (field, message) in &form.errors {
                            li { a href={ "#f-" (front(field)) } { (form.label_of(field)) } (after_label(message)) }
                        }
                    }
                    @if let Some(what) = &form.way_out { p { (what) } }
                }))
            }
        }
    }
}

/// What is wrong with the filters of a list, to stand with what they find: a script renews that and leaves the filters alone,
/// and the focus stays where somebody types.
pub fn filter_error(form: &Form) -> Markup {
    html! {
        @if !form.errors.is_empty() {
            (notice(Tone::Bad, &html! {
                @for (field, message) in &form.errors {
                    p data-message {
                        a href={ "#f-" (front(field)) } { (label_of(field)) } (after_label(message))
                        @if !message.ends_with('?') { "." }
                    }
                }
            }))
        }
    }
}

/// The refusal on top of a form for signing in, where nothing is changed: what is wrong with a field stands at the field, and the
/// focus is for the one to type again.
pub fn sign_in_error(form: &Form) -> Markup {
    html! {
        @if let Some(message) = &form.message {
            div role="alert" { (notice(Tone::Bad, &html! { p data-message { (message) "." } })) }
        }
    }
}

/// Whether a message says all by itself. The others go on from the name of their field: `must be a number`.
pub(super) fn is_sentence(message: &str) -> bool {
    message.starts_with(char::is_uppercase)
}

/// A message behind the name of its field.
fn after_label(message: &str) -> String {
    format!("{}{message}", if is_sentence(message) { ": " } else { " " })
}

/// The field of a form that a service means by `redirect_uris.0`.
fn front(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or_default()
}

/// `redirect_uris` as a reader knows it, in a form whose inputs have no definition.
fn label_of(field: &str) -> String {
    let words = match front(field) {
        "email" => return "E-mail".to_owned(),
        "redirect_uris" => return "Redirect URIs".to_owned(),
        "tenant_id" => "tenant".to_owned(),
        "confirm_name" => "name".to_owned(),
        other => other.replace('_', " "),
    };
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
