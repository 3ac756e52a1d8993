//! `scaistack doctor`: compares the settings with what can be seen.

use super::client::{Call, HttpTransport, Probe, Transport, probe};
use super::session::block_on;
use super::{Connect, Failure, Out};
use crate::base::Clock;
use crate::config::{Loaded, UnsealWith};
use clap::Args;
use http::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// How far two clocks may be apart, in seconds: a time code holds for 30.
const SKEW: i64 = 5;

/// Compare the settings with what can be seen: files, socket, public URL, clock
#[derive(Args, Debug)]
pub struct Doctor {
    #[command(flatten)]
    connect: Connect,
}

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Bad,
}

/// What was looked at, and how it was found.
#[derive(Debug, Default)]
struct Findings(Vec<(&'static str, State, String)>);

impl Findings {
    fn add(&mut self, what: &'static str, state: State, message: impl Into<String>) {
        self.0.push((what, state, message.into()));
    }

    fn rows(&self) -> Vec<Value> {
        let word = |state| match state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Bad => "bad",
        };
        self.0
            .iter()
            .map(|(what, state, message)| json!({ "check": what, "state": word(*state), "message": message }))
            .collect()
    }
}

impl Doctor {
    /// Looks, and prints what it has seen.
    ///
    /// # Errors
    /// Something is bad, after everything has been looked at.
    pub fn run(self) -> Result<(), Failure> {
        self.connect.only_here("doctor")?;
        let mut out = Out::of_process(self.connect.form.format());
        let mut findings = Findings::default();
        match self.connect.settings() {
            Err(failure) => failure.to_string().lines().for_each(|line| findings.add("settings", State::Bad, line)),
            Ok(loaded) => {
                findings.add("settings", State::Ok, "every value is acceptable");
                loaded.warnings.iter().for_each(|warning| findings.add("settings", State::Warning, warning));
                files(&loaded, &self.connect, &mut findings);
                block_on(async {
                    let told = server(&loaded, &mut findings).await;
                    public_url(&loaded, told, &mut findings).await;
                    Ok(())
                })?;
            }
        }
        out.rows(&findings.rows(), &[("CHECK", "check"), ("STATE", "state"), ("", "message")])?;
        if findings.0.iter().any(|(_, state, _)| *state == State::Bad) { Err(Failure::Exit(1)) } else { Ok(()) }
    }
}

/// The data file and what opens it.
fn files(loaded: &Loaded, connect: &Connect, findings: &mut Findings) {
    let storage = &loaded.config.storage;
    if !storage.data_file().exists() {
        findings.add(
            "data file",
            State::Warning,
            format!("{} is not there yet: the first start makes it", storage.data_file().display()),
        );
        return;
    }
    private("data file", &storage.data_file(), findings);
    match storage.unseal_with(&connect.sources()) {
        Err(error) => findings.add("key", State::Bad, error.to_string()),
        Ok(UnsealWith::Passphrase(_)) => findings.add("key", State::Ok, "a passphrase opens the data file"),
        Ok(UnsealWith::KeyFile(path)) => {
            private("key", &path, findings);
            if path.parent() == Some(&storage.data) {
                findings.add(
                    "key",
                    State::Warning,
                    "it lies beside the data file: keep a copy elsewhere, or whoever copies the folder has both",
                );
            }
        }
    }
}

/// Whether a file is there and only its owner can read it.
fn private(what: &'static str, path: &Path, findings: &mut Findings) {
    match fs::metadata(path) {
        Err(error) => findings.add(what, State::Bad, format!("{}: {error}", path.display())),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            findings.add(what, State::Bad, format!("others can read {}: chmod 600 it", path.display()));
        }
        Ok(_) => findings.add(what, State::Ok, format!("{}, for its owner only", path.display())),
    }
}

