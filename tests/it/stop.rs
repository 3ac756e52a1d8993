//! An orderly end: what is in flight is finished, and the file opens clean.

use super::server::Server;
use super::wire::PATIENCE;
use rustix::process::Signal;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

#[test]
fn a_request_in_flight_is_finished() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let body = json!({ "data": { "value": "x".repeat(10_000) } }).to_string();
    let (front, rest) = body.split_at(5_000);
    let mut stream = TcpStream::connect(server.addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "PUT /v1/secrets/in/flight HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        server.addr,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The interim answer says that the server has taken the request up.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(front.as_bytes()).unwrap();

    server.signal(Signal::TERM);
    let deadline = Instant::now() + PATIENCE;
    while server.get("/health").try_send().is_ok() {
        assert!(Instant::now() < deadline, "it goes on taking requests");
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");

    let folder = server.folder();
    assert!(server.stop().success(), "an orderly end is a success");
    let again = Server::start_in(folder, &[]);
    again.secret(&token);
    assert_eq!(again.get_as(&token, "/v1/secrets/in/flight").expect(200)["data"]["value"], "x".repeat(10_000));
    again.cli(&["audit", "verify"]).ok();
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let server = Server::start();
    let mut idle = TcpStream::connect(server.addr).unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let started = Instant::now();
    assert!(server.stop().success());
    assert!(started.elapsed() < PATIENCE / 3, "{:?}", started.elapsed());
}

#[test]
fn the_socket_of_a_dead_server_is_no_hindrance() {
    let server = Server::start();
    let folder = server.folder();
    server.kill();
    let data = folder.path().join("data");
    super::server::cli(&data, &["token", "create"], "").ok();
    let again = Server::start_in(folder, &[]);
    again.cli(&["token", "list"]).ok();
}

/// SIGHUP is how certbot and systemd say that there is a new certificate; its default would end the server.
#[test]
fn a_hangup_reads_the_certificate_again_and_ends_nothing() {
    let server = Server::start();
    let certificate = server.data.join("tls/server.pem");
    std::fs::remove_file(&certificate).unwrap();
    server.signal(Signal::HUP);
    let deadline = Instant::now() + PATIENCE;
    while !certificate.exists() {
        assert!(Instant::now() < deadline, "the certificate is not made anew");
        server.get("/health").send().expect(200);
    }
    server.get("/health").send().expect(200);
    assert!(server.stop().success());
}
