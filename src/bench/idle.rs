//! The memory of gRPC connections that have called once and wait, in clear text and over TLS.

use super::cases::{MIB, at_most, figure};
use super::folder::Folder;
use super::grpc::{self, LIST, Ready, call, connect, framed, open, open_over};
use super::load;
use super::process;
use super::report::{Figure, Measured};
use super::server::Server;
use super::{Failure, progress};
use bytes::Bytes;
use h2::client::SendRequest;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use scaistack::http::scalekit::proto::organizations::ListOrganizationsRequest;
use scaistack::http::tls;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

/// How many connections wait.
const WAITING: u32 = 1000;
/// How long they wait before the memory is read.
const WAIT: Duration = Duration::from_secs(2);

/// A thousand connections that have called once and wait, in clear text and over TLS: each on a server that had none before.
///
/// # Errors
/// A server that does not start, a connection that is not taken.
pub(super) async fn idle(program: &Path, folder: &Folder) -> Result<Measured, Failure> {
    progress("gRPC connections that wait");
    let figures = vec![
        memory(program, folder, "waiting", "memory of 1000 connections", |_| Ok(None)).await?,
        memory(program, folder, "waiting-tls", "memory of 1000 over TLS", |server| connector(server).map(Some)).await?,
    ];
    Ok(Measured { case: "grpc-idle", load: None, figures })
}

async fn memory(
    program: &Path,
    folder: &Folder,
    name: &str,
    what: &'static str,
    tls: impl FnOnce(&Server) -> Result<Option<TlsConnector>, Failure>,
) -> Result<Figure, Failure> {
    let server = Server::start_on(program, folder, folder.path().join(name), name).await?;
    let ready = grpc::prepare(&server).await?;
    let before = server.child.resident()?;
    let after = waiting(&server, &ready, tls(&server)?).await?;
    server.child.stop().await?;
    Ok(figure(what, "MiB", after.saturating_sub(before) as f64 / MIB, at_most(40.0)))
}

/// The memory of the server, in bytes, while the connections wait.
async fn waiting(server: &Server, ready: &Ready, tls: Option<TlsConnector>) -> Result<u64, Failure> {
    let (addr, pid, token) = (server.addr, server.child.pid(), ready.token().to_owned());
    let after = load::on_own_thread(move || {
        load::block_on(async move {
            let request = framed(&ListOrganizationsRequest { page_size: 1, ..ListOrganizationsRequest::default() });
            let mut waiting = Vec::new();
            for _ in 0..WAITING {
                let mut client = match &tls {
                    Some(connector) => open_tls(addr, connector).await?,
                    None => open(addr).await?,
                };
                call(&mut client, LIST, &token, request.clone()).await?;
                waiting.push(client);
            }
            sleep(WAIT).await;
            let after = process::resident(pid)?;
            drop(waiting);
            Ok::<_, Failure>(after)
        })?
    });
    after.await
}

/// What trusts the server's own authority.
fn connector(server: &Server) -> Result<TlsConnector, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
    let authority = tls::authority_pem(&server.tls_folder()).map_err(|error| failed(&error))?;
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).map_err(|error| failed(&error))?;
    roots.add(certificate).map_err(|error| failed(&error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn open_tls(addr: SocketAddr, connector: &TlsConnector) -> Result<SendRequest<Bytes>, Failure> {
    let stream = connect(addr).await?;
    open_over(connector.connect(ServerName::IpAddress(addr.ip().into()), stream).await?).await
}
