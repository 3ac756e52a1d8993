//! What a worker does with a connection it is given: finds out what it speaks, and serves it to its end.

use super::connection::Connection;
use super::http2;
use super::io::{Io, Wire};
use super::site::Site;
use super::sniff::{Prefixed, Speaks, sniff};
use super::unread::Watch;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// What a clear-text client is told where only TLS is spoken.
const TLS_ONLY: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 40\r\n\r\n\
    This address speaks TLS only: use https\n";

impl Site {
    /// Serves a TCP connection to its end.
    pub(super) async fn tcp(self: Rc<Self>, stream: TcpStream) -> Result<(), Infallible> {
        let _open = self.drain.connection();
        let peer = stream.peer_addr().ok();
        let _ = stream.set_nodelay(true);
        let opened = tokio::select! {
            biased;
            // Nothing has been asked yet, so nothing is lost.
            () = Arc::clone(&self.drain).begun() => return Ok(()),
            opened = timeout(self.limits.handshake, self.open(stream, Connection { peer, tls: false, local: false })) => opened,
        };
        match opened {
            Ok(Ok(Some(Opened { io, http2: true }))) => http2::serve(io, self).await,
            Ok(Ok(Some(Opened { io, http2: false }))) => (self.app.http1)(io).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::debug!(?peer, %error, "a connection did not open"),
            Err(_) => tracing::debug!(?peer, "a connection took too long to open"),
        }
        Ok(())
    }

    /// Serves a connection on the Unix socket to its end.
    pub(super) async fn unix(self: Rc<Self>, stream: UnixStream) -> Result<(), Infallible> {
        let _open = self.drain.connection();
        let connection = Connection { peer: None, tls: false, local: true };
        (self.app.http1)(self.io(Wire::Unix(stream), connection, false)).await;
        Ok(())
    }

    /// Finds out what the client speaks and shakes hands. `None`: it has been told that it is not served so.
    async fn open(&self, stream: TcpStream, connection: Connection) -> io::Result<Option<Opened>> {
        let (speaks, stream) = sniff(stream).await?;
        if speaks == Speaks::Tls {
            let Some(tls) = &self.tls else {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "TLS, for which there is no certificate"));
            };
            let stream = tls.accept(stream).await?;
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let connection = Connection { tls: true, ..connection };
            return Ok(Some(Opened { io: self.io(Wire::Tls(Box::new(stream)), connection, http2), http2 }));
        }
        let http2 = speaks == Speaks::Http2;
        if !self.clear_text.allows(connection.peer) {
            return refuse(stream, http2).await.map(|()| None);
        }
        Ok(Some(Opened { io: self.io(Wire::Tcp(stream), connection, http2), http2 }))
    }

    fn io(&self, wire: Wire, connection: Connection, http2: bool) -> Io {
        // A quarter more than the parser has, so that the first head of a connection gets the parser's 408.
        let head = (!http2).then(|| self.limits.head.saturating_mul(5) / 4);
        let watch = (!http2).then(|| Watch::new(Rc::clone(&self.app.call), connection));
        Io::new(wire, connection, self.limits.stall, head, watch)
    }
}

struct Opened {
    io: Io,
    http2: bool,
}

/// Tells a clear-text client to use TLS. HTTP/2 is only closed: its client expects frames.
async fn refuse(mut stream: Prefixed<TcpStream>, http2: bool) -> io::Result<()> {
    if !http2 {
        stream.write_all(TLS_ONLY).await?;
    }
    stream.shutdown().await
}
