//! One port for everything: the first bytes of a connection tell TLS, HTTP/2 and HTTP/1.1 apart.
//!
//! HTTP/1.1 is served by actix, HTTP/2 by hyper, because actix writes no trailers and gRPC ends with them. On HTTP/2, gRPC goes to a
//! [`GrpcDispatch`] and everything else over a bridge to the same application. A Unix socket, if asked for, serves the application too.
//! A handler reads what it may know of its connection with [`connection()`], whichever way the request came.

mod answer;
mod app;
mod body;
mod bridge;
mod config;
mod connection;
mod drain;
mod grpc;
mod http2;
mod io;
mod limits;
mod open;
mod running;
mod site;
mod sniff;
mod socket;
mod streams;
#[cfg(test)]
mod tests;
mod turn;
mod unread;

pub use config::{ClearText, ListenerConfig};
pub use connection::{Connection, connection};
pub use grpc::{GrpcBody, GrpcDispatch, Unimplemented, trailers_only};
pub use limits::{Limits, MAX_HEAD, MAX_HTTP2_HEAD, MAX_URI};
pub use running::Running;
pub use socket::SocketPath;
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
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// Binds the port, for [`serve`]. Port 0 lets the system choose. Call it in a tokio runtime.
///
/// # Errors
/// What the system says, with the address.
pub fn bind(addr: SocketAddr) -> std::io::Result<TcpListener> {
    socket::tcp(addr)
}

/// Starts the workers and serves on a bound port until [`Running::stop`] or a signal. Call it in a tokio runtime.
///
/// `app` builds the application; it is called once per worker and socket, on the worker's thread.
///
/// # Errors
/// That the local socket cannot be opened, or that an application did not start.
pub async fn serve<F, I, S, B>(
    port: TcpListener,
    config: ListenerConfig,
    app: F,
    grpc: Arc<dyn GrpcDispatch>,
) -> std::io::Result<Running>
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
