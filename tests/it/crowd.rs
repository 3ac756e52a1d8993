//! A thousand people sign in at the same moment: hashing waits for permits, and what the queue does not hold is told to come
//! again, so the memory of the server stays small.

use super::browser::{EMAIL, PASSWORD, set_up};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

/// How many at once.
const CROWD: usize = 1000;
/// How long the last of them waits: the machine may have other work.
const PATIENCE: Duration = Duration::from_secs(240);
/// What the server may need at its highest, in MiB.
const MOST_MIB: u64 = 150;

#[test]
fn a_thousand_sign_ins_at_once_need_little_memory_and_each_is_answered() {
    let server = set_up();
    let barrier = Barrier::new(CROWD);
    let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let request = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.addr,
        body.len()
    );
    let statuses: Vec<u16> = thread::scope(|scope| {
        let sign_in = || {
            let mut stream = TcpStream::connect(server.addr).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            barrier.wait();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            assert!(status != 503 || head.contains("retry-after:"), "{head}");
            status
        };
        let spawn = |_| thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, sign_in).unwrap();
        let crowd: Vec<_> = (0..CROWD).map(spawn).collect();
        crowd.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut counts = BTreeMap::new();
    for status in &statuses {
        *counts.entry(*status).or_insert(0) += 1;
    }
    let peak = server.peak_kib() >> 10;
    println!("{CROWD} sign-ins at once: {counts:?}, at most {peak} MiB");
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{counts:?}");
    assert!(counts.get(&200).is_some_and(|good| *good >= 200), "{counts:?}");
    assert!(peak <= MOST_MIB, "{peak} MiB");
}
