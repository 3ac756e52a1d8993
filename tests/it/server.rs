//! The server under test: the built binary in a folder of its own, what it printed, what it logged, and its command line.
//!
//! When it ends, every secret that the tests came to see must be absent from its log, which is written at the finest
//! level.

use super::wire::{Answer, Call, PATIENCE};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// The binary, with nothing of this process's settings.
pub fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scaistack"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SCAISTACK")) {
        command.env_remove(name);
    }
    // Not the repository's own folder, where a scaistack.toml lies.
    command.current_dir(folder);
    command
}

/// Where the clients of other languages are, installed by `tests/run`.
pub fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// What it printed, if it succeeded.
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout.trim_end_matches('\n')
    }

    /// As [`Ran::ok`], as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.ok()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs a command to its end, within a minute.
pub fn run(command: Command, stdin: &[u8]) -> Ran {
    run_within(command, stdin, 2 * PATIENCE)
}

/// As [`run`], with another limit.
pub fn run_within(mut command: Command, stdin: &[u8], limit: Duration) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_child(&child);
    // A command that does not read its input closes it early.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let (done, ended) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(limit) else {
        let _ = kill_process(pid, Signal::KILL);
        panic!("{command:?} does not end");
    };
    let output = output.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the command line on a data folder, with something on its stdin.
pub fn cli<S: AsRef<OsStr>>(data: &Path, args: &[S], stdin: &str) -> Ran {
    let mut command = binary(data.parent().unwrap());
    command.args(args).env("SCAISTACK_DATA", data);
    run(command, stdin.as_bytes())
}

