//! The listener over real sockets, each on a port of its own.

mod http1;
mod http2;
mod limits;
mod stop;
mod unix;

use super::*;
use crate::base::Clock;
use crate::http::tls::Tls;
use actix_web::{App, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, client::TlsStream, rustls};

/// Longer than anything here takes; a test that waits so long fails.
const LONG: Duration = Duration::from_secs(10);
/// What "at once" may take on a busy machine; every limit that a stop could wait for by mistake is longer.
const AT_ONCE: Duration = Duration::from_secs(3);

/// A handler that a test holds up: it tells when it is entered and waits to be let go.
#[derive(Default)]
struct Gate {
    entered: Notify,
    go: Notify,
}

/// A listener with a small application.
struct Site {
    running: Running,
    gate: Arc<Gate>,
    tls: Tls,
    _folder: tempfile::TempDir,
}

/// A port that the system chooses.
fn free_port() -> TcpListener {
    bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap()
}

impl Site {
    async fn start(change: impl FnOnce(&mut ListenerConfig)) -> Self {
        Self::start_with(change, Arc::new(Unimplemented)).await
    }

    async fn start_with(change: impl FnOnce(&mut ListenerConfig), grpc: Arc<dyn GrpcDispatch>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tls = Tls::local(folder.path(), None, Clock::System.now()).unwrap();
        let mut config = ListenerConfig { workers: 1, tls: Some(tls.server_config()), ..ListenerConfig::default() };
        change(&mut config);
        let gate = Arc::<Gate>::default();
        let held = web::Data::from(Arc::clone(&gate));
        let app = move || {
            App::new()
                .app_data(held.clone())
                .route("/conn", web::get().to(told))
                .route("/conn", web::head().to(told))
                .route("/echo", web::post().to(|body: Bytes| async move { HttpResponse::Ok().body(body) }))
                .route("/held", web::get().to(hold))
                .route("/cookie", web::get().to(cookie))
        };
        let running = serve(free_port(), config, app, grpc).await.unwrap();
        Self { running, gate, tls, _folder: folder }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.running.local_addr()).await.unwrap()
    }

    async fn tls(&self, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
        let ca = self.tls.ca_pem().unwrap().unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(ServerName::try_from("localhost").unwrap(), self.tcp().await).await.unwrap()
    }
}

async fn told(request: HttpRequest) -> String {
    let Connection { peer, tls, local } = connection(&request);
    format!("peer={} tls={tls} local={local} host={}", peer.is_some(), request.connection_info().host())
}

async fn hold(gate: web::Data<Gate>) -> &'static str {
    gate.entered.notify_one();
    gate.go.notified().await;
    "let go"
}

async fn cookie(request: HttpRequest) -> String {
    let all: Vec<_> = request.headers().get_all("cookie").filter_map(|value| value.to_str().ok()).collect();
    all.join("|")
}

/// Sends one HTTP/1.1 request with `connection: close` and reads all there is.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    // A listener that stops may close before it is written to.
    let _ = stream.write_all(request.as_bytes()).await;
    rest(&mut stream).await
}

/// Reads to the end, however it comes.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.unwrap();
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads until `what` has come.
async fn read_until(stream: &mut (impl AsyncRead + Unpin), what: &str) -> String {
    let mut all = String::new();
    while !all.contains(what) {
        let mut chunk = [0; 512];
        let count = timeout(LONG, stream.read(&mut chunk)).await.unwrap().unwrap();
        assert_ne!(count, 0, "ended early: {all}");
        all.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
    }
    all
}

/// What came back on HTTP/2.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
    trailers: Option<http::HeaderMap>,
}

/// A client's end of an HTTP/2 connection, and the task that ends with it.
struct Http2 {
    send: h2::client::SendRequest<Bytes>,
    ended: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

impl Http2 {
    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (send, connection) = h2::client::handshake(stream).await.unwrap();
        Self { send, ended: tokio::spawn(connection) }
    }

    async fn ask(&self, request: http::Request<()>, body: Option<Bytes>) -> Result<Answer, h2::Error> {
        let mut send = self.send.clone().ready().await?;
        let (response, mut stream) = send.send_request(request, body.is_none())?;
        if let Some(body) = body {
            stream.send_data(body, true)?;
        }
        let (parts, mut body) = timeout(LONG, response).await.unwrap()?.into_parts();
        let mut all = Vec::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk?;
            let _ = body.flow_control().release_capacity(chunk.len());
            all.extend_from_slice(&chunk);
        }
        let trailers = body.trailers().await?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: all, trailers })
    }
}

fn get(path: &str) -> http::Request<()> {
    http::Request::get(format!("http://here{path}")).body(()).unwrap()
}

fn post(path: &str, content_type: &str) -> http::Request<()> {
    http::Request::post(format!("http://here{path}")).header("content-type", content_type).body(()).unwrap()
}
