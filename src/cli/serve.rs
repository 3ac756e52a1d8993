//! `scaistack serve`: the server.

use super::Failure;
use crate::config::{ConfigSources, Flag, Loaded};
use clap::Args;
use std::path::PathBuf;

/// Run the server
///
/// With nothing set it keeps its data in ./data, listens on 127.0.0.1:8080, and prints a one-time link for the first administrator.
#[derive(Args, Debug, Default, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack serve\n  \
    scaistack serve --data /var/lib/scaistack --listen 127.0.0.1:9000 \\\n    --public-url https://id.example.com\n\n\
    All settings: scaistack config example")]
pub struct Serve {
    /// Settings file [default: ./scaistack.toml, if it is there] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder [default: ./data] [env: SCAISTACK_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8080] [env: SCAISTACK_SERVER_LISTEN]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// The origin that clients use [default: from --listen] [env: SCAISTACK_SERVER_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Serve {
    /// Where the settings come from.
    pub fn sources(&self) -> ConfigSources {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        let listen = self.listen.as_ref().map(|listen| Flag::new("--listen", "server.listen", listen));
        let url = self.public_url.as_ref().map(|url| Flag::new("--public-url", "server.public_url", url));
        ConfigSources::of_process(self.config.clone(), [data, listen, url].into_iter().flatten().collect())
    }

    /// Runs the server until it is stopped.
    ///
    /// # Errors
    /// Settings that are not acceptable, a data file that does not open, or an address that is taken.
    pub fn run(self) -> Result<(), Failure> {
        let _loaded = Loaded::read(&self.sources())?;
        Err(Failure::failed("this build has no server"))
    }
}
