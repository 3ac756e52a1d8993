//! One port: HTTP/1.1 and HTTP/2 in clear text, TLS with the local authority, gRPC.

use super::server::Server;
use super::wire::PATIENCE;
use bytes::Bytes;
use serde_json::Value;
use std::fs;
use std::future::Future;
use tokio::net::TcpStream;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("in time") })
}

/// One HTTP/2 request with prior knowledge: the status and headers, the body, and the trailers.
async fn http2(
    server: &Server,
    request: http::Request<()>,
    body: Option<Bytes>,
) -> (http::Response<()>, Vec<u8>, Option<http::HeaderMap>) {
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let (response, mut send) = client.send_request(request, body.is_none()).unwrap();
    if let Some(body) = body {
        send.send_data(body, true).unwrap();
    }
    let (head, mut stream) = response.await.unwrap().into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk.unwrap();
        stream.flow_control().release_capacity(chunk.len()).unwrap();
        body.extend_from_slice(&chunk);
    }
    let trailers = stream.trailers().await.unwrap();
    driver.abort();
    (http::Response::from_parts(head, ()), body, trailers)
}

#[test]
fn http2_with_prior_knowledge() {
    let server = Server::shared();
    let token = server.token("openid");
    block_on(async {
        let request = http::Request::get(format!("{}/v1/auth/whoami", server.url));
        let request = request.header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let (head, body, _) = http2(&server, request, None).await;
        assert_eq!((head.status().as_u16(), head.version()), (200, http::Version::HTTP_2));
        assert!(head.headers().contains_key("x-request-id"));
        let whoami: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(whoami["scopes"][0], "openid");
        let request = http::Request::get(format!("{}/v1/auth/whoami", server.url)).body(()).unwrap();
        assert_eq!(http2(&server, request, None).await.0.status().as_u16(), 401);
    });
}

#[test]
fn an_unknown_grpc_method_is_status_12() {
    let server = Server::shared();
    block_on(async {
        let request = http::Request::post(format!("{}/scalekit.v1.none.NoService/NoMethod", server.url));
        let request = request.header("content-type", "application/grpc").header("te", "trailers").body(()).unwrap();
        let (head, body, trailers) = http2(&server, request, Some(Bytes::from_static(&[0; 5]))).await;
        assert_eq!(head.status().as_u16(), 200);
        let status = trailers.as_ref().and_then(|trailers| trailers.get("grpc-status"));
        assert_eq!(status.or(head.headers().get("grpc-status")).unwrap(), "12");
        assert!(body.is_empty());
    });
}

#[test]
fn tls_with_the_local_authority_on_the_same_port() {
    let server = Server::shared();
    let token = server.token("openid");
    let authority = fs::read(server.data.join("tls/ca.pem")).unwrap();
    let authority = reqwest::Certificate::from_pem(&authority).unwrap();
    block_on(async {
        let client = reqwest::Client::builder().tls_certs_only([authority]).timeout(PATIENCE).build().unwrap();
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("https://{host}:{}/v1/auth/whoami", server.addr.port());
            let answer = client.get(&url).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            // A browser that held to it could not be told to trust another authority any more.
            assert!(!answer.headers().contains_key("strict-transport-security"));
            assert_eq!(client.get(&url).send().await.unwrap().status(), 401);
        }
        let untrusting = reqwest::Client::builder().tls_certs_only([]).timeout(PATIENCE).build().unwrap();
        let url = format!("https://localhost:{}/health", server.addr.port());
        assert!(untrusting.get(&url).send().await.is_err(), "nobody else's authority signs for it");
    });
}

#[test]
fn curl_finds_all_three_protocols() {
    let server = Server::shared();
    let ca = server.data.join("tls/ca.pem");
    let curl = |more: &[&str], url: &str| {
        let mut command = std::process::Command::new("curl");
        command.args(["-s", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "--cacert"]).arg(&ca);
        super::server::run(
            {
                command.args(more).arg(url);
                command
            },
            b"",
        )
        .ok()
        .to_owned()
    };
    let port = server.addr.port();
    assert_eq!(curl(&["--http1.1"], &format!("{}/health", server.url)), "200 1.1");
    assert_eq!(curl(&["--http2-prior-knowledge"], &format!("{}/health", server.url)), "200 2");
    assert_eq!(curl(&[], &format!("https://localhost:{port}/health")), "200 2");
    assert_eq!(curl(&["--http1.1"], &format!("https://localhost:{port}/health")), "200 1.1");
}
