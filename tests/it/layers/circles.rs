//! Within a folder too data flows one way: a file names only files below it, so each can be read with those alone.
//!
//! Which file a name leads to is found as the compiler finds it, as far as this house writes it: paths that begin with
//! `crate`, `self`, `super`, a module beside or a name that a `use` brings in, through any number of re-exports. So what
//! a `mod.rs` only passes on counts as its child's.

use super::{all, is_test, pieces};
use std::collections::{BTreeMap, BTreeSet};

/// A module: its file, its children, and what its `use` lines bring in.
#[derive(Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    /// By the name that it has here.
    uses: BTreeMap<String, Vec<String>>,
    /// What `use …::*` brings in.
    globs: Vec<Vec<String>>,
    code: String,
}

type Modules = BTreeMap<Vec<String>, Module>;

/// A file without comments, texts and its test module.
fn bare(text: &str) -> String {
    let lines = super::code(text).map(|line| line.split(" // ").next().unwrap_or_default());
    let mut bare = String::new();
    let mut skips = false;
    for line in lines {
        let is_whole = line.trim_end().ends_with([';', '}']);
        skips = (skips && !is_whole) || line.trim() == "#[cfg(test)]";
        if !skips {
            bare.push_str(line);
            bare.push('\n');
        }
    }
    // What stands in a text is no path; a quote in a letter would begin one.
    let bare = bare.replace("'\"'", "").replace("\\\"", "");
    bare.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// The paths of a `use`, each with the name that it has here: `a::{self, b as c}` brings in `a` and `c`.
fn leaves(tree: &str, before: &[String], found: &mut Vec<(String, Vec<String>)>) {
    let tree = tree.trim();
    // A crate by its full name, whatever modules there are.
    if tree.starts_with("::") {
        return;
    }
    if let Some((front, inner)) = tree.split_once('{') {
        let mut before = before.to_vec();
        before.extend(front.split("::").map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned));
        pieces(inner)
            .into_iter()
            .filter(|piece| !piece.trim().is_empty())
            .for_each(|piece| leaves(piece, &before, found));
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let mut whole = before.to_vec();
    whole.extend(path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
    if whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let name = alias.map(ToOwned::to_owned).or_else(|| whole.last().cloned());
    found.extend(name.map(|name| (name, whole)));
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The texts between each `use` and its semicolon, and the code without them.
fn split_uses(code: &str) -> (Vec<&str>, String) {
    let (mut uses, mut rest, mut at) = (Vec::new(), String::new(), 0);
    for (start, _) in code.match_indices("use ") {
        // Alone on its line, but for how far it is seen.
        let before = code[..start].rsplit('\n').next().unwrap_or_default().trim();
        let begins = before.is_empty() || before == "pub" || (before.starts_with("pub(") && before.ends_with(')'));
        let Some(length) = code[start..].find(';').filter(|_| begins && start >= at) else { continue };
        rest.push_str(&code[at..start]);
        uses.push(&code[start + 4..start + length]);
        at = start + length;
    }
    rest.push_str(&code[at..]);
    (uses, rest)
}

fn path_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| *part != "lib").map(ToOwned::to_owned).collect()
}

/// The modules of a file that are there for tests only.
fn test_modules(file: &str, text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared =
        lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]").filter_map(|pair| pair[1].strip_suffix(';'));
    let names = declared.filter_map(|line| line.rsplit_once("mod ").map(|(_, name)| name.to_owned()));
    names.map(|name| [path_of(file), vec![name]].concat()).collect()
}

fn modules() -> Modules {
    let (mut modules, all) = (Modules::new(), all());
    let for_tests: BTreeSet<Vec<String>> = all.iter().flat_map(|(_, name, text)| test_modules(name, text)).collect();
    for (_, name, text) in all.into_iter().filter(|(_, name, _)| !is_test(name) && name != "main.rs") {
        let path = path_of(&name);
        if for_tests.contains(&path) {
            continue;
        }
        let code = bare(&text);
        let (uses, rest) = split_uses(&code);
        let mut found = Vec::new();
        uses.into_iter().for_each(|tree| leaves(tree, &[], &mut found));
        let module = modules.entry(path.clone()).or_default();
        for (name, path) in found {
            match path.split_last() {
                Some((last, before)) if last == "*" => module.globs.push(before.to_vec()),
                _ => drop(module.uses.insert(name, path)),
            }
        }
        (module.file, module.code) = (name, rest);
        if let Some((own, parent)) = path.split_last() {
            modules.entry(parent.to_vec()).or_default().children.insert(own.clone());
        }
    }
    modules
}

/// The module in which what a path names stands, for who names it in `from`. None: it is of another crate.
fn home(modules: &Modules, from: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let module = modules.get(from)?;
    let step = |to: &[String]| walk(modules, to, rest, depth);
    match first.as_str() {
        _ if depth == 0 => None,
        "crate" => step(&[]),
        "self" => step(from),
        "super" => step(from.split_last()?.1),
        name if module.children.contains(name) => step(&[from, std::slice::from_ref(first)].concat()),
        name => module
            .uses
            .get(name)
            .filter(|to| *to != path)
            .and_then(|to| home(modules, from, &[to, rest].concat(), depth - 1)),
    }
}

