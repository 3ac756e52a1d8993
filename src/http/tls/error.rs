//! Why there is no certificate to show.

use std::path::PathBuf;

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file without the PEM block that belongs there (RFC 7468).
    #[error("{path} holds no {what} in PEM form")]
    Pem {
        /// The path of the file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// A certificate and a key that are of no use together.
    #[error("{path}: {source}")]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// A host name that no certificate can be made for.
    #[error("`{0}` is no host name or address for a certificate")]
    Name(String),
    /// The local authority could not make a certificate.
    #[error("no certificate was made: {0}")]
    Make(#[from] rcgen::Error),
    /// The TLS library does not start.
    #[error("TLS does not start: {0}")]
    Start(rustls::Error),
}
