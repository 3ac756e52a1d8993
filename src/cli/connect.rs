//! Which server a command speaks to, and how it prints.

use super::client::{Client, HttpTransport, PATIENCE, Remote, local};
use super::failure::Failure;
use super::out::Form;
use crate::base::Secret;
use crate::base::time::parse_duration_secs;
use crate::config::{ConfigSources, Flag, Loaded};
use crate::http::listener::SocketPath;
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;

/// The flags that every command has which speaks to a server.
#[derive(Args, Clone, Debug, Default)]
pub struct Connect {
    /// Data folder of the server on this machine [default: ./data] [env: SCAISTACK_DATA]
    #[arg(long, value_name = "DIR", global = true, help_heading = "Connection")]
    pub data: Option<PathBuf>,
    /// Settings file [default: the first of ./, ~/.config/scaistack/ and /etc/scaistack/ that has a scaistack.toml] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub config: Option<PathBuf>,
    /// A server elsewhere, such as `https://id.example.com` [env: SCAISTACK_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    pub server: Option<String>,
    /// Token for --server. Better in SCAISTACK_TOKEN: other users of this machine can read arguments [env: SCAISTACK_TOKEN]
    #[arg(long, value_name = "TOKEN", global = true, help_heading = "Connection")]
    pub token: Option<String>,
    /// Certificate authority to trust for --server, a PEM file (the server's is DIR/tls/ca.pem) [env: SCAISTACK_CA]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub ca: Option<PathBuf>,
    /// How long to wait for an answer, such as 2m [default: 30s] [env: SCAISTACK_TIMEOUT]
    #[arg(long, value_name = "TIME", global = true, help_heading = "Connection", value_parser = parse_duration_secs)]
    pub timeout: Option<i64>,
    /// In which form to print.
    #[command(flatten)]
    pub form: Form,
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
        let named = self.ca.clone().or_else(|| set("SCAISTACK_CA").map(PathBuf::from));
        let authority = named.as_ref().map(read).transpose()?;
        Ok(Whom::There(Remote { origin, token: Secret::new(token), authority }))
    }

    /// How long to wait for an answer.
    ///
    /// # Errors
    /// The environment has something that is no time.
    fn patience(&self, environment: impl Fn(&str) -> Option<String>) -> Result<Duration, Failure> {
        let named = match (self.timeout, environment("SCAISTACK_TIMEOUT").filter(|text| !text.is_empty())) {
            (Some(secs), _) => Some(secs),
            (None, Some(text)) => {
                Some(parse_duration_secs(&text).map_err(|rule| Failure::usage(format!("SCAISTACK_TIMEOUT: {rule}")))?)
            }
            (None, None) => None,
        };
        Ok(named.map_or(PATIENCE, |secs| Duration::from_secs(secs.unsigned_abs())))
    }

    /// Refuses --server for a command that looks at this machine.
    ///
    /// # Errors
    /// --server was given.
    pub fn only_here(&self, command: &str) -> Result<(), Failure> {
        match self.server {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!(
                "`scaistack {command}` looks at the machine it runs on: run it on the server's machine, without --server"
            ))),
        }
    }

    /// The client for whom the flags and the environment mean.
    ///
    /// # Errors
    /// As [`Connect::whom`]; nobody is there; or the data file does not open.
    pub async fn client(&self) -> Result<Client, Failure> {
        let environment = |name: &str| std::env::var(name).ok();
        let patience = self.patience(environment)?;
        match self.whom(environment)? {
            Whom::There(remote) => Ok(Client::new(HttpTransport::remote(remote)?.waiting(patience))),
            Whom::Here(loaded) => {
                let socket = loaded.config.storage.socket();
                match reached(&socket).await {
                    Ok(()) => Ok(Client::new(HttpTransport::unix(&socket)?.waiting(patience))),
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(Failure::failed(format!(
                        "{}: only the user that runs the server may use it: {error}",
                        socket.display()
                    ))),
                    // Its queue is full: it is stopped, or has more to do than it can.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(Failure::failed(format!(
                        "the server on {} takes no connection: it is stopped or very busy",
                        socket.display()
                    ))),
                    // No socket, or one that a server has left behind.
                    Err(_) => local::open(&loaded, &self.sources()).await.map(Client::boxed),
                }
            }
        }
    }
}

/// Whether somebody listens on a socket. It never waits for a queue that is full.
async fn reached(socket: &Path) -> io::Result<()> {
    let near = SocketPath::of(socket)?;
    UnixStream::connect(near.as_path()).await.map(drop)
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
    #[test]
    fn the_environment_names_the_authority_and_the_patience() {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, "pem").unwrap();
        let there = Connect { server: Some("https://a".into()), token: Some("skt_x".into()), ..Connect::default() };
        let path = ca.display().to_string();
        let Whom::There(remote) = whom(&there, &[("SCAISTACK_CA", &path)]).unwrap() else { panic!() };
        assert_eq!(remote.authority.as_deref(), Some(b"pem".as_slice()));
        assert_eq!(whom(&there, &[("SCAISTACK_CA", "/no/such.pem")]).unwrap_err().code(), 2);
        assert_eq!(origin(whom(&Connect::default(), &[("SCAISTACK_CA", &path)])), None, "it is for servers elsewhere");

        let waits = |connect: &Connect, set: Option<&str>| connect.patience(|_| set.map(str::to_owned));
        let none = Connect::default();
        assert_eq!(waits(&none, None).unwrap(), PATIENCE);
        assert_eq!(waits(&none, Some("2m")).unwrap(), Duration::from_secs(120));
        assert_eq!(waits(&Connect { timeout: Some(5), ..none.clone() }, Some("2m")).unwrap(), Duration::from_secs(5));
        assert_eq!(waits(&none, Some("soon")).unwrap_err().code(), 2);
    }
}
