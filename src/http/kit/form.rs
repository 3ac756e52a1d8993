//! What a form sends, after the checks that it came from one of our own pages.

use super::csrf;
use super::parts::{Form, Input, MINE, TYPED, VERSION};
use crate::base::{Problem, Secret};
use crate::stack::Stack;
use crate::store::Expected;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use zeroize::Zeroize;

/// The fields of a form in their order. They may be passwords, so they are wiped when dropped and never printed.
#[derive(Serialize, Deserialize)]
pub(in crate::http) struct Fields(Vec<(String, String)>);

impl Drop for Fields {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl Fields {
    /// These fields.
    #[cfg(test)]
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// With the values of `others` for fields that are missing here, or stand here empty.
    pub fn or(mut self, others: &Self) -> Self {
        let lacking: Vec<_> =
            others.0.iter().filter(|(name, _)| self.raw(name).is_empty()).map(|(name, _)| name.clone()).collect();
        self.0.retain(|(name, _)| !lacking.contains(name));
        self.0.extend(others.0.iter().filter(|(name, _)| lacking.contains(name)).cloned());
        self
    }

    /// These fields only.
    pub fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect())
    }

    fn parse(body: &[u8]) -> Result<Self, Problem> {
        serde_urlencoded::from_bytes(body)
            .map(|fields| Self(fields).chosen())
            .map_err(|_| Problem::malformed("invalid_request", "The form could not be read"))
    }

    /// With the values that somebody had typed into a form that met another's change, where they ticked that these are to stand
    /// and not what the form shows (`parts::Form::met`).
    fn chosen(mut self) -> Self {
        let ticked: Vec<String> = self.all(MINE).map(str::to_owned).collect();
        for name in ticked {
            let typed = format!("{TYPED}{name}");
            self.0.retain(|(have, _)| *have != name);
            for (have, _) in self.0.iter_mut().filter(|(have, _)| *have == typed) {
                have.clone_from(&name);
            }
        }
        // What was chosen stands under its own name now: a form that is sent on must not be chosen from again.
        self.0.retain(|(have, _)| have != MINE && !have.starts_with(TYPED));
        self
    }

    /// Which state of its row the form was made of.
    pub fn seen(&self) -> Expected {
        Expected::of_field(self.text(VERSION))
    }

    /// The form as it was sent, without what is secret.
    pub fn form(&self, inputs: &'static [Input]) -> Form {
        let names: Vec<_> = inputs.iter().filter(|input| !input.is_secret()).map(|input| input.name).collect();
        self.keep(&names).of(inputs)
    }

    /// As [`Fields::meeting`], for a form of defined inputs.
    pub fn met(&self, inputs: &'static [Input], now: Form) -> Form {
        let names: Vec<_> = inputs.iter().filter(|input| !input.is_secret()).map(|input| input.name).collect();
        now.met(self.form(inputs), &names)
    }

    /// The form as it meets the change of somebody else: `now` is what is there, made as for a fresh page.
    pub fn meeting(&self, names: &[&str], now: Form) -> Form {
        now.met(self.keep(names), names)
    }

    /// The first value of a field, without blanks around it; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value of a field as it was sent: blanks belong to a password.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value)
    }

    /// A field that is a secret.
    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::new(self.raw(name).to_owned())
    }

    /// All values of a field: ticked boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The fields in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All fields but these.
    pub fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect())
    }

    /// The form as it was sent, with these fields only: name those that are no secrets.
    pub fn keep(&self, names: &[&str]) -> Form {
        let is_kept = |name: &str| name == VERSION || names.contains(&name);
        Form::sent(self.0.iter().filter(|(name, _)| is_kept(name)).cloned().collect())
    }
}

/// A form of defined inputs that is being read: what is wrong with one stands beside it.
pub(in crate::http) struct Reading<'f> {
    fields: &'f Fields,
    form: Form,
}

impl<'f> Reading<'f> {
    /// Begins with what was sent.
    pub fn of(fields: &'f Fields, inputs: &'static [Input]) -> Self {
        Self { fields, form: fields.form(inputs) }
    }

    /// What a field that must be there says. None: it is wrong.
    pub fn required<T, E: Display>(&mut self, input: &Input, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let read = parse(self.fields.text(input.name));
        read.map_err(|rule| self.wrong(input, &rule.to_string())).ok()
    }

