//! Answers to what HTTP's own parsers refuse.
//!
//! The parser of HTTP/1.1 answers a head that it cannot read with a bare status, shows it to nobody, and closes. So the
//! connection's stream keeps the start of what was read, notices that answer on its way out, and sends the application's
//! words in its place: the application is given a request that stands for what could not be read, at the address that it
//! names as far as it names one. Only the application's words are taken; the status is found here.

use super::connection::Connection;
use super::limits::MAX_URI;
use actix_http::body::{BoxBody, MessageBody};
use actix_http::header::{ACCEPT, HeaderValue};
use actix_http::{HttpMessage, Method, Request, Response, StatusCode, Uri};
use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Has the application answer one request: of an HTTP/2 connection, or one that stands for what HTTP/1.1's parser could not
/// read.
pub(super) type CallApp = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Response<BoxBody>>>;

/// The method of a request that stands for one: no route has it, so nothing is run.
const METHOD: &[u8] = b"UNREAD";
/// How much is kept of what was read: enough for the request line and the usual fields behind it.
const KEPT: usize = 2048;
/// The longest address that is taken over; what is longer tells its surface as well.
const MAX_PATH: usize = 256;
/// The longest bare answer of the parser.
const MAX_BARE: usize = 192;

/// What could not be read as a request, as the application may know it. Found with [`unread`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The status to answer.
    pub status: u16,
    /// What is wrong, a sentence without its dot.
    pub why: &'static str,
}

/// Why a request is none, if it stands for what could not be read.
pub fn unread(request: &HttpRequest) -> Option<Unread> {
    request.extensions().get::<Unread>().copied()
}

/// A request that stands for what could not be read.
pub(super) fn stand_in(why: Unread, target: &[u8], accept: Option<&[u8]>, connection: Connection) -> Request {
    let mut request = Request::new();
    let head = request.head_mut();
    head.method = Method::from_bytes(METHOD).unwrap_or(Method::TRACE);
    head.uri = path(target);
    head.peer_addr = connection.peer;
    if let Some(Ok(accept)) = accept.map(HeaderValue::from_bytes) {
        head.headers.insert(ACCEPT, accept);
    }
    request.extensions_mut().insert(why);
    request.extensions_mut().insert(connection);
    request
}

/// The path of a target, up to what is none: a query, a letter that no path has, its length.
fn path(target: &[u8]) -> Uri {
    let origin = match target.windows(3).position(|three| three == b"://") {
        Some(at) if at < 6 => target.get(at + 3..).unwrap_or_default(),
        _ => target,
    };
    let path = origin.iter().position(|byte| *byte == b'/').and_then(|at| origin.get(at..)).unwrap_or(b"/");
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(byte);
    let path: Vec<u8> = path.iter().take_while(fits).take(MAX_PATH).copied().collect();
    Uri::try_from(path).unwrap_or(Uri::from_static("/"))
}

/// The start of what a client has sent since it was answered last.
#[derive(Debug, Default)]
struct Start {
    kept: Vec<u8>,
    /// The length of the first line, as far as it was read, and whether that was to its end.
    line: (usize, bool),
    /// How many requests had begun before it.
    before: u64,
}

impl Start {
    fn read(&mut self, bytes: &[u8]) {
        if !self.line.1 {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            self.line = (self.line.0 + end.unwrap_or(bytes.len()), end.is_some());
        }
        let room = KEPT - self.kept.len().min(KEPT);
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// What could not be read: behind as many heads as became requests meanwhile.
    fn behind(&self, requests: u64) -> &[u8] {
        let mut rest = &self.kept[..];
        for _ in self.before..requests {
            match rest.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => rest = rest.get(end + 4..).unwrap_or_default(),
                None => return &[],
            }
        }
        rest
    }
}

/// What takes the place of the parser's own answer.
enum Instead {
    Nothing,
    Coming(LocalBoxFuture<'static, Response<BoxBody>>),
    Ready { bytes: Bytes, sent: usize },
}

/// Watches an HTTP/1.1 connection for answers that the application has not given.
pub(super) struct Watch {
    call: CallApp,
    connection: Connection,
    start: Start,
    unread: Unread,
    head_only: bool,
    instead: Instead,
}

/// What to do with bytes that the parser wants to send.
pub(super) enum Outgoing {
    /// Send so many of them.
    These(usize),
    /// They are its own answer: send what [`Watch::instead`] gives.
    Instead,
}

impl Watch {
    pub(super) fn new(call: CallApp, connection: Connection) -> Self {
        let unread = Unread { status: 400, why: "" };
        Self { call, connection, start: Start::default(), unread, head_only: false, instead: Instead::Nothing }
    }

