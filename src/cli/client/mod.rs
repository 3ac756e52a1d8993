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

pub use answer::{Answer, unreadable};
pub use http::{HttpTransport, PATIENCE, Probe, Remote, probe};
pub use pages::query;

use super::failure::Failure;
use super::out::Out;
use ::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// Path and query, percent-encoded: `/v1/secrets?prefix=a`.
    pub path: String,
    /// The body, if there is one, as JSON.
    pub body: Option<String>,
    /// Whether the answer may take long: the caller shows that it waits.
    pub is_long: bool,
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

/// What takes the pieces of a body, and says whether it takes more.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> bool;

/// A way to the API.
pub trait Transport {
    /// Sends a request and waits for its answer, whatever its status.
    ///
    /// # Errors
    /// No answer came.
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>>;

    /// As [`Transport::send`], but the body of a success goes piece by piece to `sink`, as it comes, and is not in the answer.
    /// `sink` says whether it takes more.
    ///
    /// # Errors
    /// No answer came, or it broke off.
    fn stream<'a>(&'a self, call: Call, sink: Sink<'a>) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async move {
            let mut answer = self.send(call).await?;
            if (200..300).contains(&answer.status) {
                sink(&std::mem::take(&mut answer.body));
            }
            Ok(answer)
        })
    }

    /// Whether it leads to another machine, where the operator's own addresses do not answer.
    fn is_remote(&self) -> bool {
        false
    }
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
    /// No answer, one that is no success, or one that cannot be read.
    pub async fn call(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Result<Value, Failure> {
        self.raw(method, path, body).await.map(answer::content)
    }

    /// As [`Client::call`], with the envelope.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn raw(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Result<Value, Failure> {
        let body = body.map(|body| body.to_string());
        let answer = self.send(Call { method, path: path.into(), body, is_long: false }).await?;
        // A failure is told in the server's words, also when its body is no JSON.
        if (200..300).contains(&answer.status) { answer.value() } else { answer.text().map(Value::String) }
    }

    /// Sends JSON as it is written, and gives the answer as it is written.
    ///
    /// # Errors
    /// No answer, one that is no success, or one that is no text.
    pub async fn text(&self, method: Method, path: impl Into<String>, body: Option<String>) -> Result<String, Failure> {
        self.send(Call { method, path: path.into(), body, is_long: false }).await?.text()
    }

    /// POST of something that may take long. Whoever waits hears that it goes on: `what` says of what, `writing the backup`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn long(&self, path: &str, body: Value, out: &mut Out, what: &str) -> Result<Value, Failure> {
        let call = Call { method: Method::POST, path: path.to_owned(), body: Some(body.to_string()), is_long: true };
        let answer = waiting(self.send(call), out, what).await??;
        if (200..300).contains(&answer.status) {
            answer.value().map(answer::content)
        } else {
            answer.text().map(Value::String)
        }
    }

    /// GET of something that may be long, written as it comes: no more of it is in memory than one piece.
    ///
    /// # Errors
    /// As [`Client::text`]; writing failed.
    pub async fn stream(&self, path: String, out: &mut Out) -> Result<(), Failure> {
        let call = Call { method: Method::GET, path, body: None, is_long: true };
        let mut failed = None;
        let mut sink = |piece: &[u8]| match out.piece(piece) {
            Ok(()) => true,
            Err(failure) => {
                failed = Some(failure);
                false
            }
        };
        let answer = self.0.stream(call, &mut sink).await;
        if let Some(failure) = failed {
            return Err(failure);
        }
        answer.map_err(|error| Failure::Failed(error.to_string()))?.text().map(drop)
    }

    async fn send(&self, call: Call) -> Result<Answer, Failure> {
        if self.0.is_remote() && call.path.starts_with("/api/v1/operator/") {
            return Err(Failure::usage(
                "this command works on the server's machine only: run it there, as the user that runs the server, without --server and SCAISTACK_URL",
            ));
        }
        self.0.send(call).await.map_err(|error| Failure::Failed(error.to_string()))
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

    /// PATCH.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn patch(&self, path: impl Into<String>, body: Value) -> Result<Value, Failure> {
        self.call(Method::PATCH, path, Some(body)).await
    }
}

/// How often whoever waits hears that it goes on.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Waits for the end of something, and says every few seconds that it goes on.
///
/// # Errors
/// Writing failed.
pub async fn waiting<T>(work: impl Future<Output = T>, out: &mut Out, what: &str) -> Result<T, Failure> {
    told_every(TELL_EVERY, work, out, what).await
}

async fn told_every<T>(
    period: Duration,
    work: impl Future<Output = T>,
    out: &mut Out,
    what: &str,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    let started = tokio::time::Instant::now();
    loop {
        tokio::select! {
            done = &mut work => return Ok(done),
            () = tokio::time::sleep(period) => {
                out.note(&format!("{what}: {} s so far", started.elapsed().as_secs()))?;
            }
        }
    }
}
