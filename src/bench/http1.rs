//! As much of HTTP/1.1 as a load generator needs: requests as bytes that are made once, and where an answer ends.

use bytes::Bytes;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(super) struct Request(pub(super) Bytes);

impl Request {
    /// `headers` are whole lines without their ends; the length is added when there is a body.
    pub(super) fn new(method: &str, target: &str, headers: &[String], body: &str) -> Self {
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        if !body.is_empty() || method != "GET" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        Self(Bytes::from(text))
    }
}

/// An answer that has come completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status code of the answer.
    pub(super) status: u16,
    /// Where its body begins.
    pub(super) body: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Answer {
    /// The body, in the buffer that it was found in.
    pub(super) fn body_in<'a>(&self, buffer: &'a [u8]) -> &'a [u8] {
        buffer.get(self.body..self.end).unwrap_or_default()
    }
}

/// What stands in a buffer is no HTTP/1.1 answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no HTTP/1.1 that can be read")]
pub(super) struct Broken;

/// Finds the answer at the beginning of `buffer`; none if more has to come.
///
/// # Errors
/// [`Broken`].
pub(super) fn answer(buffer: &[u8]) -> Result<Option<Answer>, Broken> {
    let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let body = head + 4;
    let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default()).map_err(|_| Broken)?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()).ok_or(Broken)?;
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Broken)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>().map_err(|_| Broken)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let end = match length {
        _ if chunked => chunks_end(buffer, body)?,
        Some(length) => Some(body.checked_add(length).ok_or(Broken)?),
        None if status == 204 || status == 304 => Some(body),
        None => return Err(Broken),
    };
    Ok(end.filter(|end| *end <= buffer.len()).map(|end| Answer { status, body, end }))
}

/// Reads until an answer stands at the beginning of `buffer`. Whoever reads on takes it out.
///
/// # Errors
/// The connection ends before the answer does, or gives what is no answer.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<Answer> {
    loop {
        if let Some(found) = answer(buffer).map_err(io::Error::other)? {
            return Ok(found);
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed"));
        }
    }
}

/// Behind the last chunk (RFC 9112 §7.1). Trailers are not expected here.
fn chunks_end(buffer: &[u8], mut at: usize) -> Result<Option<usize>, Broken> {
    loop {
        let rest = buffer.get(at..).unwrap_or_default();
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(rest.get(..line).unwrap_or_default()).map_err(|_| Broken)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| Broken)?;
        // The size's line, the chunk, the line end behind it.
        at = at.checked_add(size).and_then(|at| at.checked_add(line + 4)).ok_or(Broken)?;
        if size == 0 {
            return Ok((at <= buffer.len()).then_some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests_carry_their_length() {
        let get = Request::new("GET", "/a", &["Accept: */*".to_owned()], "");
        assert_eq!(get.0.as_ref(), b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n");
        let post = Request::new("POST", "/a", &[], "x=1");
        assert_eq!(post.0.as_ref(), b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nx=1");
    }

    #[test]
    fn answers_end_where_they_say() {
        let sized = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nokHTTP/1.1";
        assert_eq!(answer(sized), Ok(Some(Answer { status: 200, body: 44, end: 46 })));
        let chunked = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nabcd\r\n0\r\n\r\nrest";
        let end = chunked.len() - 4;
        assert_eq!(answer(chunked), Ok(Some(Answer { status: 404, body: 54, end })));
        for cut in 0..end {
            assert_eq!(answer(&chunked[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(answer(b"HTTP/1.1 204 No Content\r\n\r\n"), Ok(Some(Answer { status: 204, body: 27, end: 27 })));
        for broken in
            ["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"]
        {
            assert_eq!(answer(broken.as_bytes()), Err(Broken), "{broken}");
        }
    }

    #[tokio::test]
    async fn answers_are_read_in_turn() {
        let both = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\n";
        let (mut stream, mut buffer) = (&both[..], Vec::new());
        for status in [200, 204] {
            let found = read(&mut stream, &mut buffer).await.unwrap();
            assert_eq!(found.status, status);
            buffer.drain(..found.end);
        }
        assert_eq!(read(&mut stream, &mut buffer).await.unwrap_err().to_string(), "the connection was closed");
        assert!(
            read(&mut &b"nonsense\r\n\r\n"[..], &mut buffer).await.unwrap_err().to_string().contains("no HTTP/1.1")
        );
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>, chunks in "[0-9a-f;\r\n]{0,40}") {
            let _ = answer(&bytes);
            let text = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
            if let Ok(Some(found)) = answer(text.as_bytes()) {
                prop_assert!(found.end <= text.len());
            }
        }
    }
}
