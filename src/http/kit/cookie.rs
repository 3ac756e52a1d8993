//! What browsers keep for us, sealed or random: never a name, never a secret in the clear.
//!
//! A message for the next page and a value that is shown once travel in a sealed cookie that dies when it is read, so the
//! answer to a form can be a redirect and the server keeps nothing in between.

use crate::base::Timestamp;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::seal::aad;
use crate::http::extract::{cookie_name, is_tls};
use crate::stack::Stack;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// For how many seconds a sealed cookie can be read.
pub(in crate::http) const SEALED_SECS: i64 = 120;

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    until: Timestamp,
    value: T,
}

/// A cookie as all of ours are: no script reads it, and no other site's form sends it along. Without a life it ends with
/// the browser.
pub(in crate::http) fn cookie(
    name: &'static str,
    value: String,
    secure: bool,
    life_secs: Option<i64>,
) -> Cookie<'static> {
    let mut cookie =
        Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).finish();
    cookie.set_max_age(life_secs.map(Duration::seconds));
    cookie
}

/// The same cookie, gone.
pub(in crate::http) fn gone(name: &'static str, secure: bool) -> Cookie<'static> {
    cookie(name, String::new(), secure, Some(0))
}

/// The cookie of a session; it ends with the browser, and the server ends it on its own time anyway.
pub(in crate::http) fn session(http: &HttpRequest, stack: &Stack, token: &str) -> Cookie<'static> {
    let tls = is_tls(http, stack);
    cookie(cookie_name(tls), token.to_owned(), tls, None)
}

/// The cookie of a session that has ended, gone.
pub(in crate::http) fn session_gone(http: &HttpRequest, stack: &Stack) -> Cookie<'static> {
    let tls = is_tls(http, stack);
    gone(cookie_name(tls), tls)
}

/// Seals a value for one purpose and one session.
pub(in crate::http) fn seal<T: Serialize>(
    keyring: &Keyring,
    purpose: &str,
    session: &[u8],
    value: &T,
    now: Timestamp,
) -> Option<String> {
    let dated = Dated { until: now.plus_secs(SEALED_SECS), value };
    let bytes = Zeroizing::new(postcard::to_allocvec(&dated).ok()?);
    let sealed = keyring.seal_key(Purpose::Column).seal(&place(purpose, session), &bytes);
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens what [`seal`] made for the same purpose and session, if its time has not passed.
pub(in crate::http) fn open<T: DeserializeOwned>(
    keyring: &Keyring,
    purpose: &str,
    session: &[u8],
    text: &str,
    now: Timestamp,
) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes = keyring.seal_key(Purpose::Column).open(&place(purpose, session), &sealed).ok()?;
    let dated: Dated<T> = postcard::from_bytes(&bytes).ok()?;
    (now < dated.until).then_some(dated.value)
}

fn place(purpose: &str, session: &[u8]) -> Vec<u8> {
    aad(&[b"ui cookie", purpose.as_bytes(), session])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_for_its_session_only_and_not_for_long() {
        let ring = Keyring::new(&[7; 32]);
        let now = Timestamp::from_secs(1_800_000_000);
        let sealed = seal(&ring, "once", b"session", &"hunter2".to_owned(), now).unwrap();
        assert!(!sealed.contains("hunter2"));
        let open_as = |purpose: &str, session: &[u8], at| open::<String>(&ring, purpose, session, &sealed, at);
        assert_eq!(open_as("once", b"session", now).as_deref(), Some("hunter2"));
        assert_eq!(open_as("once", b"other", now), None);
        assert_eq!(open_as("flash", b"session", now), None);
        assert_eq!(open_as("once", b"session", now.plus_secs(SEALED_SECS)), None);
        assert_eq!(open::<String>(&ring, "once", b"session", "nonsense", now), None);
    }
}