    /// Notes what was read. `first`: nothing has been read since the last answer. `requests`: how many have begun so far.
    pub(super) fn read(&mut self, bytes: &[u8], first: bool, requests: u64) {
        if first {
            self.start.kept.clear();
            (self.start.line, self.start.before) = ((0, false), requests);
        }
        self.start.read(bytes);
    }

    /// Looks at what is to be sent.
    pub(super) fn look(&mut self, bytes: &[u8], requests: u64) -> Outgoing {
        // Most answers end with their body.
        if !bytes.ends_with(b"\r\n\r\n") {
            return Outgoing::These(bytes.len());
        }
        match bare(bytes) {
            None => Outgoing::These(bytes.len()),
            Some((0, status)) => {
                if matches!(self.instead, Instead::Nothing) {
                    self.ask(status, requests);
                }
                Outgoing::Instead
            }
            Some((at, _)) => Outgoing::These(at),
        }
    }

    /// Asks the application for its words.
    fn ask(&mut self, status: u16, requests: u64) {
        let head = self.start.behind(requests);
        let line = if self.start.before == requests { self.start.line.0 } else { 0 };
        self.unread = why(head, status, line);
        let mut words = head.split(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
        self.head_only = words.next() == Some(b"HEAD");
        let target = words.next().unwrap_or_default();
        let accept = fields(head).find_map(|(name, value)| name.eq_ignore_ascii_case(b"accept").then_some(value));
        let request = stand_in(self.unread, target, accept, self.connection);
        self.instead = Instead::Coming((self.call)(request));
    }

    /// The bytes that are left to send in the place of the parser's answer; empty when all are sent.
    pub(super) fn instead(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if let Instead::Coming(answer) = &mut self.instead {
            let answer = ready!(answer.as_mut().poll(cx));
            let bytes = written(answer, self.unread.status, self.head_only);
            self.instead = Instead::Ready { bytes, sent: 0 };
        }
        Poll::Ready(match &self.instead {
            Instead::Ready { bytes, sent } => bytes.slice(*sent..),
            _ => Bytes::new(),
        })
    }

    /// Notes that so many of them were taken.
    pub(super) fn sent(&mut self, count: usize) {
        if let Instead::Ready { sent, .. } = &mut self.instead {
            *sent += count;
        }
    }
}

/// Where the parser's own answer begins, and its status, if these bytes end with one: it has these fields and no other, while
/// every answer of the application says more.
fn bare(bytes: &[u8]) -> Option<(usize, u16)> {
    const VERSION: &[u8] = b"HTTP/1.1 4";
    let from = bytes.len().saturating_sub(MAX_BARE);
    let tail = bytes.get(from..)?;
    let at = tail.windows(VERSION.len()).rposition(|window| window == VERSION)?;
    let answer = std::str::from_utf8(tail.get(at..)?).ok()?;
    let mut lines = answer.split("\r\n");
    let status = lines.next()?.get(9..12)?.parse().ok()?;
    let known =
        |line: &str| ["", "content-length: 0", "connection: close"].contains(&line) || line.starts_with("date: ");
    lines.all(known).then_some((from + at, status))
}

/// The fields of a head, as far as they can be told apart.
fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).take_while(|line| !line.is_empty());
    lines.filter_map(|line| {
        let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        Some((name, value.get(1..)?.trim_ascii()))
    })
}