/// Whether a server answers on the socket, and which public URL it has: its flags may differ from the settings here.
async fn server(loaded: &Loaded, findings: &mut Findings) -> Option<String> {
    let socket = loaded.config.storage.socket();
    let transport = HttpTransport::unix(&socket).ok()?;
    let get =
        |path: &str| transport.send(Call { method: Method::GET, path: path.to_owned(), body: None, is_long: false });
    match get("/v1/health/ready").await {
        Ok(answer) if answer.status == 200 => {
            findings.add("server", State::Ok, format!("ready, on {}", socket.display()))
        }
        Ok(answer) => findings.add("server", State::Bad, format!("not ready: HTTP {}", answer.status)),
        Err(error) => findings.add("server", State::Warning, error.to_string()),
    }
    if let Ok(answer) = get("/api/v1/admin/jobs?per_page=100").await {
        match answer.value() {
            Ok(body) => jobs(&body, findings),
            Err(failure) => findings.add("jobs", State::Bad, failure.to_string()),
        }
    }
    let info = get("/api/v1/operator/info").await.ok()?.value().ok()?;
    info.get("public_url").and_then(Value::as_str).map(str::to_owned)
}

/// Which of the server's jobs fail.
fn jobs(answer: &Value, findings: &mut Findings) {
    let Some(jobs) = answer["data"].as_array() else {
        findings.add("jobs", State::Bad, "the server's answer has no list of its jobs");
        return;
    };
    let failing: Vec<&Value> = jobs.iter().filter(|job| job["failures"].as_u64() > Some(0)).collect();
    for job in &failing {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (name, why) = (text(&job["name"]), text(&job["last_run"]["error"]["message"]));
        let message =
            format!("{name} has failed {} times: {why}; the log of the server has the cause", job["failures"]);
        findings.add("jobs", State::Warning, message);
    }
    if failing.is_empty() && !jobs.is_empty() {
        findings.add("jobs", State::Ok, format!("{} jobs, none fails", jobs.len()));
    }
}

/// Whether the public URL leads to a server that calls itself the same, and whether its clock agrees with ours.
async fn public_url(loaded: &Loaded, told: Option<String>, findings: &mut Findings) {
    let server = &loaded.config.server;
    if told.is_none() && server.public_url.is_empty() && server.listen.0.port() == 0 {
        return;
    }
    let origin = told.unwrap_or_else(|| server.origin(server.listen.0));
    let authority = fs::read(loaded.config.storage.tls_folder().join("ca.pem")).ok();
    let url = format!("{origin}/api/v1/platform/oauth/.well-known/openid-configuration");
    match probe(&url, authority.as_deref()).await {
        Err(reason) => {
            findings.add("public URL", State::Warning, format!("{origin} does not answer from here: {reason}"))
        }
        Ok(Probe { body, status, date }) => {
            let issuer = format!("{origin}/platform");
            match body.get("issuer").and_then(Value::as_str) {
                Some(said) if said == issuer => {
                    findings.add("public URL", State::Ok, format!("{origin} leads to a server of that name"))
                }
                Some(said) => findings.add(
                    "public URL",
                    State::Bad,
                    format!("{origin} calls itself {}", super::out::cell(&said.into())),
                ),
                None => {
                    findings.add("public URL", State::Bad, format!("{origin} leads to something else: HTTP {status}"))
                }
            }
            if let Some(skew) = date.as_deref().and_then(skew) {
                let state = if skew.abs() > SKEW { State::Bad } else { State::Ok };
                findings.add("clock", state, format!("{} s from that of {origin}", skew.abs()));
            }
        }
    }
}

/// How many seconds our clock is ahead of an HTTP date.
fn skew(date: &str) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Clock::System.now().secs() - theirs.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut findings = Findings::default();
        private("key", &path, &mut findings);
        fs::write(&path, "x").unwrap();
        for mode in [0o644, 0o600] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            private("key", &path, &mut findings);
        }
        let states: Vec<_> = findings.0.iter().map(|(_, state, _)| *state).collect();
        assert_eq!(states, [State::Bad, State::Bad, State::Ok]);
        assert_eq!(findings.rows()[2]["state"], "ok");
    }

    #[test]
    fn http_dates_are_read() {
        let ahead = skew("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(Clock::System.now().secs() - ahead, 784_111_777);
        assert_eq!(skew("yesterday"), None);
    }
}
