use super::fake::Fake;
use super::*;
use crate::base::Secret;
use crate::cli::session::block_on;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

fn error(status: u16, body: Value) -> String {
    let fake = Fake::answering([(status, body)]);
    let failure = block_on(fake.client().get("/")).unwrap_err();
    assert_eq!(failure.code(), 1);
    failure.to_string()
}

#[test]
fn each_dialect_of_errors_becomes_one_line() {
    for (status, body, line) in [
        (
            403,
            json!({ "detail": "Platform token requires admin:read" }),
            "Platform token requires admin:read (HTTP 403)",
        ),
        (
            422,
            json!({ "detail": [{ "loc": ["body", "slug"], "msg": "must be short", "type": "x" }, { "loc": ["query", 0], "msg": "no", "type": "x" }] }),
            "body.slug: must be short; query.0: no (HTTP 422)",
        ),
        (
            400,
            json!({ "error": "invalid_scope", "error_description": "beyond allowed_scopes" }),
            "beyond allowed_scopes (invalid_scope, HTTP 400)",
        ),
        (
            404,
            json!({ "status": "error", "error": { "code": "not_found", "message": "No key" }, "meta": { "request_id": "req_1" } }),
            "No key (not_found, HTTP 404, request req_1)",
        ),
        (
            409,
            json!({ "error": { "code": "secret_exists", "message": "It is\nthere", "request_id": "req_2" } }),
            "It is there (secret_exists, HTTP 409, request req_2)",
        ),
        (400, json!({ "code": 3, "message": "bad id", "details": [] }), "bad id (HTTP 400)"),
        (401, Value::Null, "the token is missing, unknown or has expired (HTTP 401)"),
        (502, json!("<html>bad gateway</html>"), "<html>bad gateway</html> (HTTP 502)"),
    ] {
        assert_eq!(error(status, body), line);
    }
    let busy = Answer { status: 503, request_id: Some("req_3".into()), retry_after_secs: Some(2), body: Vec::new() };
    assert_eq!(
        busy.text().unwrap_err().to_string(),
        "the server gave no reason (HTTP 503, request req_3, try again in 2 s)"
    );
}

#[test]
fn envelopes_are_taken_off_and_secrets_left_whole() {
    let secret = json!({ "path": "a", "data": { "k": "v" } });
    for (body, content) in [
        (json!({ "data": { "id": 1 }, "meta": {} }), json!({ "id": 1 })),
        (json!({ "status": "success", "data": [1] }), json!([1])),
        (secret.clone(), secret),
        (json!({ "id": 1 }), json!({ "id": 1 })),
    ] {
        let fake = Fake::answering([(200, body)]);
        assert_eq!(block_on(fake.client().get("/")).unwrap(), content);
    }
}

#[test]
fn a_list_goes_on_behind_the_place_that_the_server_names() {
    let page = |rows: std::ops::Range<u32>, next: Option<&str>| {
        let pagination = json!({ "page": 1, "has_more": next.is_some(), "next_cursor": next });
        json!({ "data": rows.collect::<Vec<_>>(), "pagination": pagination })
    };
    // A part may be short without being the last: a search through many rows stops in between.
    let answers = [page(0..100, Some("7")), page(0..0, Some("5")), page(100..101, None)];
    let fake = Fake::answering(answers.map(|body| (200, body)));
    let pairs = [("search", Some("ä b")), ("status", None)];
    assert_eq!(block_on(fake.client().list("/a/", &pairs, 1000)).unwrap().len(), 101);
    let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(
        asked,
        ["", "&cursor=7", "&cursor=5"].map(|place| format!("GET /a/?search=%C3%A4%20b&per_page=100{place}"))
    );

    let fake = Fake::answering([(200, page(0..100, Some("7"))), (200, page(100..200, Some("5")))]);
    assert_eq!(block_on(fake.client().list("/a/", &[], 103)).unwrap().len(), 103);
    let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(asked, ["GET /a/?per_page=100", "GET /a/?per_page=3&cursor=7"]);

    let numbered = |page: u32, has_more: bool| {
        let pagination = json!({ "page": page, "has_more": has_more, "next_cursor": null });
        (200, json!({ "data": [page], "pagination": pagination }))
    };
    let fake = Fake::answering([numbered(1, true), numbered(2, true), numbered(3, false)]);
    assert_eq!(block_on(fake.client().list("/a/", &[], usize::MAX)).unwrap(), [1, 2, 3]);
    let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(asked, ["", "&page=2", "&page=3"].map(|place| format!("GET /a/?per_page=100{place}")));

    let fake = Fake::answering([(200, json!({ "items": [1, 2, 3] }))]);
    assert_eq!(block_on(fake.client().list("/a/", &[], 2)).unwrap().len(), 2);
}

