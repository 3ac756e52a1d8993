//! `scaistack init`: files for the programs around the server, made for the present settings.

mod container;
mod facts;
mod proxy;
mod systemd;
#[cfg(test)]
mod tests;

use super::Failure;
use super::serve::SettingsFlags;
use clap::{Args, Subcommand};
use facts::Facts;
use std::io::Write;
use std::path::PathBuf;

/// Print a file for a program around the server, made for the present settings
///
/// The settings are those of `serve`: the file, the environment and the flags.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  scaistack init systemd --config /etc/scaistack/scaistack.toml \\\n    \
    > /etc/systemd/system/scaistack.service")]
pub struct Init {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A unit of systemd that runs the server in a sandbox
    Systemd(#[command(flatten)] SettingsFlags),
    /// A service and a timer of systemd that make a backup each day, verify it, and delete those older than 30 days
    BackupTimer(#[command(flatten)] SettingsFlags),
    /// A Containerfile for podman, buildah or docker
    Container(#[command(flatten)] SettingsFlags),
    /// A site of nginx that ends TLS
    Nginx(#[command(flatten)] ProxyFlags),
    /// A site of Caddy that ends TLS
    Caddy(#[command(flatten)] ProxyFlags),
    /// A dynamic configuration of Traefik that ends TLS
    Traefik(#[command(flatten)] SettingsFlags),
}

/// The settings, and the certificate that the proxy shows.
#[derive(Args, Debug)]
struct ProxyFlags {
    #[command(flatten)]
    settings: SettingsFlags,
    /// The proxy's certificate chain [default: where certbot puts it; Caddy gets one by itself]
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificate's private key
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
}

impl Init {
    /// Prints the file.
    ///
    /// # Errors
    /// Settings that are not acceptable, or that such a file cannot be made for.
    pub fn run(self) -> Result<(), Failure> {
        let text = match self.what {
            What::Systemd(flags) => systemd::unit(&Facts::of(&flags)?),
            What::BackupTimer(flags) => systemd::backup_timer(&Facts::of(&flags)?),
            What::Container(flags) => container::file(&Facts::of(&flags)?),
            What::Nginx(ProxyFlags { settings, certificate, key }) => {
                proxy::nginx(&Facts::of(&settings)?.site()?, certificate.as_deref(), key.as_deref())
            }
            What::Caddy(ProxyFlags { settings, certificate, key }) => {
                proxy::caddy(&Facts::of(&settings)?.site()?, certificate.as_deref().zip(key.as_deref()))
            }
            What::Traefik(flags) => proxy::traefik(&Facts::of(&flags)?.site()?),
        };
        Ok(std::io::stdout().write_all(text.as_bytes())?)
    }
}
