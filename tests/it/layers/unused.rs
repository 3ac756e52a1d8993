//! What nothing in the program names is not there. The compiler says so of what is private; of what is public in a library it
//! cannot, and most of a house of modules is.
//!
//! A name counts as used when it stands anywhere else in the code of the program, so one that two things share is not found
//! out; names are seldom shared.

use super::{code, is_test, sources};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What defines a name.
const KINDS: &[&str] = &["fn", "struct", "enum", "const", "static", "type", "trait", "mod"];

/// The words of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The name that a line defines, if it defines one.
fn defined(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let bare = line.strip_prefix("pub").map_or(line, |rest| match rest.strip_prefix('(') {
        Some(inner) => inner.split_once(')').map_or(rest, |(_, rest)| rest),
        None => rest,
    });
    let mut words = bare.split_whitespace().skip_while(|word| matches!(*word, "const" | "async" | "unsafe"));
    let mut before = None;
    if bare.trim_start().starts_with("const ") && !bare.contains(" fn ") {
        before = Some("const");
    }
    let kind = before.or_else(|| words.next())?;
    let name = words.next()?.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    KINDS.contains(&kind).then_some(name).filter(|name| !name.is_empty())
}

#[test]
fn a_definition_is_recognised() {
    for (line, name) in [
        ("pub fn one(a: u8) {", Some("one")),
        ("    pub(in crate::a) async fn two<T>() {", Some("two")),
        ("pub(super) const fn three() {}", Some("three")),
        ("const FOUR: u8 = 4;", Some("FOUR")),
        ("pub struct Five(u8);", Some("Five")),
        ("let six = 6;", None),
        ("pub use a::seven;", None),
    ] {
        assert_eq!(defined(line), name, "{line}");
    }
}

/// Names that the program does not use, with why they stay.
const FOR_OTHERS: &[(&str, &str)] = &[];

#[test]
fn nothing_public_stands_unused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut named: BTreeMap<String, i64> = BTreeMap::new();
    let mut public: Vec<(String, String)> = Vec::new();
    for path in files {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        // The documents of the APIs are made by tests alone.
        if is_test(&name) || name.starts_with("http/openapi/") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let (mut passes_on, mut attributes) = (false, String::new());
        for line in code(&text) {
            let bare = line.trim_start();
            if bare.starts_with("#[") {
                // Some name a function: `deserialize_with`.
                words(bare).for_each(|word| *named.entry(word.to_owned()).or_default() += 1);
                attributes.push_str(bare);
                continue;
            }
            // What a `use` brings in or passes on is no use of it.
            passes_on |= bare.starts_with("use ") || (bare.starts_with("pub") && bare.contains(" use "));
            if !passes_on {
                let own = defined(line);
                words(line).for_each(|word| *named.entry(word.to_owned()).or_default() += 1);
                if let Some(own) = own {
                    *named.entry(own.to_owned()).or_default() -= 1;
                    let for_tests = attributes.contains("cfg(test)");
                    if bare.starts_with("pub") && !for_tests && !name.starts_with("bench/") && !bare.contains(" mod ") {
                        public.push((own.to_owned(), name.clone()));
                    }
                }
            }
            passes_on &= !line.trim_end().ends_with(';');
            attributes.clear();
        }
    }
    public.retain(|(own, _)| named.get(own).is_none_or(|count| *count < 1));
    public.retain(|(own, _)| !FOR_OTHERS.iter().any(|(other, _)| other == own));
    assert!(public.is_empty(), "public, and named nowhere in the program: {public:?}");
}