#[test]
fn lists_with_a_cursor_are_read_to_their_end() {
    let page =
        |rows: &[u8], cursor: Option<&str>| json!({ "secrets": rows, "cursor": cursor, "has_more": cursor.is_some() });
    let fake = Fake::answering([(200, page(&[1, 2], Some("c1"))), (200, page(&[3], None))]);
    assert_eq!(block_on(fake.client().list_by_cursor("/s", &[("prefix", Some(""))], usize::MAX)).unwrap().len(), 3);
    let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(asked, ["GET /s?prefix=&limit=100", "GET /s?prefix=&limit=100&cursor=c1"]);

    let page = |rows: &[u8], next: Option<&str>| {
        let pagination = json!({ "has_more": next.is_some(), "next_cursor": next });
        json!({ "status": "ok", "data": { "items": rows }, "pagination": pagination })
    };
    let fake = Fake::answering([(200, page(&[1, 2], Some("c1"))), (200, page(&[3], Some("c1")))]);
    assert_eq!(block_on(fake.client().list_by_cursor("/k", &[], usize::MAX)).unwrap(), [1, 2, 3], "c1 comes again");
    let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(asked, ["GET /k?limit=100", "GET /k?limit=100&cursor=c1"]);

    let rotation = json!({ "data": [1], "cursor": null, "has_more": false });
    let fake = Fake::answering([(200, rotation)]);
    assert_eq!(block_on(fake.client().list_by_cursor("/s", &[], 10)).unwrap().len(), 1);
}

/// Answers one request, and gives its head.
fn once(mut stream: impl Read + Write) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\nx-request-id: req_9\r\n\r\n{\"a\": 1}";
    stream.write_all(answer).unwrap();
    String::from_utf8(head).unwrap()
}

#[test]
fn the_socket_of_the_server_is_spoken_to_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scaistack.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || once(listener.accept().unwrap().0));
    let client = Client::new(HttpTransport::unix(&path).unwrap());
    assert_eq!(block_on(client.get("/v1/x?y=1")).unwrap(), json!({ "a": 1 }));
    let head = server.join().unwrap();
    assert!(head.starts_with("GET /v1/x?y=1 HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("authorization"));
}

#[test]
fn a_server_elsewhere_gets_the_token() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || once(listener.accept().unwrap().0));
    let remote = Remote { origin, token: Secret::new("skt_abc".into()), authority: None };
    let client = Client::new(HttpTransport::remote(remote).unwrap());
    assert_eq!(block_on(client.get("/x")).unwrap(), json!({ "a": 1 }));
    assert!(server.join().unwrap().to_lowercase().contains("authorization: bearer skt_abc\r\n"));
}

#[test]
fn who_is_not_there_is_named() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let remote = |origin: String| {
        HttpTransport::remote(Remote { origin, token: Secret::new("skt_abc".into()), authority: None })
    };
    let client = Client::new(remote(format!("http://{gone}")).unwrap());
    let message = block_on(client.get("/x")).unwrap_err().to_string();
    assert!(message.starts_with(&format!("cannot reach http://{gone}: ")), "{message}");
    assert_eq!(remote("id.example.com".into()).err().map(|failure| failure.code()), Some(2));
    let bad = Remote { origin: "https://a".into(), token: Secret::default(), authority: Some(b"no pem".to_vec()) };
    assert_eq!(HttpTransport::remote(bad).err().map(|failure| failure.code()), Some(2));
}

