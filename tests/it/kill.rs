//! `kill -9` under load, again and again on the same data folder. `SCAISTACK_KILL_ROUNDS` asks for more rounds.

use super::server::Server;
use super::wire::Call;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Instant;

const WRITERS: u64 = 8;
const PATHS: u64 = 12;

/// What the writers know: which values they tried at a path, and which version was acknowledged for which value.
#[derive(Default)]
struct Known {
    tried: Mutex<BTreeMap<u64, BTreeSet<String>>>,
    acknowledged: Mutex<BTreeMap<(u64, u64), String>>,
    made: AtomicU64,
}

fn target(path: u64) -> String {
    format!("/v1/secrets/killed/p{path}")
}

/// Long enough to lie on several pages, and different in every part.
fn value(n: u64) -> String {
    let length = [40, 600, 9000][(n % 3) as usize];
    (0..)
        .map(|part: u64| format!("{n:x}.{part:x};"))
        .scan(0, |sum, part| {
            *sum += part.len();
            Some((*sum, part))
        })
        .take_while(|(sum, _)| *sum < length)
        .map(|(_, part)| part)
        .collect()
}

impl Known {
    /// Writes until the server is gone; tells of every acknowledged version.
    fn write(&self, put: impl Fn(u64) -> Call, told: &mpsc::Sender<()>) {
        loop {
            let n = self.made.fetch_add(1, Ordering::SeqCst);
            let (path, value) = (n % PATHS, value(n));
            self.tried.lock().unwrap().entry(path).or_default().insert(value.clone());
            let body = json!({ "data": { "value": value }, "options": { "max_versions": 1000 } });
            let Ok(answer) = put(path).json(&body).try_send() else { return };
            let answer = answer.expect_success();
            let version = answer["version"].as_u64().unwrap();
            let before = self.acknowledged.lock().unwrap().insert((path, version), value);
            assert_eq!(before, None, "version {version} of path {path} was acknowledged twice");
            let _ = told.send(());
        }
    }

    /// Reads everything back since these versions; gives the versions that there are.
    fn check(&self, server: &Server, token: &str, since: &BTreeMap<u64, u64>) -> BTreeMap<u64, u64> {
        let (tried, acknowledged) = (self.tried.lock().unwrap(), self.acknowledged.lock().unwrap());
        let mut latest = BTreeMap::new();
        for (path, tried) in tried.iter() {
            let newest = acknowledged.keys().filter(|(of, _)| of == path).map(|(_, version)| *version).max();
            let history = server.get_as(token, &format!("{}?view=versions", target(*path)));
            if history.status == 404 && newest.is_none() {
                continue;
            }
            let history = history.expect(200);
            let versions: Vec<u64> =
                history["versions"].as_array().unwrap().iter().map(|row| row["version"].as_u64().unwrap()).collect();
            let count = versions.len() as u64;
            assert!(versions.iter().copied().eq((1..=count).rev()), "path {path} has gaps: {versions:?}");
            assert!(
                count >= newest.unwrap_or(0),
                "path {path}: version {newest:?} was acknowledged, {count} are there"
            );
            for version in since.get(path).copied().unwrap_or(0) + 1..=count {
                let read = server.get_as(token, &format!("{}?version={version}", target(*path))).expect(200);
                let Value::String(read) = &read["data"]["value"] else {
                    panic!("version {version} of path {path}: {read}")
                };
                match acknowledged.get(&(*path, version)) {
                    Some(value) => assert_eq!(read, value, "version {version} of path {path}"),
                    // Nobody heard of it, but it is there: then whole.
                    None => assert!(tried.contains(read), "version {version} of path {path} is half there"),
                }
            }
            latest.insert(*path, count);
        }
        latest
    }
}

#[test]
fn no_acknowledged_version_is_lost_to_kill_9() {
    let rounds = std::env::var("SCAISTACK_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let known = Known::default();
    let mut server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let (mut seen, mut slowest) = (BTreeMap::new(), std::time::Duration::ZERO);
    for round in 0..rounds {
        thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            for _ in 0..WRITERS {
                let (known, tell, addr, token) = (&known, tell.clone(), server.addr, &token);
                scope.spawn(move || known.write(|path| Call::new(addr, "PUT", &target(path)).bearer(token), &tell));
            }
            // After a number of writes that differs from round to round, so that it hits at any point of a commit.
            for _ in 0..20 + round * 7 % 31 {
                told.recv_timeout(super::wire::PATIENCE).unwrap();
            }
            server.signal(rustix::process::Signal::KILL);
        });
        let folder = server.folder();
        server.kill();
        let started = Instant::now();
        server = Server::start_in(Arc::clone(&folder), &[]);
        slowest = slowest.max(started.elapsed());
        server.secret(&token);
        seen = known.check(&server, &token, &seen);
    }
    let all = known.check(&server, &token, &BTreeMap::new());
    assert_eq!(all, seen);
    server.cli(&["audit", "verify"]).ok();
    let count = known.acknowledged.lock().unwrap().len();
    assert!(count >= rounds * 20, "{count}");
    println!("{rounds} kills, {count} acknowledged versions, slowest start {slowest:?}");
}