/// Follows a path from inside a module, where the last names may be what it defines itself.
fn walk(modules: &Modules, at: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
    let Some((first, rest)) = path.split_first() else { return Some(at.to_vec()) };
    let module = modules.get(at)?;
    if first == "super" {
        return walk(modules, at.split_last()?.1, rest, depth);
    }
    if module.children.contains(first) {
        return walk(modules, &[at, std::slice::from_ref(first)].concat(), rest, depth);
    }
    if let Some(to) = module.uses.get(first) {
        // What is passed on stands where it comes from; a name of another crate stands here.
        return Some(home(modules, at, &[to, rest].concat(), depth.checked_sub(1)?).unwrap_or_else(|| at.to_vec()));
    }
    let defines = |at: &[String]| modules.get(at).is_some_and(|module| names(&module.code, first));
    let through =
        module.globs.iter().filter_map(|glob| home(modules, at, glob, depth.checked_sub(1)?)).find(|to| defines(to));
    Some(if names(&module.code, first) { at.to_vec() } else { through.unwrap_or_else(|| at.to_vec()) })
}

/// Whether a code defines a name.
fn names(code: &str, name: &str) -> bool {
    ["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "union"].iter().any(|kind| {
        code.match_indices(&format!("{kind} {name}")).any(|(at, hit)| !code[at + hit.len()..].starts_with(is_word))
    })
}

/// The paths in a code, of two names at least.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for word in code.split(|c: char| !is_word(c) && c != ':') {
        let parts: Vec<String> = word.split("::").map(ToOwned::to_owned).collect();
        if parts.len() > 1 && parts.iter().all(|part| !part.is_empty() && !part.contains(':')) {
            found.insert(parts);
        }
    }
    found
}

/// Which files of its own folder each file names.
fn edges(modules: &Modules) -> BTreeMap<&str, BTreeSet<&str>> {
    let folder = |path: &[String]| path.first().cloned().unwrap_or_default();
    let mut edges = BTreeMap::new();
    for (path, module) in modules.iter().filter(|(path, _)| !path.is_empty()) {
        let named: &mut BTreeSet<&str> = edges.entry(module.file.as_str()).or_default();
        // A name that is brought in is named; one that is only passed on is not.
        let used = |name: &str| {
            module.code.match_indices(name).any(|(at, hit)| {
                !module.code[..at].ends_with(is_word) && !module.code[at + hit.len()..].starts_with(is_word)
            })
        };
        let brought = module.uses.iter().filter(|(name, _)| used(name)).map(|(_, to)| to.clone());
        for to in brought.chain(paths(&module.code)) {
            let Some(home) = home(modules, path, &to, 16) else { continue };
            // A module by itself is a name for what it holds, and that is named elsewhere.
            let is_module = to.last().is_some_and(|last| home.last() == Some(last));
            if home != *path && folder(&home) == folder(path) && !is_module {
                named.insert(modules[&home].file.as_str());
            }
        }
    }
    edges
}

/// The files that lead to themselves, with those on the way.
fn circles<'a>(edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(file) = next.pop() {
            next.extend(edges.get(file).into_iter().flatten().filter(|file| seen.insert(**file)));
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|file| (*file, reach(file))).collect();
    let circle = |file: &&'a str| -> Vec<&'a str> {
        reached[file]
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .copied()
            .collect()
    };
    edges.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn no_file_names_one_above_it() {
    let modules = modules();
    let edges = edges(&modules);
    let circles: Vec<String> = circles(&edges)
        .iter()
        .map(|circle| {
            let within = |file: &&&str| circle.contains(*file);
            let line =
                |file: &&str| format!("  {file} names {:?}", edges[file].iter().filter(within).collect::<Vec<_>>());
            circle.iter().map(line).collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert!(circles.is_empty(), "files in a circle:\n{}", circles.join("\n\n"));
}

#[test]
fn a_name_leads_to_the_file_that_it_stands_in() {
    let mut modules = Modules::new();
    for (path, text) in [
        ("", ""),
        ("d", "pub use one::{First, first as begin};\nuse crate::e::Far;\npub struct Own;\n"),
        ("d::one", "use super::two::{self, Second};\nfn first(_: Second) { two::more(); }\nstruct First;\n"),
        (
            "d::two",
            "use super::{Own, begin};\nuse crate::d;\nfn more(_: Own) { begin(); d::one::first() }\nstruct Second;\n",
        ),
        ("e", "pub struct Far;\n"),
    ] {
        let path: Vec<String> = path.split("::").filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect();
        let (uses, code) = split_uses(text);
        let mut found = Vec::new();
        uses.into_iter().for_each(|tree| leaves(tree, &[], &mut found));
        let module = Module { file: path.join("/"), uses: found.into_iter().collect(), code, ..Module::default() };
        modules.insert(path.clone(), module);
        if let Some((own, parent)) = path.split_last() {
            modules.get_mut(parent).unwrap().children.insert(own.clone());
        }
    }
    let edges = edges(&modules);
    assert_eq!(edges["d/one"], BTreeSet::from(["d/two"]));
    assert_eq!(edges["d/two"], BTreeSet::from(["d", "d/one"]), "what is passed on counts as the child's");
    assert_eq!(edges["d"], BTreeSet::new(), "and what is only passed on is not named");
    assert_eq!(circles(&edges), BTreeSet::from([vec!["d/one", "d/two"]]));
}
