//! `[tls]`: the certificate that the port shows.

use super::Checks;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The certificate that the port shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsFiles {
    /// Whether the port speaks TLS, beside clear text.
    pub enabled: bool,
    /// The certificate chain in PEM. Empty: a local authority is kept in the data folder, under `tls/`.
    pub certificate: PathBuf,
    /// The chain's private key in PEM.
    pub key: PathBuf,
}

impl Default for TlsFiles {
    fn default() -> Self {
        Self { enabled: true, certificate: PathBuf::new(), key: PathBuf::new() }
    }
}

impl TlsFiles {
    /// The certificate and its key, if they come from files.
    pub fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        (!self.certificate.as_os_str().is_empty()).then_some((&self.certificate, &self.key))
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        match (self.certificate.as_os_str().is_empty(), self.key.as_os_str().is_empty()) {
            (false, true) => checks.refuse("tls.certificate", "needs tls.key beside it"),
            (true, false) => checks.refuse("tls.key", "needs tls.certificate beside it"),
            _ => {}
        }
    }
}
