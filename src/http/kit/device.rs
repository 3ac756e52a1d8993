//! The cookie by which a browser is known in which somebody has signed in before ([`KnownDevice`]).

use super::cookie;
use crate::authentication::{DEVICE_SECS, KnownDevice};
use crate::base::Problem;
use crate::base::id::UserId;
use crate::http::extract::is_tls;
use crate::stack::Stack;
use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponseBuilder};

const fn name(tls: bool) -> &'static str {
    if tls { "__Host-scaistack-device" } else { "scaistack-device" }
}

/// What is known of a browser.
pub(in crate::http) fn read(http: &HttpRequest, stack: &Stack) -> Option<KnownDevice> {
    KnownDevice::read(stack, http.cookie(name(is_tls(http, stack)))?.value())
}

/// The cookie for somebody who has just signed in, or set a new password.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::http) fn cookie_for(
    http: &HttpRequest,
    stack: &Stack,
    user: UserId,
) -> Result<Option<Cookie<'static>>, Problem> {
    let kept = KnownDevice::remember(stack, read(http, stack), user)?;
    let tls = is_tls(http, stack);
    Ok(kept.map(|kept| cookie::cookie(name(tls), kept, tls, Some(DEVICE_SECS))))
}

/// Lets a browser be known to somebody who has just signed in there.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::http) fn remember(
    http: &HttpRequest,
    stack: &Stack,
    user: UserId,
    answer: &mut HttpResponseBuilder,
) -> Result<(), Problem> {
    if let Some(cookie) = cookie_for(http, stack, user)? {
        answer.cookie(cookie);
    }
    Ok(())
}
