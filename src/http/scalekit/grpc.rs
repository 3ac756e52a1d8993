//! The gRPC rendering: unary calls, a frame in and a frame out, the outcome in the trailers (gRPC over HTTP/2).
//!
//! HTTP/2 itself, keepalive and bounds of connections are the listener's; here a whole request comes in and a whole answer goes
//! out.

use super::frame::{self, Refused};
use super::operation::{Call, Operation};
use super::status::{self, Code};
use super::table::OPERATIONS;
use crate::access::{Actor, Credential, Origin};
use crate::base::id::RequestId;
use crate::base::{Kind, Problem};
use crate::http::extract::{FORWARDED, X_FORWARDED_FOR, authorization, client_ip};
use crate::http::listener::{Connection, GrpcBody, GrpcDispatch};
use crate::http::noted::{self, Asked};
use crate::stack::Stack;
use crate::telemetry::grpc;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http_body_util::{BodyExt, Empty, Full};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROTO: HeaderValue = HeaderValue::from_static("application/grpc+proto");
const PLAIN: HeaderValue = HeaderValue::from_static("application/grpc");

/// What must be escaped in `grpc-message`: all but the printable ASCII characters, and the escape itself.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// The most characters of a message; with its details it must fit into the trailers that clients take.
const MAX_MESSAGE: usize = 1000;

static BY_PATH: LazyLock<HashMap<String, &'static Operation>> = LazyLock::new(|| {
    OPERATIONS.iter().map(|operation| (format!("/{}/{}", operation.service, operation.rpc), operation)).collect()
});

/// Answers the gRPC calls of the operations table.
#[derive(Debug)]
pub struct Dispatch {
    stack: Arc<Stack>,
}

impl Dispatch {
    /// Over these services.
    pub fn new(stack: Arc<Stack>) -> Self {
        Self { stack }
    }

    async fn answer(&self, request: http::Request<Bytes>) -> http::Response<GrpcBody> {
        let (head, body) = request.into_parts();
        let kind = match head.headers.get(CONTENT_TYPE) {
            Some(kind) if kind.as_bytes().starts_with(b"application/grpc+proto") => PROTO,
            _ => PLAIN,
        };
        let id: RequestId = self.stack.new_id();
        let limit = deadline(&head.headers);
        let mut served = pin!(self.serve(&head, body, id));
        let outcome = match limit {
            Err(problem) => Err(problem),
            Ok(None) => served.await,
            Ok(Some(Duration::ZERO)) => Err(too_late()),
            Ok(Some(limit)) => tokio::time::timeout(limit, served.as_mut()).await.unwrap_or_else(|_| Err(too_late())),
        };
        let mut answer = match outcome {
            Ok(framed) => {
                grpc::count(0);
                success(framed)
            }
            Err(problem) => {
                let code = code_of(&problem);
                grpc::count(code.number());
                failure(&problem, code, id)
            }
        };
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(ACCEPTED, HeaderValue::from_static(frame::ACCEPTED));
        if let Ok(mut id) = HeaderValue::try_from(id.to_string()) {
            // It never comes again, so it would only push what does out of both ends' tables (RFC 7541 §7.1.3).
            id.set_sensitive(true);
            headers.insert(REQUEST_ID, id);
        }
        answer
    }

    async fn serve(&self, head: &http::request::Parts, body: Bytes, id: RequestId) -> Result<Vec<u8>, Problem> {
        let Some(operation) = BY_PATH.get(head.uri.path()) else { return Err(unknown()) };
        let origin = || self.origin(head, id);
        let actor = match self.actor(&head.headers, origin) {
            Ok(actor) => actor,
            Err(problem) => return Err(self.refused(problem, None, origin, operation, head, id)),
        };
        let called = self.call(operation, &actor, head, body).await;
        called.map_err(|problem| self.refused(problem, Some(&actor), origin, operation, head, id))
    }

    async fn call(
        &self,
        operation: &Operation,
        actor: &Arc<Actor>,
        head: &http::request::Parts,
        body: Bytes,
    ) -> Result<Vec<u8>, Problem> {
        operation.admit(actor)?;
        if matches!(actor.credential, Credential::ApiKey { .. }) {
            let now = self.stack.now();
            self.stack.limits.admit(&self.stack.store, Some(actor), None, now).await.map_err(Problem::from)?;
        }
        let most = usize::try_from(self.stack.config.server.body_limit_bytes).unwrap_or(usize::MAX);
        let message = frame::read(body, head.headers.get("grpc-encoding"), most).map_err(unreadable)?;
        (operation.binary)(Call::new(Arc::clone(&self.stack), Arc::clone(actor)), message).await
    }

    /// The first `authorization` that is there: clients that send two put the one that they renew in front, and the one of
    /// their start, long expired, behind it.
    fn actor(&self, headers: &HeaderMap, origin: impl FnOnce() -> Origin) -> Result<Arc<Actor>, Problem> {
        let value = headers.get(http::header::AUTHORIZATION);
        // What is no text is no token either.
        let value = value.map(|value| value.to_str().unwrap_or_default());
        authorization(&self.stack, value, origin)
    }

