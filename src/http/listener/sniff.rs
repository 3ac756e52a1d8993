//! The first bytes of a connection: they tell TLS, HTTP/2 and HTTP/1.1 apart, and are then read once more by whoever it is for.

use bytes::{Buf, Bytes, BytesMut};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// The most that is read before the kind is known. One read usually brings the whole first request or ClientHello.
const FIRST_READ: usize = 4096;

/// A TLS record of type handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// The start of the HTTP/2 connection preface (RFC 9113 §3.4). No HTTP/1.1 method starts so: `PRI` is reserved for it.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a client speaks, as its first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// TLS; what is inside is for ALPN to say.
    Tls,
    /// HTTP/2 with prior knowledge.
    Http2,
    /// HTTP/1.1, or something that the HTTP/1.1 parser answers with 400.
    Http1,
}

/// Tells what `first` is the start of. `None`: more bytes are needed.
fn tell(first: &[u8]) -> Option<Speaks> {
    match first.first()? {
        &TLS_HANDSHAKE => Some(Speaks::Tls),
        _ if first.starts_with(HTTP2_PREFACE) => Some(Speaks::Http2),
        _ if HTTP2_PREFACE.starts_with(first) => None,
        _ => Some(Speaks::Http1),
    }
}

/// Reads until the kind is known. Gives the kind and a stream that still has every byte.
///
/// # Errors
/// What reading gives; `UnexpectedEof` when the client closes first.
pub(super) async fn sniff<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(Speaks, Prefixed<S>)> {
    let mut first = BytesMut::with_capacity(FIRST_READ);
    loop {
        if stream.read_buf(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(speaks) = tell(&first) {
            return Ok((speaks, Prefixed { first: first.freeze(), stream }));
        }
    }
}

/// A stream of which some bytes have been read already: it gives them again, then reads on.
#[derive(Debug)]
pub(super) struct Prefixed<S> {
    first: Bytes,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, into);
        }
        let count = self.first.len().min(into.remaining());
        into.put_slice(&self.first[..count]);
        self.first.advance(count);
        if self.first.is_empty() {
            // Gives the memory of the first read back: a kept-alive connection does not need it.
            self.first = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        assert_eq!(tell(b""), None);
        assert_eq!(tell(&[0x16, 3, 1]), Some(Speaks::Tls));
        assert_eq!(tell(b"P"), None);
        assert_eq!(tell(b"PO"), Some(Speaks::Http1));
        assert_eq!(tell(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"), None);
        assert_eq!(tell(HTTP2_PREFACE), Some(Speaks::Http2));
        assert_eq!(tell(b"PRI / HTTP/1.1\r\n"), Some(Speaks::Http1));
        assert_eq!(tell(&[0, 1, 2]), Some(Speaks::Http1));
    }

    #[tokio::test]
    async fn sniffed_bytes_are_read_again() {
        let (mut client, server) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut client, b"GET / HTTP/1.1\r\n").await.unwrap();
        let (speaks, mut stream) = sniff(server).await.unwrap();
        assert_eq!(speaks, Speaks::Http1);
        drop(client);
        let mut again = String::new();
        stream.read_to_string(&mut again).await.unwrap();
        assert_eq!(again, "GET / HTTP/1.1\r\n");
    }
}
