//! How to listen.

use super::limits::Limits;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls;

/// Who may speak HTTP in clear text on the TCP port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClearText {
    /// Everyone who reaches the port: it is on the loopback, or a proxy that ends TLS stands before it.
    #[default]
    Everyone,
    /// Clients on this machine only; others are told to use TLS.
    Loopback,
}

impl ClearText {
    /// Whether a client with this address may.
    pub(super) fn allows(self, peer: Option<SocketAddr>) -> bool {
        self == Self::Everyone || peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
    }
}

/// How to listen.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// Threads that serve, 1 to 512.
    pub workers: usize,
    /// The certificate and what goes with it, from [`Tls::server_config`](crate::http::tls::Tls::server_config). `None`: clear text only.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Who may do without TLS.
    pub clear_text: ClearText,
    /// Where to put the Unix socket, if one is wanted.
    pub unix: Option<PathBuf>,
    /// Limits on each connection.
    pub limits: Limits,
    /// How long a graceful stop waits for requests in flight.
    pub grace: Duration,
    /// Whether SIGTERM and SIGINT stop the listener gracefully, and a second one at once. Not in tests: signals belong to the process.
    pub signals: bool,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, usize::from).min(512),
            tls: None,
            clear_text: ClearText::default(),
            unix: None,
            limits: Limits::default(),
            grace: Duration::from_secs(30),
            signals: false,
        }
    }
}
