//! The hook for gRPC: unary calls over HTTP/2, which actix cannot answer because it writes no trailers.

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
use std::convert::Infallible;

/// The body of a gRPC answer: length-prefixed messages, then trailers.
pub type GrpcBody = UnsyncBoxBody<Bytes, Infallible>;

/// Answers gRPC calls.
pub trait GrpcDispatch: Send + Sync {
    /// Answers one unary call.
    ///
    /// `request` is a POST with a content type of gRPC. Its path is `/package.Service/Method`, its body the whole of what the client sent
    /// (length-prefixed messages, at most `max_body_bytes`), and its extensions hold a [`Connection`](super::Connection).
    /// The answer is HTTP 200 with the outcome in the `grpc-status` trailer, or in the headers when there is no message
    /// (`Trailers-Only` in the gRPC over HTTP/2 protocol). The future stays on one thread, and is dropped when the client cancels.
    fn call(&self, request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>>;
}

/// Knows no method: answers every call with status 12, UNIMPLEMENTED.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unimplemented;

impl GrpcDispatch for Unimplemented {
    fn call(&self, _request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>> {
        Box::pin(std::future::ready(trailers_only(12, "unknown method")))
    }
}

/// An answer without a message: the status stands in the headers and the stream ends with them (`Trailers-Only`).
///
/// `message` is ASCII without control characters and `%`; anything else is left out.
pub fn trailers_only(status: u8, message: &'static str) -> http::Response<GrpcBody> {
    let mut response = http::Response::new(Empty::new().boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(u16::from(status)));
    if let Ok(message) = HeaderValue::from_str(message) {
        headers.insert("grpc-message", message);
    }
    response
}

/// Whether this is a gRPC call: a POST of `application/grpc`, `application/grpc+proto` and the like, but not gRPC-Web.
pub(super) fn is_grpc(method: &http::Method, headers: &http::HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    method == http::Method::POST
        && kind.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_of_grpc() {
        let told = |kind: &'static str| {
            let headers = [(CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect();
            is_grpc(&http::Method::POST, &headers)
        };
        assert!(told("application/grpc") && told("application/grpc+proto") && told("application/grpc;x=y"));
        assert!(!told("application/grpc-web") && !told("application/json") && !told(""));
        assert!(!is_grpc(&http::Method::GET, &http::HeaderMap::new()));
    }
}
