//! Boxes to tick and one of a few to choose.

use super::field::{error_line, hidden};
use super::form::Form;
use super::input::Input;
use maud::{Markup, html};

/// One of several things to tick.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it says.
    pub name: String,
    /// What it means.
    pub what: String,
    /// The heading that it stands under; empty: none.
    pub under: &'static str,
    /// Whether it stays ticked: the reader can neither take it nor give it.
    pub is_fixed: bool,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { value: value.into(), name: name.into(), what: what.into(), under: "", is_fixed: false }
    }
}

/// Boxes, any of which may be ticked.
pub fn choices(form: &Form, name: &'static str, legend: &'static str, help: &str, options: &[Choice]) -> Markup {
    group(form, name, legend, help, options, "checkbox", "choices")
}

/// One of a few, each in a frame.
fn choice_cards(form: &Form, name: &'static str, legend: &'static str, help: &str, options: &[Choice]) -> Markup {
    group(form, name, legend, help, options, "radio", "choices cards")
}

impl Input {
    /// The field in a form, any of which boxes may be ticked.
    pub fn boxes(&self, form: &Form, options: &[Choice]) -> Markup {
        choices(form, self.name, self.label, self.hint, options)
    }

    /// The field in a form, one of which cards is chosen.
    pub fn cards(&self, form: &Form, options: &[Choice]) -> Markup {
        choice_cards(form, self.name, self.label, self.hint, options)
    }
}

fn group(
    form: &Form,
    name: &'static str,
    legend: &'static str,
    help: &str,
    options: &[Choice],
    kind: &str,
    class: &str,
) -> Markup {
    let error_id = format!("f-{name}-error");
    let error = form.error_of(name);
    html! {
        fieldset.field id={ "f-" (name) } tabindex="-1" aria-describedby=[error.map(|_| &error_id)] {
            legend { (legend) }
            @if !help.is_empty() { p.help { (help) } }
            div class=(class) {
                @for (at, choice) in options.iter().enumerate() {
                    @if at.checked_sub(1).and_then(|before| options.get(before)).map_or("", |before| before.under) != choice.under {
                        strong.under { (choice.under) }
                    }
                    // A box that is switched off sends nothing.
                    @if choice.is_fixed { (hidden(name, &choice.value)) }
                    label.choice for={ "f-" (name) "-" (at) } {
                        input type=(kind) id={ "f-" (name) "-" (at) } name=(name) value=(choice.value)
                            checked[form.has(name, &choice.value)] disabled[choice.is_fixed];
                        span {
                            span { (choice.name) }
                            @if !choice.what.is_empty() { small { (choice.what) } }
                        }
                    }
                }
            }
            @if let Some(error) = error { (error_line(&error_id, legend, error)) }
        }
    }
}
