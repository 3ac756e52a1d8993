//! An HTTP/1.1 client that sends exactly what it is told: no tidied paths, no added headers, no retries.
//!
//! Whatever comes back is held against what every answer promises: a request id, and the same one in the error.

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// How long an answer may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A request in the making.
#[derive(Clone)]
#[must_use]
pub struct Call {
    to: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// `target` goes over the wire as it is.
    pub fn new(to: SocketAddr, method: &str, target: &str) -> Self {
        Self { to, method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn basic(self, id: &str, secret: &str) -> Self {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
        self.header("Authorization", &format!("Basic {pair}"))
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Sends it and reads the answer.
    pub fn send(&self) -> Answer {
        let answer = self.try_send().unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.target));
        answer.keeps_the_promises(&self.method, &self.target);
        answer
    }

    /// As [`Call::send`], for a server that may die meanwhile. The answer is not looked at.
    pub fn try_send(&self) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.to));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() || !matches!(self.method.as_str(), "GET" | "HEAD" | "DELETE") {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        // A server that refuses a body early stops reading it, and answers all the same: so the body is sent from another
        // thread, and given up when the answer is there.
        let mut writer = stream.try_clone()?;
        thread::scope(|scope| {
            let sent = scope.spawn(move || writer.write_all(&self.body));
            let answer = Answer::read(&mut stream, &self.method);
            // Either end may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
            let sent = sent.join().unwrap_or_else(|_| panic!("the writer panicked"));
            if answer.is_err() {
                sent?;
            }
            answer
        })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// What comes back to these bytes, on a connection of their own.
    pub fn to_bytes(to: SocketAddr, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // A server that refuses the head early may close before all of it is sent.
        let _ = stream.write_all(bytes);
        let method = if bytes.starts_with(b"HEAD ") { "HEAD" } else { "" };
        let answer = Self::read(&mut stream, method).unwrap_or_else(|error| panic!("{bytes:.80?}: {error}"));
        answer.keeps_the_promises("bytes", &String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
        answer
    }

    fn read(stream: &mut TcpStream, method: &str) -> io::Result<Self> {
        let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let cut_off = |what: &str| io::Error::new(io::ErrorKind::UnexpectedEof, what.to_owned());
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
        let mut more = |bytes: &mut Vec<u8>| {
            let count = stream.read(&mut chunk)?;
            bytes.extend_from_slice(&chunk[..count]);
            Ok::<_, io::Error>(count > 0)
        };
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if !more(&mut bytes)? {
                return Err(cut_off("no whole head"));
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).map_err(|_| broken("the head is no UTF-8"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").or_else(|| line.split_once(':')).unwrap_or((line, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status: status.ok_or_else(|| broken("no status"))?, headers, body: Vec::new() };
        let mut body = bytes.split_off(end + 4);
        let told = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
        let told = if method == "HEAD" { Some(0) } else { told };
        while told.is_none_or(|told| body.len() < told) && more(&mut body)? {}
        answer.body = if answer.header("transfer-encoding") == Some("chunked") {
            dechunk(&body).ok_or_else(|| broken("the body was cut off"))?
        } else {
            body
        };
        if told.is_some_and(|told| told != answer.body.len()) {
            return Err(cut_off("the body was cut off"));
        }
        Ok(answer)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{} {error}: {}", self.status, self.text()))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.value() }
    }

    /// The body of an answer that must be one of success.
    #[track_caller]
    pub fn expect_success(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self.value()
    }

    /// The status, and the code of the error in whichever dialect: ScaiVault's `error.code`, OAuth's `error`, or empty.
    pub fn refusal(&self) -> (u16, String) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or(Value::Null);
        let code = body["error"]["code"].as_str().or(body["error"].as_str()).unwrap_or_default();
        (self.status, code.to_owned())
    }

    /// What holds for every answer, errors and all.
    #[track_caller]
    fn keeps_the_promises(&self, method: &str, target: &str) {
        let what = format!("{method} {target}: {} {}", self.status, self.text());
        let id = self.header("x-request-id").unwrap_or_else(|| panic!("no X-Request-ID: {what}"));
        assert!(id.starts_with("req_"), "{id}: {what}");
        let Ok(body) = serde_json::from_slice::<Value>(&self.body) else { return };
        let of_an_error = if self.status >= 400 { &body["request_id"] } else { &Value::Null };
        for inside in [&body["error"]["request_id"], &body["meta"]["request_id"], of_an_error] {
            if let Some(inside) = inside.as_str() {
                assert_eq!(inside, id, "{what}");
            }
        }
    }
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// The names of an object's fields.
#[track_caller]
pub fn fields(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

/// Fails unless an object has exactly these fields.
#[track_caller]
pub fn assert_fields(value: &Value, names: &[&str]) {
    assert_eq!(fields(value), names.iter().copied().collect(), "{value:#}");
}
