//! `scaistack serve`: the server.

use super::Failure;
use super::client::{Client, HttpTransport};
use super::notify::notify;
use crate::authentication;
use crate::base::text::shell_word;
use crate::base::{Clock, Problem, Secret};
use crate::config::{Config, ConfigSources, Flag, Loaded, LogFormat};
use crate::crypto::token::{self, TokenKind};
use crate::http::listener::SocketPath;
use crate::http::server::{self, Serving, StartError};
use crate::http::tls::Tls;
use crate::jobs::{Job, Runner};
use crate::mail::Mailer;
use crate::maintenance;
use crate::setup;
use crate::stack::{self, Made, Stack};
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;
use clap::Args;
use std::io::{self, IsTerminal, Write, stderr};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a server that runs already may take to say who it is.
const ASK: Duration = Duration::from_secs(2);

/// Run the server
///
/// With nothing set it keeps its data in ./data, listens on 127.0.0.1:8080, and prints a one-time link for the first administrator.
#[derive(Args, Debug, Default, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack serve\n  \
    scaistack serve --data /var/lib/scaistack --listen 127.0.0.1:9000 \\\n    --public-url https://id.example.com\n\n\
    All settings: scaistack config example")]
pub struct Serve {
    #[command(flatten)]
    pub(super) settings: SettingsFlags,
}

/// The settings that have a flag.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsFlags {
    /// Settings file [default: the first of ./, ~/.config/scaistack/ and /etc/scaistack/ that has a scaistack.toml] [env: SCAISTACK_CONFIG]
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

impl SettingsFlags {
    /// Where the settings come from.
    pub fn sources(&self) -> ConfigSources {
        let data = self.data.as_ref().map(|data| Flag::new("--data", "storage.data", data.display().to_string()));
        let listen = self.listen.as_ref().map(|listen| Flag::new("--listen", "server.listen", listen));
        let url = self.public_url.as_ref().map(|url| Flag::new("--public-url", "server.public_url", url));
        ConfigSources::of_process(self.config.clone(), [data, listen, url].into_iter().flatten().collect())
    }
}

impl Serve {
    /// Runs the server until it is stopped.
    ///
    /// # Errors
    /// Settings that are not acceptable, a data file that does not open, or an address that is taken.
    pub fn run(self) -> Result<(), Failure> {
        let sources = self.settings.sources();
        let loaded = Loaded::read(&sources)?;
        let unseal = loaded.config.storage.unseal_with(&sources)?;
        logs::start(&loaded.config.log).map_err(|error| Failure::usage(error.to_string()))?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        no_core_dumps();
        // The workers have runtimes of their own; this one has the signals and the jobs.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Before anything is made: a server that cannot run leaves nothing behind.
        let (port, hangups) = runtime.block_on(async {
            nobody_else(&loaded.config).await?;
            Ok::<_, Failure>((port(&loaded.config)?, signal(SignalKind::hangup())?))
        })?;
        let mail = &loaded.config.mail;
        let origin = loaded.config.server.origin(loaded.config.server.listen.0);
        let mailer =
            Mailer::new(mail, mail.password(&sources)?, &origin).map_err(|error| Failure::usage(error.to_string()))?;
        let (stack, made) =
            stack::open(loaded.config, &unseal, Clock::System, Metrics::install(), crate::schema::STEPS)?;
        let stack = Arc::new(stack);
        if let Some(mailer) = mailer {
            stack.mail_by(mailer);
        }
        let link = setup_link(&stack)?;
        let served = runtime.block_on(serve(&stack, port, hangups, made, link));
        drop(runtime);
        if let Err(problem) = stack.limits.close(&stack.store, stack.now()) {
            tracing::warn!(code = problem.code, "what was counted against limits is known roughly only");
        }
        if let Err(problem) = authentication::close_tries(&stack, stack.now()) {
            tracing::warn!(code = problem.code, "wrong tries of the last minute were not written down");
        }
        stack.store.close();
        served
    }
}

/// Keeps keys out of core dumps and away from debuggers of the same user.
fn no_core_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() || setrlimit(Resource::Core, none).is_err() {
        tracing::warn!("core dumps could not be switched off");
    }
}

/// Binds the port of the settings.
fn port(config: &Config) -> Result<TcpListener, Failure> {
    server::bind(&config.server).map_err(|error| {
        let hint = match &error {
            StartError::Listen(error) if error.kind() == io::ErrorKind::AddrInUse => {
                "; another program listens there: stop it, or name another address with --listen"
            }
            StartError::Listen(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "; a port below 1024 needs a right of its own (setcap cap_net_bind_service=+ep, or a socket of systemd)"
            }
            _ => "",
        };
        Failure::failed(format!("{error}{hint}"))
    })
}

