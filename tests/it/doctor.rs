//! What doctor sees of a server that serves TLS under its own name.

use super::server::Server;
use serde_json::Value;

/// State and message of each check.
fn told(server: &Server, check: &str) -> Vec<(String, String)> {
    let said = server.cli(&["doctor", "--json"]).stdout;
    let rows: Vec<Value> = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let of = rows.iter().filter(|row| row["check"] == check);
    of.map(|row| (text(row, "state"), text(row, "message"))).collect()
}

#[test]
fn certificate_cookies_clock_backup_disk_and_proxies_are_looked_at() {
    let server = Server::start_with_tls();
    let one = |check: &str| {
        let told = told(&server, check);
        assert_eq!(told.len(), 1, "{check}: {told:?}");
        told[0].clone()
    };
    let (state, words) = one("certificate");
    assert!(state == "ok" && words.starts_with(&format!("that of {} ends in 39", server.url)), "{words}");
    let (state, words) = one("cookies");
    assert!(state == "ok" && words.starts_with("__Host-"), "{words}");
    assert_eq!(one("clock").0, "ok");
    assert_eq!(one("public URL").0, "ok");
    assert_eq!(one("mail").0, "ok");
    assert!(one("disk space").1.contains("MiB are free"));
    assert_eq!(one("proxy headers").0, "ok");
    assert_eq!(one("backup").0, "warning");
    // One that failed is none.
    assert_ne!(server.cli(&["backup", "/nowhere/that/is/not/one.scai"]).code, 0);
    assert_eq!(one("backup").0, "warning");
    let path = server.data.with_file_name("one.scai");
    server.cli(&["backup", path.to_str().unwrap()]).ok();
    let (state, words) = one("backup");
    assert!(state == "ok" && words.ends_with(path.to_str().unwrap()), "{words}");
}
