//! The direction of the house: a module names only what lies below it (`ARCHITECTURE.md`).

mod circles;
mod http;
mod unused;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A module may name those in the groups before its own.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["catalogue"],
    &["crypto"],
    &["store"],
    &["access", "config"],
    &["audit", "telemetry", "outbound"],
    &["endings", "jobs"],
    &["tenancy", "mail", "sso", "vault"],
    &["people", "roles"],
    &["limits", "keys", "mfa", "apps"],
    &["token_families", "portal_links"],
    &["sessions", "setup"],
    &["oauth"],
    &["lifecycle"],
    &["stack"],
    &["authentication"],
    &["mailed_links"],
    &["program_login"],
    &["schema"],
    &["maintenance"],
    &["http"],
    &["cli"],
];

/// Which of a group know each other: what roles somebody has depends on their memberships, and who may change somebody on
/// their roles.
const NEIGHBOURS: &[(&str, &str)] = &[("people", "roles"), ("roles", "people")];

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

/// The files of the library: module, name and text. What measures the server is a program of its own, which names the library
/// as any other crate does.
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
        .filter(|(module, ..)| module != "bench")
        .collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
        || name.ends_with("testkit.rs")
        || name.ends_with("harness.rs")
        || name.ends_with("fake.rs")
        || name.contains("/tests/")
}

/// The code of a file without its comments and the modules for tests at its end.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let is_inside = |at: usize| text[at..].lines().nth(1).is_some_and(|line| line.ends_with('{'));
    let end = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at).find(|at| is_inside(*at));
    text[..end.unwrap_or(text.len())].lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The pieces of a list in braces up to its end, without the first brace: `a, b::{c, d}, e}` has three.
fn pieces(inner: &str) -> Vec<&str> {
    let (mut pieces, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                pieces.push(&inner[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces
}

/// The modules that a code names, by `crate::module` or `crate::{module, other::{…}}`.
fn named(code: &str) -> Vec<&str> {
    let first = |path: &'_ str| path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + 7..];
        let paths = rest.strip_prefix('{').map_or_else(|| vec![rest], pieces);
        found.extend(paths.into_iter().map(str::trim_start).map(|path| &path[..first(path)]));
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn names_in_braces_are_read() {
    let code =
        "use crate::{a, b::{c, crate_d::e}, f::g,\n    h};\nuse crate::i::{j, k};\nlet x = crate::l::m(crate::n);\n";
    assert_eq!(named(code), ["a", "b", "f", "h", "i", "l", "n"]);
}

#[test]
fn modules_name_only_what_lies_below() {
    let (mut wrong, mut neighbours) = (Vec::new(), BTreeSet::new());
    for (module, name, text) in all().iter().filter(|(_, name, _)| !is_test(name)) {
        let Some(own) = level(module) else {
            assert!(matches!(module.as_str(), "lib" | "main"), "{name}: give the module {module} a layer in this test");
            continue;
        };
        let code: Vec<&str> = code(text).collect();
        for other in named(&code.join("\n")) {
            if other == module || level(other).is_none_or(|other| other < own) {
                continue;
            }
            match NEIGHBOURS.iter().find(|(one, two)| one == module && *two == other) {
                Some(pair) => drop(neighbours.insert(pair)),
                None => wrong.push(format!("{name}: {other}")),
            }
        }
    }
    assert!(wrong.is_empty(), "these name what does not lie below them:\n{}", wrong.join("\n"));
    assert_eq!(neighbours.len(), NEIGHBOURS.len(), "of the neighbours only these know each other: {neighbours:?}");
}

#[test]
fn the_map_shows_the_layers() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| module |")).skip(2);
    let first = rows.take_while(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(1));
    let shown: Vec<&str> = first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let shown: Vec<&str> = shown.into_iter().map(|name| name.trim_end_matches('/')).collect();
    let levels: Vec<Option<usize>> = shown.iter().map(|name| level(name)).collect();
    assert!(levels.iter().all(Option::is_some) && levels.is_sorted(), "{shown:?} {levels:?}");
    let lacking: Vec<_> = LAYERS.concat().into_iter().filter(|name| !shown.contains(name)).collect();
    assert!(lacking.is_empty(), "not on the map: {lacking:?}");
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
