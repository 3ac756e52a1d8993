//! An input of a form, defined once: the same definition names the field that is read, renders its label, hint and control,
//! and gives the label by which the summary of a refusal names it.

/// What it is filled in by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// An input of a type of HTML's.
    Line(&'static str),
    /// Several lines of text.
    Area(u8),
    /// What is chosen from options, which the page has.
    Options,
}

/// The definition of an input.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name in the body.
    pub name: &'static str,
    /// What it is called on the page.
    pub label: &'static str,
    pub(super) kind: Kind,
    pub(super) hint: &'static str,
    pub(super) is_optional: bool,
    pub(super) is_mono: bool,
    is_secret: bool,
    pub(super) attributes: &'static [(&'static str, &'static str)],
}

impl Input {
    const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, label, kind, hint: "", is_optional: false, is_mono: false, is_secret: false, attributes: &[] }
    }

    /// A line of text.
    pub const fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Line("text"))
    }

    /// A line of a type of HTML's: `email`, `number`, `url`; a `password` never comes back.
    pub const fn line(kind: &'static str, name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Line(kind))
    }

    /// Several lines of text.
    pub const fn area(name: &'static str, label: &'static str, rows: u8) -> Self {
        Self::new(name, label, Kind::Area(rows))
    }

    /// What is chosen from options.
    pub const fn options(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Options)
    }

    /// With what to know before filling it in.
    #[must_use]
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// May stay empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    /// In monospace: ids, paths, code.
    #[must_use]
    pub const fn mono(mut self) -> Self {
        self.is_mono = true;
        self
    }

    /// Its value is never written into a page, as a password's is not.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// With attributes of the control: `maxlength`, `autocomplete`. Never an event.
    #[must_use]
    pub const fn with(mut self, attributes: &'static [(&'static str, &'static str)]) -> Self {
        self.attributes = attributes;
        self
    }

    /// Whether its value may not be written into a page.
    pub(in crate::http) const fn is_secret(&self) -> bool {
        self.is_secret || matches!(self.kind, Kind::Line(kind) if matches!(kind.as_bytes(), b"password"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::kit::parts::{Form, form_error};
    use maud::Render as _;

    const SLUG: Input =
        Input::text("slug", "Short name").optional().mono().hint("In addresses.").with(&[("maxlength", "9")]);
    const INPUTS: &[Input] = &[SLUG, Input::line("password", "password", "Password")];

    #[test]
    fn one_definition_makes_the_field_and_names_it_in_the_summary() {
        let form = Form::default().of(INPUTS).error("slug", "is taken");
        let field = SLUG.field(&form).render().into_string();
        for part in
            ["Short name", "optional", "In addresses.", "maxlength=\"9\"", "class=\"mono\"", "Short name is taken"]
        {
            assert!(field.contains(part), "{part}: {field}");
        }
        assert!(form_error(&form).into_string().contains("#f-slug\">Short name</a> is taken"));
        assert!(INPUTS[1].is_secret() && !SLUG.is_secret());
    }
}
