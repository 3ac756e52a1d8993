//! HTTP: over the Unix socket of the server on this machine, or to a server elsewhere with a token.

use super::{Answer, Call, Failure, Sink, Transport, TransportError};
use crate::base::Secret;
use crate::http::listener::SocketPath;
use futures_util::future::LocalBoxFuture;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take, unless somebody said otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take while whoever waits sees that it goes on: a backup of a large data file is one request.
const LONG: Duration = Duration::from_secs(3600);

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
    patience: Duration,
    /// What keeps the path of the socket valid.
    _socket: Option<SocketPath>,
}

impl HttpTransport {
    /// To the server on this machine that has this socket. Who may open the socket needs no token.
    ///
    /// # Errors
    /// The HTTP client does not start.
    pub fn unix(socket: &Path) -> Result<Self, Failure> {
        let near = SocketPath::of(socket)?;
        let client = client(builder().unix_socket(near.as_path()), true, Vec::new()).map_err(Failure::failed)?;
        Ok(Self {
            client,
            origin: "http://localhost".to_owned(),
            token: None,
            whom: format!("the server on {}", socket.display()),
            patience: PATIENCE,
            _socket: Some(near),
        })
    }

    /// The same, which waits this long for an answer.
    pub fn waiting(self, patience: Duration) -> Self {
        Self { patience, ..self }
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
        let authorities = authorities(remote.authority.as_deref());
        if remote.authority.is_some() && authorities.is_empty() {
            return Err(Failure::usage("--ca names a file without a certificate in PEM form"));
        }
        let client = client(builder(), is_clear(&origin), authorities).map_err(Failure::failed)?;
        let (whom, token) = (origin.clone(), Some(remote.token));
        Ok(Self { client, whom, origin, token, patience: PATIENCE, _socket: None })
    }

    async fn exchange(&self, call: Call, sink: Option<Sink<'_>>) -> Result<Answer, TransportError> {
        let patience = if call.is_long { LONG.max(self.patience) } else { self.patience };
        let request = self.client.request(call.method, format!("{}{}", self.origin, call.path));
        let mut request = request.timeout(patience);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let mut response = request.send().await.map_err(|error| self.no_answer(&error, patience))?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (status, request_id) = (response.status().as_u16(), header("x-request-id"));
        let retry_after_secs = header(RETRY_AFTER.as_str()).and_then(|secs| secs.parse().ok());
        let body = match sink {
            Some(sink) if response.status().is_success() => {
                self.pieces(&mut response, sink).await?;
                Vec::new()
            }
            _ => response.bytes().await.map_err(|error| self.no_answer(&error, patience))?.to_vec(),
        };
        Ok(Answer { status, request_id, retry_after_secs, body })
    }

    /// Hands on the pieces of a body. However long it is as a whole, each has to come in time.
    async fn pieces(&self, response: &mut reqwest::Response, sink: Sink<'_>) -> Result<(), TransportError> {
        loop {
            let piece = tokio::time::timeout(self.patience, response.chunk()).await.map_err(|_| {
                TransportError::Broken(format!(
                    "{} has sent nothing more for {} s: what was written is not whole; --timeout waits longer",
                    self.whom,
                    self.patience.as_secs()
                ))
            })?;
            let broke = |error: reqwest::Error| {
                let (whom, why) = (&self.whom, reasons(&error));
                TransportError::Broken(format!("{whom} broke off: what was written is not whole: {why}"))
            };
            match piece.map_err(broke)? {
                Some(piece) if sink(&piece) => {}
                _ => return Ok(()),
            }
        }
    }

