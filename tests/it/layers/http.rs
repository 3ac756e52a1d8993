//! The direction inside `src/http`: its parts from the ground up, and which part names which.
//!
//! The kernel stands below everything: what a connection, a request and an answer are. Above it is the kit, of which pages are
//! made; then the surfaces of the APIs, side by side; then the pages, side by side; and on top what finds the address of a
//! request among all of theirs, lets the request through to its handler, and serves them at the port.

use super::{all, code, is_test, pieces};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// From the ground up. A part may name those in the groups before its own, and nobody in its own group.
const PARTS: &[&[&str]] = &[
    &["csv", "listener", "noted", "page_token", "tls"],
    &["envelope", "head"],
    &["answer", "extract"],
    &["reply", "route"],
    &["limit"],
    &["kit"],
    &["health"],
    &["oauth", "scaigrid", "scaikey", "scaivault", "scalekit"],
    &["operator"],
    &["docs", "hosted", "ui"],
    &["surfaces"],
    &["router"],
    &["cors"],
    &["gate"],
    &["dispatch"],
    &["server"],
    &["local"],
    &["mod"],
];

/// What is there for tests only; it names what it looks at, and others name it behind `cfg(test)`.
const OF_TESTS: &[&str] = &["openapi", "testkit", "tests"];

/// Arrows that go up, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "scaigrid",
    "hosted",
    "two of ScaiGrid's addresses are where a person's browser comes by: what it sees is a page",
)];

/// The paths that begin here, with braces written out: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expanded(text: &str) -> Vec<Vec<&str>> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        return pieces(inner).into_iter().flat_map(expanded).collect();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Vec::new();
    }
    let behind = rest.strip_prefix("::").map(expanded).unwrap_or_default();
    if behind.is_empty() {
        return vec![vec![name]];
    }
    behind.into_iter().map(|path| [vec![name], path].concat()).collect()
}

/// The paths in a file of `src/http` that leave its module, from `http` on: those that begin with `crate::http` or `super`.
/// `module` is the file's own path, without `http`.
fn named<'c>(code: &'c str, module: &[&'c str]) -> Vec<Vec<&'c str>> {
    let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
    let roots = ["crate::", "super::"].into_iter().flat_map(|root| code.match_indices(root));
    let mut found = Vec::new();
    for (at, _) in roots.filter(|(at, _)| begins(*at)) {
        for path in expanded(&code[at..]) {
            let up = path.iter().take_while(|name| **name == "super").count();
            if up == 0 {
                found.extend(path.strip_prefix(&["crate", "http"]).map(<[_]>::to_vec));
            } else if let Some(left) = module.len().checked_sub(up) {
                found.push([&module[..left], &path[up..]].concat());
            }
        }
    }
    found.retain(|path| !path.is_empty());
    found
}

/// The names that `http/mod.rs` takes from its parts, each with the part that has it.
fn taken(code: &str) -> BTreeMap<&str, &str> {
    let uses = code.lines().filter_map(|line| line.split_once("use ").map(|(_, path)| path));
    uses.flat_map(expanded).filter_map(|path| Some((*path.last()?, *path.first()?))).collect()
}

fn level(part: &str) -> Option<usize> {
    PARTS.iter().position(|group| group.contains(&part))
}

#[test]
fn paths_in_braces_and_from_above_are_read() {
    let code = "use super::super::a::{b, c};\nuse crate::http::{d::{e, f}, g};\nlet x = super::h(crate::http::i::j);\nuse crate::k;";
    let paths: Vec<_> = named(code, &["part", "page"]).into_iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["d::e", "d::f", "g", "i::j", "a::b", "a::c", "part::h"]);
}

#[test]
fn parts_name_only_what_lies_below() {
    let root = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/mod.rs")).unwrap();
    let taken = taken(&root);
    let (mut wrong, mut met, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (_, name, text) in all().iter().filter(|(module, name, _)| module == "http" && !is_test(name)) {
        let path = name.trim_start_matches("http/").trim_end_matches(".rs");
        let module: Vec<&str> = path.strip_suffix("/mod").unwrap_or(path).split('/').collect();
        let part = module[0];
        if OF_TESTS.contains(&part) {
            continue;
        }
        seen.insert(part.to_owned());
        let Some(own) = level(part) else { panic!("{name}: give the part {part} a place in this test") };
        // The root's own names are those of its parts.
        let module = if part == "mod" { Vec::new() } else { module };
        let code: Vec<&str> = code(text).collect();
        let code = code.join("\n");
        for path in named(&code, &module) {
            let first = path[0];
            let other = if level(first).is_some() { first } else { taken.get(first).copied().unwrap_or("mod") };
            if other == part || OF_TESTS.contains(&first) || level(other).is_some_and(|other| other < own) {
                continue;
            }
            match EXCEPTIONS.iter().find(|(from, to, _)| *from == part && *to == other) {
                Some(exception) => drop(met.insert(exception)),
                None => wrong.push(format!("{name}: {}", path.join("::"))),
            }
        }
    }
    assert!(wrong.is_empty(), "these name what does not lie below them:\n{}", wrong.join("\n"));
    assert_eq!(met.len(), EXCEPTIONS.len(), "of the exceptions only these are needed: {met:?}");
    let gone: Vec<_> = PARTS.concat().into_iter().filter(|part| !seen.contains(*part)).collect();
    assert!(gone.is_empty(), "there are no such parts: {gone:?}");
}
