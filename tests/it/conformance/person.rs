//! Who sits before the browser: somebody who types what a form asks for and agrees to what they are asked.

use super::browser::Fields;
use super::page::{Field, Form, Page};

/// What a person was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Only who they are.
    Identify,
    SignIn,
    SecondFactor,
    /// To agree, to choose an account: anything that has only buttons.
    Agree,
}

/// Somebody with an account.
pub struct Person {
    pub login: String,
    pub password: String,
    /// The code that the second factor shows now.
    pub code: Option<fn() -> String>,
    /// Whether they press the button that agrees.
    pub agrees: bool,
}

/// Words on the buttons, or in their values, that a person who agrees does not press.
const NO: [&str; 11] =
    ["cancel", "deny", "not", "no", "reject", "decline", "abort", "another", "different", "back", "stay"];

impl Person {
    pub fn new(login: &str, password: &str) -> Self {
        Self { login: login.to_owned(), password: password.to_owned(), code: None, agrees: true }
    }

    /// The same person, who presses nothing.
    pub fn looking(&self) -> Self {
        Self { agrees: false, ..Self::new(&self.login, &self.password) }
    }

    /// What they do on a page: the form that they send, with what is in it. Nothing on a page that asks nothing, or that
    /// asks the same again with an error.
    pub fn acts_on(&self, page: &Page, before: &[Seen]) -> Option<(Seen, Form, Fields)> {
        let forms = page.forms.iter().filter(|form| form.method == "post" && self.button(form).is_some());
        let (seen, form) = forms.map(|form| (asks(form), form)).min_by_key(|(seen, _)| *seen == Seen::Agree)?;
        let refused = page.status >= 400 && (seen == Seen::Agree || before.last() == Some(&seen));
        if refused || (seen == Seen::Agree && !self.agrees) || (seen == Seen::SecondFactor && self.code.is_none()) {
            return None;
        }
        let mut fields: Fields =
            form.fields.iter().filter(|field| field.on).filter_map(|field| self.types(field)).collect();
        if let Some(button) = self.button(form).filter(|button| !button.name.is_empty()) {
            fields.push((button.name.clone(), button.value.clone()));
        }
        Some((seen, form.clone(), fields))
    }

    /// What they leave in a field, or type into it.
    fn types(&self, field: &Field) -> Option<(String, String)> {
        if Form::is_button(field) || field.name.is_empty() {
            return None;
        }
        let value = match field.kind.as_str() {
            "password" => self.password.clone(),
            _ if is_code(field) => self.code.map(|code| code()).unwrap_or_default(),
            "text" | "email" if is_login(field) => self.login.clone(),
            _ => field.value.clone(),
        };
        Some((field.name.clone(), value))
    }

    /// The button that agrees; on a choice of accounts, their own.
    fn button<'a>(&self, form: &'a Form) -> Option<&'a Field> {
        let mine = form.buttons().find(|button| button.text.contains(&self.login));
        mine.or_else(|| form.buttons().find(|button| !refuses(button)))
    }
}

fn refuses(button: &Field) -> bool {
    let words = format!("{} {}", button.text, button.value).to_lowercase();
    words.split(|c: char| !c.is_alphanumeric()).any(|word| NO.contains(&word))
}

fn is_code(field: &Field) -> bool {
    field.autocomplete == "one-time-code" || matches!(field.name.as_str(), "code" | "otp" | "totp")
}

fn is_login(field: &Field) -> bool {
    field.kind == "email"
        || field.autocomplete.contains("username")
        || matches!(field.name.as_str(), "login" | "username" | "email")
}

fn asks(form: &Form) -> Seen {
    if form.has("password") {
        Seen::SignIn
    } else if form.fields.iter().any(is_code) {
        Seen::SecondFactor
    } else if form.fields.iter().any(|field| field.kind != "hidden" && !Form::is_button(field) && is_login(field)) {
        Seen::Identify
    } else {
        Seen::Agree
    }
}