    fn no_answer(&self, error: &reqwest::Error, patience: Duration) -> TransportError {
        let whom = &self.whom;
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => TransportError::Unreachable(format!("cannot reach {whom}: no answer in time")),
            (true, false) => TransportError::Unreachable(format!("cannot reach {whom}: {}", distrust(reasons(error)))),
            (false, true) => TransportError::Broken(format!(
                "{whom} has not answered for {} s; whether it did what was asked is not known. Look whether it is stopped or very busy; --timeout waits longer",
                patience.as_secs()
            )),
            (false, false) => TransportError::Broken(format!(
                "{whom} gave no answer; whether it did what was asked is not known: {}",
                reasons(error)
            )),
        }
    }
}

/// Says what to do about a certificate that is not trusted.
pub(super) fn distrust(reason: String) -> String {
    if reason.contains("No CA certificates") {
        return "this machine has no certificate authorities to trust; install them (on Debian the package \
                ca-certificates), or name one with --ca FILE or SCAISTACK_CA"
            .to_owned();
    }
    let what = match reason.strip_prefix("invalid peer certificate: ") {
        None => return reason,
        Some("UnknownIssuer") => {
            "nobody on this machine trusts its certificate; name the authority with --ca FILE or SCAISTACK_CA. \
             Where the server made its own certificate, that is the file tls/ca.pem of its data folder"
        }
        Some(other) if other.starts_with("Expired") || other.contains("expired") => {
            "its certificate has expired; renew it there, or look at the clock of this machine"
        }
        Some(other) if other.contains("not valid for name") => {
            "its certificate is for another name; use the name that the certificate has"
        }
        Some(_) => "its certificate is not acceptable",
    };
    format!("{what} ({reason})")
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(self.exchange(call, None))
    }

    fn stream<'a>(&'a self, call: Call, sink: Sink<'a>) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(self.exchange(call, Some(sink)))
    }

    fn is_remote(&self) -> bool {
        self.token.is_some()
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
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The certificate that was shown, in DER; none: in clear text.
    pub certificate: Option<Vec<u8>>,
}

/// Asks an address without a token. `authority` is trusted as well (PEM).
///
/// # Errors
/// No answer, with the reason.
pub async fn probe(url: &str, authority: Option<&[u8]>) -> Result<Probe, String> {
    let client = client(builder().timeout(CONNECT).tls_info(true), is_clear(url), authorities(authority))?;
    let response = client.get(url).send().await.map_err(|error| reasons(&error))?;
    let date = response.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
    let set = response.headers().get_all(reqwest::header::SET_COOKIE);
    let cookies = set.iter().filter_map(|cookie| cookie.to_str().ok()).map(str::to_owned).collect();
    let tls = response.extensions().get::<reqwest::tls::TlsInfo>();
    let certificate = tls.and_then(|tls| tls.peer_certificate()).map(<[u8]>::to_vec);
    let status = response.status().as_u16();
    Ok(Probe { status, date, cookies, certificate, body: response.json().await.unwrap_or_default() })
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("scaistack/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        // A redirect would carry the token to somewhere that nobody named.
        .redirect(reqwest::redirect::Policy::none())
}

fn is_clear(address: &str) -> bool {
    address.starts_with("http://")
}

/// The certificates in a text of PEM form.
fn authorities(pem: Option<&[u8]>) -> Vec<reqwest::Certificate> {
    pem.map(|pem| reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default()).unwrap_or_default()
}

/// Makes the client, which trusts the authorities of this machine and these. Where nobody shows a certificate those of the
/// machine are not looked for: in a container there may be none, and then no client could be made.
fn client(
    builder: reqwest::ClientBuilder,
    in_clear: bool,
    authorities: Vec<reqwest::Certificate>,
) -> Result<reqwest::Client, String> {
    let builder = if in_clear { builder.tls_certs_only(authorities) } else { builder.tls_certs_merge(authorities) };
    builder.build().map_err(|error| distrust(reasons(&error)))
}

/// The innermost reason, which is the one that helps. Addresses are left out: they may hold what a log should not.
fn reasons(error: &reqwest::Error) -> String {
    let mut reason: &dyn Error = error;
    while let Some(deeper) = reason.source() {
        reason = deeper;
    }
    reason.to_string()
}