/// A name that no other test has.
pub fn unique(front: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    format!("{front}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A running server.
pub struct Server {
    pub addr: SocketAddr,
    /// Its origin, without a trailing slash.
    pub url: String,
    /// Its data folder.
    pub data: PathBuf,
    /// Where its log goes; the servers of one folder write one after another.
    pub log: PathBuf,
    lines: Mutex<Receiver<Option<String>>>,
    printed: Mutex<Vec<String>>,
    pid: Pid,
    ended: Mutex<Receiver<ExitStatus>>,
    secrets: Mutex<BTreeSet<String>>,
    folder: Arc<TempDir>,
    over: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// A server of its own, with a fresh data folder.
    pub fn start() -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), &[])
    }

    /// The one that the tests share which change nothing that others look at. It lives as long as one of them runs.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = lock(&SHARED);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// A server on the data folder `data` in this folder, made if it is not there.
    pub fn start_in(folder: Arc<TempDir>, environment: &[(&str, &str)]) -> Self {
        Self::try_start_in(folder, environment).unwrap_or_else(|said| panic!("the server does not start: {said}"))
    }

    /// A server of its own that clients reach through TLS under its public address, `https://localhost:<port>`.
    pub fn start_with_tls() -> Self {
        // The port has to be known before: the system gives one that is free, which nobody else gets so soon.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let public = format!("https://localhost:{port}");
        let settings = [("SCAISTACK_SERVER_PUBLIC_URL", public.as_str())];
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::try_start_on(&format!("127.0.0.1:{port}"), folder, &settings).unwrap()
    }

    /// As [`Server::start_in`].
    ///
    /// # Errors
    /// What it wrote when it ended instead of serving.
    pub fn try_start_in(folder: Arc<TempDir>, environment: &[(&str, &str)]) -> Result<Self, String> {
        Self::try_start_on("127.0.0.1:0", folder, environment)
    }

    fn try_start_on(listen: &str, folder: Arc<TempDir>, environment: &[(&str, &str)]) -> Result<Self, String> {
        let (data, log) = (folder.path().join("data"), folder.path().join("server.log"));
        let errors = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = binary(folder.path());
        command.args(["serve", "--listen", listen, "--data"]).arg(&data);
        command.env("SCAISTACK_LOG_LEVEL", "trace").envs(environment.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let (lines, ended) = watch(child);
        let mut printed = Vec::new();
        let url = loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(Some(line)) => {
                    let url = ready(&line);
                    printed.push(line);
                    if let Some(url) = url {
                        break url;
                    }
                }
                Ok(None) => return Err(format!("{printed:?}\n{}", fs::read_to_string(&log).unwrap_or_default())),
                Err(_) => {
                    let _ = kill_process(pid, Signal::KILL);
                    return Err(format!("not ready in time: {printed:?}"));
                }
            }
        };
        let addr = printed.iter().find_map(|line| listening(line)).expect("an address");
        let (lines, printed, ended) = (Mutex::new(lines), Mutex::new(printed), Mutex::new(ended));
        let secrets = Mutex::default();
        let server = Self { addr, url, data, log, lines, printed, pid, ended, secrets, folder, over: false };
        if let Ok(key) = fs::read_to_string(server.data.join("root.key")) {
            server.secret(key.trim());
        }
        Ok(server)
    }

    /// The folder in which the data folder and the log are, to start another server there.
    pub fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// Remembers a text that must never be in the log. Gives it back.
    pub fn secret(&self, text: &str) -> String {
        assert!(text.len() >= 8, "too short to be looked for");
        lock(&self.secrets).insert(text.to_owned());
        text.to_owned()
    }

    /// The token of the setup link, which it prints after it has said that it is ready.
    pub fn setup_token(&self) -> String {
        loop {
            if let Some(token) = setup_token(&lock(&self.printed)) {
                return token;
            }
            let line = lock(&self.lines).recv_timeout(PATIENCE).unwrap().expect("a setup link");
            lock(&self.printed).push(line);
        }
    }

    /// The command that it tells the reader to run next, which begins so.
    pub fn next_command(&self, front: &str) -> String {
        loop {
            if let Some(line) = lock(&self.printed).iter().find_map(|line| line.trim().strip_prefix(front)) {
                return format!("{front}{line}");
            }
            let line = lock(&self.lines).recv_timeout(PATIENCE).unwrap().expect("a command");
            lock(&self.printed).push(line);
        }
    }

    /// Runs the command line on this server's data folder.
    pub fn cli<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        cli(&self.data, args, "")
    }

    /// As [`Server::cli`], with something on its stdin.
    pub fn cli_with<S: AsRef<OsStr>>(&self, args: &[S], stdin: &str) -> Ran {
        cli(&self.data, args, stdin)
    }

    pub fn call(&self, method: &str, target: &str) -> Call {
        Call::new(self.addr, method, target)
    }

    pub fn get(&self, target: &str) -> Call {
        self.call("GET", target)
    }

    /// GET with a token.
    pub fn get_as(&self, token: &str, target: &str) -> Answer {
        self.get(target).bearer(token).send()
    }

    /// A token of a program that administers the platform: what a script that makes people and credentials uses, since a
    /// personal token does not answer for a person.
    pub fn admin(&self) -> String {
        let app = self.app("SERVICE", "admin:read admin:write", &[]);
        self.access_token(&app, None, "admin:read admin:write")
    }

    /// A personal token of the operator.
    pub fn token(&self, scopes: &str) -> String {
        self.secret(self.cli(&["token", "create", "--scopes", scopes]).ok())
    }

    /// Registers an application.
    pub fn app(&self, kind: &str, scopes: &str, more: &[&str]) -> App {
        let name = unique("app");
        let mut args = vec!["app", "create", "--name", &name, "--type", kind, "--allowed-scopes", scopes, "--json"];
        args.extend(if more.is_empty() { &["--scope", "GLOBAL"] } else { more });
        let made = self.cli(&args).json();
        let text = |field: &str| made[field].as_str().unwrap_or_default().to_owned();
        let app = App { name, id: text("id"), client_id: text("client_id"), secret: text("client_secret") };
        if !app.secret.is_empty() {
            self.secret(&app.secret);
        }
        app
    }

    /// An access token by client credentials, at the platform's endpoint or that of a tenant.
    pub fn access_token(&self, app: &App, tenant: Option<&str>, scope: &str) -> String {
        let endpoint = token_endpoint(tenant);
        let form = format!("grant_type=client_credentials&scope={}", scope.replace(' ', "+"));
        let answer = self.call("POST", &endpoint).basic(&app.client_id, &app.secret).form(&form).send();
        let token = answer.expect(200)["access_token"].as_str().unwrap().to_owned();
        self.secret(token.rsplit('.').next().unwrap());
        self.secret(&token)
    }

    /// Makes a tenant; gives its id.
    pub fn tenant(&self, slug: &str) -> String {
        let made = self.cli(&["tenant", "create", "--name", slug, "--slug", slug, "--json"]).json();
        made["id"].as_str().unwrap().to_owned()
    }

    /// Asks it to stop and waits for its end.
    pub fn stop(mut self) -> ExitStatus {
        self.end(Signal::TERM)
    }

    /// As [`Server::stop`]; gives all that it ever printed.
    pub fn stop_and_show(mut self) -> String {
        assert!(self.end(Signal::TERM).success());
        lock(&self.printed).join("\n")
    }

    /// Ends it at once, as a power cut of the process.
    pub fn kill(mut self) {
        self.end(Signal::KILL);
    }

    /// Sends a signal without waiting.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// The most of its memory that was resident so far, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }

    /// How much of its memory is in RAM, in KiB.
    pub fn resident_kib(&self) -> u64 {
        self.memory_kib("VmRSS:")
    }

    /// A line of what the kernel tells of the process.
    fn memory_kib(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid.as_raw_nonzero())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn end(&mut self, signal: Signal) -> ExitStatus {
        self.over = true;
        // It may be gone already.
        let _ = kill_process(self.pid, signal);
        let ended = lock(&self.ended).recv_timeout(2 * PATIENCE);
        let status = ended.unwrap_or_else(|_| {
            let _ = kill_process(self.pid, Signal::KILL);
            panic!("the server does not end");
        });
        while let Ok(Some(line)) = lock(&self.lines).recv_timeout(PATIENCE) {
            lock(&self.printed).push(line);
        }
        status
    }

    /// Whether a text stands in the log.
    fn logged(&self, text: &str) -> bool {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).contains(text)
    }

    /// The secrets that stand in the log.
    fn leaked(&self) -> Vec<String> {
        let log = fs::read(&self.log).unwrap();
        let log = String::from_utf8_lossy(&log);
        let mut secrets = lock(&self.secrets);
        secrets.extend(setup_token(&lock(&self.printed)));
        let line = |secret: &str| log.lines().find(|line| line.contains(secret)).unwrap_or_default().to_owned();
        secrets.iter().filter(|secret| log.contains(secret.as_str())).map(|secret| line(secret)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.over && !thread::panicking() {
            self.end(Signal::TERM);
        } else if !self.over {
            let _ = kill_process(self.pid, Signal::KILL);
        }
        let leaked = self.leaked();
        if !thread::panicking() {
            assert!(leaked.is_empty(), "these lines of the log hold a secret:\n{}", leaked.join("\n"));
        }
    }
}

