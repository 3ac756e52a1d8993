//! Around every answer: the request's id, the security headers, the count.

use crate::base::Id;
use crate::base::id::RequestId;
use crate::config::{Config, Server};
use crate::crypto::token::TokenKind;
use crate::stack::Stack;
use crate::telemetry::durations::HTTP_REQUESTS;
use crate::telemetry::requests;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Instant;

/// Pages may run our own scripts and styles and nothing else, and stand in no frame.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every answer carries that says nothing else. Made once: a name is looked up among the known ones when it is made.
static HEADERS: LazyLock<[(HeaderName, HeaderValue); 7]> = LazyLock::new(|| {
    [
        ("x-content-type-options", "nosniff"),
        // Not `no-referrer`: browsers send `Origin: null` with our own forms then.
        ("referrer-policy", "same-origin"),
        ("content-security-policy", PAGE_POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
});
static REQUEST_ID: LazyLock<HeaderName> = LazyLock::new(|| HeaderName::from_static("x-request-id"));

/// The id of a request, given by [`envelope`].
pub fn request_id(request: &HttpRequest) -> RequestId {
    request.extensions().get::<RequestId>().copied().unwrap_or_else(|| RequestId::from_raw(0))
}

/// The middleware around the whole application.
///
/// # Errors
/// What the application fails with, which it does not.
pub async fn envelope<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let Some(stack) = request.app_data::<web::Data<Stack>>().cloned() else { return next.call(request).await };
    let id: RequestId = stack.new_id();
    request.extensions_mut().insert(id);
    let strict = is_strict(&stack.config, stack.public_url(), super::listener::connection(request.request()).tls);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    for (name, value) in HEADERS.iter() {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if strict {
        let hsts = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, hsts);
    }
    if let Ok(value) = HeaderValue::from_maybe_shared(web::Bytes::from(id.to_string())) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    let status = response.status().as_u16();
    requests::http(status);
    HTTP_REQUESTS.record(started.elapsed());
    tracing::debug!(
        request_id = %id,
        method = %response.request().method(),
        path = %without_token(response.request().path()),
        status,
        micros = started.elapsed().as_micros() as u64,
        "request"
    );
    Ok(response)
}

/// Whether browsers may be told to come by TLS only, for a year. Not where the certificate is of an authority of our own, which
/// a browser cannot be told to trust any more once it holds to that (RFC 6797 §8.4), and not for names of this machine, which
/// other programs share.
fn is_strict(config: &Config, public_url: &str, tls: bool) -> bool {
    let trusted = if tls { config.tls.files().is_some() } else { public_url.starts_with("https:") };
    trusted && !Server::is_for_this_machine(public_url)
}

/// An address as the log may hold it: the token of a link to a portal stands in the path, and is cut off.
fn without_token(path: &str) -> Cow<'_, str> {
    let prefix = TokenKind::PortalLink.prefix();
    match path.split_once(prefix) {
        Some((front, _)) => Cow::Owned(format!("{front}{prefix}…")),
        None => Cow::Borrowed(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TlsFiles;

    #[test]
    fn browsers_are_held_to_tls_only_where_they_trust_it_for_good() {
        let own = Config::default();
        let tls = TlsFiles { certificate: "cert.pem".into(), key: "key.pem".into(), ..TlsFiles::default() };
        let files = Config { tls, ..Config::default() };
        for (config, public_url, tls, strict) in [
            (&files, "https://id.example.com", true, true),
            (&own, "https://id.example.com", false, true),
            (&own, "https://id.example.com", true, false),
            (&files, "https://localhost:8443", true, false),
            (&files, "https://[::1]:8443", true, false),
            (&files, "https://a.localhost", true, false),
            (&own, "https://127.0.0.1", false, false),
            (&own, "http://id.example.com", false, false),
        ] {
            assert_eq!(is_strict(config, public_url, tls), strict, "{public_url} {tls}");
        }
    }
}
