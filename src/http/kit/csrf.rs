//! Against forms of other sites that a browser sends along with our cookie (RFC 9700 §4.7): a token that only our own
//! pages know, and what the browser itself says about where a request comes from.

use crate::base::Id as _;
use crate::base::id::TenantId;
use crate::crypto::digest::MacKey;
use crate::crypto::seal::aad;
use crate::http::extract::SignedIn;
use crate::sessions::Session;
use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The header in which a script sends the token.
pub(in crate::http) const HEADER: &str = "x-csrf-token";
/// The field in which a form sends it.
pub(in crate::http) const FIELD: &str = "csrf";

/// The token for whoever knows `secret`: a session's CSRF secret, or the random value of a visit before the sign-in.
pub(in crate::http) fn token(pepper: &MacKey, kind: &str, secret: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(pepper.mac(&[&aad(&[b"ui csrf", kind.as_bytes(), secret])]))
}

/// Whether a token is the one for `secret`, compared in constant time.
pub(in crate::http) fn is_right(pepper: &MacKey, kind: &str, secret: &[u8], given: &str) -> bool {
    let Ok(code) = URL_SAFE_NO_PAD.decode(given) else { return false };
    pepper.verify(&[&aad(&[b"ui csrf", kind.as_bytes(), secret])], &code)
}

/// Between the code and where a form was made.
const BETWEEN: char = '~';

/// Where the page of a form worked, as its token says: `tnt_42`, or `all-tnt_42` for all that somebody reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::http) struct FormScope(String);

impl FormScope {
    /// Where the pages of somebody who is signed in work.
    pub fn of(signed_in: &SignedIn) -> Self {
        Self(signed_in.scope())
    }

    /// What a token says, which no session of now has made. It may be asked about, and opens nothing.
    pub fn claimed(given: &str) -> Option<Self> {
        given.split_once(BETWEEN).map(|(_, scope)| Self(scope.to_owned()))
    }

    /// The tenant; none: all that the person reaches.
    pub fn tenant(&self) -> Option<TenantId> {
        TenantId::parse(&self.0)
    }

    fn kind(&self) -> String {
        format!("session {}", self.0)
    }
}

/// The token for the forms of a session, whose page works there.
pub(in crate::http) fn of_session(pepper: &MacKey, session: &Session, scope: &FormScope) -> String {
    format!("{}{BETWEEN}{}", token(pepper, &scope.kind(), &session.csrf_secret.0), scope.0)
}

/// Where a form was made that brings a token of the session; none: it is none of its tokens.
pub(in crate::http) fn made_in(pepper: &MacKey, session: &Session, given: &str) -> Option<FormScope> {
    let (code, scope) = given.split_once(BETWEEN)?;
    let scope = FormScope(scope.to_owned());
    is_right(pepper, &scope.kind(), &session.csrf_secret.0, code).then_some(scope)
}

/// Whether the browser says that the request comes from a page of somebody else; ours stand at one of `origins`. The token is
/// what counts and this is the second bolt: a browser that says nothing, or nothing clear, is believed. It is not clear where a
/// proxy, a policy about referrers or a change of scheme lies between (`same-site`, `Origin: null`).
pub(in crate::http) fn from_our_pages(headers: &HeaderMap, origins: &[&str]) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = |given: &str| given == "null" || origins.iter().any(|ours| given.eq_ignore_ascii_case(ours));
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => true,
        Some("cross-site") => false,
        _ => text(ORIGIN).is_none_or(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_token_is_for_one_session_and_one_kind() {
        let pepper = MacKey::new(&[1; 32]);
        let mine = token(&pepper, "session", b"one");
        assert!(is_right(&pepper, "session", b"one", &mine));
        assert!(!is_right(&pepper, "session", b"two", &mine));
        assert!(!is_right(&pepper, "visit", b"one", &mine));
        for bad in ["", "x", &mine[1..], "%%%"] {
            assert!(!is_right(&pepper, "session", b"one", bad), "{bad}");
        }
    }

    #[test]
    fn other_sites_are_refused() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            from_our_pages(&headers, &["http://127.0.0.1:8080", "https://keys.example.com"])
        };
        assert!(check(&[]));
        assert!(check(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:1")]));
        assert!(check(&[("origin", "https://keys.example.com")]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("sec-fetch-site", "cross-site"), ("origin", "https://keys.example.com")]));
        assert!(!check(&[("origin", "https://evil.example")]));
        assert!(!check(&[("sec-fetch-site", "same-site"), ("origin", "https://evil.example.com")]));
        assert!(!check(&[("sec-fetch-site", "other"), ("origin", "https://evil.example")]));
        // What is not clear does not outrank a right token.
        assert!(check(&[("sec-fetch-site", "same-site")]));
        assert!(check(&[("sec-fetch-site", "same-site"), ("origin", "https://keys.example.com")]));
        assert!(check(&[("sec-fetch-site", "other")]));
        assert!(check(&[("origin", "null")]));
    }
}
