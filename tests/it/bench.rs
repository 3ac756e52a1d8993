//! The benchmark: that it measures, and that it leaves nothing behind, however it ends.

use super::server::run;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn bench(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scaistack-bench"));
    command.arg("--dir").arg(folder).args(["--seconds", "1", "--connections", "4"]).args(arguments);
    command
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// The processes that have the folder in their command line: the children of a benchmark.
fn children(folder: &Path) -> usize {
    let wanted = folder.to_str().unwrap();
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    processes.filter(|line| String::from_utf8_lossy(line).contains(wanted)).count()
}

#[test]
fn it_measures_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let report =
        run(bench(folder.path(), &["--json", "client-credentials", "secret-read", "secret-write"]), b"").json();
    let cases = report["cases"].as_array().unwrap();
    let names: Vec<_> = cases.iter().map(|case| case["case"].as_str().unwrap()).collect();
    assert_eq!(names, ["client-credentials", "secret-read", "secret-write"]);
    for case in cases {
        assert!(case["load"]["requests"].as_u64().unwrap() > 0, "{case:#}");
        assert_eq!(case["load"]["failures"], 0, "{case:#}");
        let figures = case["figures"].as_array().unwrap();
        assert!(figures.iter().all(|figure| figure["value"].as_f64().unwrap() > 0.0), "{case:#}");
        assert!(figures.iter().any(|figure| figure["met"].is_boolean() && figure["limit"].as_f64().unwrap() > 0.0));
    }
    assert!(is_empty(folder.path()));
    assert_eq!(children(folder.path()), 0);
}

#[test]
fn tokens_and_keys_are_measured_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let wanted =
        ["client-credentials-es256", "introspection", "key-check", "grpc-list", "grpc-create-user", "user-tokens"];
    let report = run(bench(folder.path(), &[&["--json"], wanted.as_slice()].concat()), b"").json();
    let cases = report["cases"].as_array().unwrap();
    assert_eq!(cases.len(), wanted.len());
    for case in cases {
        assert!(wanted.contains(&case["case"].as_str().unwrap()), "{case:#}");
        let figures = case["figures"].as_array().unwrap();
        assert!(figures.iter().all(|figure| figure["value"].as_f64().unwrap() > 0.0), "{case:#}");
        assert!(case["load"].is_null() || case["load"]["failures"] == 0, "{case:#}");
    }
    assert!(is_empty(folder.path()));
}

#[test]
fn interrupted_it_leaves_nothing_behind_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut child =
        bench(folder.path(), &["secret-read"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // The server runs by then, and the load is about to begin.
    assert!(lines.any(|line| line.unwrap() == "secret reads"));
    assert!(children(folder.path()) >= 2, "the benchmark and its server");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(is_empty(folder.path()));
    assert_eq!(children(folder.path()), 0);
}
