//! A form whose row was changed by somebody else while it was open: both changes, and which of them is to stand.

use super::form::{Differing, Form};
use super::{Tone, hidden, notice};
use maud::{Markup, html};

/// The hidden field that says which state of its row a form was made of.
pub const VERSION: &str = "version";
/// The front of the names of hidden fields that hold what was typed.
pub const TYPED: &str = "typed.";
/// The boxes that say for which fields what was typed is to stand.
pub const MINE: &str = "mine";

fn lines(values: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        values.iter().flat_map(|value| value.lines()).map(|line| line.trim().to_owned()).collect();
    all.retain(|line| !line.is_empty());
    all
}

impl Form {
    /// With the state of the row that it is made of.
    #[must_use]
    pub fn at(self, version: crate::store::Version) -> Self {
        self.and(VERSION, &version.to_string())
    }

    /// This form, of what is there now, beside one that somebody has filled in before they knew of it: the fields show what is
    /// there, and for each that differs there is a box for what was typed.
    #[must_use]
    pub fn met(mut self, typed: Self, names: &[&str]) -> Self {
        let (inputs, mut differing) = (typed.inputs, Vec::new());
        for name in names {
            let (now, typed) = (self.all(name), typed.all(name));
            if lines(&now) != lines(&typed) {
                differing.push(Differing { name: (*name).to_owned(), now, typed });
            }
        }
        self.met = Some(differing.into());
        self.inputs = inputs;
        self
    }
}

fn shown(values: &[String]) -> Markup {
    let lines = lines(values);
    html! {
        @if lines.is_empty() { em { "nothing" } } @else { bdi { (lines.join(", ")) } }
    }
}

fn choice(form: &Form, field: &Differing) -> Markup {
    let id = format!("mine-{}", field.name);
    html! {
        @for value in &field.typed { (hidden(&format!("{TYPED}{}", field.name), value)) }
        label.choice for=(id) {
            input type="checkbox" id=(id) name=(MINE) value=(field.name);
            span {
                span { (form.label_of(&field.name)) ": " (shown(&field.typed)) }
                small { "Now it is " (shown(&field.now)) }
            }
        }
    }
}

/// The hidden version of a form, to stand inside it; and, where somebody else has changed the row meanwhile, both changes with
/// the choice between them.
pub fn version(form: &Form) -> Markup {
    html! {
        @if !form.value(VERSION).is_empty() { (hidden(VERSION, form.value(VERSION))) }
        @if let Some(differing) = &form.met {
            (notice(Tone::Warn, &html! {
                p data-message tabindex="-1" autofocus {
                    strong { "Somebody else has changed this while you had it open." }
                    @if differing.is_empty() {
                        " What you typed is what is there now."
                    } @else {
                        " Nothing of yours is saved yet. The fields below show what is there now; tick what is to become what you typed."
                    }
                }
            }))
            @if !differing.is_empty() {
                fieldset.field {
                    legend { "What you typed" }
                    div.choices {
                        @for field in differing.iter() { (choice(form, field)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(values: &[(&'static str, &str)]) -> Form {
        Form::with(values.iter().map(|(name, value)| (*name, (*value).to_owned())))
    }

    #[test]
    fn only_what_differs_is_asked_for() {
        let now = form(&[("name", "New"), ("lines", "a\nb"), ("box", "x"), ("box", "y")]);
        let typed = form(&[("name", "Mine"), ("lines", "a\r\nb\r\n"), ("box", "x")]);
        let met = now.met(typed, &["name", "lines", "box"]);
        let page = version(&met).into_string();
        assert!(
            page.contains("name=\"mine\" value=\"name\"") && page.contains("name=\"mine\" value=\"box\""),
            "{page}"
        );
        assert!(!page.contains("value=\"lines\"") && page.contains("name=\"typed.name\" value=\"Mine\""), "{page}");
        assert_eq!(met.value("name"), "New", "the field shows what is there");
        assert!(version(&form(&[])).into_string().is_empty());
    }
}