    /// What a field that may be empty says; empty is `Some(None)`. None: it is wrong.
    pub fn optional<T, E: Display>(
        &mut self,
        input: &Input,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if self.fields.text(input.name).is_empty() { Some(None) } else { self.required(input, parse).map(Some) }
    }

    /// What of the options was chosen. None: nothing that is offered.
    pub fn chosen<T>(&mut self, input: &Input, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.required(input, |text| parse(text).ok_or("must be chosen"))
    }

    /// Says what is wrong with a field.
    pub fn wrong(&mut self, input: &Input, rule: &str) {
        self.form = std::mem::take(&mut self.form).error(input.name, rule);
    }

    /// The form, with what was wrong.
    pub fn done(self) -> Form {
        self.form
    }
}

/// Reads the fields of a request that is a form.
///
/// # Errors
/// Malformed when it is none, or cannot be read.
pub(in crate::http) async fn fields(
    http: HttpRequest,
    body: impl Future<Output = Result<web::Bytes, actix_web::Error>>,
) -> Result<Fields, Problem> {
    let is_form = http.headers().get("content-type").and_then(|value| value.to_str().ok()).is_some_and(|value| {
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(Problem::malformed("invalid_request", "This address takes a form"));
    }
    let body = body.await.map_err(|error| crate::http::extract::unreadable(&error))?;
    Fields::parse(&body)
}

/// Whether the browser says that a page of ours caused this request.
pub(in crate::http) fn from_our_pages(http: &HttpRequest, stack: &Stack) -> bool {
    let connection = http.connection_info();
    let seen = format!("{}://{}", connection.scheme(), connection.host());
    let secure = format!("https://{}", connection.host());
    csrf::from_our_pages(http.headers(), &[stack.public_url(), &seen, &secure])
}

/// The refusal of a form that did not come from a page of ours.
pub(in crate::http) fn not_ours() -> Problem {
    Problem::forbidden(
        "csrf",
        "The page was open for too long, or the form came from elsewhere. Go back, reload it and try again",
    )
}

/// A form of somebody who is not signed in: its token belongs to a random cookie that came with the page.
pub(in crate::http) struct Knock {
    pub http: HttpRequest,
    pub stack: web::Data<Stack>,
    pub fields: Fields,
    /// Whether it came from one of our own pages. If not, the page is shown again, for a reader who lost a cookie must not
    /// stand before a wall.
    pub is_ours: bool,
}

impl FromRequest for Knock {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(http: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(http, payload);
        let http = http.clone();
        Box::pin(async move {
            let stack = http
                .app_data::<web::Data<Stack>>()
                .cloned()
                .ok_or_else(|| Problem::internal("a page was put up without its services"))?;
            let fields = fields(http.clone(), body).await?;
            let is_ours = from_our_pages(&http, &stack)
                && super::visit::secret(&http, &stack).is_some_and(|secret| {
                    csrf::is_right(stack.keyring.pepper(), "visit", secret.as_bytes(), fields.raw(csrf::FIELD))
                });
            Ok(Self { http, stack, fields, is_ours })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_comes_back() {
        let fields = Fields::parse(b"email=a%40b.c&password=hunter2&scopes=a&scopes=b+c").unwrap();
        assert_eq!(fields.text("email"), "a@b.c");
        assert_eq!(fields.all("scopes").collect::<Vec<_>>(), ["a", "b c"]);
        let form = fields.keep(&["email", "scopes"]);
        assert!(form.has("scopes", "b c") && form.value("email") == "a@b.c");
        assert!(!format!("{form:?}").contains("hunter2"));
        const INPUTS: &[Input] = &[Input::text("email", "E-mail"), Input::line("password", "password", "Password")];
        assert!(!format!("{:?}", fields.form(INPUTS)).contains("hunter2"));
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        const EMAIL: Input = Input::text("email", "E-mail");
        const MANY: Input = Input::text("many", "How many").optional();
        let fields = Fields::parse(b"email=x&many=").unwrap();
        let mut reading = Reading::of(&fields, &[EMAIL, MANY]);
        assert_eq!(reading.required(&EMAIL, str::parse::<u8>), None);
        assert_eq!(reading.optional(&MANY, str::parse::<u8>), Some(None));
        assert_eq!(reading.chosen(&EMAIL, |text| (text == "x").then_some(7)), Some(7));
        let form = reading.done();
        assert_eq!(form.refusal().unwrap().fields, ["email"]);
        assert_eq!(form.value("email"), "x");
    }
}
