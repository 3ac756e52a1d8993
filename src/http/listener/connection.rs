//! What a handler may know of the connection its request came on.

use actix_web::{HttpMessage, HttpRequest};
use std::cell::Cell;
use std::net::SocketAddr;

/// The connection a request came on. Read it with [`connection`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The other end of the TCP connection: the client, or the proxy before it. `None` on the Unix socket.
    pub peer: Option<SocketAddr>,
    /// Whether the bytes between the peer and this process are under TLS.
    pub tls: bool,
    /// Whether it came over the Unix socket, which only the owner of the data folder can open.
    pub local: bool,
}

/// The connection of `request`, whichever HTTP version it speaks.
///
/// A request that no listener of ours took in (one made by a test) has a default connection: no peer, no TLS, not local.
pub fn connection(request: &HttpRequest) -> Connection {
    request
        .conn_data::<Connection>()
        .copied()
        .or_else(|| request.extensions().get::<Connection>().copied())
        .unwrap_or_default()
}

/// What an HTTP/1.1 connection is doing, shared between its bytes and its requests on one thread.
#[derive(Debug, Default)]
pub(super) struct Activity {
    busy: Cell<u32>,
    started: Cell<u64>,
}

impl Activity {
    /// A handler takes a request.
    pub(super) fn begin(&self) {
        self.busy.set(self.busy.get().saturating_add(1));
        self.started.set(self.started.get().wrapping_add(1));
    }

    /// The handler has answered.
    pub(super) fn end(&self) {
        self.busy.set(self.busy.get().saturating_sub(1));
    }

    /// Whether a handler has a request in hand.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.get() > 0
    }

    /// How many requests have begun on this connection.
    pub(super) fn started(&self) -> u64 {
        self.started.get()
    }
}