/// Refuses a second server on the same data folder, and says which one runs.
async fn nobody_else(config: &Config) -> Result<(), Failure> {
    let socket = config.storage.socket();
    let Ok(near) = SocketPath::of(&socket) else { return Ok(()) };
    let stream = match UnixStream::connect(near.as_path()).await {
        Ok(stream) => Some(stream),
        // Its queue is full: somebody is there.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        Err(_) => return Ok(()),
    };
    let mut who = String::from("a server runs on this data folder already");
    if let Some(pid) = stream.and_then(|stream| stream.peer_cred().ok()?.pid()) {
        who.push_str(&format!(": process {pid}"));
    }
    let client = Client::new(HttpTransport::unix(&socket)?.waiting(ASK));
    match client.get("/api/v1/operator/info").await {
        Ok(info) => {
            let url = info.get("public_url").and_then(serde_json::Value::as_str).unwrap_or_default();
            let secs = info.get("uptime_secs").and_then(serde_json::Value::as_u64).unwrap_or_default();
            who.push_str(&format!(", {url}, up for {secs} s"));
        }
        Err(_) => who.push_str(", which does not answer"),
    }
    let folder = std::path::absolute(&config.storage.data).unwrap_or_else(|_| config.storage.data.clone());
    Err(Failure::failed(format!(
        "{who}. Stop it, or name another folder with --data (this one is {})",
        folder.display()
    )))
}

async fn serve(
    stack: &Arc<Stack>,
    port: TcpListener,
    hangups: Signal,
    made: Made,
    link: Option<Secret<String>>,
) -> Result<(), Failure> {
    let serving = server::start(stack, port, true).await.map_err(|error| Failure::failed(error.to_string()))?;
    announce(stack, &serving, made, link)?;
    let tls = serving.tls.clone();
    notify(&format!("READY=1\nSTATUS=Listens on {}, for {}", serving.running.local_addr(), stack.public_url()));
    let renewals = serving.tls.clone().map(|tls| {
        Job::new("renew-certificate", "Renews the server's own certificate, or loads one that was replaced.", 3600, {
            async move |_: Arc<Stack>, now| tls.reload(now).map(|()| 0).map_err(Problem::internal)
        })
    });
    let jobs = maintenance::all(stack, renewals.into_iter().collect());
    let jobs = Runner::new(Arc::clone(stack), jobs).map_err(|error| Failure::failed(error.to_string()))?;
    tokio::select! {
        () = serving.running.wait() => {}
        () = jobs.run() => {}
        () = reload(tls.as_deref(), hangups, stack) => {}
    }
    notify("STOPPING=1");
    if let Err(problem) = stack.write_strangers().await {
        tracing::warn!(code = problem.code, "the refusals of strangers since the last minute were not written");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Reads the certificate again at every SIGHUP, whose default would end the server. Does not come back.
async fn reload(tls: Option<&Tls>, mut hangups: Signal, stack: &Stack) {
    while hangups.recv().await.is_some() {
        match tls.map(|tls| tls.reload(stack.now())) {
            Some(Ok(())) => tracing::info!("SIGHUP: the certificate was read again"),
            Some(Err(error)) => tracing::error!(%error, "SIGHUP: the certificate cannot be read; the one in use stays"),
            None => tracing::info!("SIGHUP: there is no certificate to read, TLS is off"),
        }
    }
    std::future::pending().await
}

/// A one-time link for the first administrator, as long as there is none. A new start makes a new one, since only its
/// digest is kept.
fn setup_link(stack: &Stack) -> Result<Option<Secret<String>>, Failure> {
    let failed = |problem: Problem| Failure::failed(problem.to_string());
    if !setup::needed(&stack.store.read()).map_err(|error| failed(error.into()))? {
        return Ok(None);
    }
    let link = token::make(TokenKind::SetupLink);
    let digest =
        token::parse(TokenKind::SetupLink, link.expose()).map_err(|error| Failure::failed(error.to_string()))?;
    let now = stack.now();
    stack
        .store
        .write_blocking(move |tx| setup::new_link(tx, digest, setup::Purpose::First, now).map(drop))
        .map_err(failed)?;
    Ok(Some(link))
}

/// Says on stdout where it listens and what to do next. The log goes to stderr, and has the same without the link where it is
/// for machines.
fn announce(stack: &Stack, serving: &Serving, made: Made, link: Option<Secret<String>>) -> Result<(), Failure> {
    let storage = &stack.config.storage;
    let (url, address) = (stack.public_url(), serving.running.local_addr());
    let data = std::path::absolute(&storage.data)?;
    if stack.config.log.format.of(stderr().is_terminal()) == LogFormat::Json {
        tracing::info!(%address, public_url = url, data = %data.display(), "listening");
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "scaistack {} listens on {address}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  public URL:  {url}")?;
    if let Some(authority) = serving.tls.as_ref().and_then(|tls| tls.ca_path()) {
        let authority = std::path::absolute(authority)?;
        writeln!(out, "  TLS:         on the same port; for this machine https://localhost:{}", address.port())?;
        writeln!(out, "               with the authority {}", authority.display())?;
    }
    let new = |is_new: bool| if is_new { " (new)" } else { "" };
    writeln!(out, "  data folder: {}{}", data.display(), new(made.data_file))?;
    if made.key_file {
        let key = std::path::absolute(storage.key_file())?;
        writeln!(out, "  root key:    {} (new): keep a copy elsewhere.", key.display())?;
        writeln!(out, "               Without it the data is lost; with it anybody can read the data file.")?;
    }
    if let Some(link) = link {
        writeln!(out, "\nMake the first administrator, once:\n  {url}/setup?token={}", link.expose())?;
        let flag = if storage.data == Path::new("./data") {
            String::new()
        } else {
            format!(" --data {}", shell_word(&data.display().to_string()))
        };
        writeln!(out, "\nOr try it from a second terminal:")?;
        writeln!(out, "  curl -H \"Authorization: Bearer $(scaistack token create{flag})\" {url}/v1/auth/whoami")?;
    }
    out.flush()?;
    Ok(())
}
