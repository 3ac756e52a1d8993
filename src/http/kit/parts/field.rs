//! A field of a form: its label above, help below, and the error beside it.

use super::form::{Form, is_sentence};
use super::icon;
use super::input::{Input, Kind};
use maud::{Markup, Render, html};

/// A value that the reader does not see.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// Whose password a form takes. Password managers want to see the name beside it, and people whom they are.
pub fn account_of(name: &str) -> Markup {
    html! {
        div.field {
            label for="f-username" { "Account" }
            input type="text" id="f-username" name=(USERNAME) value=(name) autocomplete="username" readonly;
        }
    }
}

/// The name of that field.
pub const USERNAME: &str = "username";

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
    /// The list of what could be meant.
    list: Option<String>,
    says: &'static str,
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
            list: None,
            says: "",
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

    /// With a word in its label on how it is read: `is exactly`, `UTC`.
    #[must_use]
    pub fn says(mut self, words: &'static str) -> Self {
        self.says = words;
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

    /// Offers what could be meant while somebody types: `finds` answers with options for what was typed so far, and the list of
    /// them is renewed by a script. Without one any text can be typed, and the server reads it.
    #[must_use]
    pub fn finds(mut self, finds: &'static str) -> Self {
        let list = format!("f-{}-values", self.name);
        self.attributes.extend([
            ("list", list.clone()),
            ("autocomplete", "off".to_owned()),
            ("hx-get", finds.to_owned()),
            ("hx-trigger", "input changed delay:200ms, focus once".to_owned()),
            ("hx-target", format!("#{list}")),
            ("hx-swap", "innerHTML".to_owned()),
            // What the form around it renews is another matter.
            ("hx-select", "unset".to_owned()),
            ("hx-select-oob", "unset".to_owned()),
            ("hx-push-url", "false".to_owned()),
            ("hx-sync", "this:replace".to_owned()),
        ]);
        self.list = Some(list);
        self
    }

    /// Puts the focus here when the page opens, if `wanted`.
    #[must_use]
    pub fn focus_if(self, wanted: bool) -> Self {
        if wanted { self.attr("autofocus", "") } else { self }
    }
}

impl Input {
    fn set<'f>(&self, field: Field<'f>) -> Field<'f> {
        let field = if self.hint.is_empty() { field } else { field.help(self.hint) };
        let field = if self.is_optional { field.optional() } else { field };
        let field = if self.is_mono { field.mono() } else { field };
        let field = if self.is_secret() { field.attr("data-secret", "") } else { field };
        self.attributes.iter().fold(field, |field, (name, value)| field.attr(name, *value))
    }

    /// The field in a form.
    pub fn field<'f>(&self, form: &'f Form) -> Field<'f> {
        self.set(match self.kind {
            Kind::Line("password") => Field::password(form, self.name, self.label),
            Kind::Line(kind) => Field::input(form, kind, self.name, self.label),
            Kind::Area(rows) => Field::area(form, self.name, self.label, rows),
            Kind::Options => Field::select(form, self.name, self.label, []),
        })
    }

    /// The field in a form, to choose one of these, value and words.
    pub fn select<'f>(&self, form: &'f Form, options: impl IntoIterator<Item = (String, String)>) -> Field<'f> {
        self.set(Field::select(form, self.name, self.label, options))
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
                    @if !self.says.is_empty() { " " span.optional { (self.says) } }
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
                @if let Some(list) = &self.list { datalist id=(list) {} }
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
    html! { p.error id=(id) { (icon("alert")) span { @if !is_sentence(error) { (label) " " } (error) } } }
}