    fn origin(&self, head: &http::request::Parts, id: RequestId) -> Origin {
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let peer = head.extensions.get::<Connection>().and_then(|connection| connection.peer);
        let lines = |name| head.headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let named = head.headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
        let host = head.uri.authority().map(|authority| authority.as_str()).or(named);
        let ip = client_ip(&self.stack, (peer, host), lines(X_FORWARDED_FOR), lines(FORWARDED));
        let mut user_agent = head.headers.get(http::header::USER_AGENT).and_then(text);
        if let Some(told) = &mut user_agent {
            // Of a header that reads as text every byte is a character.
            told.truncate(200);
        }
        Origin { request: id, ip, user_agent }
    }

    /// Logs what is ours, and leaves the audit row of what was refused or failed.
    fn refused(
        &self,
        problem: Problem,
        actor: Option<&Arc<Actor>>,
        origin: impl FnOnce() -> Origin,
        operation: &Operation,
        head: &http::request::Parts,
        id: RequestId,
    ) -> Problem {
        match problem.kind {
            Kind::Internal => {
                tracing::error!(request_id = %id, code = problem.code, cause = problem.internal.as_deref(), "call failed");
            }
            _ => tracing::debug!(request_id = %id, code = problem.code, "call refused"),
        }
        let asked = Asked { action: operation.action, resource: "", method: "POST", path: head.uri.path(), fields: "" };
        noted::failed(&self.stack, &problem, actor, origin, &asked);
        problem
    }
}

impl GrpcDispatch for Dispatch {
    fn call(&self, request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>> {
        Box::pin(self.answer(request))
    }
}

/// The codes of problems that only this wire has.
const UNKNOWN: &str = "unknown_method";
const TOO_LATE: &str = "deadline_exceeded";
const ENCODING: &str = "unknown_encoding";

fn unknown() -> Problem {
    Problem::malformed(UNKNOWN, "There is no such method")
}

fn too_late() -> Problem {
    Problem::malformed(TOO_LATE, "The time that the caller gave is up")
}

fn unreadable(refused: Refused) -> Problem {
    match refused {
        Refused::Encoding => Problem::malformed(ENCODING, "The message is compressed in a way that is not known here"),
        Refused::TooLarge => Problem::new(Kind::TooLarge, "payload_too_large", "The message is too large"),
        Refused::Broken(what) => Problem::malformed("invalid_request", what),
    }
}

fn code_of(problem: &Problem) -> Code {
    match problem.code {
        UNKNOWN | ENCODING => Code::Unimplemented,
        TOO_LATE => Code::DeadlineExceeded,
        _ => Code::of(problem),
    }
}

/// How long the caller waits: `grpc-timeout`, up to eight digits and a unit.
fn deadline(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let Some(value) = headers.get("grpc-timeout") else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(|text| {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let sound = (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let count = digits.parse::<u64>().ok().filter(|_| sound)?;
        Some(match unit {
            "H" => Duration::from_secs(count * 3600),
            "M" => Duration::from_secs(count * 60),
            "S" => Duration::from_secs(count),
            "m" => Duration::from_millis(count),
            "u" => Duration::from_micros(count),
            "n" => Duration::from_nanos(count),
            _ => return None,
        })
    });
    parsed.map(Some).ok_or_else(|| Problem::malformed("invalid_request", "The grpc-timeout cannot be read"))
}

fn success(framed: Vec<u8>) -> http::Response<GrpcBody> {
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(STATUS, HeaderValue::from_static("0"));
    let body = Full::new(Bytes::from(framed)).with_trailers(std::future::ready(Some(Ok(trailers))));
    http::Response::new(body.boxed_unsync())
}

/// The status stands in the headers, and the stream ends with them (`Trailers-Only`).
fn failure(problem: &Problem, code: Code, id: RequestId) -> http::Response<GrpcBody> {
    let mut answer = http::Response::new(Empty::new().boxed_unsync());
    let message: String = status::message(problem).chars().take(MAX_MESSAGE).collect();
    let details = STANDARD_NO_PAD.encode(status::details(problem, code, &message, id));
    let headers = answer.headers_mut();
    headers.insert(STATUS, HeaderValue::from(u16::from(code.number())));
    if let Ok(text) = HeaderValue::try_from(utf8_percent_encode(&message, ESCAPED).to_string()) {
        headers.insert(MESSAGE, text);
    }
    if let Ok(details) = HeaderValue::try_from(details) {
        headers.insert(DETAILS, details);
    }
    if let Kind::RateLimited { retry_after_secs } | Kind::Busy { retry_after_secs } = problem.kind {
        headers.insert("retry-after", HeaderValue::from(retry_after_secs));
    }
    answer
}
