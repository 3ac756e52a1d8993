//! From HTTP/2 as hyper has it to the actix application and back. The two use different major versions of the `http` crate.

use super::answer::AnswerBody;
use super::body::Bounded;
use super::connection::Connection;
use super::limits::Limits;
use super::unread::{Unread, stand_in};
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::error::PayloadError;
use actix_http::header::{HeaderName, HeaderValue};
use actix_http::{HttpMessage, Method, Payload, Request, Response, Uri};
use bytes::Bytes;
use futures_util::Stream;
use hyper::body::{Body, Incoming};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Makes the request that the application sees: the target in origin form, a `Host` field from `:authority`, one `Cookie` field (RFC 9113
/// §8.2.3 lets a client split it), the body streamed and bounded.
///
/// # Errors
/// When it cannot be put so: the status, and a request that stands for it. A CONNECT, which has no path, is known nowhere here.
pub(super) fn to_actix(
    request: http::Request<Incoming>,
    connection: Connection,
    limits: Limits,
) -> Result<Request, (http::StatusCode, Request)> {
    let (parts, body) = request.into_parts();
    made(&parts, body, connection, limits).ok_or_else(|| {
        let (status, why) = match parts.method {
            http::Method::CONNECT => {
                (http::StatusCode::NOT_IMPLEMENTED, "This method is known at no address of this server")
            }
            _ => (
                http::StatusCode::BAD_REQUEST,
                "The request cannot be read: its address or a header field is malformed",
            ),
        };
        let accept = parts.headers.get(http::header::ACCEPT).map(http::HeaderValue::as_bytes);
        let unread = Unread { status: status.as_u16(), why };
        (status, stand_in(unread, parts.uri.path().as_bytes(), accept, connection))
    })
}

fn made(parts: &http::request::Parts, body: Incoming, connection: Connection, limits: Limits) -> Option<Request> {
    let payload: Payload = if body.is_end_stream() {
        Payload::None
    } else {
        Payload::Stream { payload: Box::pin(Bounded::new(Chunks(body), limits.max_body, limits.body)) }
    };
    let mut request = Request::with_payload(payload);
    let head = request.head_mut();
    head.method = Method::from_bytes(parts.method.as_str().as_bytes()).ok()?;
    head.uri = Uri::try_from(parts.uri.path_and_query()?.as_str()).ok()?;
    head.version = actix_http::Version::HTTP_2;
    head.peer_addr = connection.peer;
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        if name == http::header::COOKIE {
            if !cookies.is_empty() {
                cookies.extend_from_slice(b"; ");
            }
            cookies.extend_from_slice(value.as_bytes());
            continue;
        }
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        head.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    if !cookies.is_empty() {
        head.headers.insert(actix_http::header::COOKIE, HeaderValue::from_maybe_shared(Bytes::from(cookies)).ok()?);
    }
    if let Some(authority) = parts.uri.authority() {
        head.headers.insert(actix_http::header::HOST, HeaderValue::from_str(authority.as_str()).ok()?);
    }
    request.extensions_mut().insert(connection);
    Some(request)
}

/// Makes hyper's answer of the application's. `head_only`: the request was a HEAD, so the length is told and the body is not.
pub(super) fn from_actix(response: Response<BoxBody>, head_only: bool) -> http::Response<AnswerBody> {
    let mut parts = http::Response::new(());
    *parts.status_mut() = http::StatusCode::from_u16(response.status().as_u16()).unwrap_or_default();
    for (name, value) in response.headers() {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = http::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            parts.headers_mut().append(name, value);
        }
    }
    let body = response.into_body();
    if let BodySize::Sized(length) = body.size() {
        parts.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
    }
    parts.map(|()| if head_only { AnswerBody::Empty } else { AnswerBody::App(body) })
}

/// An HTTP/2 request body as a stream of chunks. Trailers are left out: the application has no place for them.
struct Chunks(Incoming);

impl Stream for Chunks {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.0).poll_frame(cx)) else { return Poll::Ready(None) };
            match frame {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Err(error) => {
                    return Poll::Ready(Some(Err(PayloadError::Incomplete(Some(io::Error::other(error))))));
                }
            }
        }
    }
}
