//! A browser before somebody signs in: a random cookie, so that the sign-in form has a token too (login CSRF).

use super::html;
use super::{cookie, csrf};
use crate::crypto::random;
use crate::http::extract::is_tls;
use crate::stack::Stack;
use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::Markup;

const fn name(tls: bool) -> &'static str {
    if tls { "__Host-scaistack-visit" } else { "scaistack-visit" }
}

/// The random value of this visit, if the browser has one.
pub(in crate::http) fn secret(http: &HttpRequest, stack: &Stack) -> Option<String> {
    let cookie = http.cookie(name(is_tls(http, stack)))?;
    (cookie.value().len() == 43).then(|| cookie.value().to_owned())
}

/// A new random value, and the cookie that gives it to the browser.
pub(in crate::http) fn begin(http: &HttpRequest, stack: &Stack) -> (String, Cookie<'static>) {
    let fresh = URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    let tls = is_tls(http, stack);
    (fresh.clone(), cookie::cookie(name(tls), fresh, tls, None))
}

/// A page with a form on it, which `body` makes from the form's token.
pub(in crate::http) fn page(
    http: &HttpRequest,
    stack: &Stack,
    mut answer: HttpResponseBuilder,
    body: impl FnOnce(&str) -> Markup,
) -> HttpResponse {
    let secret = secret(http, stack).unwrap_or_else(|| {
        let (fresh, cookie) = begin(http, stack);
        answer.cookie(cookie);
        fresh
    });
    let token = csrf::token(stack.keyring.pepper(), "visit", secret.as_bytes());
    html(&mut answer, &body(&token))
}
