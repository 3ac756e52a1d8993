//! The application, all surfaces behind one envelope, and the port that serves it.

use super::dispatch::Routes;
use super::envelope::envelope;
use super::listener::{self, ClearText, Limits, ListenerConfig, Running, serve};
use super::scalekit::grpc::Dispatch;
use super::tls::{Tls, TlsError};
use crate::config;
use crate::stack::Stack;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// Builds the application; the listener calls this once per worker.
pub fn application(
    stack: web::Data<Stack>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    // What reads a body whole has a bound of its own, which would be smaller than what the settings say.
    let limit = usize::try_from(stack.config.server.body_limit_bytes).unwrap_or(usize::MAX);
    App::new().app_data(stack).app_data(web::PayloadConfig::new(limit)).default_service(Routes).wrap(from_fn(envelope))
}

/// Why the port was not opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificate cannot be read, made or used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The port or the socket cannot be listened on. The message names it.
    #[error(transparent)]
    Listen(#[from] std::io::Error),
}

/// A serving port and its certificate.
pub struct Serving {
    /// The open port, and what serves it.
    pub running: Running,
    /// The certificate, if TLS is on.
    pub tls: Option<Arc<Tls>>,
}

/// Binds the port of the settings, before anything is made: a server that cannot have its port leaves nothing behind. Call it in a
/// tokio runtime.
///
/// # Errors
/// [`StartError::Listen`].
pub fn bind(settings: &config::Server) -> Result<TcpListener, StartError> {
    Ok(listener::bind(settings.listen.0)?)
}

/// Serves on the port, and on the local socket in the data folder. Call it in a tokio runtime.
///
/// With `signals`, SIGTERM and SIGINT stop it gracefully, and a second one at once.
///
/// # Errors
/// [`StartError`].
pub async fn start(stack: &Arc<Stack>, port: TcpListener, signals: bool) -> Result<Serving, StartError> {
    let settings = &stack.config.server;
    let tls = match (stack.config.tls.enabled, stack.config.tls.files()) {
        (false, _) => None,
        (true, Some((certificate, key))) => Some(Arc::new(Tls::from_files(certificate, key)?)),
        (true, None) => {
            let host = host_of(&settings.public_url);
            Some(Arc::new(Tls::local(&stack.config.storage.tls_folder(), host.as_deref(), stack.now())?))
        }
    };
    let seconds = |secs: u32| Duration::from_secs(u64::from(secs));
    let config = ListenerConfig {
        workers: settings.worker_threads(),
        tls: tls.as_ref().map(|tls| tls.server_config()),
        clear_text: match settings.clear_text {
            config::ClearText::Everyone => ClearText::Everyone,
            config::ClearText::Loopback => ClearText::Loopback,
        },
        unix: Some(stack.config.storage.socket()),
        limits: Limits {
            body: seconds(settings.request_timeout_secs),
            max_body: settings.body_limit_bytes,
            ..Limits::default()
        },
        grace: seconds(settings.shutdown_secs),
        signals,
    };
    let shared = Arc::clone(stack);
    let grpc = Arc::new(Dispatch::new(Arc::clone(stack)));
    let running = serve(port, config, move || application(web::Data::from(Arc::clone(&shared))), grpc).await?;
    stack.listening_on(running.local_addr());
    Ok(Serving { running, tls })
}

/// The host of a public address, for the local certificate.
fn host_of(public_url: &str) -> Option<String> {
    public_url.parse::<actix_web::http::Uri>().ok().and_then(|url| url.host().map(str::to_owned))
}
