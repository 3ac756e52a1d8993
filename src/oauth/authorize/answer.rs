//! The answer of the authorization endpoint, ready to travel: a code or an error, with `state` and `iss`.

use super::{Fault, ResponseMode, Return};
use crate::base::Secret;
use crate::oauth::Issuers;

/// An answer on its way to the client.
pub struct Answer {
    /// How it travels.
    pub mode: ResponseMode,
    /// The address that the browser takes it to.
    pub redirect_uri: String,
    fields: Vec<(&'static str, Vec<u8>)>,
}

impl Answer {
    /// With the code.
    pub fn code(back: &Return, issuers: &Issuers, code: &Secret<String>) -> Self {
        Self::new(back, issuers, vec![("code", code.expose().clone().into_bytes())])
    }

    /// With an error.
    pub fn error(back: &Return, issuers: &Issuers, fault: &Fault) -> Self {
        let fields = [("error", fault.code.as_str()), ("error_description", fault.description.as_ref())];
        Self::new(back, issuers, fields.map(|(name, text)| (name, text.as_bytes().to_vec())).to_vec())
    }

    fn new(back: &Return, issuers: &Issuers, mut fields: Vec<(&'static str, Vec<u8>)>) -> Self {
        if let Some(state) = &back.state {
            fields.push(("state", state.0.clone()));
        }
        fields.push(("iss", issuers.text(back.issuer).into_bytes()));
        Self { mode: back.mode, redirect_uri: back.redirect_uri.clone(), fields }
    }

    /// The redirect URI with the answer in its query. What it had there stays (RFC 6749 §3.1.2).
    pub fn url(&self) -> String {
        let query =
            self.fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&");
        with_query(&self.redirect_uri, &query)
    }

    /// The fields of the form. The request was refused if they could not stand in one unchanged.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, std::borrow::Cow<'_, str>)> {
        self.fields.iter().map(|(name, value)| (*name, String::from_utf8_lossy(value)))
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A code is a secret.
        write!(f, "Answer({:?}, {})", self.mode, self.redirect_uri)
    }
}

/// An address with more in its query.
pub(in crate::oauth) fn with_query(address: &str, query: &str) -> String {
    let between = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, rest)) if rest.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{address}{between}{query}")
}

/// Everything but RFC 3986's unreserved characters as `%XX`: a blank too, since not every client reads a plus as one.
pub(in crate::oauth) fn percent(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
