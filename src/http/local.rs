//! The application without a port: the command line's way in when no server runs. Requests come as from the local socket.

use super::listener::Connection;
use super::server::application;
use crate::stack::Stack;
use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, map_config};
use actix_web::body::{BoxBody, MessageBody as _, to_bytes_limited};
use actix_web::dev::AppConfig;
use actix_web::http::{Method, Uri, header};
use actix_web::{HttpMessage, web};
use std::io::{Error, Result};
use std::sync::Arc;

/// The largest answer that is taken, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `X-Request-ID`.
    pub request_id: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends one request through the whole application, gate and all.
///
/// # Errors
/// A method or address that is none, an application that does not start, an answer over 64 MiB.
pub async fn call(stack: Arc<Stack>, method: &str, target: &str, json: Option<Vec<u8>>) -> Result<Answer> {
    let (mut answer, body) = respond(stack, method, target, json).await?;
    answer.body = whole(body).await?;
    Ok(answer)
}

/// As [`call`], without a body and without an end to the answer: what a success says goes to `sink` as it comes. `sink` says
/// whether it takes more.
///
/// # Errors
/// As [`call`]; the answer broke off.
pub async fn stream(
    stack: Arc<Stack>,
    method: &str,
    target: &str,
    sink: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Answer> {
    let (mut answer, body) = respond(stack, method, target, None).await?;
    if !(200..300).contains(&answer.status) {
        answer.body = whole(body).await?;
        return Ok(answer);
    }
    let mut body = std::pin::pin!(body);
    while let Some(piece) = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        if !sink(&piece.map_err(|error| Error::other(error.to_string()))?) {
            break;
        }
    }
    Ok(answer)
}

async fn whole(body: BoxBody) -> Result<Vec<u8>> {
    let other = |error: &dyn std::fmt::Display| Error::other(error.to_string());
    let bytes = to_bytes_limited(body, MAX_ANSWER).await.map_err(|error| other(&error))?;
    Ok(bytes.map_err(|error| other(&error))?.to_vec())
}

/// The head of the answer, and its body.
async fn respond(stack: Arc<Stack>, method: &str, target: &str, json: Option<Vec<u8>>) -> Result<(Answer, BoxBody)> {
    let invalid = |error: &dyn std::fmt::Display| Error::other(error.to_string());
    let app = application(web::Data::from(stack));
    let service = map_config(app.into_factory(), |()| AppConfig::default())
        .new_service(())
        .await
        .map_err(|()| Error::other("the application did not start"))?;
    let mut request: Request = Request::new();
    {
        let head = request.head_mut();
        head.method = Method::from_bytes(method.as_bytes()).map_err(|error| invalid(&error))?;
        head.uri = target.parse::<Uri>().map_err(|error| invalid(&error))?;
        head.headers.insert(header::HOST, header::HeaderValue::from_static("localhost"));
    }
    if let Some(json) = json {
        let kind = header::HeaderValue::from_static("application/json");
        request.head_mut().headers.insert(header::CONTENT_TYPE, kind);
        request = request.replace_payload(actix_http::Payload::from(web::Bytes::from(json))).0;
    }
    request.extensions_mut().insert(Connection { peer: None, tls: false, local: true });
    let response = service.call(request).await.map_err(|error| invalid(&error))?;
    let status = response.status().as_u16();
    let request_id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    Ok((Answer { status, request_id, body: Vec::new() }, response.into_body().boxed()))
}
