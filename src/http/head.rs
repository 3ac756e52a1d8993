//! Why a request is not served whatever its address: what its head is like, before anybody looks at what it asks for.

use super::listener::{MAX_HEAD, MAX_URI, unread};
use crate::base::{Kind, Problem};
use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::HOST;

/// The code for a target that is too long: 414 (RFC 9110 §15.5.15).
pub const LONG_TARGET: &str = "uri_too_long";
/// The code for fields that are too large: 431 (RFC 6585 §5).
pub const LARGE_FIELDS: &str = "request_header_fields_too_large";
/// The code for what cannot be read as HTTP: 400 (RFC 9112 §2.2).
pub const MALFORMED: &str = "malformed_request";
/// The code for a head that did not come in time: 408 (RFC 9110 §15.5.9).
pub const LATE: &str = "request_timeout";
/// The code for a method or a transfer coding that is known nowhere here: 501 (RFC 9110 §9.1, RFC 9112 §6.1).
pub const NOT_IMPLEMENTED: &str = "not_implemented";
/// The code for another major version of HTTP: 505 (RFC 9110 §15.6.6).
pub const OTHER_VERSION: &str = "http_version_not_supported";

/// The methods that are known; to another one no address answers. TRACE (RFC 9110 §9.3.8) and QUERY are known and answered nowhere.
pub const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"];

/// Why a request that no route takes would be taken by none at any address: it stands for what HTTP's parser could not read, or
/// its method is known nowhere.
pub fn unserved(request: &HttpRequest) -> Option<Problem> {
    if let Some(unread) = unread(request) {
        let (kind, code) = match unread.status {
            408 => (Kind::Malformed, LATE),
            414 => (Kind::TooLarge, LONG_TARGET),
            431 => (Kind::TooLarge, LARGE_FIELDS),
            501 => (Kind::Malformed, NOT_IMPLEMENTED),
            505 => (Kind::Malformed, OTHER_VERSION),
            _ => (Kind::Malformed, MALFORMED),
        };
        return Some(Problem::new(kind, code, unread.why));
    }
    if !METHODS.contains(&request.method().as_str()) {
        return Some(Problem::malformed(NOT_IMPLEMENTED, "This method is known at no address of this server"));
    }
    // `*`, or `host:port`, which only OPTIONS and CONNECT may ask for (RFC 9112 §3.2.3, §3.2.4).
    let no_path = || Problem::malformed(MALFORMED, "The address of this request has no path");
    (!request.path().starts_with('/')).then(no_path)
}

/// Why a head is not served, if it is not: its size, or its `Host`.
pub fn unfit(head: &RequestHead) -> Option<Problem> {
    let host = head.headers.get(HOST).map_or(&b""[..], |host| host.as_bytes());
    // RFC 9112 §3.2: what is no host and port is answered with 400.
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:%[]".contains(byte);
    if host.iter().all(fits) {
        return oversized(head);
    }
    Some(Problem::malformed(MALFORMED, "The header field Host is not a host and a port"))
}

/// Why a head is too large to serve, if it is: its target is longer than [`MAX_URI`], or its fields than [`MAX_HEAD`].
fn oversized(head: &RequestHead) -> Option<Problem> {
    if head.uri.path_and_query().is_some_and(|target| target.as_str().len() > MAX_URI) {
        let message = format!("The address is longer than {MAX_URI} bytes");
        return Some(Problem::new(Kind::TooLarge, LONG_TARGET, message));
    }
    // 32 more a field, as HTTP/2 counts (RFC 9113 §6.5.2).
    let size: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    let message = || format!("The header fields are larger than {MAX_HEAD} bytes");
    (size > MAX_HEAD).then(|| Problem::new(Kind::TooLarge, LARGE_FIELDS, message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_host_is_a_host_and_a_port() {
        let code = |host: &str| {
            let request = TestRequest::get().insert_header(("host", host)).to_http_request();
            unfit(request.head()).map(|problem| problem.code)
        };
        for good in ["", "localhost", "id.example.com:8080", "[::1]:80", "a_b", "x%20y"] {
            assert_eq!(code(good), None, "{good}");
        }
        for bad in ["a b", "a/b", "u@a", "a?b", "a#b", "<a>"] {
            assert_eq!(code(bad), Some(MALFORMED), "{bad}");
        }
    }

    #[test]
    fn up_to_the_limit_a_head_is_served() {
        let code = |request: TestRequest| oversized(request.to_http_request().head()).map(|problem| problem.code);
        let target = |length: usize| TestRequest::with_uri(&format!("/{}", "a".repeat(length - 1)));
        assert_eq!(code(target(MAX_URI)), None);
        assert_eq!(code(target(MAX_URI + 1)), Some(LONG_TARGET));
        let field = |size: usize| TestRequest::get().insert_header(("x", "a".repeat(size - 1 - 32)));
        assert_eq!(code(field(MAX_HEAD)), None);
        assert_eq!(code(field(MAX_HEAD + 1)), Some(LARGE_FIELDS));
        let many = (0..400).fold(TestRequest::get(), |request, _| request.append_header(("x", "123456789")));
        assert_eq!(code(many), Some(LARGE_FIELDS), "each field counts 32 more");
    }
}
