//! The settings: built-in defaults, then `scaistack.toml`, then `SCAISTACK_*` of the environment, then flags; each beats the one before.
//!
//! One file per section. A key that does not exist is an error that names its file and line, because a setting that is silently ignored
//! is worse than a server that does not start. Names [`base`](crate::base) and [`crypto`](crate::crypto) only.
//!
//! To add a setting: a field in its section, its default, its range in `check`, and its commented line in `scaistack.toml`. The tests
//! fail until the four agree. Durations are whole numbers with the unit at the end of the name.

mod audit;
mod auth;
mod check;
mod error;
mod file;
mod load;
mod log;
mod login;
mod mail;
mod outbound;
#[cfg(test)]
mod page_tests;
mod scaigrid;
mod secret;
mod server;
mod sessions;
mod sources;
mod storage;
#[cfg(test)]
mod tests;
mod tls;
mod tokens;
mod unseal;
mod vault;

pub use audit::{Audit, AuditReads};
pub use auth::Auth;
pub use error::{ConfigError, Origin, Violation};
pub use load::Loaded;
pub use log::{Log, LogFormat};
pub use login::Login;
pub use mail::{Mail, MailTls};
pub use outbound::Outbound;
pub use scaigrid::{Modality, Model, ModelStatus, ScaiGrid};
pub use server::{ClearText, Listen, Networks, Server};
pub use sessions::Sessions;
pub use sources::{ConfigFile, ConfigSources, FILE_NAME, Flag};
pub use storage::Storage;
pub use tls::TlsFiles;
pub use tokens::Tokens;
pub use unseal::UnsealWith;
pub use vault::Vault;

use check::Checks;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The commented file with every key at its default: what `scaistack config example` prints.
pub const EXAMPLE: &str = include_str!("../../scaistack.toml");

/// Every setting. Made by [`Config::load`], or [`Config::default`] in tests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The port and what stands before it.
    pub server: Server,
    /// The files of the certificate and of its key.
    pub tls: TlsFiles,
    /// The data folder and its key.
    pub storage: Storage,
    /// Lifetimes and signatures of tokens.
    pub tokens: Tokens,
    /// Lifetimes of sign-in sessions.
    pub sessions: Sessions,
    /// Limits of the secret vault.
    pub vault: Vault,
    /// The audit log.
    pub audit: Audit,
    /// The log on stderr.
    pub log: Log,
    /// Limits against guessing.
    pub auth: Auth,
    /// Limits of requests, and models.
    pub scaigrid: ScaiGrid,
    /// ScaiGrid's sign-in for programs.
    pub login: Login,
    /// Which servers this one asks.
    pub outbound: Outbound,
    /// How mail is sent.
    pub mail: Mail,
}

impl Config {
    /// Whether an address is that of a proxy that tells the addresses of clients: a trusted one or, where the settings name none
    /// and say that one on this machine ends TLS, any of this machine.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let proxies = &self.server.trusted_proxies;
        proxies.contain(address)
            || (proxies.0.is_empty() && self.is_behind_a_local_proxy() && address.to_canonical().is_loopback())
    }

    /// Whether the only way in from elsewhere is a proxy on this machine that ends TLS: the public address is https, the port
    /// is reached from this machine only, and no certificate for it is set.
    pub fn is_behind_a_local_proxy(&self) -> bool {
        self.server.listen.is_loopback() && self.server.is_public_https() && self.tls.files().is_none()
    }

    /// What is allowed but probably not meant, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.server.warnings(self.is_behind_a_local_proxy());
        warnings.extend(self.mail.warnings());
        warnings
    }

    fn check(&self, checks: &mut Checks) {
        self.server.check(checks, self.tls.enabled);
        self.tls.check(checks);
        self.storage.check(checks);
        self.tokens.check(checks);
        self.sessions.check(checks);
        self.vault.check(checks);
        self.audit.check(checks);
        self.log.check(checks);
        self.auth.check(checks);
        self.scaigrid.check(checks);
        self.login.check(checks, &self.outbound);
        self.outbound.check(checks);
        self.mail.check(checks);
    }
}
