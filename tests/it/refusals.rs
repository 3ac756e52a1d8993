//! What no address takes: heads that HTTP's parser refuses, methods, and addresses that are none. Every one is answered in the
//! words of the surface that lies nearest, with a request id; see docs/cors-and-methods.md.

use super::server::Server;
use super::wire::Answer;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The address of each dialect, and where its answer has the code, or the sentence.
const DIALECTS: [(&str, &str); 6] = [
    ("/v1/models", "/error/code"),
    ("/v1/secrets/a", "/error/code"),
    ("/api/v1/admin/users", "/detail"),
    ("/api/v1/organizations", "/message"),
    ("/userinfo", "/error_description"),
    ("/health", "/error/code"),
];

fn code_at(answer: &Answer, at: &str) -> String {
    let body = answer.value();
    let told = body.pointer(at).and_then(Value::as_str);
    told.unwrap_or_else(|| panic!("nothing at {at}: {body:#}")).to_lowercase()
}

/// Heads that never become a request: what stands before and behind the address, the status, the code.
fn heads() -> Vec<(String, String, u16, &'static str)> {
    let head = |before: &str, behind: &str, status, code| (before.to_owned(), behind.to_owned(), status, code);
    let get = |behind: &str, status, code| head("GET ", &format!(" HTTP/1.1\r\n{behind}\r\n"), status, code);
    let post =
        |behind: &str, status, code| head("POST ", &format!(" HTTP/1.1\r\nHost: x\r\n{behind}\r\n"), status, code);
    const BAD: &str = "malformed_request";
    vec![
        head("GET ", "\r\n\r\n", 400, BAD),
        head("GET ", " b HTTP/1.1\r\nHost: x\r\n\r\n", 400, BAD),
        head("G@T ", " HTTP/1.1\r\nHost: x\r\n\r\n", 400, BAD),
        head("GET ", " HTTP/9.9\r\nHost: x\r\n\r\n", 505, "http_version_not_supported"),
        head("POST ", " HTTP/1.0\r\n\r\n", 400, BAD),
        get("", 400, BAD),
        get("Host: x\r\nHost: x\r\n", 400, BAD),
        get("Host: a b\r\n", 400, BAD),
        get("Host: x\r\nno colon\r\n", 400, BAD),
        get("Host: x\r\nX : y\r\n", 400, BAD),
        get("Host: x\r\nX: y\r\n z\r\n", 400, BAD),
        get("Host: x\r\nX: \0\r\n", 400, BAD),
        get(&format!("Host: x\r\n{}", "X: y\r\n".repeat(97)), 431, "request_header_fields_too_large"),
        get(&format!("Host: x\r\nX: {}\r\n", "a".repeat(20 << 10)), 431, "request_header_fields_too_large"),
        get(&format!("Host: x\r\nX: {}\r\n", "a".repeat(130 << 10)), 431, "request_header_fields_too_large"),
        head("GET ", &format!("/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(17 << 10)), 414, "uri_too_long"),
        head("GET ", &format!("/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70 << 10)), 414, "uri_too_long"),
        head("GET ", &format!("/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(130 << 10)), 414, "uri_too_long"),
        post("Content-Length: 1\r\nContent-Length: 1\r\n", 400, BAD),
        post("Content-Length: x\r\n", 400, BAD),
        post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400, BAD),
        post("Transfer-Encoding: gzip\r\n", 400, BAD),
        post("Transfer-Encoding: gzip, chunked\r\n", 501, "not_implemented"),
        head("BREW ", " HTTP/1.1\r\nHost: x\r\n\r\n", 501, "not_implemented"),
        head("get ", " HTTP/1.1\r\nHost: x\r\n\r\n", 501, "not_implemented"),
    ]
}

#[test]
fn what_the_parser_refuses_is_worded_by_the_surface_that_was_meant() {
    let server = Server::shared();
    for (before, behind, status, code) in heads() {
        for (address, at) in DIALECTS {
            let answer = Answer::to_bytes(server.addr, format!("{before}{address}{behind}").as_bytes());
            let what = format!("{before}{address}{behind:.60}: {}", answer.text());
            assert_eq!(answer.status, status, "{what}");
            let told = code_at(&answer, at);
            assert!(if at.ends_with("/code") { told == code } else { told.len() > 10 }, "{what}");
            assert!(
                answer.header("x-content-type-options").is_some() && answer.header("cache-control").is_some(),
                "{what}"
            );
        }
    }
    for garbage in [&b"\0\x01\x02\r\n\r\n"[..], b"GARBAGE\r\n\r\n", b"GET * HTTP/1.1\r\nHost: x\r\n\r\n"] {
        assert_eq!(Answer::to_bytes(server.addr, garbage).refusal(), (400, "malformed_request".to_owned()));
    }
    assert_eq!(Answer::to_bytes(server.addr, b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n").status, 501);
}

#[test]
fn a_browser_gets_a_page_and_head_no_body() {
    let server = Server::shared();
    let page = Answer::to_bytes(server.addr, b"GET /admin/<x> HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n");
    assert_eq!((page.status, page.header("connection")), (400, Some("close")));
    assert!(page.text().contains("<html") && page.text().contains(page.header("x-request-id").unwrap()));
    let head = Answer::to_bytes(server.addr, b"HEAD /v1/me HTTP/1.1\r\n\r\n");
    assert_eq!((head.status, head.body.len()), (400, 0));
    assert_ne!(head.header("content-length"), Some("0"));
}

#[test]
fn what_comes_behind_a_good_request_is_refused_by_itself() {
    let server = Server::shared();
    let mut stream = TcpStream::connect(server.addr).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/me HTTP/1.1\r\n\r\n").unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    let (good, bad) = all.split_at(all.rfind("HTTP/1.1 ").unwrap());
    assert!(good.starts_with("HTTP/1.1 200") && good.ends_with("{\"status\":\"ok\"}"), "{good}");
    assert!(bad.starts_with("HTTP/1.1 400") && bad.contains("\"MALFORMED_REQUEST\""), "{bad}");
    assert_eq!(all.matches("HTTP/1.1 ").count(), 2, "{all}");
}

#[test]
fn a_body_with_broken_chunks_is_answered_once() {
    let server = Server::shared();
    for (address, kind) in [
        ("/v1/auth/token", "application/json"),
        ("/oauth/token", "application/x-www-form-urlencoded"),
        ("/v1/secrets/a", "application/json"),
    ] {
        let head =
            format!("POST {address} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut stream = TcpStream::connect(server.addr).unwrap();
        stream.write_all(format!("{head}ZZ\r\nabc\r\n0\r\n\r\n").as_bytes()).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let answers = all.matches("HTTP/1.1 ").count();
        assert!(answers == 1 && all.starts_with("HTTP/1.1 4"), "{address}: {all}");
    }
}

#[test]
fn http2_is_refused_in_words_too() {
    let server = Server::shared();
    let curl = |more: &[&str], target: &str| {
        let mut command = std::process::Command::new("curl");
        command.args(["-s", "--http2-prior-knowledge", "--path-as-is", "-w", "\n%{http_code}"]);
        command.args(more).arg(format!("{}{target}", server.url));
        super::server::run(command, b"").ok().to_owned()
    };
    let large = format!("X: {}", "a".repeat(20 << 10));
    let told = curl(&["-H", &large], "/api/v1/admin/users");
    assert_eq!(told, "{\"detail\":\"The header fields are larger than 16384 bytes\"}\n431");
    assert!(curl(&["-X", "BREW"], "/v1/models").ends_with("\n501"));
    assert!(curl(&[], "//v1//models").contains("\"code\":\"NOT_FOUND\""));
}

#[test]
fn an_address_that_is_none_is_worded_by_the_nearest_surface() {
    let server = Server::shared();
    for (address, at) in [
        ("/v1", "/error/code"),
        ("//v1//me", "/meta/request_id"),
        ("/v1//me", "/meta/request_id"),
        ("/v1%2Fme", "/meta/request_id"),
        ("/v1/me/x", "/meta/request_id"),
        ("/./v1/x", "/error/request_id"),
        ("/x/../v1/x", "/error/request_id"),
        ("/api", "/detail"),
        ("//api/v1/me", "/detail"),
        ("/api/v1//organizations", "/message"),
        ("//oauth//token", "/error_description"),
        ("/nothing", "/error/code"),
        ("//evil.example/x", "/error/code"),
    ] {
        let answer = server.get(address).send();
        assert_eq!(answer.status, 404, "{address}: {}", answer.text());
        assert!(!code_at(&answer, at).is_empty());
        assert_eq!(answer.header("location"), None, "{address}");
    }
    // An encoded slash is a letter of a segment, and a slash at the end is nothing.
    for address in ["/v1/users/a%2Fb", "/v1/me/", "/%76%31/me", "http://elsewhere/v1/me"] {
        assert_eq!(server.get(address).send().status, 401, "{address}");
    }
}

#[test]
fn options_and_405_name_the_methods_and_head_runs_only_what_is_safe() {
    let server = Server::shared();
    for (address, methods) in [
        ("/health", "GET, HEAD, OPTIONS"),
        ("/api/v1/admin/users", "GET, HEAD, POST, OPTIONS"),
        ("/v1/secrets/a", "GET, HEAD, PUT, DELETE, POST, OPTIONS"),
        ("/oauth/authorize", "GET, POST, OPTIONS"),
        ("/v1/auth/start", "GET, OPTIONS"),
        ("/end_session", "GET, POST, OPTIONS"),
        ("/oauth/token", "POST, OPTIONS"),
        // Two patterns have this path.
        ("/api/v1/roles/default", "PATCH, GET, HEAD, PUT, DELETE, OPTIONS"),
    ] {
        let options = server.call("OPTIONS", address).send();
        assert_eq!((options.status, options.body.len()), (204, 0), "{address}");
        let sorted = |text: Option<&str>| {
            let mut methods: Vec<_> = text.unwrap_or_default().split(", ").map(str::to_owned).collect();
            methods.sort_unstable();
            methods
        };
        assert_eq!(sorted(options.header("allow")), sorted(Some(methods)), "{address}");
        let other = server.call("TRACE", address).send();
        assert_eq!((other.status, other.header("allow")), (405, options.header("allow")), "{address}");
        let head = server.call("HEAD", address).send();
        assert_eq!(head.status == 405, !methods.contains("HEAD"), "{address}: {}", head.status);
        assert!(head.body.is_empty());
    }
    let whole = server.call("OPTIONS", "*").send();
    assert_eq!(whole.status, 204);
    assert!(whole.header("allow").unwrap().contains("PATCH"));
}

#[test]
fn head_has_the_headers_of_get() {
    let server = Server::shared();
    let token = server.token("admin:read openid secrets:read");
    for address in [
        "/health",
        "/keys",
        "/.well-known/openid-configuration",
        "/api/v1/openapi.json",
        "/api/v1/admin/users",
        "/api/v1/organizations",
        "/v1/auth/whoami",
        "/admin",
        "/admin/sign-in",
        "/docs",
        "/userinfo",
        "/v1/nothing",
    ] {
        let [get, head] = ["GET", "HEAD"].map(|method| server.call(method, address).bearer(&token).send());
        assert_eq!((get.status, head.status, head.body.len()), (get.status, get.status, 0), "{address}");
        let own = ["x-request-id", "date", "set-cookie"];
        let headers = |answer: &Answer| {
            let kept = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
            kept.cloned().collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(headers(&get), headers(&head), "{address}");
    }
}
