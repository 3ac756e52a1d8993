//! The bytes of a connection, with the time limits that the HTTP/1.1 parser does not have.

use super::connection::{Activity, Connection};
use super::sniff::Prefixed;
use super::unread::{Outgoing, Watch};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, Sleep, sleep};
use tokio_rustls::server::TlsStream;

/// Where the bytes come from.
pub(super) enum Wire {
    /// TCP in clear text.
    Tcp(Prefixed<TcpStream>),
    /// TLS over TCP.
    Tls(Box<TlsStream<Prefixed<TcpStream>>>),
    /// The Unix socket.
    Unix(UnixStream),
}

macro_rules! on_wire {
    ($self:expr, $stream:ident => $call:expr) => {
        match &mut $self.get_mut().wire {
            Wire::Tcp($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            Wire::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $call
            }
            Wire::Unix($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
        }
    };
}

/// A timer that is armed while a client keeps us waiting. Its memory is made at the first use and used again.
#[derive(Default)]
struct Patience {
    timer: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Patience {
    /// Arms the timer if it is not, and tells whether it has run out.
    fn ran_out(&mut self, limit: Duration, cx: &mut Context<'_>) -> bool {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.armed {
            self.armed = true;
            timer.as_mut().reset(Instant::now() + limit);
        }
        timer.as_mut().poll(cx).is_ready()
    }
}

/// A connection's stream.
///
/// Two limits guard it. A client that takes none of the bytes we write for `stall` is given up. On HTTP/1.1, so is one that has sent the
/// start of a request and leaves it unfinished: the parser limits the time of a connection's first head only.
/// Both end in an error of the kind `TimedOut`.
pub(super) struct Io {
    wire: Wire,
    connection: Connection,
    activity: Rc<Activity>,
    stall: Duration,
    head: Option<Duration>,
    write: Patience,
    read: Patience,
    read_armed_at: u64,
    unanswered: bool,
    watch: Option<Watch>,
}

impl Io {
    /// Wraps a stream. `stall`: how long a write may wait. `head`: how long an unfinished HTTP/1.1 request may. `watch`: what
    /// answers in the parser's place. Both are `None` on HTTP/2.
    pub(super) fn new(
        wire: Wire,
        connection: Connection,
        stall: Duration,
        head: Option<Duration>,
        watch: Option<Watch>,
    ) -> Self {
        Self {
            wire,
            connection,
            activity: Rc::default(),
            stall,
            head,
            write: Patience::default(),
            read: Patience::default(),
            read_armed_at: 0,
            unanswered: false,
            watch,
        }
    }

    /// What a handler may know.
    pub(super) fn connection(&self) -> Connection {
        self.connection
    }

    /// What the requests of this connection report to.
    pub(super) fn activity(&self) -> Rc<Activity> {
        Rc::clone(&self.activity)
    }

    /// Whether the client has left a request unfinished for too long. Called when there is nothing to read.
    ///
    /// The timer is not reset at each request, which would cost more than it brings: it runs out once per period, and is then either wound up
    /// again, because requests came in that period, or has caught a client that began none. So the limit is between one and two periods.
    fn left_hanging(&mut self, limit: Duration, cx: &mut Context<'_>) -> bool {
        if !self.read.armed {
            if !self.unanswered || self.activity.is_busy() {
                return false;
            }
            self.read_armed_at = self.activity.started();
            return self.read.ran_out(limit, cx);
        }
        if !self.read.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
            return false;
        }
        let waits = self.unanswered && !self.activity.is_busy();
        if waits && self.read_armed_at == self.activity.started() {
            return true;
        }
        self.read.armed = false;
        if waits {
            self.read_armed_at = self.activity.started();
            return self.read.ran_out(limit, cx);
        }
        false
    }

    /// Sends what takes the place of the parser's own answer.
    fn send_instead(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(watch) = self.watch.as_mut() {
            let bytes = ready!(watch.instead(cx));
            if bytes.is_empty() {
                break;
            }
            let outcome = on_wire!(self.as_mut(), stream => stream.poll_write(cx, &bytes));
            match ready!(self.as_mut().written(cx, outcome))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => {
                    if let Some(watch) = self.watch.as_mut() {
                        watch.sent(count);
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn written<T>(mut self: Pin<&mut Self>, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write.armed = false;
            self.unanswered = false;
            return outcome;
        }
        let stall = self.stall;
        if self.write.ran_out(stall, cx) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }
}

impl AsyncRead for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let outcome = on_wire!(self.as_mut(), stream => stream.poll_read(cx, into));
        let Some(head) = self.head else { return outcome };
        if outcome.is_pending() {
            if self.left_hanging(head, cx) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            return Poll::Pending;
        }
        ready!(outcome)?;
        let (first, requests) = (!self.unanswered, self.activity.started());
        if let Some(watch) = &mut self.watch {
            watch.read(into.filled().get(before..).unwrap_or_default(), first, requests);
        }
        self.unanswered = true;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let requests = self.activity.started();
        let these = match self.watch.as_mut().map(|watch| watch.look(bytes, requests)) {
            Some(Outgoing::Instead) => {
                ready!(self.send_instead(cx))?;
                return Poll::Ready(Ok(bytes.len()));
            }
            Some(Outgoing::These(count)) => bytes.get(..count).unwrap_or(bytes),
            None => bytes,
        };
        let outcome = on_wire!(self.as_mut(), stream => stream.poll_write(cx, these));
        self.written(cx, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_wire!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_wire!(self, stream => stream.poll_shutdown(cx))
    }
}
