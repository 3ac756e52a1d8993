//! What an HTTP/2 connection writes in one turn goes out together.
//!
//! The protocol's code flushes behind each larger piece of a body, so an answer would go out in two writes: head and body, then
//! ten bytes of trailers, which cost as much as the rest. Here what it writes is held until it has nothing more to say for now.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that are held; more wait until these are sent.
const MAX_HELD: usize = 32 * 1024;

/// The memory that a worker's connections hold their bytes in, of which most often none and seldom more than one needs any.
pub(super) type Spare = Rc<Cell<Vec<u8>>>;

/// A stream, and what was written to it in this turn.
struct Held<S> {
    stream: S,
    bytes: Vec<u8>,
    sent: usize,
    unflushed: bool,
    spare: Spare,
}

impl<S: AsyncWrite + Unpin> Held<S> {
    fn take(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.bytes.len() == MAX_HELD {
            ready!(self.send(cx))?;
        }
        if self.bytes.capacity() == 0 {
            self.bytes = self.spare.take();
        }
        let before = self.bytes.len();
        for slice in slices {
            let room = MAX_HELD - self.bytes.len();
            self.bytes.extend_from_slice(&slice[..slice.len().min(room)]);
        }
        Poll::Ready(Ok(self.bytes.len() - before))
    }

    /// Sends what is held, and gives the memory back when all of it is gone.
    fn send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.bytes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            self.unflushed = true;
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
        }
        if self.bytes.capacity() > 0 {
            self.bytes.clear();
            self.sent = 0;
            self.spare.set(std::mem::take(&mut self.bytes));
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// The stream as the protocol's code has it: a write is held, and a flush does nothing.
pub(super) struct Gathered<S>(Rc<RefCell<Held<S>>>);

/// The end of a turn.
pub(super) struct Outgoing<S>(Rc<RefCell<Held<S>>>);

/// Parts a stream: the first half is for the protocol's code, the other for whoever polls that code.
pub(super) fn gather<S: AsyncWrite + Unpin>(stream: S, spare: &Spare) -> (Gathered<S>, Outgoing<S>) {
    let held = Held { stream, bytes: Vec::new(), sent: 0, unflushed: false, spare: Rc::clone(spare) };
    let held = Rc::new(RefCell::new(held));
    (Gathered(Rc::clone(&held)), Outgoing(held))
}

impl<S: AsyncWrite + Unpin> Outgoing<S> {
    /// Runs the protocol's code to its end, and sends after each of its turns what it wrote.
    ///
    /// # Errors
    /// Its own, or the stream's.
    pub(super) async fn with<T, E>(&self, protocol: impl Future<Output = Result<T, E>>) -> Result<T, Ended<E>> {
        let mut protocol = pin!(protocol);
        poll_fn(|cx| {
            let outcome = protocol.as_mut().poll(cx);
            // Bytes that the stream does not take now have put this task on its list, and are tried again first thing then.
            if let Poll::Ready(Err(error)) = self.0.borrow_mut().send(cx) {
                return Poll::Ready(Err(Ended::Stream(error)));
            }
            outcome.map_err(Ended::Protocol)
        })
        .await
    }
}

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended<E> {
    /// The protocol's code says so.
    #[error("{0}")]
    Protocol(E),
    /// The stream did not take the bytes.
    #[error("{0}")]
    Stream(io::Error),
}

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.borrow_mut().stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().take(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().take(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut held = self.0.borrow_mut();
        ready!(held.send(cx))?;
        Pin::new(&mut held.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use tokio::io::AsyncWriteExt;

    /// Takes as many bytes at a time as it is told, and nothing in between; then everything.
    #[derive(Debug, Default)]
    struct Narrow {
        takes: VecDeque<Option<usize>>,
        took: Vec<Vec<u8>>,
        flushed: usize,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            match self.takes.pop_front() {
                Some(None) => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                takes => {
                    let count = takes.flatten().unwrap_or(usize::MAX).clamp(1, bytes.len());
                    self.took.push(bytes[..count].to_vec());
                    Poll::Ready(Ok(count))
                }
            }
        }

        fn poll_flush(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushed = self.took.len();
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    #[test]
    fn what_is_written_in_a_turn_is_one_write() {
        let spare = Spare::default();
        let (mut stream, outgoing) = gather(Narrow::default(), &spare);
        let turns = outgoing.with(async {
            for pieces in [[&b"head"[..], b"body", b"trailers"], [b"a", b"b", b"c"]] {
                for piece in pieces {
                    stream.write_all(piece).await?;
                    stream.flush().await?;
                }
                tokio::task::yield_now().await;
            }
            Ok::<_, io::Error>(())
        });
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(turns).unwrap();
        let held = outgoing.0.borrow();
        assert_eq!(held.stream.took, [&b"headbodytrailers"[..], b"abc"]);
        assert_eq!(held.stream.flushed, 2);
        assert_eq!(held.bytes.capacity(), 0, "an idle connection holds no memory");
        assert!(spare.take().capacity() > 0);
    }

    #[test]
    fn a_stream_that_takes_nothing_holds_the_writer_up() {
        let takes = vec![None; 100].into();
        let (mut stream, _outgoing) = gather(Narrow { takes, ..Narrow::default() }, &Spare::default());
        let piece = [7; MAX_HELD / 4];
        let fits = (0..10).take_while(|_| stream.write_all(&piece).now_or_never().is_some()).count();
        assert_eq!(fits, 4);
    }

    #[test]
    fn a_broken_stream_ends_the_connection() {
        let (far, near) = tokio::io::duplex(1);
        drop(far);
        let (mut stream, outgoing) = gather(near, &Spare::default());
        let turns = outgoing.with(async {
            stream.write_all(b"no one").await.unwrap();
            std::future::pending::<Result<(), Infallible>>().await
        });
        assert!(matches!(turns.now_or_never(), Some(Err(Ended::Stream(_)))));
    }

    proptest! {
        #[test]
        fn every_byte_comes_in_its_order(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..MAX_HELD * 2), 0..8),
            takes in prop::collection::vec(prop::option::of(1usize..9000), 0..40),
        ) {
            let (mut stream, outgoing) = gather(Narrow { takes: takes.into(), ..Narrow::default() }, &Spare::default());
            let turns = outgoing.with(async {
                for piece in &pieces {
                    stream.write_all(piece).await?;
                }
                stream.shutdown().await
            });
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(turns).unwrap();
            let held = outgoing.0.borrow();
            prop_assert_eq!(held.stream.took.concat(), pieces.concat());
            prop_assert_eq!(held.stream.flushed, held.stream.took.len());
        }
    }
}
