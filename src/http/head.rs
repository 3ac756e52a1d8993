//! The size of a request's head.

use super::listener::{MAX_HEAD, MAX_URI};
use crate::base::{Kind, Problem};
use actix_web::dev::RequestHead;

/// The code for a target that is too long: 414 (RFC 9110 §15.5.15).
pub const LONG_TARGET: &str = "uri_too_long";
/// The code for fields that are too large: 431 (RFC 6585 §5).
pub const LARGE_FIELDS: &str = "request_header_fields_too_large";

/// Why a head is too large to serve, if it is: its target is longer than [`MAX_URI`], or its fields than [`MAX_HEAD`].
pub fn oversized(head: &RequestHead) -> Option<Problem> {
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
