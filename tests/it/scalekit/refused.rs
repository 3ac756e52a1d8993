//! What is refused: the same code, words and field on both wires, and a server that goes on.

use super::super::server::{Server, unique};
use super::super::wire::PATIENCE;
use super::grpc::{Rpc, block_on, frame};
use super::same::{operation, over_grpc, over_rest};
use super::{environment, organization, told};
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIST: &str = "/scalekit.v1.organizations.OrganizationService/ListOrganization";
const SERVICE: &str = "scalekit.v1.organizations.OrganizationService";

#[test]
fn without_a_credential_that_holds_the_status_is_16_and_401() {
    let server = Server::shared();
    for token in [None, Some("not-a-token"), Some("a.b.c"), Some("skt_0000000000000000000000000000000000000A")] {
        let mut call = Rpc::new(&server, SERVICE, "ListOrganization", &json!({}));
        let mut rest = server.get("/api/v1/organizations");
        if let Some(token) = token {
            call = call.bearer(token);
            rest = rest.bearer(token);
        }
        let ended = call.send();
        assert_eq!((ended.status, ended.trailers_only), (16, true));
        assert_eq!(ended.error["details"][0]["error_code"], "UNAUTHENTICATED");
        assert!(ended.headers.contains_key("x-request-id"));
        let rest = rest.send().expect(401);
        assert_eq!(told(&rest), told(&ended.error));
        assert_eq!(rest["details"][0]["@type"], "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo");
    }
}

#[test]
fn the_first_of_two_authorization_values_counts() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read");
    let call = || Rpc::new(&server, SERVICE, "ListOrganization", &json!({ "page_size": 1 }));
    assert_eq!(call().bearer(&token).bearer("stale.stale.stale").send().status, 0);
    assert_eq!(call().bearer("not-a-token").bearer(&token).send().status, 16);
}

#[test]
fn a_credential_reaches_as_far_as_its_scopes() {
    let server = Server::shared();
    let (_, reader) = environment(&server, "organizations:read");
    let list = operation("ListOrganization");
    assert_eq!(over_rest(&server, &reader, list, &json!({})).0, 200);
    let create = json!({ "organization": { "display_name": "No" } });
    for (rpc, request) in [("CreateOrganization", create), ("ListUsers", json!({}))] {
        let (status, rest) = over_rest(&server, &reader, operation(rpc), &request);
        let (code, grpc) = over_grpc(&server, &reader, operation(rpc), &request);
        assert_eq!((status, code), (403, 7), "{rpc}: {rest}");
        assert_eq!(told(&rest), told(&grpc), "{rpc}");
        // The same credential does no more on another surface.
        let users = server.get_as(&reader, "/api/v1/admin/users");
        assert_eq!(users.status, 403, "{}", users.text());
    }
}

#[test]
fn values_that_break_a_rule_are_named_on_both_wires() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let org = organization(&server, &token);
    let long = "x".repeat(201);
    let user = |user: Value| json!({ "organization_id": org, "user": user, "send_invitation_email": false });
    let organization = |organization: Value| json!({ "organization": organization });
    for (rpc, request, field) in [
        ("CreateOrganization", json!({ "organization": {} }), "organization.display_name"),
        ("CreateOrganization", organization(json!({ "display_name": long })), "organization.display_name"),
        ("CreateOrganization", organization(json!({ "display_name": "A", "slug": "No Slug" })), "organization.slug"),
        (
            "CreateOrganization",
            organization(json!({ "display_name": "A", "metadata": { "ab": "short key" } })),
            "organization.metadata",
        ),
        ("ListOrganization", json!({ "page_token": "no token" }), "page_token"),
        ("SearchOrganization", json!({ "query": "ab" }), "query"),
        ("SearchOrganization", json!({ "query": "abc", "page_size": 31 }), "page_size"),
        ("ListOrganizationUsers", json!({ "organization_id": org, "page_size": 101 }), "page_size"),
        ("CreateUserAndMembership", user(json!({ "email": "no e-mail" })), "user.email"),
        (
            "CreateUserAndMembership",
            user(json!({ "email": "a@example.com", "user_profile": { "given_name": "x".repeat(256) } })),
            "user.user_profile.given_name",
        ),
        ("GetUser", json!({ "id": "org_1234567890123456" }), "id"),
        ("GetSession", json!({ "session_id": "usr_1" }), "session_id"),
    ] {
        let operation = operation(rpc);
        let (status, rest) = over_rest(&server, &token, operation, &request);
        let (code, grpc) = over_grpc(&server, &token, operation, &request);
        assert_eq!((status, code), (400, 3), "{rpc} {request}: {rest} {grpc}");
        assert_eq!(told(&rest), told(&grpc), "{rpc}");
        assert_eq!(told(&rest).2, [field], "{rpc} {request}: {rest}");
    }
}

