//! An answer on HTTP/2, which knows whether it waits for the client.

use super::grpc::GrpcBody;
use super::streams::{InFlight, Waiting};
use actix_http::body::{BodySize, BoxBody, MessageBody};
use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The body of an answer on HTTP/2.
pub(super) enum AnswerBody {
    /// No bytes.
    Empty,
    /// From the application.
    App(BoxBody),
    /// From the gRPC dispatcher.
    Grpc(GrpcBody),
}

/// An answer's body that counts as in flight until its last byte is sent, and as waiting while the client opens no window for it.
pub(super) struct Answer {
    body: AnswerBody,
    in_flight: InFlight,
    /// Hyper asks for the next piece when there is a window for it.
    waiting: Option<Waiting>,
}

impl Answer {
    /// Counts `body` under `in_flight`.
    pub(super) fn new(body: AnswerBody, in_flight: InFlight) -> Self {
        let waiting = Some(in_flight.waits());
        Self { body, in_flight, waiting }
    }
}

/// A piece of an answer, which is dropped when the protocol's code has written it, or given it up.
pub(super) struct Piece {
    bytes: Bytes,
    waiting: Waiting,
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.waiting.moved();
        self.bytes.advance(count);
    }
}

type Failed = Box<dyn Error + Send + Sync>;

impl AnswerBody {
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        match self {
            Self::Empty => Poll::Ready(None),
            Self::App(body) => Poll::Ready(match ready!(Pin::new(body).poll_next(cx)) {
                Some(Ok(data)) => Some(Ok(Frame::data(data))),
                // The application's error need not be `Send`; its words are for the log only.
                Some(Err(error)) => Some(Err(error.to_string().into())),
                None => None,
            }),
            Self::Grpc(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
        }
    }
}

impl Body for Answer {
    type Data = Piece;
    type Error = Failed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        // From here on it waits for us, if for anybody.
        self.waiting = None;
        let next = ready!(self.body.next(cx));
        self.waiting = Some(self.in_flight.waits());
        let piece = |bytes| Piece { bytes, waiting: self.in_flight.waits() };
        Poll::Ready(next.map(|frame| frame.map(|frame| frame.map_data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            AnswerBody::Empty => true,
            AnswerBody::App(body) => matches!(body.size(), BodySize::None | BodySize::Sized(0)),
            AnswerBody::Grpc(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            // Not an exact zero: hyper would overwrite the length that a HEAD tells.
            AnswerBody::Empty => SizeHint::default(),
            AnswerBody::App(body) => match body.size() {
                BodySize::Sized(length) => SizeHint::with_exact(length),
                BodySize::None => SizeHint::with_exact(0),
                BodySize::Stream => SizeHint::default(),
            },
            AnswerBody::Grpc(body) => body.size_hint(),
        }
    }
}
