//! What the files are made of: the present settings.

use super::super::Failure;
use super::super::serve::SettingsFlags;
use crate::config::Loaded;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// What the files are made of.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) loaded: Loaded,
    /// This program.
    pub(super) program: PathBuf,
    /// The settings file, if there is one.
    pub(super) file: Option<PathBuf>,
    /// Where the service keeps its data.
    pub(super) data: PathBuf,
}

impl Facts {
    pub(super) fn of(flags: &SettingsFlags) -> Result<Self, Failure> {
        let sources = flags.sources();
        let loaded = Loaded::read(&sources)?;
        let file = sources.found().map(std::path::absolute).transpose()?;
        // A service has no working folder that a relative path would be meant for.
        let data = match &loaded.config.storage.data {
            data if data == Path::new("./data") => PathBuf::from("/var/lib/scaistack"),
            data => std::path::absolute(data)?,
        };
        Ok(Self { loaded, program: std::env::current_exe()?, file, data })
    }

    /// Where backups of the timer go: a folder beside the data.
    pub(super) fn backups(&self) -> PathBuf {
        let name = self.data.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.data.with_file_name(format!("{name}-backups"))
    }

    /// Variables for all settings that the file does not hold, without those in `but`.
    pub(super) fn variables(&self, but: &[&str]) -> Vec<(String, String)> {
        let mut set = self.loaded.outside_the_file();
        set.retain(|(name, _)| !but.contains(&name.as_str()));
        set
    }

    /// How a proxy on this machine reaches the server, and what clients call it.
    pub(super) fn site(&self) -> Result<Site, Failure> {
        let server = &self.loaded.config.server;
        let url = server.public_url.parse::<http::Uri>().ok().filter(|url| url.scheme_str() == Some("https"));
        let named = url.as_ref().and_then(|url| Some((url.host()?.to_owned(), url.port_u16().unwrap_or(443))));
        let (host, port) = named.ok_or_else(|| {
            Failure::usage(
                "server.public_url must be the https address that clients use; set it in the settings file, or give it here: \
                 --public-url https://id.example.com",
            )
        })?;
        let listen = server.listen.0;
        if listen.port() == 0 {
            return Err(Failure::usage(
                "server.listen has port 0, which is another one at each start: give it a number",
            ));
        }
        let ip = match listen.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let seconds = server.request_timeout_secs;
        Ok(Site { host, port, upstream: SocketAddr::new(ip, listen.port()), body: server.body_limit_bytes, seconds })
    }
}

/// What a proxy has to know.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) upstream: SocketAddr,
    /// The largest body in bytes.
    pub(super) body: u64,
    /// How long a request may take.
    pub(super) seconds: u32,
}
