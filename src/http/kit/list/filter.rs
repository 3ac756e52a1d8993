//! The ways to narrow a list.

use super::moment::{End, written};
use crate::http::kit::parts::{Field, Form};
use maud::{Markup, Render, html};

/// How a filter compares what is typed, as its label says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Matches {
    /// Each word that is typed begins a word of what is looked at.
    Words,
    /// Each word that is typed stands somewhere in it.
    Contains,
    /// It begins with what is typed.
    Front,
    /// It is what is typed.
    Whole,
    /// What is typed means one thing, by its name or its id.
    One,
}

impl Matches {
    const fn words(self) -> &'static str {
        match self {
            Self::Words => "words begin with",
            Self::Contains => "contains",
            Self::Front => "begins with",
            Self::Whole => "is exactly",
            Self::One => "exactly one",
        }
    }
}

#[derive(Clone, Debug)]
enum Control {
    /// The wide one, whose words are looked for.
    Search(&'static str),
    /// A line of text, with an example, and what could be meant.
    Text(&'static str, Vec<(String, String)>),
    /// A moment, which the reader types in their own zone where a script can tell it.
    Moment(End),
    Select(Vec<(String, String)>),
}

/// One way to narrow a list.
#[derive(Clone, Debug)]
pub(in crate::http) struct Filter {
    name: &'static str,
    label: &'static str,
    control: Control,
    /// Whether it is an id or a path, in monospace.
    mono: bool,
    /// The choice that leads to another list and narrows nothing.
    apart: Option<&'static str>,
    matches: Option<Matches>,
    /// What offers values for what was typed so far.
    finds: Option<&'static str>,
}

impl Filter {
    fn new(name: &'static str, label: &'static str, control: Control) -> Self {
        Self { name, label, control, mono: false, apart: None, matches: None, finds: None }
    }

    /// The search, with what it looks at and how.
    pub fn search(name: &'static str, label: &'static str, looks_at: &'static str, matches: Matches) -> Self {
        Self { matches: Some(matches), ..Self::new(name, label, Control::Search(looks_at)) }
    }

    /// A line of text, and how it is compared.
    pub fn text(name: &'static str, label: &'static str, example: &'static str, matches: Matches) -> Self {
        Self { matches: Some(matches), ..Self::new(name, label, Control::Text(example, Vec::new())) }
    }

    /// With what could be meant, from this address, while one types ([`Field::finds`]).
    #[must_use]
    pub fn finds(self, finds: &'static str) -> Self {
        Self { finds: Some(finds), ..self }
    }

    /// A moment.
    pub fn moment(name: &'static str, label: &'static str, end: End) -> Self {
        Self::new(name, label, Control::Moment(end))
    }

    /// The parameter of the address.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// The choice that leads to another list.
    pub(super) const fn apart_value(&self) -> Option<&'static str> {
        self.apart
    }

    /// One of these, value and words, or any.
    pub fn select(
        name: &'static str,
        label: &'static str,
        any: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let any = (String::new(), any.to_owned());
        Self::new(name, label, Control::Select(std::iter::once(any).chain(options).collect()))
    }

    /// An id or a path, in monospace.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// With values to choose from while one types, and what each means.
    #[must_use]
    pub fn suggest(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        if let Control::Text(_, suggested) = &mut self.control {
            suggested.extend(values);
        }
        self
    }

    /// With one more choice, which leads to another list at the same address: of what was deleted.
    #[must_use]
    pub fn apart(mut self, value: &'static str, words: &str) -> Self {
        if let Control::Select(options) = &mut self.control {
            options.push((value.to_owned(), words.to_owned()));
        }
        self.apart = Some(value);
        self
    }

    pub(super) fn field(&self, form: &Form) -> Markup {
        let (name, label) = (self.name, self.label);
        let set = |field: Field<'_>| {
            let mut field = field.says(self.matches.map_or("", Matches::words));
            if let Some(finds) = self.finds {
                field = field.finds(finds);
            }
            if self.mono { field.mono().render() } else { field.render() }
        };
        match &self.control {
            Control::Search(looks_at) => {
                set(Field::input(form, "search", name, label).search().attr("placeholder", *looks_at))
            }
            Control::Text(example, suggested) => {
                let field = Field::text(form, name, label).filter().attr("placeholder", *example);
                let list = format!("f-{name}-values");
                let field = if suggested.is_empty() { field } else { field.attr("list", list.as_str()) };
                html! {
                    (set(field))
                    @if !suggested.is_empty() {
                        datalist id=(list) { @for (value, what) in suggested { option value=(value) { (what) } } }
                    }
                }
            }
            Control::Moment(end) => {
                let (shown, exact) = written(form.value(name), *end);
                let typed = Form::with([(name, shown)]);
                Field::input(&typed, "datetime-local", name, label)
                    .filter()
                    .says("UTC")
                    .attr("autocomplete", "off")
                    .attr("data-moment", exact)
                    .render()
            }
            Control::Select(options) => Field::select(form, name, label, options.clone()).filter().render(),
        }
    }
}