/// The status for what the parser refused, and the reason. It says neither, so the rules are looked at once more; where none of
/// them is broken the parser's status stands.
fn why(head: &[u8], status: u16, line: usize) -> Unread {
    let told = |status, why| Unread { status, why };
    if status == 408 {
        return told(408, "The head of the request did not come in time");
    }
    if line > MAX_URI {
        return told(414, "The address is longer than 8192 bytes");
    }
    if status == 431 {
        return told(431, "The header fields are too many or too large");
    }
    let mut words = head.split(|byte| *byte == b'\n').next().unwrap_or_default().split(|byte| *byte == b' ');
    let (method, version) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default().trim_ascii_end());
    if version.starts_with(b"HTTP/") && !version.starts_with(b"HTTP/1.") && words.next().is_none() {
        return told(505, "The server speaks HTTP/1.1 and HTTP/2");
    }
    if !version.starts_with(b"HTTP/1.") {
        return told(400, "The request line is not: the method, a blank, the address, a blank, HTTP/1.1");
    }
    let named = |wanted: &'static [u8]| {
        fields(head).filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let modern = version == b"HTTP/1.1";
    if let Some(coding) = named(b"transfer-encoding").next() {
        if named(b"content-length").next().is_some() {
            return told(400, "The request has both Content-Length and Transfer-Encoding");
        }
        // RFC 9112 §6.1: what ends with chunked has an end, but is coded in a way that is not known here.
        let coding = coding.to_ascii_lowercase();
        if modern && coding != b"chunked" && coding.ends_with(b"chunked") {
            return told(501, "The only coding of a body that is known here is chunked");
        }
        if coding != b"chunked" || !modern || named(b"transfer-encoding").count() > 1 {
            return told(400, "The Transfer-Encoding of a request must be chunked, and needs HTTP/1.1");
        }
    }
    let mut lengths = named(b"content-length");
    match (lengths.next(), lengths.next()) {
        (Some(_), Some(_)) => return told(400, "There is more than one Content-Length"),
        (Some(length), None) if length.is_empty() || !length.iter().all(u8::is_ascii_digit) => {
            return told(400, "The Content-Length is not a number");
        }
        (None, None) if version == b"HTTP/1.0" && method == b"POST" => {
            return told(400, "A POST of HTTP/1.0 needs a Content-Length");
        }
        _ => {}
    }
    let whole = head.windows(4).any(|four| four == b"\r\n\r\n");
    match named(b"host").count() {
        0 if modern && whole => told(400, "The header field Host is missing"),
        0 | 1 => told(status, "The request cannot be read: its request line or a header field is malformed"),
        _ => told(400, "There is more than one Host"),
    }
}

/// The application's answer as HTTP/1.1. It is the last of its connection.
fn written(answer: Response<BoxBody>, status: u16, head_only: bool) -> Bytes {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let mut out = format!("HTTP/1.1 {status} {reason}\r\nconnection: close\r\n").into_bytes();
    for (name, value) in answer.headers() {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    // Words are never a stream.
    let body = answer.into_body().try_into_bytes().unwrap_or_default();
    out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    if !head_only {
        out.extend_from_slice(&body);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: Sun, 29 Nov 2026 08:13:27 GMT\r\n\r\n";

    #[test]
    fn only_the_parsers_own_answer_is_bare() {
        assert_eq!(bare(BARE.as_bytes()), Some((0, 400)));
        let closing = BARE.replace("\r\ndate", "\r\nconnection: close\r\ndate").replace("400 Bad Request", "431 Large");
        assert_eq!(bare(closing.as_bytes()), Some((0, 431)));
        let behind = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok{BARE}");
        assert_eq!(bare(behind.as_bytes()), Some((behind.len() - BARE.len(), 400)));
        let given = BARE.replace("date", "x-request-id: req_1\r\ndate");
        for other in [given.as_str(), "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "\r\n\r\n"] {
            assert_eq!(bare(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_path_is_taken_as_far_as_it_is_one() {
        for (target, taken) in [
            ("/v1/me?x=1", "/v1/me"),
            ("/v1/<x>", "/v1/"),
            ("http://here/v1/me", "/v1/me"),
            ("https://here", "/"),
            ("here:80", "/"),
            ("*", "/"),
            ("", "/"),
            ("/a?b=http://c/d", "/a"),
        ] {
            assert_eq!(path(target.as_bytes()).path(), taken, "{target}");
        }
        assert_eq!(path("/a".repeat(9000).as_bytes()).path().len(), MAX_PATH);
    }

    #[test]
    fn the_start_is_what_came_behind_the_requests_that_have_begun() {
        let mut start = Start { before: 3, ..Start::default() };
        for piece in ["GET /a HT", "TP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n"] {
            start.read(piece.as_bytes());
        }
        assert_eq!(start.line, ("GET /a HTTP/1.1\r".len(), true));
        assert!(start.behind(3).starts_with(b"GET /a"));
        assert_eq!(start.behind(4), b"GET /b HTTP/1.1\r\n");
        assert_eq!(start.behind(5), b"");
        start.read(&[b'x'; 2 * KEPT]);
        assert_eq!(start.kept.len(), KEPT);
    }
}
