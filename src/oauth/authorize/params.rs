//! The parameters of an authorization request, as they were sent: bytes, and every repetition.
//!
//! They are read more patiently than those of a token request: a repeated parameter is an error that can be told to the client,
//! if only the client and its address are not what is repeated.

use super::parameter::{Parameter, Use};
use crate::oauth::form::decode_bytes;

/// The most parameters of a request.
const MAX_PARAMS: usize = 64;

/// What was sent, in its order.
pub struct Sent(Vec<(Vec<u8>, Vec<u8>)>);

/// Why there is no single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oauth) enum Unclear {
    /// The parameter stands more than once.
    Repeated,
    /// It is not UTF-8.
    NotText,
}

impl Sent {
    /// Reads a query or a form's body. None: it is not in `application/x-www-form-urlencoded`, or has too many parameters.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut pairs = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MAX_PARAMS {
                return None;
            }
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &[] as &[u8]), |at| (&pair[..at], &pair[at + 1..]));
            pairs.push((decode_bytes(name)?.into_owned(), decode_bytes(value)?.into_owned()));
        }
        Some(Self(pairs))
    }

    /// Whether any of these parameters stands more often than it may (RFC 6749 §3.1).
    pub(in crate::oauth) fn repeats(&self, parameters: &[Parameter]) -> bool {
        let count = |name: &str| self.0.iter().filter(|(have, _)| have == name.as_bytes()).count();
        let once = |parameter: &&Parameter| !matches!(parameter.usage, Use::Repeatable | Use::Environment);
        parameters.iter().filter(once).any(|parameter| count(parameter.name) > 1)
    }

    /// The bytes of a parameter that was sent with a value.
    pub(in crate::oauth) fn bytes(&self, name: &str) -> Result<Option<&[u8]>, Unclear> {
        let mut all = self.0.iter().filter(|(have, _)| have == name.as_bytes());
        match (all.next(), all.next()) {
            (Some(_), Some(_)) => Err(Unclear::Repeated),
            (Some((_, value)), None) if !value.is_empty() => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    /// All values of a parameter that may be repeated.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        self.0
            .iter()
            .filter(move |(have, value)| have == name.as_bytes() && !value.is_empty())
            .map(|(_, value)| &value[..])
    }

    /// The text of a parameter that was sent with a value.
    pub(in crate::oauth) fn text(&self, name: &str) -> Result<Option<&str>, Unclear> {
        self.bytes(name)?.map(|bytes| std::str::from_utf8(bytes).map_err(|_| Unclear::NotText)).transpose()
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The names only: a value may be a hint at a person.
        f.debug_list().entries(self.0.iter().map(|(name, _)| String::from_utf8_lossy(name))).finish()
    }
}
