//! Forms: a label above, help below, the error beside its field and a summary on top.

use super::{Input, Tone, icon, notice};
use crate::base::{Kind, Problem};
use crate::http::noted::Refusal;
use maud::{Markup, Render, html};

/// The code of a form that meets another's change.
const STALE: &str = "changed_meanwhile";

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
    pub(super) met: Option<Box<[super::conflict::Differing]>>,
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
                            li { a href={ "#f-" (front(field)) } { (form.label_of(field)) } " " (message) }
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
                        a href={ "#f-" (front(field)) } { (label_of(field)) } " " (message)
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

/// The field of a form that a service means by `redirect_uris.0`.
fn front(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or_default()
}

/// `redirect_uris` as a reader knows it, in a form whose inputs have no definition.
pub(super) fn label_of(field: &str) -> String {
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

/// A value that the reader does not see.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

#[derive(Clone, Debug)]
enum Control {
    Input(&'static str),
    Area(u8),
    Select(Vec<(String, String)>),
}

/// One field with its label.
#[derive(Debug)]
pub struct Field<'a> {
    form: &'a Form,
    name: &'static str,
    label: &'static str,
    control: Control,
    help: Markup,
    optional: bool,
    mono: bool,
    reveal: bool,
    class: &'static str,
    attributes: Vec<(&'static str, String)>,
}

impl<'a> Field<'a> {
    fn new(form: &'a Form, name: &'static str, label: &'static str, control: Control) -> Self {
        Self {
            form,
            name,
            label,
            control,
            help: html! {},
            optional: false,
            mono: false,
            reveal: false,
            class: "",
            attributes: Vec::new(),
        }
    }

    /// A line of text.
    pub fn text(form: &'a Form, name: &'static str, label: &'static str) -> Self {
        Self::new(form, name, label, Control::Input("text"))
    }

    /// An input of a type of HTML's: `email`, `search`, `datetime-local`, `number`.
    pub fn input(form: &'a Form, kind: &'static str, name: &'static str, label: &'static str) -> Self {
        Self::new(form, name, label, Control::Input(kind))
    }

    /// A password: its value never comes back.
    pub fn password(form: &'a Form, name: &'static str, label: &'static str) -> Self {
        Self::new(form, name, label, Control::Input("password"))
    }

    /// A field of several lines of text.
    pub fn area(form: &'a Form, name: &'static str, label: &'static str, rows: u8) -> Self {
        Self::new(form, name, label, Control::Area(rows))
    }

    /// One of these, value and words.
    pub fn select(
        form: &'a Form,
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self::new(form, name, label, Control::Select(options.into_iter().collect()))
    }

    /// What to know before filling it in.
    #[must_use]
    pub fn help(mut self, help: impl Render) -> Self {
        self.help = html! { (help) };
        self
    }

    /// May stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// In monospace: ids, paths, code.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// With a button that shows a password while it is typed; it appears with a script.
    #[must_use]
    pub fn reveal(mut self) -> Self {
        self.reveal = true;
        self
    }

    /// One of a row of filters: it may stay empty, and nobody has to be told.
    #[must_use]
    pub fn filter(mut self) -> Self {
        self.class = "filter";
        self
    }

    /// Shown only for a scope that has a tenant.
    #[must_use]
    pub fn when_tenant(mut self) -> Self {
        self.class = "when-tenant";
        self
    }

    /// The wide one of a row of filters.
    #[must_use]
    pub fn search(mut self) -> Self {
        self.class = "search";
        self
    }

    /// Another attribute of the control: `autocomplete`, `maxlength`, `hx-get`. Never an event.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Puts the focus here when the page opens, if `wanted`.
    #[must_use]
    pub fn focus_if(self, wanted: bool) -> Self {
        if wanted { self.attr("autofocus", "") } else { self }
    }
}

/// An opening tag with attributes whose names are known only at run time. The names are ours, the values are escaped.
struct Open<'a> {
    tag: &'static str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Render for Open<'_> {
    fn render_to(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.tag);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            value.render_to(out);
            out.push('"');
        }
        out.push('>');
    }
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        let id = format!("f-{}", self.name);
        let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
        // What is wrong with a filter stands with what it finds: `filter_error`.
        let error = self.form.error_of(self.name).filter(|_| !matches!(self.class, "filter" | "search"));
        let has_help = !self.help.0.is_empty();
        let described = [has_help.then_some(&*help_id), error.map(|_| &*error_id)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let value = self.form.value(self.name);
        let mut attributes = vec![("id", &*id), ("name", self.name)];
        if !described.is_empty() {
            attributes.push(("aria-describedby", &described));
        }
        if error.is_some() {
            attributes.push(("aria-invalid", "true"));
        }
        if !self.optional && self.class.is_empty() {
            attributes.push(("required", ""));
        }
        if self.mono {
            attributes.extend([("class", "mono"), ("spellcheck", "false"), ("autocapitalize", "off")]);
        }
        attributes.extend(self.attributes.iter().map(|(name, value)| (*name, &**value)));
        let rows;
        match &self.control {
            Control::Input(kind) => {
                attributes.push(("type", kind));
                // Browsers and proxies keep pages: what is secret must be typed again.
                if *kind != "password" && !value.is_empty() {
                    attributes.push(("value", value));
                }
            }
            Control::Area(many) => {
                rows = many.to_string();
                attributes.push(("rows", &rows));
            }
            Control::Select(_) => {}
        }
        html! {
            div.field.(self.class) {
                label for=(id) {
                    (self.label)
                    @if self.optional && self.class.is_empty() { " " span.optional { "optional" } }
                }
                @match &self.control {
                    Control::Input(_) => (Open { tag: "input", attributes }),
                    Control::Area(_) => {
                        // HTML drops a line break at the start of a text area, so one is put there to be dropped.
                        (Open { tag: "textarea", attributes }) "\n" (value) (maud::PreEscaped("</textarea>"))
                    }
                    Control::Select(options) => {
                        (Open { tag: "select", attributes })
                        @for (option, words) in options {
                            option value=(option) selected[option == value] { (words) }
                        }
                        (maud::PreEscaped("</select>"))
                    }
                }
                @if self.reveal {
                    button.small.quiet type="button" data-reveal=(id) aria-pressed="false" hidden { (icon("eye")) "Show password" }
                }
                @if has_help { div.help id=(help_id) { (self.help) } }
                @if let Some(error) = error { (error_line(&error_id, self.label, error)) }
            }
        }
    }
}

pub(super) fn error_line(id: &str, label: &str, error: &str) -> Markup {
    html! { p.error id=(id) { (icon("alert")) span { (label) " " (error) } } }
}