#[test]
fn what_there_is_already_is_a_conflict_on_both_wires() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let org = organization(&server, &token);
    let x = unique("taken");
    let first = json!({ "organization": { "display_name": "First", "slug": x, "external_id": format!("ext-{x}") } });
    assert_eq!(over_grpc(&server, &token, operation("CreateOrganization"), &first).0, 0);
    let person = |external: &str| {
        json!({ "organization_id": org, "send_invitation_email": false,
            "user": { "email": format!("{x}@example.com"), "external_id": external } })
    };
    assert_eq!(over_grpc(&server, &token, operation("CreateUserAndMembership"), &person(&x)).0, 0);
    let mut other = person(&x);
    other["user"]["email"] = json!(format!("other-{x}@example.com"));
    for (rpc, request, field) in [
        ("CreateOrganization", json!({ "organization": { "display_name": "A", "slug": x } }), "organization.slug"),
        (
            "CreateOrganization",
            json!({ "organization": { "display_name": "A", "external_id": format!("ext-{x}") } }),
            "organization.external_id",
        ),
        ("CreateUserAndMembership", person("another"), "user.email"),
        ("CreateUserAndMembership", other, "user.external_id"),
    ] {
        let (status, rest) = over_rest(&server, &token, operation(rpc), &request);
        let (code, grpc) = over_grpc(&server, &token, operation(rpc), &request);
        assert_eq!((status, code), (409, 6), "{rpc} {request}: {rest} {grpc}");
        assert_eq!(told(&rest), told(&grpc), "{rpc}");
        assert_eq!(told(&rest).2, [field], "{rpc} {request}: {rest}");
    }
}

#[test]
fn json_of_the_wrong_shape_is_named() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let create = || server.call("POST", "/api/v1/organizations").bearer(&token);
    for (body, field) in [
        (r#"{"display_name": 7}"#, "organization.display_name"),
        (r#"{"display_name": "A", "metadata": {"plan": 7}}"#, "organization.metadata.plan"),
        (r#"{"display_name": "A", "region_code": "MARS"}"#, "organization.region_code"),
        (r#"["A"]"#, "organization"),
    ] {
        let error = create().body("application/json", body).send().expect(400);
        assert_eq!((told(&error).0, told(&error).2), (3, vec![field.to_owned()]), "{body}: {error}");
    }
    for body in ["{", "{} {}", "\u{1}"] {
        let error = create().body("application/json", body).send().expect(400);
        assert_eq!(told(&error).0, 3, "{body}");
    }
    let large = create().body("application/json", vec![b' '; 2 << 20]).send();
    assert_eq!((large.status, told(&large.value()).0), (429, 8));
    for (query, field) in [
        ("page_size=ten", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        ("page_size=4294967296", "page_size"),
        ("page_size=-1", "page_size"),
    ] {
        let error = server.get_as(&token, &format!("/api/v1/organizations?{query}")).expect(400);
        assert_eq!((told(&error).0, told(&error).2), (3, vec![field.to_owned()]), "{query}: {error}");
    }
    let camel = server.get_as(&token, "/api/v1/organizations?pageSize=1&unknown=1").expect(200);
    assert_eq!(camel["organizations"].as_array().unwrap().len(), 1);
    assert_eq!(told(&server.get_as(&token, "/api/v1/organizations/org_1/nothing").expect(404)).0, 5);
    assert_eq!(told(&server.call("PUT", "/api/v1/organizations").bearer(&token).send().expect(405)).0, 12);
}

#[test]
fn frames_that_are_none_get_a_status() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read");
    let call = |body: &[u8]| Rpc::raw(&server, LIST, Bytes::copy_from_slice(body)).bearer(&token);
    let status = |body: &[u8]| call(body).send().status;
    assert_eq!(status(&[]), 3);
    assert_eq!(status(&[0, 0, 0]), 3);
    assert_eq!(status(&[0, 0, 0, 0, 9, 1]), 3, "shorter than it says");
    assert_eq!(status(&[0; 10]), 3, "two messages");
    assert_eq!(status(&[9, 0, 0, 0, 0]), 3, "no such flag");
    assert_eq!(status(&[1, 0, 0, 0, 0]), 3, "compressed, but how?");
    assert_eq!(status(&frame(&[0xff; 20])), 3, "no message");
    assert_eq!(status(&frame(&[0x08])), 3, "a number without its digits");
    assert_eq!(status(&[0, 0xff, 0xff, 0xff, 0xff]), 8);
    assert_eq!(Rpc::raw(&server, LIST, vec![0; 3 << 20].into()).bearer(&token).send().status, 8);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&[0x08, 0x01]).unwrap();
    let mut packed = frame(&packed.finish().unwrap()).to_vec();
    packed[0] = 1;
    assert_eq!(call(&packed).header("grpc-encoding", "gzip").send().status, 0);
    let other = call(&packed).header("grpc-encoding", "br").send();
    assert_eq!((other.status, other.headers["grpc-accept-encoding"].to_str().unwrap()), (12, "identity,gzip"));
    for (timeout, want) in [("20S", 0), ("20000m", 0), ("0n", 4), ("soon", 3), ("123456789S", 3)] {
        assert_eq!(call(&frame(&[])).header("grpc-timeout", timeout).send().status, want, "{timeout}");
    }
    let unknown = Rpc::raw(&server, "/scalekit.v1.organizations.OrganizationService/Nothing", frame(&[])).send();
    assert_eq!((unknown.status, unknown.error["details"][0]["error_code"].as_str()), (12, Some("UNIMPLEMENTED")));
}

#[test]
fn a_broken_peer_harms_nobody() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read");
    block_on(async {
        let connect = || async { TcpStream::connect(server.addr).await.unwrap() };
        // The preface, then garbage; a frame header of 16 MiB; silence after the preface.
        let mut open = Vec::new();
        for rest in [&[0xff; 64][..], &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1], &[]] {
            let mut stream = connect().await;
            stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
            stream.write_all(rest).await.unwrap();
            open.push(stream);
        }
        for stream in open.iter_mut().take(2) {
            let mut rest = Vec::new();
            // The server ends it, politely or not.
            let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("in time");
        }
        // A call that is begun, half sent, and given up.
        for cut in [0, 3] {
            let (mut client, connection) = h2::client::handshake(connect().await).await.unwrap();
            let driver = tokio::spawn(connection);
            let request = http::Request::post(format!("http://localhost{LIST}"))
                .header("content-type", "application/grpc")
                .header("authorization", format!("Bearer {token}"))
                .body(())
                .unwrap();
            let (_answer, mut send) = client.send_request(request, false).unwrap();
            send.send_data(Bytes::from(vec![0; cut]), false).unwrap();
            send.send_reset(h2::Reason::CANCEL);
            driver.abort();
        }
    });
    let list = Rpc::new(&server, SERVICE, "ListOrganization", &json!({ "page_size": 1 })).bearer(&token).send();
    assert_eq!(list.status, 0);
}

