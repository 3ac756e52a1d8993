//! One port for everything: the first bytes of a connection tell TLS, HTTP/2 and HTTP/1.1 apart.
//!
//! HTTP/1.1 is served by actix, HTTP/2 by hyper, because actix writes no trailers and gRPC ends with them. On HTTP/2, gRPC goes to a
//! [`GrpcDispatch`] and everything else over a bridge to the same application. A Unix socket, if asked for, serves the application too.
//! A handler reads what it may know of its connection with [`connection()`], whichever way the request came.

mod answer;
mod app;
mod body;
mod bridge;
mod connection;
mod drain;
mod grpc;
mod http2;
mod io;
mod running;
mod site;
mod sniff;
mod socket;
mod streams;
#[cfg(test)]
mod tests;
mod turn;
mod unread;

pub use connection::{Connection, connection};
pub use grpc::{GrpcBody, GrpcDispatch, Unimplemented, trailers_only};
pub use running::Running;
pub use unread::{Unread, unread};

use actix_http::body::MessageBody;
use actix_http::{Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, fn_factory, fn_service};
use actix_web::Error;
use actix_web::dev::AppConfig;
use drain::Drain;
use running::{Signals, Supervisor};
use site::Site;
use std::convert::Infallible;
use std::fmt::Debug;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::mpsc;
use tokio_rustls::{TlsAcceptor, rustls};

/// The longest request target, in bytes; to a longer one the application answers 414.
pub const MAX_URI: usize = 8 * 1024;

/// The most that the fields of a request's head may take, in bytes, with 32 more for each; to more the application answers 431.
///
/// Some heads never become a request. On HTTP/1.1 they are those of more than 96 fields or 128 KiB: for what actix's parser refuses
/// the application is asked for its words (see `unread`). On HTTP/2 they are those of more than [`MAX_HTTP2_HEAD`], to which hyper
/// answers a bare 431.
pub const MAX_HEAD: usize = 16 * 1024;

/// The most that HTTP/2's own code takes in, and tells its clients (RFC 9113 §6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE). More than
/// [`MAX_HEAD`], so that a head which is too large is answered by the application.
pub const MAX_HTTP2_HEAD: usize = 4 * MAX_HEAD;

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
    fn allows(self, peer: Option<SocketAddr>) -> bool {
        self == Self::Everyone || peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
    }
}

/// Limits on a connection, each against a client that is slow, silent or greedy.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the end of the TLS handshake, or to the first bytes in clear text.
    pub handshake: Duration,
    /// For the head of an HTTP/1.1 request: the first gets 408, a later one is closed within three times this long.
    pub head: Duration,
    /// For what the handler waits for of a request body.
    pub body: Duration,
    /// How long an HTTP/1.1 connection is kept without a request.
    pub keep_alive: Duration,
    /// How long an HTTP/2 connection is kept without a request, at least; at most twice as long.
    pub http2_idle: Duration,
    /// How long a client may take none of the bytes of an answer; on HTTP/2, where it may leave the window of one shut, less than twice
    /// as long.
    pub stall: Duration,
    /// How long the orderly end of an HTTP/1.1 connection may take.
    pub disconnect: Duration,
    /// The largest request body in bytes; a handler that reads more gets an overflow error, which is 413. gRPC gets status 8.
    pub max_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            http2_idle: Duration::from_secs(300),
            stall: Duration::from_secs(30),
            disconnect: Duration::from_secs(3),
            max_body: 1024 * 1024,
        }
    }
}

/// How to listen.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// The address; port 0 lets the system choose, and [`Running::local_addr`] tells.
    pub addr: SocketAddr,
    /// Threads that serve, 1 to 512.
    pub workers: usize,
    /// The certificate and what goes with it, from [`Tls::server_config`](super::tls::Tls::server_config). `None`: clear text only.
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
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
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

/// Binds, starts the workers and serves until [`Running::stop`] or a signal. Call it in a tokio runtime.
///
/// `app` builds the application; it is called once per worker and socket, on the worker's thread.
///
/// # Errors
/// What the system says to the binding, or that an application did not start.
pub async fn serve<F, I, S, B>(config: ListenerConfig, app: F, grpc: Arc<dyn GrpcDispatch>) -> std::io::Result<Running>
where
    F: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request> + 'static,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Service: 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let signals = config.signals.then(Signals::take).transpose()?;
    let port = socket::tcp(config.addr)?;
    let local_addr = port.local_addr()?;
    let drain = Drain::new();
    let (alive, gone) = mpsc::channel::<Infallible>(1);
    let parts = Parts {
        app,
        grpc,
        limits: config.limits,
        clear_text: config.clear_text,
        tls: config.tls.map(TlsAcceptor::from),
        drain: Arc::clone(&drain),
        alive: alive.downgrade(),
    };
    let mut builder = actix_server::Server::build().workers(config.workers.clamp(1, 512)).disable_signals();
    let mut file = None;
    if let Some(path) = &config.unix {
        let (socket, made) = socket::unix(path)?;
        file = Some(made);
        let parts = parts.clone();
        builder = builder.listen_uds("socket", socket, move || {
            let parts = parts.clone();
            fn_factory(move || {
                let parts = parts.clone();
                async move {
                    let site = parts.site().await?;
                    Ok::<_, ()>(fn_service(move |stream: UnixStream| Rc::clone(&site).unix(stream)))
                }
            })
        })?;
    }
    builder = builder.listen("port", port, move || {
        let parts = parts.clone();
        fn_factory(move || {
            let parts = parts.clone();
            async move {
                let site = parts.site().await?;
                Ok::<_, ()>(fn_service(move |stream: TcpStream| Rc::clone(&site).tcp(stream)))
            }
        })
    })?;
    let (server, grace, alive) = (builder.run(), config.grace, (alive, gone));
    Supervisor { server, drain, grace, socket: file, alive, signals }.start(local_addr).await
}

/// What every worker gets a copy of.
#[derive(Clone)]
struct Parts<F> {
    app: F,
    grpc: Arc<dyn GrpcDispatch>,
    limits: Limits,
    clear_text: ClearText,
    tls: Option<TlsAcceptor>,
    drain: Arc<Drain>,
    alive: mpsc::WeakSender<Infallible>,
}

impl<F> Parts<F> {
    /// Builds the worker's own application.
    async fn site<I, S, B>(self) -> Result<Rc<Site>, ()>
    where
        F: Fn() -> I,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Service: 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: Debug,
        S::Response: Into<Response<B>> + 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        // No sender: the listener has stopped before this worker started.
        let alive = self.alive.upgrade().ok_or(())?;
        let app = app::build((self.app)(), self.limits, Arc::clone(&self.drain)).await?;
        Ok(Rc::new(Site {
            app,
            grpc: self.grpc,
            limits: self.limits,
            clear_text: self.clear_text,
            tls: self.tls,
            drain: self.drain,
            spare: turn::Spare::default(),
            _alive: alive,
        }))
    }
}