/// An answer that cannot be read is an error, and never an answer that says nothing.
#[test]
fn what_cannot_be_read_is_not_nothing() {
    for (body, told) in [
        ("{\"data\": 1e400}", "number out of range (line 1, column 14)"),
        ("<html>welcome to the hotel</html>", "expected value (line 1, column 1)"),
        ("{\"a\": ", "EOF while parsing a value (line 1, column 6)"),
    ] {
        let fake = Fake::saying([(200, body.to_owned())]);
        let failure = block_on(fake.client().get("/x")).unwrap_err();
        assert_eq!(failure, Failure::failed(format!("the server's answer cannot be read: {told}")));
        let fake = Fake::saying([(200, body.to_owned())]);
        assert_eq!(block_on(fake.client().text(Method::GET, "/x", None)).unwrap(), body);
    }
    for body in ["{}", "{\"data\": {\"id\": 1}}", "7", "\"text\"", ""] {
        let fake = Fake::saying([(200, body.to_owned())]);
        let failure = block_on(fake.client().list("/x", &[], 10)).unwrap_err();
        assert!(failure.to_string().contains("there is no list in it"), "{body}: {failure}");
    }
}

#[test]
fn what_is_the_operators_is_not_asked_of_a_server_elsewhere() {
    let remote = Remote { origin: "https://a.example".into(), token: Secret::new("skt_x".into()), authority: None };
    let client = Client::new(HttpTransport::remote(remote).unwrap());
    let failure = block_on(client.get("/api/v1/operator/info")).unwrap_err();
    assert!(failure.code() == 2 && failure.to_string().contains("on the server's machine only"), "{failure}");
}

/// A process that is stopped still has its socket: the system takes the connection, and nobody answers.
#[test]
fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scaistack.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    let client = Client::new(HttpTransport::unix(&path).unwrap().waiting(Duration::from_millis(20)));
    let failure = block_on(client.get("/v1/x")).unwrap_err().to_string();
    assert!(failure.contains("has not answered for 0 s") && failure.contains("is not known"), "{failure}");
}

#[test]
fn who_waits_long_hears_that_it_goes_on() {
    let notes = crate::cli::harness::Captured::default();
    let mut out = Out::to(crate::cli::out::Format::Table, std::io::sink(), notes.clone());
    let heard = notes.clone();
    // It is done when two notes have been heard.
    let work = std::future::poll_fn(move |_| match heard.text().lines().count() {
        0 | 1 => std::task::Poll::Pending,
        _ => std::task::Poll::Ready(7),
    });
    let done = block_on(told_every(Duration::from_millis(1), work, &mut out, "writing the backup"));
    assert_eq!(done.unwrap(), 7);
    assert!(notes.text().starts_with("writing the backup: 0 s so far\n"), "{}", notes.text());
}

#[test]
fn a_certificate_that_is_not_trusted_says_what_to_do() {
    let told = |reason: &str| http::distrust(reason.to_owned());
    assert!(told("invalid peer certificate: UnknownIssuer").contains("--ca FILE or SCAISTACK_CA"));
    assert!(told("invalid peer certificate: Expired").contains("has expired"));
    assert!(told("invalid peer certificate: certificate not valid for name \"a\"").contains("another name"));
    assert!(told("unexpected error: No CA certificates were loaded from the system").contains("ca-certificates"));
    assert_eq!(told("Connection refused (os error 111)"), "Connection refused (os error 111)");
}

/// Paths of sockets have 107 bytes at most; folders may be longer.
#[test]
fn a_folder_with_a_long_name_has_a_socket_too() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long".repeat(40));
    std::fs::create_dir(&long).unwrap();
    let path = long.join("scaistack.sock");
    let near = crate::http::listener::SocketPath::of(&path).unwrap();
    let listener = UnixListener::bind(near.as_path()).unwrap();
    assert!(path.exists());
    let server = std::thread::spawn(move || once(listener.accept().unwrap().0));
    let client = Client::new(HttpTransport::unix(&path).unwrap());
    assert_eq!(block_on(client.get("/x")).unwrap(), json!({ "a": 1 }));
    server.join().unwrap();
}
