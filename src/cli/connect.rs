//! Which server a command speaks to, and how it prints.

use super::client::{Client, HttpTransport, Remote, local};
use super::failure::Failure;
use crate::base::Secret;
use crate::config::{ConfigSources, Flag, Loaded};
use clap::Args;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// The flags that every command has which speaks to a server.
#[derive(Args, Clone, Debug, Default)]
pub struct Connect {
    /// Data folder of the server on this machine [default: ./data] [env: SCAISTACK_DATA]
    #[arg(long, value_name = "DIR", global = true, help_heading = "Connection")]
    pub data: Option<PathBuf>,
    /// Settings file [default: ./scaistack.toml, if it is there] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub config: Option<PathBuf>,
    /// A server elsewhere, such as `https://id.example.com` [env: SCAISTACK_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    pub server: Option<String>,
    /// Token for --server. Better in SCAISTACK_TOKEN: other users of this machine can read arguments [env: SCAISTACK_TOKEN]
    #[arg(long, value_name = "TOKEN", global = true, help_heading = "Connection")]
    pub token: Option<String>,
    /// Certificate authority to trust for --server, a PEM file (the server's is DIR/tls/ca.pem)
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub ca: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// Whom a command speaks to.
#[derive(Debug)]
pub enum Whom {
    /// The server of a data folder on this machine, or the data file itself.
    Here(Box<Loaded>),
    /// A server elsewhere.
    There(Remote),
}

impl Connect {
    /// The settings of this machine.
    ///
    /// # Errors
    /// Settings that are not acceptable.
    pub fn settings(&self) -> Result<Loaded, Failure> {
        Ok(Loaded::read(&self.sources())?)
    }

    /// Where the settings come from.
    pub fn sources(&self) -> ConfigSources {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        ConfigSources::of_process(self.config.clone(), data.into_iter().collect())
    }

    /// Whom the flags mean. Flags beat the environment; in the environment a data folder beats a server elsewhere.
    ///
    /// # Errors
    /// Flags that exclude each other, or a server without a token.
    pub fn whom(&self, environment: impl Fn(&str) -> Option<String>) -> Result<Whom, Failure> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        if self.server.is_some() && self.data.is_some() {
            return Err(Failure::usage("--server and --data exclude each other"));
        }
        let there = self.server.clone().or_else(|| {
            let here = self.data.is_some() || self.config.is_some() || set("SCAISTACK_DATA").is_some();
            set("SCAISTACK_URL").filter(|_| !here)
        });
        let Some(origin) = there else {
            if self.token.is_some() || self.ca.is_some() {
                return Err(Failure::usage("--token and --ca go with --server"));
            }
            return Ok(Whom::Here(Box::new(self.settings()?)));
        };
        let token = self.token.clone().or_else(|| set("SCAISTACK_TOKEN"));
        let token = token.ok_or_else(|| {
            Failure::usage("a server elsewhere asks for a token: set SCAISTACK_TOKEN, or give --token")
        })?;
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        };
        let authority = self.ca.as_ref().map(read).transpose()?;
        Ok(Whom::There(Remote { origin, token: Secret::new(token), authority }))
    }

    /// The client for whom the flags and the environment mean.
    ///
    /// # Errors
    /// As [`Connect::whom`]; nobody is there; or the data file does not open.
    pub async fn client(&self) -> Result<Client, Failure> {
        match self.whom(|name| std::env::var(name).ok())? {
            Whom::There(remote) => Ok(Client::new(HttpTransport::remote(remote)?)),
            Whom::Here(loaded) => {
                let socket = loaded.config.storage.socket();
                match UnixStream::connect(&socket) {
                    Ok(_) => Ok(Client::new(HttpTransport::unix(&socket)?)),
                    Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Failure::failed(
                        format!("{}: only the user that runs the server may use it: {error}", socket.display()),
                    )),
                    // No socket, or one that a server has left behind.
                    Err(_) => local::open(&loaded, &self.sources()).await.map(Client::boxed),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whom(connect: &Connect, environment: &[(&str, &str)]) -> Result<Whom, Failure> {
        connect.whom(|name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn origin(whom: Result<Whom, Failure>) -> Option<String> {
        match whom.unwrap() {
            Whom::There(remote) => Some(remote.origin),
            Whom::Here(_) => None,
        }
    }

    #[test]
    fn flags_beat_the_environment() {
        let none = Connect::default();
        let url = [("SCAISTACK_URL", "https://a"), ("SCAISTACK_TOKEN", "skt_x")];
        assert_eq!(origin(whom(&none, &[])), None);
        assert_eq!(origin(whom(&none, &url)), Some("https://a".into()));
        assert_eq!(origin(whom(&none, &[url[0], url[1], ("SCAISTACK_DATA", "/d")])), None);
        assert_eq!(origin(whom(&Connect { data: Some("/d".into()), ..none.clone() }, &url)), None);
        let there = Connect { server: Some("https://b".into()), ..none.clone() };
        assert_eq!(origin(whom(&there, &[url[1], ("SCAISTACK_DATA", "/d")])), Some("https://b".into()));
        assert!(matches!(whom(&there, &[]), Err(Failure::Usage(_))));
        let both = Connect { data: Some("/d".into()), ..there };
        assert!(matches!(whom(&both, &url), Err(Failure::Usage(_))));
        let token = Connect { token: Some("skt_x".into()), ..none };
        assert!(matches!(whom(&token, &[]), Err(Failure::Usage(_))));
    }
}
