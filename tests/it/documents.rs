//! What a reader of this repository cannot look up is not named in it: documents that are not here, numbers of requirements
//! that stand nowhere. And a comment on a field or a function says what the name and the type do not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What git, the build, a server that is tried here and the clients' package managers keep.
const NOT_OURS: [&str; 5] = [".git", ".venv", "data", "node_modules", "target"];

/// The products' own pages, quoted as they are: they link to their neighbours, on the products' sites.
const QUOTED: &str = "tests/it/quickstarts/";

/// The text files of the repository, by their path in it.
fn texts() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let ours = path.file_name().is_some_and(|name| NOT_OURS.iter().all(|other| name != *other));
            match path.is_dir() {
                true if ours => walk(&path, found),
                false if ours => found.push(path),
                _ => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(root, &mut found);
    let text = |path: &PathBuf| {
        // Whatever is not UTF-8 is data.
        let text = fs::read_to_string(path).ok()?;
        Some((path.strip_prefix(root).unwrap().display().to_string(), text))
    };
    found.iter().filter_map(text).collect()
}

/// Notes that were never part of the repository. Each is put together here, so that this file does not name them.
const NOTES: [&str; 4] =
    [concat!("fac", "ts/"), concat!("fact ", "sheet"), concat!("seed", " 00"), concat!("seed", "s/")];

/// Whether a line has the number of a requirement: an `R`, a hyphen, a capital letter and a digit.
fn has_requirement(line: &str) -> bool {
    line.as_bytes().windows(4).enumerate().any(|(at, four)| {
        let starts = at == 0 || !line.as_bytes()[at - 1].is_ascii_alphanumeric();
        starts && four.starts_with(b"R-") && four[2].is_ascii_uppercase() && four[3].is_ascii_digit()
    })
}

/// Whether a line begins a test that is named after the number of a requirement, `x9_…` or `r_x9_…`.
fn has_numbered_name(line: &str) -> bool {
    let Some((_, name)) = line.split_once("fn ") else { return false };
    let name = name.strip_prefix("r_").unwrap_or(name);
    let number = name.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or_default();
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    // `p256_…` is a curve.
    rest.starts_with('_') && (1..3).contains(&(number.len() - rest.len()))
}

/// The names of Markdown files in a line, without their folders.
fn documents(line: &str) -> impl Iterator<Item = &str> {
    let in_a_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let words = line.split(move |c: char| !in_a_name(c)).map(|word| word.trim_end_matches('.'));
    words.filter(|word| word.strip_suffix(".md").is_some_and(|name| !name.is_empty()))
}

/// Comments that are no more than a question, or than what stands in the type already.
const EMPTY: [&str; 26] = [
    "both",
    "for whom",
    "from where",
    "how",
    "how many",
    "how much",
    "how soon",
    "its id",
    "its name",
    "its path",
    "none",
    "not yet",
    "nothing",
    "of what",
    "since when",
    "the routes",
    "to whom",
    "until when",
    "what",
    "when",
    "where",
    "where to",
    "which",
    "who",
    "whose",
    "why",
];

/// Whether a line is a whole comment that says nothing. The line that goes on with a sentence begins with a small letter or
/// has more words.
fn is_empty_comment(line: &str) -> bool {
    let Some(said) = line.trim_start().strip_prefix("/// ") else { return false };
    let said = said.trim_end_matches('.');
    said.starts_with(|c: char| c.is_ascii_uppercase()) && EMPTY.contains(&said.to_ascii_lowercase().as_str())
}

#[test]
fn the_marks_are_found() {
    let numbered = format!("    // {}-M5: a code is taken once", 'R');
    assert!(has_requirement(&numbered) && !has_requirement("FOR-A4 paper") && !has_requirement("R-a5"));
    for name in ["a9_deep_json_is_refused", "r_m5_a_code_is_taken_once", "s6_r_p5_a_backup"] {
        assert!(has_numbered_name(&format!("async fn {name}() {{")), "{name}");
    }
    assert!(!has_numbered_name("fn p256_parts() {") && !has_numbered_name("fn r_squared() {"));
    assert!(is_empty_comment("        /// Which.") && is_empty_comment("/// Its id"));
    assert!(!is_empty_comment("/// The id of the key") && !is_empty_comment("/// which."));
    let named = documents("See `docs/names.md`, or ../README.md.").collect::<Vec<_>>();
    assert_eq!(named, ["names.md", "README.md"]);
}

#[test]
fn nothing_names_a_document_that_is_not_here() {
    let texts = texts();
    assert!(texts.len() > 500, "the repository was not found");
    let here: BTreeSet<&str> = texts.iter().filter_map(|(name, _)| name.rsplit('/').next()).collect();
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let quoted = name.starts_with(QUOTED);
        for (number, line) in text.lines().enumerate() {
            let note = NOTES.iter().any(|note| line.contains(note));
            let lost = !quoted && documents(line).any(|document| !here.contains(document));
            if note || lost || has_requirement(line) || has_numbered_name(line) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "a reader cannot look these up:\n{}", wrong.join("\n"));
}

#[test]
fn no_comment_is_a_mere_question() {
    let mut wrong = Vec::new();
    for (name, text) in texts().iter().filter(|(name, _)| name.ends_with(".rs")) {
        let empty = text.lines().enumerate().filter(|(_, line)| is_empty_comment(line));
        wrong.extend(empty.map(|(number, line)| format!("{name}:{}: {}", number + 1, line.trim())));
    }
    assert!(wrong.is_empty(), "say what it is, of what, in which unit:\n{}", wrong.join("\n"));
}
