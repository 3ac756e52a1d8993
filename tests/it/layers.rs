//! The direction of the house: a module names only what lies below it (`ARCHITECTURE.md`).

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A module may name those in the groups before its own, and, where the group says so, its neighbours.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["catalogue"],
    &["crypto"],
    &["store"],
    &["access", "audit", "config", "telemetry"],
    &["endings", "outbound"],
    &[
        "tenancy", "families", "people", "mail", "roles", "keys", "limits", "sessions", "mfa", "setup", "apps",
        "oauth", "portal", "sso", "vault",
    ],
    &["lifecycle"],
    &["stack"],
    &["signin", "links"],
    &["login"],
    &["schema"],
    &["http", "jobs"],
    &["cli"],
];

/// Crates that only one module may name.
const OWNED: &[(&str, &[&str])] = &[
    ("redb", &["store"]),
    ("actix_web", &["http"]),
    ("actix_http", &["http"]),
    ("actix_server", &["http"]),
    ("maud", &["http"]),
    ("hyper", &["http", "cli"]),
    ("xaes_256_gcm", &["crypto"]),
    ("aes_gcm", &["crypto"]),
    ("aws_lc_rs", &["crypto"]),
    ("argon2", &["crypto"]),
    ("jsonwebtoken", &["crypto"]),
    ("clap", &["cli"]),
    ("lettre", &["mail"]),
    ("reqwest", &["outbound", "cli"]),
    ("icu_normalizer", &["base"]),
    ("icu_properties", &["base"]),
    ("idna", &["base"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            let module = name.split(['/', '.']).next().unwrap().to_owned();
            (module, name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.ends_with("testkit.rs") || name.contains("/tests/")
}

/// The code of a file without its comments and its test module.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn modules_name_only_what_lies_below() {
    let mut wrong = Vec::new();
    for (module, name, text) in all().iter().filter(|(_, name, _)| !is_test(name)) {
        let Some(own) = level(module) else {
            assert!(matches!(module.as_str(), "lib" | "main"), "{name}: give the module {module} a layer in this test");
            continue;
        };
        for line in code(text) {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + 7..];
                let named: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if level(&named).is_some_and(|other| other > own) {
                    wrong.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these point upwards:\n{}", wrong.join("\n"));
}

#[test]
fn a_domain_never_reaches_into_anothers_tables() {
    let mut wrong = Vec::new();
    for (module, name, text) in all() {
        for line in code(&text) {
            for (at, _) in line.match_indices("::table::") {
                let before = line[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                if !["super", "self", "crate", "store", module.as_str()].contains(&before) {
                    wrong.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these reach into tables:\n{}", wrong.join("\n"));
}

#[test]
fn each_engine_is_named_in_one_place() {
    let mut wrong = Vec::new();
    for (module, name, text) in all().into_iter().filter(|(_, name, _)| !is_test(name)) {
        for line in code(&text) {
            for (engine, owners) in OWNED {
                let named = line.contains(&format!("{engine}::")) || line.contains(&format!("use {engine};"));
                let boundary = |line: &str| {
                    line.match_indices(engine).all(|(at, _)| {
                        line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                            || line[..at].ends_with("::")
                            || line[..at].ends_with('.')
                    })
                };
                if named && !boundary(line) && !owners.contains(&module.as_str()) {
                    wrong.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these name another module's engine:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<_> = all()
        .into_iter()
        .map(|(_, name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "split these: {long:?}");
}

#[test]
fn table_numbers_are_unique() {
    let mut seen = std::collections::BTreeMap::new();
    for (_, name, text) in all().into_iter().filter(|(_, name, _)| !is_test(name)) {
        for line in code(&text) {
            // A listing takes three numbers in a row.
            let (rest, numbers) = match (line.split_once("Table::new(0x"), line.split_once("Listing::new(0x")) {
                (Some((_, rest)), _) => (rest, 1),
                (None, Some((_, rest))) => (rest, 3),
                (None, None) => continue,
            };
            let first = u16::from_str_radix(&rest.chars().take(4).collect::<String>(), 16).unwrap();
            for number in first..first + numbers {
                if let Some(other) = seen.insert(number, name.clone()) {
                    panic!("table number {number:04x} stands in {other} and in {name}");
                }
            }
        }
    }
    assert!(seen.len() > 10);
}
