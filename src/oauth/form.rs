//! Forms as the OAuth endpoints take them: `application/x-www-form-urlencoded`, each parameter once (RFC 6749 §3.2).

use super::OAuthError;
use std::borrow::Cow;

/// The most parameters of a request.
const MAX_PARAMS: usize = 64;
/// The parameters that other specifications let a client repeat: RFC 8707 §2, RFC 8693 §2.1.
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters of a request. Those without a value count as not sent (RFC 6749 §3.2).
#[derive(Default)]
pub struct Params<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Params<'a> {
    /// Reads a form's body.
    ///
    /// # Errors
    /// `invalid_request`: it is not such a form, has too many parameters, or one of them twice.
    pub fn parse(body: &'a [u8]) -> Result<Self, OAuthError> {
        let mut params: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &[] as &[u8]), |at| (&pair[..at], &pair[at + 1..]));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(OAuthError::invalid_request("The body is not a form in application/x-www-form-urlencoded"));
            };
            if params.len() == MAX_PARAMS {
                return Err(OAuthError::invalid_request("The request has too many parameters"));
            }
            if !REPEATABLE.contains(&name.as_ref()) && params.iter().any(|(have, _)| *have == name) {
                return Err(OAuthError::invalid_request("A parameter is repeated"));
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// The value of a parameter, if it was sent with one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, value)| have == name && !value.is_empty()).map(|(_, value)| value.as_ref())
    }
}

impl Params<'_> {
    /// All values of a parameter that may be repeated.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.0.iter().filter(move |(have, value)| have == name && !value.is_empty()).map(|(_, value)| value.as_ref())
    }
}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The names only: a value may be a secret.
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Undoes `application/x-www-form-urlencoded`: a plus is a blank, `%XX` a byte, the bytes are UTF-8. None when a `%` is not
/// followed by two hexadecimal digits, or the bytes are not UTF-8.
pub(super) fn decode(text: &[u8]) -> Option<Cow<'_, str>> {
    match decode_bytes(text)? {
        Cow::Borrowed(text) => std::str::from_utf8(text).ok().map(Cow::Borrowed),
        Cow::Owned(text) => String::from_utf8(text).ok().map(Cow::Owned),
    }
}

/// As [`decode`], whatever the bytes are.
pub(super) fn decode_bytes(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            byte => *byte,
        });
    }
    Some(Cow::Owned(out))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::ErrorCode;
    use proptest::prelude::*;

    #[test]
    fn repeated_parameters_are_refused_and_unknown_ones_are_not() {
        for bad in ["a=1&a=2", "scope=&scope=x", "a&a", "%61=1&a=1", "grant_type=x&b=1&grant_type=x"] {
            assert_eq!(Params::parse(bad.as_bytes()).unwrap_err().code, ErrorCode::InvalidRequest, "{bad}");
        }
        let params = Params::parse(b"&&grant_type=client_credentials&colour=blue&empty=&scope=a%20b+c&").unwrap();
        assert_eq!(params.get("grant_type"), Some("client_credentials"));
        assert_eq!(params.get("scope"), Some("a b c"));
        assert_eq!(params.get("empty"), None, "without a value it counts as not sent");
        assert!(Params::parse(b"resource=a&resource=b").is_ok());
        let many: String = (0..65).map(|n| format!("p{n}=1&")).collect();
        assert!(Params::parse(many.as_bytes()).is_err());
    }

    #[test]
    fn broken_encodings_are_refused() {
        for bad in [b"a=%".as_slice(), b"a=%4", b"a=%zz", b"a=%+1", b"a=%ff", b"a=\xff", b"%=1"] {
            assert_eq!(Params::parse(bad).unwrap_err().code, ErrorCode::InvalidRequest, "{bad:?}");
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let params = Params::parse(b"client_secret=hunter2").unwrap();
        assert_eq!(format!("{params:?}"), r#"{"client_secret"}"#);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_parser(body: Vec<u8>) {
            let _ = Params::parse(&body);
        }

        #[test]
        fn what_a_client_encodes_comes_back(pairs in prop::collection::btree_map(".{1,12}", ".{1,24}", 0..12)) {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let params = Params::parse(body.as_bytes()).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(params.get(name), Some(value.as_str()));
            }
        }
    }
}
