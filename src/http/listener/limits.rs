//! What a connection may take: of bytes and of time.

use std::time::Duration;

/// The longest request target, in bytes; to a longer one the application answers 414. An authorization request with a `state`
/// of 8 KiB fits.
pub const MAX_URI: usize = 16 * 1024;

/// The most that the fields of a request's head may take, in bytes, with 32 more for each; to more the application answers 431.
///
/// Some heads never become a request. On HTTP/1.1 they are those of more than 96 fields or 128 KiB: for what actix's parser refuses
/// the application is asked for its words (see `unread`). On HTTP/2 they are those of more than [`MAX_HTTP2_HEAD`], to which hyper
/// answers a bare 431.
pub const MAX_HEAD: usize = 16 * 1024;

/// The most that HTTP/2's own code takes in, and tells its clients (RFC 9113 §6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE). More than
/// [`MAX_HEAD`], so that a head which is too large is answered by the application.
pub const MAX_HTTP2_HEAD: usize = 4 * MAX_HEAD;

/// Limits on a connection, each against a client that is slow, silent or greedy.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the end of the TLS handshake, or to the first bytes in clear text.
    pub handshake: Duration,
    /// For the head of an HTTP/1.1 request: the first gets 408, a later one is closed within three times this long.
    pub head: Duration,
    /// For what the handler waits for of a request body.
    pub body: Duration,
    /// How long an HTTP/1.1 connection is kept without a request.
    pub keep_alive: Duration,
    /// How long an HTTP/2 connection is kept without a request, at least; at most twice as long.
    pub http2_idle: Duration,
    /// How long a client may take none of the bytes of an answer; on HTTP/2, where it may leave the window of one shut, less than twice
    /// as long.
    pub stall: Duration,
    /// How long the orderly end of an HTTP/1.1 connection may take.
    pub disconnect: Duration,
    /// The largest request body in bytes; a handler that reads more gets an overflow error, which is 413. gRPC gets status 8.
    pub max_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            http2_idle: Duration::from_secs(300),
            stall: Duration::from_secs(30),
            disconnect: Duration::from_secs(3),
            max_body: 1024 * 1024,
        }
    }
}
