//! The public URL as a client sees it: where it leads, its clock, its certificate, its cookies.

use super::super::client::{Probe, probe};
use super::certificate;
use super::findings::{Findings, State};
use crate::base::{Clock, Timestamp};
use crate::config::Loaded;
use serde_json::Value;
use std::fs;

/// How far two clocks may be apart, in seconds: a time code holds for 30.
const SKEW: i64 = 5;
/// A certificate that ends sooner than this should have been renewed, in days.
const ENDS_SOON_DAYS: i64 = 14;

/// Whether the public URL leads to a server that calls itself the same, and whether its clock agrees with ours.
pub(super) async fn look(loaded: &Loaded, told: Option<String>, findings: &mut Findings) {
    let server = &loaded.config.server;
    if told.is_none() && server.public_url.is_empty() && server.listen.0.port() == 0 {
        return;
    }
    let origin = told.unwrap_or_else(|| server.origin(server.listen.0));
    let authority = fs::read(loaded.config.storage.tls_folder().join("ca.pem")).ok();
    let url = format!("{origin}/api/v1/platform/oauth/.well-known/openid-configuration");
    match probe(&url, authority.as_deref()).await {
        Err(reason) => unanswered(&origin, &reason, findings),
        Ok(Probe { body, status, date, certificate: shown, .. }) => {
            let issuer = format!("{origin}/platform");
            match body.get("issuer").and_then(Value::as_str) {
                Some(said) if said == issuer => {
                    findings.add("public URL", State::Ok, format!("{origin} leads to a server of that name"))
                }
                Some(said) => findings.add(
                    "public URL",
                    State::Bad,
                    format!("{origin} calls itself {}", super::super::out::cell(&said.into())),
                ),
                None => {
                    findings.add("public URL", State::Bad, format!("{origin} leads to something else: HTTP {status}"))
                }
            }
            if let Some(skew) = date.as_deref().and_then(skew) {
                let state = if skew.abs() > SKEW { State::Bad } else { State::Ok };
                findings.add("clock", state, format!("{} s from that of {origin}", skew.abs()));
            }
            if let Some(end) = shown.as_deref().and_then(certificate::end) {
                ends(&origin, end, Clock::System.now(), findings);
            }
            if let Ok(page) = probe(&format!("{origin}/admin/sign-in"), authority.as_deref()).await {
                cookies(&origin, &page.cookies, findings);
            }
        }
    }
}

/// Why nobody answers at the public URL. A certificate that is not taken keeps all clients away, from wherever they come; that nobody
/// is reached may be so from here only.
fn unanswered(origin: &str, reason: &str, findings: &mut Findings) {
    let lower = reason.to_lowercase();
    if lower.contains("invalid peer certificate: expired") || lower.contains("certificate expired") {
        let message = format!("that of {origin} has expired: renew it; clients refuse to connect ({reason})");
        findings.add("certificate", State::Bad, message);
    } else {
        findings.add("public URL", State::Warning, format!("{origin} does not answer from here: {reason}"));
    }
}

/// When the certificate of the public URL ends.
fn ends(origin: &str, end: Timestamp, now: Timestamp, findings: &mut Findings) {
    let days = (end.secs() - now.secs()).div_euclid(86_400);
    let (state, message) = match days {
        ..0 => (State::Bad, format!("that of {origin} has expired, at {}: renew it", end.iso_secs())),
        0..ENDS_SOON_DAYS => (State::Warning, format!("that of {origin} ends in {days} days, at {}", end.iso_secs())),
        _ => (State::Ok, format!("that of {origin} ends in {days} days, at {}", end.iso_secs())),
    };
    findings.add("certificate", state, message);
}

/// How many seconds our clock is ahead of an HTTP date.
fn skew(date: &str) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Clock::System.now().secs() - theirs.as_second())
}

/// Whether a browser sends the cookies of the pages over TLS only.
fn cookies(origin: &str, set: &[String], findings: &mut Findings) {
    let Some(first) = set.first() else { return };
    let name = first.split('=').next().unwrap_or_default();
    let is_bound = |cookie: &String| {
        cookie.starts_with("__Host-")
            && cookie.split(';').any(|attribute| attribute.trim().eq_ignore_ascii_case("secure"))
    };
    if set.iter().all(is_bound) {
        findings.add("cookies", State::Ok, format!("{name} is for {origin} and TLS only"));
    } else if origin.starts_with("https:") {
        let message =
            format!("{name} is not for TLS only, though {origin} is https: is something in between changing it?");
        findings.add("cookies", State::Bad, message);
    } else {
        findings.add("cookies", State::Ok, format!("{name} goes in clear text too, as {origin} is not https"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read() {
        let ahead = skew("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(Clock::System.now().secs() - ahead, 784_111_777);
        assert_eq!(skew("yesterday"), None);
    }

    #[test]
    fn a_certificate_that_has_expired_is_a_fault() {
        let mut findings = Findings::default();
        let now = Timestamp::from_secs(1_800_000_000);
        for days in [30, 13, 0, -1] {
            ends("https://id.example.com", now.plus_secs(days * 86_400), now, &mut findings);
        }
        unanswered("https://id.example.com", "invalid peer certificate: Expired", &mut findings);
        unanswered(
            "https://id.example.com",
            "invalid peer certificate: certificate expired: verification time 1",
            &mut findings,
        );
        unanswered("https://id.example.com", "connection refused", &mut findings);
        let found: Vec<_> = findings.0.iter().map(|(what, state, _)| (*what, *state)).collect();
        let expected = [
            ("certificate", State::Ok),
            ("certificate", State::Warning),
            ("certificate", State::Warning),
            ("certificate", State::Bad),
            ("certificate", State::Bad),
            ("certificate", State::Bad),
            ("public URL", State::Warning),
        ];
        assert_eq!(found, expected);
        for at in [3, 4] {
            assert!(findings.0[at].2.contains("has expired") && findings.0[at].2.contains("renew it"));
        }
    }

    #[test]
    fn cookies_under_tls_are_bound_to_it() {
        let mut findings = Findings::default();
        let bound = "__Host-scaistack_visit=x; Path=/; Secure; HttpOnly".to_owned();
        let loose = "scaistack_visit=x; Path=/; HttpOnly".to_owned();
        let both = [bound, loose];
        cookies("https://id.example.com", &both[..1], &mut findings);
        cookies("https://id.example.com", &both, &mut findings);
        cookies("http://127.0.0.1:8080", &both[1..], &mut findings);
        cookies("https://id.example.com", &[], &mut findings);
        let states: Vec<_> = findings.0.iter().map(|(_, state, _)| *state).collect();
        assert_eq!(states, [State::Ok, State::Bad, State::Ok]);
    }
}
