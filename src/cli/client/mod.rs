//! One client for every command: it speaks the JSON API to the running server over its Unix socket, to a server elsewhere over HTTP, or to
//! the services in this process when no server runs.

mod answer;
#[cfg(test)]
pub(super) mod fake;
mod http;
pub mod local;
mod pages;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use http::{HttpTransport, Probe, Remote, probe};
pub use pages::query;

use super::failure::Failure;
use ::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// Path and query, percent-encoded: `/v1/secrets?prefix=a`.
    pub path: String,
    /// The body, if there is one.
    pub body: Option<Value>,
}

/// Why there is no answer. The text is for the user.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Nobody is there. The request has not been sent.
    #[error("{0}")]
    Unreachable(String),
    /// The request was sent, and whether it was carried out is not known.
    #[error("{0}")]
    Broken(String),
}

/// A way to the API.
pub trait Transport {
    /// Sends a request and waits for its answer, whatever its status.
    ///
    /// # Errors
    /// No answer came.
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>>;
}

/// What takes the place of a transport that was put away.
struct Ended;

impl Transport for Ended {
    fn send<'a>(&'a self, _call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async { Err(TransportError::Unreachable("the client was put away".to_owned())) })
    }
}

/// Speaks the API. An answer that is no success is a [`Failure`] with the server's own words.
pub struct Client(Box<dyn Transport>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Over this way.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Box::new(transport))
    }

    /// To nobody: what is left when a client has been put away.
    pub fn ended() -> Self {
        Self::new(Ended)
    }

    /// Over a way that was chosen at run time.
    pub fn boxed(transport: Box<dyn Transport>) -> Self {
        Self(transport)
    }

    /// Sends a request and gives the body of its answer, without the envelope if it has one. An empty body is `null`.
    ///
    /// # Errors
    /// No answer, or one that is no success.
    pub async fn call(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Result<Value, Failure> {
        self.raw(method, path, body).await.map(answer::content)
    }

    /// As [`Client::call`], with the envelope.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn raw(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Result<Value, Failure> {
        let answer = self.0.send(Call { method, path: path.into(), body }).await;
        answer.map_err(|error| Failure::Failed(error.to_string()))?.success()
    }

    /// GET.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn get(&self, path: impl Into<String>) -> Result<Value, Failure> {
        self.call(Method::GET, path, None).await
    }

    /// POST.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn post(&self, path: impl Into<String>, body: Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn delete(&self, path: impl Into<String>) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, None).await
    }
}
