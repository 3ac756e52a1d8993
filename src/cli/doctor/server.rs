//! The running server: whether it is ready, its jobs, its last backup, and what it has seen of proxies.

use super::super::client::{Call, HttpTransport, Transport};
use super::findings::{Findings, State};
use crate::base::{Clock, Timestamp};
use crate::config::Loaded;
use http::Method;
use serde_json::Value;

/// A backup older than this is told, in days.
const OLD_BACKUP_DAYS: i64 = 7;

/// A server that answers on the socket.
pub(super) struct Running {
    transport: HttpTransport,
    public_url: String,
}

/// Whether a server answers on the socket, and which public URL it has: its flags may differ from the settings here.
pub(super) async fn look(loaded: &Loaded, findings: &mut Findings) -> Option<Running> {
    let socket = loaded.config.storage.socket();
    let transport = HttpTransport::unix(&socket).ok()?;
    match get(&transport, "/v1/health/ready").await {
        Ok(answer) if answer.status == 200 => {
            findings.add("server", State::Ok, format!("ready, on {}", socket.display()))
        }
        Ok(answer) => findings.add("server", State::Bad, format!("not ready: HTTP {}", answer.status)),
        Err(error) => findings.add("server", State::Warning, error.to_string()),
    }
    if let Ok(answer) = get(&transport, "/api/v1/admin/jobs?per_page=100").await {
        match answer.value() {
            Ok(body) => jobs(&body, findings),
            Err(failure) => findings.add("jobs", State::Bad, failure.to_string()),
        }
    }
    if let Ok(answer) = get(&transport, "/api/v1/admin/audit?action=instance.backup&result=success&per_page=1").await
        && answer.status == 200
        && let Ok(body) = answer.value()
    {
        backup(&body, Clock::System.now(), findings);
    }
    let info = get(&transport, "/api/v1/operator/info").await.ok()?.value().ok()?;
    let public_url = info.get("public_url").and_then(Value::as_str)?.to_owned();
    Some(Running { transport, public_url })
}

async fn get(
    transport: &HttpTransport,
    path: &str,
) -> Result<super::super::client::Answer, super::super::client::TransportError> {
    transport.send(Call { method: Method::GET, path: path.to_owned(), body: None, is_long: false }).await
}

impl Running {
    /// The origin that it says it has.
    pub(super) fn public_url(&self) -> String {
        self.public_url.clone()
    }

    /// What requests have shown to be wrong with the proxies in front.
    pub(super) async fn proxies(&self, findings: &mut Findings) {
        let Ok(answer) = get(&self.transport, "/api/v1/operator/info").await else { return };
        let Ok(info) = answer.value() else { return };
        let Some(faults) = info.get("proxy_faults").and_then(Value::as_array) else { return };
        for fault in faults {
            let message = fault["message"].as_str().unwrap_or_default();
            let seen = fault["seen_at"].as_str().unwrap_or_default();
            findings.add("proxy headers", State::Warning, format!("{message} (since {seen})"));
        }
        if faults.is_empty() {
            findings.add("proxy headers", State::Ok, "no request has shown a fault since the start");
        }
    }
}

/// How old the last backup is.
fn backup(answer: &Value, now: Timestamp, findings: &mut Findings) {
    let last = &answer["data"][0];
    let Some(at) = last["timestamp"].as_str().and_then(|text| Timestamp::parse(text).ok()) else {
        let message = "none was made by this server in the time that the audit log covers: scaistack backup FILE";
        return findings.add("backup", State::Warning, message);
    };
    let (days, path) = ((now.secs() - at.secs()) / 86_400, last["resource_id"].as_str().unwrap_or_default());
    let state = if days >= OLD_BACKUP_DAYS { State::Warning } else { State::Ok };
    let age = match days {
        ..=0 => "less than a day".to_owned(),
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    };
    findings.add("backup", state, format!("the last one is {age} old: {path}"));
}

/// Which of the server's jobs fail.
fn jobs(answer: &Value, findings: &mut Findings) {
    let Some(jobs) = answer["data"].as_array() else {
        return findings.add("jobs", State::Bad, "the server's answer has no list of its jobs");
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_age_of_a_backup_is_told() {
        let now = Timestamp::parse("2026-03-10T12:00:00Z").unwrap();
        let mut findings = Findings::default();
        let made = |at: &str| json!({ "data": [{ "timestamp": at, "resource_id": "/b/one.scai" }] });
        for answer in [
            json!({ "data": [] }),
            made("2026-03-10T11:00:00Z"),
            made("2026-03-09T11:00:00.000Z"),
            made("2026-03-03T12:00:00Z"),
        ] {
            backup(&answer, now, &mut findings);
        }
        let told: Vec<_> = findings.0.iter().map(|(_, state, words)| (*state, words.as_str())).collect();
        assert!(told[0].0 == State::Warning && told[0].1.starts_with("none was made"));
        assert_eq!(told[1], (State::Ok, "the last one is less than a day old: /b/one.scai"));
        assert_eq!(told[2], (State::Ok, "the last one is a day old: /b/one.scai"));
        assert_eq!(told[3], (State::Warning, "the last one is 7 days old: /b/one.scai"));
    }
}