/// The token of the setup link among these lines.
fn setup_token(printed: &[String]) -> Option<String> {
    let line = printed.iter().find_map(|line| line.split_once("/setup?token="))?.1;
    Some(line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}

/// The origin, in the second line, which says that the server is ready.
fn ready(line: &str) -> Option<String> {
    Some(line.trim().strip_prefix("public URL:")?.trim().to_owned())
}

/// The address, in the first line.
fn listening(line: &str) -> Option<SocketAddr> {
    line.split_once(" listens on ")?.1.parse().ok()
}

/// Reads what a child prints, line by line and then `None`, and waits for its end.
fn watch(mut child: Child) -> (Receiver<Option<String>>, Receiver<ExitStatus>) {
    let (line, lines) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let stdout = child.stdout.take().unwrap();
    thread::spawn(move || {
        for text in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = line.send(Some(text));
        }
        let status = child.wait().unwrap();
        let _ = end.send(status);
        let _ = line.send(None);
    });
    (lines, ended)
}

/// An application and its secret.
#[derive(Clone, Debug)]
pub struct App {
    pub name: String,
    pub id: String,
    pub client_id: String,
    pub secret: String,
}

/// Where tokens are got.
pub fn token_endpoint(tenant: Option<&str>) -> String {
    match tenant {
        None => "/api/v1/platform/oauth/token".to_owned(),
        Some(slug) => format!("/api/v1/auth/tenants/{slug}/oauth/token"),
    }
}

/// The encrypted data file of a data folder.
pub fn data_file(data: &Path) -> PathBuf {
    data.join("scaistack.db")
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Opens a file for reading whole.
pub fn bytes(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let mut all = Vec::new();
    // A socket cannot be opened, and holds nothing.
    if let Ok(mut file) = File::open(path) {
        file.read_to_end(&mut all).unwrap();
    }
    all
}

#[test]
fn the_log_is_written_at_the_finest_level_and_the_scan_finds_what_is_there() {
    let server = Server::start();
    let planted = "/v1/secrets/planted/for-the-scan";
    server.get(planted).send();
    assert!(server.logged("\"TRACE\"") && server.logged(planted));
    assert!(!server.logged("planted/for-the-scan/not"));
    lock(&server.secrets).insert("planted/for-the-scan".to_owned());
    let leaked = server.leaked();
    assert!(leaked.iter().any(|line| line.contains(planted)), "{leaked:?}");
    lock(&server.secrets).remove("planted/for-the-scan");
}
