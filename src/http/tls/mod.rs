//! The certificate that the port shows: from files, or from a local authority that the first start makes.

mod error;
mod files;
mod local;
mod pair;
#[cfg(test)]
mod tests;

pub use error::TlsError;

use crate::base::Timestamp;
use arc_swap::ArcSwap;
use pair::{load, provider};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the certificate comes from.
#[derive(Clone, Debug)]
enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    Local { folder: PathBuf, names: Vec<String> },
}

/// A certificate in use. It can be exchanged while connections are served: [`Tls::reload`].
#[derive(Debug)]
pub struct Tls {
    source: Source,
    shown: Arc<CurrentCertificate>,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// Takes a certificate chain and its key from two PEM files.
    ///
    /// # Errors
    /// A file that is unreadable or holds something else, or a key that is another certificate's.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let source = Source::Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let shown = load(certificate, key)?;
        Self::start(source, shown)
    }

    /// Takes a certificate of the local authority in `folder` (`ca.pem`, `ca.key`, `server.pem`, `server.key`; keys have mode 0600).
    ///
    /// What is missing is made. A certificate with less than 30 days left, or for other names than these, is replaced under the same
    /// authority. It is for `localhost`, `127.0.0.1`, `::1`, `public_host` and the machine's own name. `now` is the time now.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a `public_host` that is no host.
    pub fn local(folder: &Path, public_host: Option<&str>, now: Timestamp) -> Result<Self, TlsError> {
        let names = local::names(public_host, files::machine_name().as_deref())?;
        Self::local_for(folder, names, now)
    }

    fn local_for(folder: &Path, names: Vec<String>, now: Timestamp) -> Result<Self, TlsError> {
        let shown = local::ensure(folder, &names, now)?;
        Self::start(Source::Local { folder: folder.to_owned(), names }, shown)
    }

    /// Reads the files again, or renews the local certificate if it is time. Connections from now on are shown what is found.
    ///
    /// # Errors
    /// As when it was first read; the certificate in use stays.
    pub fn reload(&self, now: Timestamp) -> Result<(), TlsError> {
        let key = match &self.source {
            Source::Files { certificate, key } => load(certificate, key),
            Source::Local { folder, names } => local::ensure(folder, names, now),
        }?;
        self.shown.0.store(Arc::new(key));
        Ok(())
    }

    /// What a listener needs: TLS 1.2 and 1.3, ALPN `h2` and `http/1.1` (RFC 7301).
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// The local authority's certificate in PEM, for clients to trust. `None` when the certificate comes from files.
    ///
    /// # Errors
    /// A file that cannot be read.
    #[cfg(test)]
    pub fn ca_pem(&self) -> Result<Option<String>, TlsError> {
        match &self.source {
            Source::Files { .. } => Ok(None),
            Source::Local { folder, .. } => authority_pem(folder).map(Some),
        }
    }

    /// Where the local authority's certificate lies. `None` when the certificate comes from files.
    pub fn ca_path(&self) -> Option<PathBuf> {
        match &self.source {
            Source::Files { .. } => None,
            Source::Local { folder, .. } => Some(folder.join(local::CA_CERTIFICATE)),
        }
    }

    fn start(source: Source, key: CertifiedKey) -> Result<Self, TlsError> {
        let shown = Arc::new(CurrentCertificate(ArcSwap::from_pointee(key)));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Start)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().map_err(TlsError::Start)?;
        Ok(Self { source, shown, config: Arc::new(config) })
    }
}

/// The certificate that is shown to the next client.
struct CurrentCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for CurrentCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurrentCertificate")
    }
}

/// The local authority's certificate in PEM, from the folder that [`Tls::local`] keeps.
///
/// # Errors
/// A file that cannot be read.
pub fn authority_pem(folder: &Path) -> Result<String, TlsError> {
    files::read(&folder.join(local::CA_CERTIFICATE))
}
