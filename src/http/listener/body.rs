//! A request body with an end: in bytes and in time.

use actix_http::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// A body that fails with `Overflow` (413) beyond `left` bytes, and with a `TimedOut` error when it has not ended in time.
///
/// The clock starts at the first wait, so a body that came with its head costs no timer.
pub(super) struct Bounded<S> {
    inner: S,
    left: u64,
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Bounded<S> {
    /// Bounds `inner` to `max` bytes and `limit` of waiting.
    pub(super) fn new(inner: S, max: u64, limit: Duration) -> Self {
        Self { inner, left: max, limit, timer: None }
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Bounded<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_next(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                Poll::Ready(Some(match this.left.checked_sub(size) {
                    Some(left) => {
                        this.left = left;
                        Ok(chunk)
                    }
                    None => {
                        this.left = 0;
                        Err(PayloadError::Overflow)
                    }
                }))
            }
            Poll::Pending => {
                let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(this.limit)));
                match timer.as_mut().poll(cx) {
                    Poll::Ready(()) => {
                        Poll::Ready(Some(Err(PayloadError::Incomplete(Some(io::ErrorKind::TimedOut.into())))))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};

    #[tokio::test]
    async fn bytes_and_time_are_bounded() {
        let chunks = || stream::iter([Ok(Bytes::from_static(b"abc")), Ok(Bytes::from_static(b"def"))]);
        let long = Duration::from_secs(60);
        assert_eq!(Bounded::new(chunks(), 6, long).filter(|chunk| std::future::ready(chunk.is_ok())).count().await, 2);
        let mut short = Bounded::new(chunks(), 5, long);
        assert!(matches!(short.next().await, Some(Ok(_))));
        assert!(matches!(short.next().await, Some(Err(PayloadError::Overflow))));
        let mut silent = Bounded::new(stream::pending(), 5, Duration::from_millis(1));
        assert!(matches!(silent.next().await, Some(Err(PayloadError::Incomplete(Some(_))))));
    }
}
