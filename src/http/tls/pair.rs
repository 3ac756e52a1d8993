//! A certificate and its key.

use super::error::TlsError;
use super::files;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::sync::Arc;

/// The ciphers.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Reads a chain and its key, and checks that they belong together.
pub(super) fn load(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(files::read(certificate)?.as_bytes()).collect();
    let chain = chain
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| TlsError::Pem { path: certificate.to_owned(), what: "certificate" })?;
    let private = PrivateKeyDer::from_pem_slice(files::read_secret(key)?.expose().as_bytes())
        .map_err(|_| TlsError::Pem { path: key.to_owned(), what: "private key" })?;
    CertifiedKey::from_der(chain, private, &provider())
        .map_err(|source| TlsError::Unusable { path: certificate.to_owned(), source })
}
