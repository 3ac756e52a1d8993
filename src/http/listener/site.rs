//! What a worker has for its connections.

use super::app::AppOnWorker;
use super::config::ClearText;
use super::drain::Drain;
use super::grpc::GrpcDispatch;
use super::limits::Limits;
use super::turn::Spare;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// One worker's share of a listener.
pub(super) struct Site {
    pub(super) app: AppOnWorker,
    pub(super) grpc: Arc<dyn GrpcDispatch>,
    pub(super) limits: Limits,
    pub(super) clear_text: ClearText,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) drain: Arc<Drain>,
    pub(super) spare: Spare,
    /// Dropped with the last of the worker, which is how the end of a stop is known.
    pub(super) _alive: mpsc::Sender<Infallible>,
}
