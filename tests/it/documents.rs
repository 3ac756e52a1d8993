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

/// The Markdown files of ours, by their path.
fn pages() -> Vec<(String, String)> {
    let ours = |(name, _): &(String, String)| name.ends_with(".md") && !name.starts_with(QUOTED);
    texts().into_iter().filter(ours).collect()
}

/// The lines of a page outside its blocks of code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    page.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// What stands between backticks in the prose of a page.
fn spans(page: &str) -> Vec<&str> {
    prose(page).flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// The targets of the links of a page: `](target)`, outside what is set as code.
fn links(page: &str) -> Vec<String> {
    let plain = prose(page).map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join("`"));
    let found = |line: String| {
        let starts = line.match_indices("](").map(|(at, mark)| at + mark.len());
        starts.filter_map(|at| line[at..].split_once(')').map(|(target, _)| target.to_owned())).collect::<Vec<_>>()
    };
    plain.flat_map(found).collect()
}

/// The anchors of a page's headings, as the hosts of repositories make them: small letters, hyphens for blanks, a number at
/// the second of one name.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for heading in prose(page).filter(|line| line.starts_with('#')) {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let numbered = (1..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !made.contains(name));
        made.extend(free);
    }
    made
}

/// Whether a path is there; a part in angle brackets stands for any name.
fn is_there(folder: &Path, path: &str) -> bool {
    let Some((first, rest)) = path.trim_end_matches('/').split_once('/') else {
        let last = path.trim_end_matches('/');
        return last.is_empty() || if last.contains('<') { fits(folder, last, "") } else { folder.join(last).exists() };
    };
    if first.contains('<') { fits(folder, first, rest) } else { is_there(&folder.join(first), rest) }
}

/// Whether a folder has an entry that a name with a part in angle brackets stands for, and the rest of the path below it.
fn fits(folder: &Path, name: &str, rest: &str) -> bool {
    let (front, back) = name
        .split_once('<')
        .map_or((name, ""), |(front, back)| (front, back.split_once('>').map_or("", |(_, back)| back)));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let fitting = names.filter(|name| name.starts_with(front) && name.ends_with(back));
    fitting.into_iter().any(|name| rest.is_empty() || is_there(&folder.join(name), rest))
}

#[test]
fn links_and_anchors_are_read() {
    let page = "# A `b`: c\n\n## A b\n\n[x](y#z) `[no](link)` [w](v)\n\n```text\n# no\n[no](x)\n```\n### A b\n";
    assert_eq!(links(page), ["y#z", "v"]);
    assert_eq!(anchors(page).into_iter().collect::<Vec<_>>(), ["a-b", "a-b-1", "a-b-c"]);
    assert_eq!(spans(page), ["b", "[no](link)"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(is_there(root, "src/<domain>/table.rs") && is_there(root, "docs/openapi/<surface>.json"));
    assert!(!is_there(root, "src/<domain>/no.rs") && !is_there(root, "src/http/no/") && is_there(root, "src/http/"));
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut wrong, mut followed) = (Vec::new(), 0);
    for (name, page) in pages() {
        for link in links(&page) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').map_or((link.as_str(), None), |(path, at)| (path, Some(at)));
            let target = if path.is_empty() { root.join(&name) } else { root.join(&name).parent().unwrap().join(path) };
            let text = fs::read_to_string(&target);
            let anchored = anchor.is_none_or(|anchor| text.is_ok_and(|text| anchors(&text).contains(anchor)));
            if !target.exists() || !anchored {
                wrong.push(format!("{name}: {link}"));
            }
            followed += 1;
        }
    }
    assert!(wrong.is_empty(), "these links lead nowhere:\n{}", wrong.join("\n"));
    assert!(followed > 50, "only {followed} links were found");
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let is_test = |span: &&str| span.contains(".rs::");
    let (mut wrong, mut named) = (Vec::new(), 0);
    for span in spans(&page).into_iter().filter(is_test) {
        let (file, test) = span.split_once("::").unwrap();
        let code = fs::read_to_string(root.join(file)).unwrap_or_default();
        if !code.contains(&format!("fn {test}(")) {
            wrong.push(span.to_owned());
        }
        named += 1;
    }
    assert!(wrong.is_empty(), "these tests are not there:\n{}", wrong.join("\n"));
    assert!(named > 30, "only {named} tests are named");
    // A claim is a row of a table whose last column is the test that shows it.
    let mut shown = false;
    for line in prose(&page) {
        shown = line.starts_with('|') && (shown || line.contains("| shown by |"));
        let is_row = shown && !line.contains("| shown by |") && !line.starts_with("| ---");
        let last = line.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default();
        assert!(!is_row || last.contains(".rs::"), "no test shows this: {line}");
    }
}

#[test]
fn the_architecture_is_short() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let words = page.split_whitespace().count();
    assert!(words <= 1500, "ARCHITECTURE.md has {words} words; move the long material to docs/architecture/");
}

/// The files and folders of the repository that a page names in its prose.
fn paths(page: &str) -> Vec<&str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here: Vec<String> =
        fs::read_dir(root).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok()).collect();
    let is_path = |span: &&str| {
        let first = span.split('/').next().unwrap_or_default();
        !span.contains([' ', ':', '(']) && here.iter().any(|name| name == first)
    };
    spans(page).into_iter().filter(is_path).collect()
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    // What was taken from elsewhere names files of its own.
    for (name, page) in pages().into_iter().filter(|(name, _)| !name.starts_with("assets/")) {
        let named = paths(&page);
        seen += named.len();
        let wrong: Vec<&&str> =
            named.iter().filter(|path| !path.starts_with("data/") && !is_there(root, path)).collect();
        assert!(wrong.is_empty(), "{name}: these are not there: {wrong:?}");
    }
    assert!(seen > 100, "the pages are read");
}

#[test]
fn the_lists_of_files_for_contributors_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    for list in ["an endpoint", "a row", "a permission", "a page", "a job", "a grant"] {
        let heading = format!("### Add {list}\n");
        let section = page.split_once(&heading).map(|(_, rest)| rest.split("\n#").next().unwrap_or(rest));
        let files = paths(section.unwrap_or_default()).len();
        assert!(files > 2, "CONTRIBUTING.md does not say where {list} goes");
    }
}