#[test]
fn tls_without_alpn_is_http_1() {
    use rustls::pki_types::pem::PemObject;
    let server = Server::shared();
    let authority = std::fs::read(server.data.join("tls/ca.pem")).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let ask = |sent: &'static [u8]| {
        let connector = connector.clone();
        let addr = server.addr;
        async move {
            let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
            let mut stream = connector.connect(name, TcpStream::connect(addr).await.unwrap()).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), None);
            stream.write_all(sent).await.unwrap();
            let mut answer = Vec::new();
            // A connection that is cut without a farewell has still said what it had to say.
            let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time");
            String::from_utf8_lossy(&answer).into_owned()
        }
    };
    block_on(async {
        let keys = ask(b"GET /keys HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        assert!(keys.starts_with("HTTP/1.1 200") && keys.contains("\"kid\""), "{keys}");
        let preface = ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
        assert!(!preface.starts_with("HTTP/1.1 200"), "{preface}");
    });
}

#[test]
fn an_idle_connection_is_pinged_and_holds_up_no_stop() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read");
    let addr = server.addr;
    let (idle, waits) = std::sync::mpsc::channel();
    let client = std::thread::spawn(move || {
        block_on(async {
            let stream = TcpStream::connect(addr).await.unwrap();
            let (client, mut connection) = h2::client::handshake(stream).await.unwrap();
            let mut pings = connection.ping_pong().unwrap();
            let driver = tokio::spawn(connection);
            let mut client = client.ready().await.unwrap();
            let request = http::Request::post(format!("http://localhost{LIST}"))
                .header("content-type", "application/grpc")
                .header("authorization", format!("Bearer {token}"));
            let (answer, mut send) = client.send_request(request.body(()).unwrap(), false).unwrap();
            send.send_data(frame(&[]), true).unwrap();
            assert_eq!(answer.await.unwrap().status(), 200);
            // What clients send to keep the connection, again and again.
            for _ in 0..3 {
                pings.ping(h2::Ping::opaque()).await.unwrap();
            }
            idle.send(()).unwrap();
            // The server says farewell; nothing is left to wait for.
            let _ = driver.await.unwrap();
        });
    });
    waits.recv_timeout(PATIENCE).unwrap();
    let begun = std::time::Instant::now();
    assert!(server.stop().success());
    // Far less than the 30 seconds that it gives to calls in flight.
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    client.join().unwrap();
}
