//! HTTP: over the Unix socket of the server on this machine, or to a server elsewhere with a token.

use super::{Answer, Call, Failure, Transport, TransportError};
use crate::base::Secret;
use futures_util::future::LocalBoxFuture;
use reqwest::header::RETRY_AFTER;
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take: a backup of a large data file is one request.
const ANSWER: Duration = Duration::from_secs(3600);

/// A server elsewhere.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Its origin: `https://id.example.com`.
    pub origin: String,
    /// What to show it.
    pub token: Secret<String>,
    /// A certificate authority to trust as well, in PEM.
    pub authority: Option<Vec<u8>>,
}

/// HTTP over one of the two.
pub struct HttpTransport {
    client: reqwest::Client,
    origin: String,
    token: Option<Secret<String>>,
    /// Who is spoken to, for messages.
    whom: String,
}

impl HttpTransport {
    /// To the server on this machine that has this socket. Who may open the socket needs no token.
    ///
    /// # Errors
    /// The HTTP client does not start.
    pub fn unix(socket: &Path) -> Result<Self, Failure> {
        let client = builder().unix_socket(socket).build().map_err(|error| Failure::failed(reasons(&error)))?;
        Ok(Self { client, origin: "http://localhost".to_owned(), token: None, whom: socket.display().to_string() })
    }

    /// To a server elsewhere.
    ///
    /// # Errors
    /// An address that is no origin, or a certificate that does not read.
    pub fn remote(remote: Remote) -> Result<Self, Failure> {
        let origin = remote.origin.trim_end_matches('/').to_owned();
        let known = origin.starts_with("https://") || origin.starts_with("http://");
        if !known || origin.parse::<::http::Uri>().is_err() {
            return Err(Failure::usage("--server must be an address such as https://id.example.com"));
        }
        let mut client = builder();
        if let Some(pem) = &remote.authority {
            let found = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
            if found.is_empty() {
                return Err(Failure::usage("--ca names a file without a certificate in PEM form"));
            }
            client = client.tls_certs_merge(found);
        }
        let client = client.build().map_err(|error| Failure::failed(reasons(&error)))?;
        Ok(Self { client, whom: origin.clone(), origin, token: Some(remote.token) })
    }

    async fn exchange(&self, call: Call) -> Result<Answer, TransportError> {
        let mut request = self.client.request(call.method, format!("{}{}", self.origin, call.path));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.no_answer(&error))?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (status, request_id) = (response.status().as_u16(), header("x-request-id"));
        let retry_after_secs = header(RETRY_AFTER.as_str()).and_then(|secs| secs.parse().ok());
        let bytes = response.bytes().await.map_err(|error| self.no_answer(&error))?;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        };
        Ok(Answer { status, request_id, retry_after_secs, body })
    }

    fn no_answer(&self, error: &reqwest::Error) -> TransportError {
        if error.is_connect() {
            return TransportError::Unreachable(format!("cannot reach {}: {}", self.whom, reasons(error)));
        }
        TransportError::Broken(format!(
            "{} gave no answer; whether it did what was asked is not known: {}",
            self.whom,
            reasons(error)
        ))
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(self.exchange(call))
    }
}

/// What an address says to someone without a token.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The HTTP status.
    pub status: u16,
    /// The server's clock, from `Date`.
    pub date: Option<String>,
    /// The body, if it is JSON.
    pub body: Value,
}

/// Asks an address without a token. `authority` is trusted as well (PEM).
///
/// # Errors
/// No answer, with the reason.
pub async fn probe(url: &str, authority: Option<&[u8]>) -> Result<Probe, String> {
    let found = authority.map(|pem| reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default()).unwrap_or_default();
    let client = builder().timeout(CONNECT).tls_certs_merge(found).build().map_err(|error| reasons(&error))?;
    let response = client.get(url).send().await.map_err(|error| reasons(&error))?;
    let date = response.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
    Ok(Probe { status: response.status().as_u16(), date, body: response.json().await.unwrap_or_default() })
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("scaistack/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        // A redirect would carry the token to somewhere that nobody named.
        .redirect(reqwest::redirect::Policy::none())
}

/// The innermost reason, which is the one that helps. Addresses are left out: they may hold what a log should not.
fn reasons(error: &reqwest::Error) -> String {
    let mut reason: &dyn Error = error;
    while let Some(deeper) = reason.source() {
        reason = deeper;
    }
    reason.to_string()
}
